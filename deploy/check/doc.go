// Package check holds the files below deploy against what will read them: the charts are rendered by Helm itself and
// their objects read by the types and schemas of Kubernetes and of the operators; the alert rules are parsed by
// Prometheus, name only metrics that exist, and fire in its engine when they should.
//
// It is a module of its own, outside go.work, because these libraries are heavy: `./task check` pays for them, `./task
// up` and `./task test` do not.
package check
