// Package cache keeps ready-made answers: a Store that the instances of a service share and that is never stale.
//
// # What the Store promises
//
// A read that begins after a writer has been answered never returns anything older than that write, on
// any instance, however reads, writes and failures interleave. A hit costs no network call.
//
// # How, and why it holds
//
// The database that the entries are made from is the only authority; Redis is a place to share bytes and
// may die, forget or lag at any moment. Two small tables, cache_version and cache_lease
// (sql/<database>/migrations), carry the protocol.
//
// Versions. cache_version is one row per database. A writer's transaction ends with Touch, which takes
// the next version number and sends NOTIFY with the number and the tags that it changed. The row's lock is held
// until the commit, so versions are committed in order, without gaps.
//
// Leases. An instance answers from memory only while it holds a lease: a row in cache_lease that it
// renews every third of LeaseTime. One statement (a) locks cache_version FOR SHARE and reads the version
// V, (b) writes expires_at = now + LeaseTime. The instance then makes sure that it has dropped everything
// that versions up to V changed, and only then counts the lease, from the moment before it sent the statement.
// The database's clock reading is later than that moment, so the row outlives the instance's belief.
//
// Answers. After the commit of version v a writer drops its own entries and waits until no lease is left
// that is neither expired nor acknowledges v (seen >= v); then it answers. If it cannot ask the database, it waits
// until LeaseTime has passed since the commit.
//
// Proof. Let a writer commit v, and let a read begin after the writer's answer, on instance I.
//
//  1. I holds no lease that counts: the read goes to the database, in a query that starts after the read
//     began, so after the commit; it sees v.
//  2. I holds a lease that was granted after the commit of v: the share lock cannot be had while v's
//     transaction is open, so the V that came with the lease is >= v, and I had dropped what v changed before the
//     lease counted.
//  3. I holds a lease granted before the commit of v. Its row was visible to the writer's question,
//     because the share lock was released by the commit of the lease before v could be written at all. As the row had
//     not expired, the writer waited for seen >= v, which I writes after it has dropped what v changed. And
//     the time-based wait outlasts every lease of this kind.
//
// A lease that is new or had run out is written once before the lease counts, claiming to have seen everything: the
// instance answers nothing from memory then. The statement that lets it count says what has really been seen.
//
// Dropped means more than the entries: a fill that was under way is marked, so its result is neither
// kept nor given to a read that begins later. A read without a lease joins no fill that has begun.
//
// Clocks. Only durations count: LeaseTime on the instance's clock against LeaseTime plus a tenth on the
// database's. The instance checks its monotonic and its wall clock, since the former stops while a machine
// is suspended.
//
// # How an entry is filled once over all instances
//
// An instance asks Redis, in one question, for the entry, for a fill under way elsewhere to wait for, or for the
// right to fill. An instance that holds the only lease asks nobody: alone.go tells how it knows, and how it
// makes room for one that comes. Two instances fill the same entry only when Redis is away or forgets, when an
// instance hangs for longer than its lease, or when it reads without one.
//
// # What it costs
//
// A hit: two clock readings, a read lock, a map look-up. A miss: the fill, and a question to Redis while there
// are other instances; entries are put into Redis behind the answer. A write: one question to the database, and with
// other instances one notification and one acknowledgement each, some milliseconds. An instance that was killed
// delays writers until its lease has run out, once, by at most LeaseTime. Without the database nothing can be
// written, and leases run out. Without Redis each instance fills from the database by itself.
//
// The reasons and the roads not taken are in docs/adr.
package cache
