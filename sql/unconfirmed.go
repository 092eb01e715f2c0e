package schema

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// PostgreSQL never fails a commit that its synchronous standbys do not confirm. Whatever ends the wait (a cancel
// request, statement_timeout, an administrator), the transaction is committed on the primary alone, the client gets
// a WARNING, and the statement succeeds (SyncRepWaitForLSN in src/backend/replication/syncrep.c). Such a success
// is lost with the primary. CommitGuard makes an error of it.

// codeOutcomeUnknown is SQLSTATE transaction_resolution_unknown.
const codeOutcomeUnknown = "08007"

// OutcomeUnknown reports whether err says of a commit that it is either complete or absent: it was given up, or the
// standbys have not confirmed it.
func OutcomeUnknown(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == codeOutcomeUnknown
}

// CommitGuard watches one connection for commits that are not confirmed.
type CommitGuard struct{ reader atomic.Pointer[guardedReader] }

// GuardCommits makes every statement on cfg's connections that commits without the confirmation of its
// synchronous standbys fail with an error for which OutcomeUnknown is true; the connection is closed then. It holds
// for whatever commits: COMMIT, single statements, batches, COPY. The guard is of the newest connection.
func GuardCommits(cfg *pgconn.Config) *CommitGuard {
	g := &CommitGuard{}
	cfg.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		reader := &guardedReader{from: r}
		g.reader.Store(reader)
		return pgproto3.NewFrontend(reader, w)
	}
	cfg.RuntimeParams["client_min_messages"] = "warning" // with "error" the warning would not be sent
	return g
}

// GiveUp ends the wait for the answer to a COMMIT: the statement returns an error for which OutcomeUnknown is true, and
// the connection is closed. The server is not asked to cancel anything, since that would make it commit without its
// standbys at once. It may be called while another goroutine waits for the answer. When that has come all the
// same, resume makes the connection usable again.
func (g *CommitGuard) GiveUp(conn *pgconn.PgConn) (resume func()) {
	reader := g.reader.Load()
	reader.givenUp.Store(true)
	_ = conn.Conn().SetDeadline(time.Unix(1, 0)) // fails only when it is closed
	return func() {
		reader.givenUp.Store(false)
		_ = conn.Conn().SetDeadline(time.Time{}) // as above
	}
}

// guardedReader passes the server's messages on, but for the warning of a commit without confirmation, in whose
// place it puts an error. Messages are a byte for the type and four for the length, which counts itself
// (https://www.postgresql.org/docs/current/protocol-message-formats.html).
type guardedReader struct {
	from    io.Reader
	givenUp atomic.Bool

	head   []byte // the beginning of a message whose length is not known yet
	rest   int    // bytes of the present message that are still to come
	notice bool   // the present message is a notice
	held   []byte // the notice as far as it has come
	out    []byte // goes out before anything else is read
}

const headLength = 5

// Read implements io.Reader.
func (r *guardedReader) Read(p []byte) (int, error) {
	for {
		if len(r.out) > 0 {
			n := copy(p, r.out)
			r.out = r.out[n:]
			return n, nil
		}
		n, err := r.from.Read(p)
		switch {
		case n > 0: // an error that came along comes again
			passed, plain := r.pass(p[:n])
			if !plain {
				r.sort(p[:n])
			} else if passed > 0 {
				return passed, nil
			}
		case err != nil:
			if !r.abandoned(err) {
				return 0, err
			}
			r.out = unknown("the commit was given up", "")
		case len(p) == 0:
			return 0, nil
		}
	}
}

// abandoned tells whether the reading ended for GiveUp, between two messages.
func (r *guardedReader) abandoned(err error) bool {
	var network net.Error
	return r.givenUp.Load() && errors.As(err, &network) && network.Timeout() && r.rest == 0 && len(r.head) == 0
}

// pass handles the usual case, data without a notice, in place: it returns how many bytes may go out. plain is
// false when it is another case, and nothing has been done.
func (r *guardedReader) pass(data []byte) (passed int, plain bool) {
	if r.notice || len(r.head) > 0 {
		return 0, false
	}
	at := r.rest
	for at+headLength <= len(data) {
		if data[at] == 'N' {
			return 0, false
		}
		at += messageLength(data[at:])
	}
	if at < len(data) {
		r.rest, r.head = 0, slices.Clone(data[at:])
		return at, true
	}
	r.rest = at - len(data)
	return len(data), true
}

// messageLength reads a message's length with the type. One that no message can have ends in the driver's error.
func messageLength(head []byte) int {
	return 1 + max(headLength-1, int(binary.BigEndian.Uint32(head[1:headLength])))
}

// sort takes data apart into messages, and puts them into out when nothing of them has to be held back.
func (r *guardedReader) sort(data []byte) {
	data = slices.Concat(r.head, data)
	r.head = nil
	for len(data) > 0 {
		if r.rest == 0 {
			if len(data) < headLength {
				r.head = slices.Clone(data)
				return
			}
			r.rest, r.notice = messageLength(data), data[0] == 'N'
		}
		n := min(r.rest, len(data))
		r.rest -= n
		if r.notice {
			r.held = append(r.held, data[:n]...)
		} else {
			r.out = append(r.out, data[:n]...)
		}
		if r.rest == 0 && r.notice {
			r.out = append(r.out, translate(r.held)...)
			r.held, r.notice = nil, false
		}
		data = data[n:]
	}
}

// translate makes an error of the notice that a commit was not confirmed, and leaves every other as it is. Texts are
// translated by the server, names of routines and files are not.
func translate(notice []byte) []byte {
	var n pgproto3.NoticeResponse
	if err := n.Decode(notice[headLength:]); err != nil {
		return notice // the driver finds out
	}
	if n.Routine != "SyncRepWaitForLSN" && n.File != "syncrep.c" || n.SeverityUnlocalized != "WARNING" {
		return notice
	}
	return unknown("the commit is not confirmed by the synchronous standbys: "+n.Message, n.Detail)
}

// unknown is the message of an error that ends the connection.
func unknown(message, detail string) []byte {
	e := pgproto3.ErrorResponse{
		Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: codeOutcomeUnknown, Message: message, Detail: detail,
	}
	encoded, err := e.Encode(nil)
	if err != nil {
		return nil // only for texts over 1 GiB
	}
	return encoded
}
