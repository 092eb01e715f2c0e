package api

import "github.com/danielgtaylor/huma/v2"

// Resource is what a group of operations works on: their paths lie below it, their ids carry its name, and it is their
// tag in the document.
type Resource struct {
	Service string // "cfg"
	Name    string // the plural as in the path: "commands"
}

// Path returns the path of the resource.
func (r Resource) Path() string { return "/api/v1/" + r.Service + "/" + r.Name }

// Operation describes an operation at the resource's path with suffix behind it, such as "/{id}". Its id is
// <service>-<resource>-<verb>. The verbs are list, get, create, update and delete; below an item or behind a colon
// the last words of the path, as in "history" and "batch". errors are the statuses of refusals beyond those that
// Register adds for every operation.
func (r Resource) Operation(method, suffix, verb, summary string, errors ...int) huma.Operation {
	return huma.Operation{
		Method: method, Path: r.Path() + suffix, OperationID: r.Service + "-" + r.Name + "-" + verb,
		Summary: summary, Tags: []string{r.Name}, Errors: errors,
	}
}

// Action describes a POST or GET directly below the service, such as /logout: a verb that is no resource of its own.
// It stands with the operations of the resource.
func (r Resource) Action(method, verb, summary string, errors ...int) huma.Operation {
	op := r.Operation(method, "", verb, summary, errors...)
	op.Path = "/api/v1/" + r.Service + "/" + verb
	return op
}
