package db

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	schema "nms.example/sql"

	"nms.example/common/fault"
)

// Codes of violated constraints that no domain names.
var (
	codeClash     = fault.Declare(fault.Conflict, "conflict", "The change clashes with existing data.")
	codeReference = fault.Declare(fault.Conflict, "reference_conflict", "Something that the change names does not exist, or what it removes is still in use.")
)

// Constraints name the domain's refusal for each database constraint that a call may violate.
type Constraints map[string]*fault.Error

// SQLSTATE codes, PostgreSQL's appendix A.
const (
	codeUnique           = "23505"
	codeForeignKey       = "23503"
	codeCheck            = "23514"
	codeExclusion        = "23P01"
	codeRestrict         = "23001"
	codeSerialization    = "40001"
	codeDeadlock         = "40P01"
	codeQueryCanceled    = "57014" // statement_timeout, or the caller went away
	codeLockNotAvailable = "55P03"
	codeReadOnly         = "25006" // the server has become a standby
	codeIdleInTx         = "25P03"
)

// retryAfter is what clients are told to wait when the database cannot take a call now.
const retryAfter = time.Second

// The refusals for what no Constraints name. Each carries the database's error as its cause, for the log.
var (
	ErrUnavailable = fault.New(fault.CodeUnavailable, "the database cannot take the call now").After(retryAfter)
	ErrBusy        = fault.New(fault.CodeBusy, "other changes got in the way; try again").After(retryAfter)
	ErrClash       = fault.New(codeClash, "the change clashes with existing data")
	ErrReference   = fault.New(codeReference, "something that is named does not exist, or is still in use")
	ErrBounds      = fault.New(fault.CodeOutOfRange, "a value is out of its bounds")
	ErrValue       = fault.New(fault.CodeInvalid, "a value cannot be stored")
)

// MapError turns a database error into the fault that a client may see, with the error as its cause:
//
//   - a violated constraint (unique, exclusion, foreign key, check) becomes the fault that constraints hold
//     under its name, or else ErrClash, ErrReference or ErrBounds;
//   - a value that no column takes (a NUL character, a number over its type) becomes ErrValue;
//   - connection trouble, a full or stopping server and time-outs become ErrUnavailable, a deadlock or
//     serialization failure that outlived InTx's attempts ErrBusy.
//
// nil, pgx.ErrNoRows, faults, a caller's cancellation and everything else come back as they are.
func MapError(err error, constraints Constraints) error {
	if err == nil || errors.Is(err, pgx.ErrNoRows) || fault.As(err) != nil {
		return err
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		if named, ok := constraints[pg.ConstraintName]; ok && pg.ConstraintName != "" {
			return named.Because(err)
		}
		if general := byCode(pg.Code); general != nil {
			return general.Because(err)
		}
	}
	return unavailable(err)
}

// IsMissingPartition recognises "no partition of relation … found for row": a check violation without a constraint.
func IsMissingPartition(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == codeCheck && pg.ConstraintName == ""
}

func byCode(code string) *fault.Error {
	switch code {
	case codeUnique, codeExclusion:
		return ErrClash
	case codeForeignKey, codeRestrict:
		return ErrReference
	case codeCheck:
		return ErrBounds
	case codeSerialization, codeDeadlock:
		return ErrBusy
	case
		"22001", // string_data_right_truncation
		"22003", // numeric_value_out_of_range
		"22007", // invalid_datetime_format
		"22008", // datetime_field_overflow
		"22021", // character_not_in_repertoire: a NUL character, text that is not UTF-8
		"22P02", // invalid_text_representation
		"22P03", // invalid_binary_representation
		"22P05", // untranslatable_character: \u0000 in JSON
		"54000", // program_limit_exceeded: an index row over its size
		"22030": // duplicate_json_object_key_value
		return ErrValue
	default:
		return nil
	}
}

// unavailable makes connection trouble and broken-off transactions a fault and leaves all else alone.
func unavailable(err error) error {
	if fault.As(err) != nil {
		return err
	}
	var pg *pgconn.PgError
	switch {
	case schema.OutcomeUnknown(err) && !errors.Is(err, ErrOutcomeUnknown):
		return ErrUnavailable.Because(errors.Join(ErrOutcomeUnknown, err))
	case errors.Is(err, ErrOutcomeUnknown):
		return ErrUnavailable.Because(err)
	case errors.As(err, &pg) && (pg.Code == codeSerialization || pg.Code == codeDeadlock):
		return ErrBusy.Because(err)
	case isConnectionTrouble(err):
		return ErrUnavailable.Because(err)
	default:
		return err
	}
}

// isConnectionTrouble reports whether the database could not be asked, or could not answer in time. A
// caller who went away is no trouble of the database's.
func isConnectionTrouble(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case codeQueryCanceled, codeLockNotAvailable, codeReadOnly, codeIdleInTx, "28P01", "28000", "3D000":
			return true
		}
		switch pg.Code[:min(2, len(pg.Code))] {
		case "08", // connection exception
			"53", // insufficient resources: too many connections, disk full, out of memory
			"57", // operator intervention: shutdown, crash, starting up
			"58": // system error: I/O
			return true
		}
		return false
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.Timeout(err) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, puddle.ErrClosedPool) || errors.Is(err, net.ErrClosed)
}
