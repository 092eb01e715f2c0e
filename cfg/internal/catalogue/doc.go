// Package catalogue is what the four catalogues have in common: how an item is made, changed, archived and
// restored, what its history looks like, and how a change reaches the event bus and the caches.
//
// A catalogue is a Store (its SQL) with its Rules. Every write goes through a Writer: one transaction with
// the change, its events in the outbox and the cache tags that it touches; the caller is answered when no
// instance can give out anything older. Integrity is the database's; its refusals are turned into faults
// by the names of the constraints.
package catalogue
