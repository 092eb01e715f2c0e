// Package wire is what lies between the bytes of HTTP and the operations of package api: bodies that are inflated and
// bounded, JSON that is read strictly, answers that are held back until it is known how to send them, connections whose
// bare refusals become problems.
package wire
