//go:build !workshop

package hostile

// share is the part of the short version's cases that this run tries, in percent; ./task test -workshop tries all.
const share = 10
