// Package transfer takes whole catalogues out of the system and into it, as JSON and CSV.
package transfer

// Service exports and imports.
type Service struct{}
