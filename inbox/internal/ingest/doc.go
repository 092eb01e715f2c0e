// Package ingest takes traces and loses none: a trace counts as taken when it is committed together with
// its event.
//
// Traces of concurrent requests share transactions. A trace waits in a bounded queue, a collector forms
// batches for as long as all committers are busy (and a moment longer while senders who were just answered
// are likely to come back), a committer stores a batch with one claim of the guids, one COPY and one write of
// the events.
//
//	Submit ──► queue (bounded in bytes) ──► collector ──► committers ──► dwh
//	   ◄───────────────── outcome of this one trace ─────────┘
//
// A batch that the database refuses is split until the one bad trace stands alone, so it never fails its
// neighbours.
package ingest
