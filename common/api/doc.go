// Package api is the HTTP side of every service: a gin engine with huma on it, wrapped in one handler
// that treats each request alike. It takes the request id, finds the client's address, authenticates,
// limits the rate, inflates the body, compresses the answer, writes every refusal as a problem
// (RFC 9457), logs and measures.
//
// A service registers its operations with [Register], states the [Access] that each needs, and returns
// errors of package fault; it never writes a status or an error body itself.
package api
