// Package signal keeps the signals that were found in traces. A signal may arrive before its trace: it is
// kept, and belongs to the trace from the moment that one is there.
package signal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"
	"nms.example/common/rf"
	"nms.example/inbox/internal/dwhdb"
	"nms.example/inbox/internal/trace"
	"nms.example/inbox/internal/tracebody"
)

// EventReceived tells of every new signal.
var EventReceived = event.DeclareCreation[Received]("inbox.signal.received", "A signal was stored")

var (
	codeNoTrace = fault.Declare(fault.NotFound, "trace_missing", "The signal's trace has not arrived yet.")
	codeUnit    = fault.Declare(fault.Invalid, "no_power_unit", "The trace is in a unit that is no power.")
	codeOutside = fault.Declare(fault.Invalid, "outside_trace", "The signal, or the cut, lies outside its trace.")
)

// Refusals of this package.
var (
	ErrNotFound = fault.At(fault.Target, fault.CodeNotFound, "there is no such signal")
	// ErrNoTrace says that a signal came before its trace.
	ErrNoTrace  = fault.At(fault.Target, codeNoTrace, "the signal's trace has not arrived yet")
	ErrConflict = fault.List(fault.Conflict, "a guid belongs to a signal with other content, or a trace was withdrawn")
	ErrInvalid  = fault.List(fault.Invalid, "a signal is not valid")
	ErrOutside  = fault.At(fault.Target, codeOutside, "the signal lies outside its trace")
	// ErrUnit says that the signal's trace is in a unit that is no power.
	ErrUnit = fault.At(fault.Target, codeUnit, "the unit of the signal's trace is no power")
	// ErrUnmeasured says that the trace has no value within the signal's band.
	ErrUnmeasured = fault.At(fault.Target, tracebody.CodeUnmeasured, "nothing was measured within the signal's band")
	// ErrCutOutside says that a cut would leave the trace, ErrWideCutOutside that a widened one would.
	ErrCutOutside     = fault.At(fault.Target, codeOutside, "the cut lies outside the trace")
	ErrWideCutOutside = fault.At(fault.Field("min_bandwidth_hz"), codeOutside, "the cut, as wide as this asks for, lies outside the trace")
)

// Signal is a band of a trace with its centre frequency.
type Signal struct {
	GUID      uuid.UUID
	TraceGUID uuid.UUID
	StartHz   float64
	StopHz    float64
	F0Hz      float64
	// MeasuredAt is when its trace was measured; nil until that one is there.
	MeasuredAt *time.Time
	// ReceivedAt is when it was stored; zero before.
	ReceivedAt time.Time
}

// Band returns the signal's frequency range.
func (s *Signal) Band() rf.Band { return rf.Band{StartHz: s.StartHz, StopHz: s.StopHz} }

func (s *Signal) same(other *Signal) bool {
	a, b := *s, *other
	a.ReceivedAt, b.ReceivedAt = time.Time{}, time.Time{}
	a.MeasuredAt, b.MeasuredAt = nil, nil
	return a == b
}

// Signals is the store of signals.
type Signals struct {
	writer *change.Writer[db.DWH]
	traces *trace.Repository
	*Repository
}

// New makes the store, which writes through w.
func New(w *change.Writer[db.DWH]) *Signals {
	return &Signals{w, trace.NewRepository(w.Pool()), NewRepository(w.Pool())}
}

// check finds what is wrong with the signals themselves.
func check(signals []Signal) error {
	var details []fault.Detail
	for i := range signals {
		s := &signals[i]
		at := func(field string, code *fault.Code, message string) {
			details = append(details, fault.NewDetail(fault.Field(fmt.Sprintf("[%d].%s", i, field)), code, message))
		}
		if s.StopHz < s.StartHz {
			at("stop_freq_hz", fault.CodeWrongOrder, "must not lie below start_freq_hz")
		} else if !s.Band().Contains(s.F0Hz) {
			at("f0_freq_hz", fault.CodeOutOfRange, "must lie between start_freq_hz and stop_freq_hz")
		}
	}
	if details != nil {
		return ErrInvalid.With(details...)
	}
	return nil
}

// Add stores the signals and their events, all or none. Those that are there already with the same
// content are left alone; created tells whether any was new. It fails with ErrInvalid and, when a guid
// belongs to other content or the trace was withdrawn, with ErrConflict, both naming the places.
func (s *Signals) Add(ctx context.Context, signals []Signal) (created bool, err error) {
	if err := check(signals); err != nil {
		return false, err
	}
	// Sorted by guid, so that two transactions never wait for each other in a circle.
	order := make([]int, len(signals))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return bytes.Compare(signals[a].GUID[:], signals[b].GUID[:])
	})
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.DWH], changes *change.Changes) error {
		queries := dwhdb.New(tx)
		present, err := tracesOf(ctx, queries, signals)
		if err != nil {
			return err
		}
		fresh, err := insert(ctx, queries, signals, order, present)
		if err != nil {
			return err
		}
		if err := compare(ctx, queries, signals); err != nil {
			return err
		}
		created = len(fresh) > 0
		return record(changes, signals, order, fresh)
	})
	return created, db.MapError(err, nil)
}

// tracesOf returns those traces of the signals that are there, and keeps them from being withdrawn meanwhile. It fails
// with ErrConflict where one was withdrawn.
func tracesOf(ctx context.Context, queries *dwhdb.Queries, signals []Signal) ([]uuid.UUID, error) {
	guids := make([]uuid.UUID, len(signals))
	for i := range signals {
		guids[i] = signals[i].TraceGUID
	}
	keys, err := queries.TraceKeyShare(ctx, guids)
	if err != nil {
		return nil, fmt.Errorf("look for traces: %w", err)
	}
	present := make([]uuid.UUID, len(keys))
	withdrawn := map[uuid.UUID]bool{}
	for i, key := range keys {
		present[i] = key.Guid
		withdrawn[key.Guid] = key.WithdrawnAt != nil
	}
	var details []fault.Detail
	for i := range signals {
		if withdrawn[signals[i].TraceGUID] {
			details = append(details, fault.NewDetail(fault.Field(fmt.Sprintf("[%d].trace_guid", i)), trace.CodeWithdrawn,
				"is of a trace that was withdrawn"))
		}
	}
	if details != nil {
		return nil, ErrConflict.With(details...)
	}
	return present, nil
}

func insert(ctx context.Context, queries *dwhdb.Queries, signals []Signal, order []int, present []uuid.UUID) (map[uuid.UUID]bool, error) {
	n := len(order)
	params := dwhdb.SignalInsertParams{
		Guids: make([]uuid.UUID, n), TraceGuids: make([]uuid.UUID, n),
		StartFreqHz: make([]float64, n), StopFreqHz: make([]float64, n), F0FreqHz: make([]float64, n),
		Present: present,
	}
	for at, i := range order {
		sig := &signals[i]
		params.Guids[at], params.TraceGuids[at] = sig.GUID, sig.TraceGUID
		params.StartFreqHz[at], params.StopFreqHz[at], params.F0FreqHz[at] = sig.StartHz, sig.StopHz, sig.F0Hz
	}
	guids, err := queries.SignalInsert(ctx, params)
	if err != nil {
		return nil, fmt.Errorf("insert signals: %w", err)
	}
	fresh := make(map[uuid.UUID]bool, len(guids))
	for _, guid := range guids {
		fresh[guid] = true
	}
	return fresh, nil
}

// compare reads what now stands under the guids and refuses every signal that differs from it: from what
// another call stored, or from an earlier element of the same call.
func compare(ctx context.Context, queries *dwhdb.Queries, signals []Signal) error {
	guids := make([]uuid.UUID, len(signals))
	for i := range signals {
		guids[i] = signals[i].GUID
	}
	rows, err := queries.SignalList(ctx, guids)
	if err != nil {
		return fmt.Errorf("read signals: %w", err)
	}
	stored := make(map[uuid.UUID]*Signal, len(rows))
	for i := range rows {
		sig := signalOf(&rows[i])
		stored[sig.GUID] = &sig
	}
	var details []fault.Detail
	for i := range signals {
		if present := stored[signals[i].GUID]; present == nil || !present.same(&signals[i]) {
			details = append(details, fault.NewDetail(fault.Field(fmt.Sprintf("[%d].guid", i)), fault.CodeGUIDTaken,
				"belongs to a signal with other content"))
		}
	}
	if details != nil {
		return ErrConflict.With(details...)
	}
	return nil
}

// Received is what an event tells of a signal; its names are those of the interface.
type Received struct {
	GUID      uuid.UUID `json:"guid" format:"uuid" doc:"The signal"`
	TraceGUID uuid.UUID `json:"trace_guid" format:"uuid" doc:"The trace that it was found in, which may come later"`
	StartHz   float64   `json:"start_freq_hz" doc:"Begin of its band, Hz"`
	StopHz    float64   `json:"stop_freq_hz" doc:"End of its band, Hz"`
	F0Hz      float64   `json:"f0_freq_hz" doc:"Centre frequency, Hz"`
}

func record(changes *change.Changes, signals []Signal, order []int, fresh map[uuid.UUID]bool) error {
	told := make(map[uuid.UUID]bool, len(fresh))
	for _, i := range order {
		s := &signals[i]
		if !fresh[s.GUID] || told[s.GUID] {
			continue
		}
		told[s.GUID] = true
		err := changes.Record(EventReceived.New(s.GUID.String(), Received{s.GUID, s.TraceGUID, s.StartHz, s.StopHz, s.F0Hz}))
		if err != nil {
			return err
		}
	}
	return nil
}

func signalOf(row *dwhdb.Signal) Signal {
	return Signal{
		GUID: row.Guid, TraceGUID: row.TraceGuid, StartHz: row.StartFreqHz, StopHz: row.StopFreqHz, F0Hz: row.F0FreqHz,
		MeasuredAt: row.MeasuredAt, ReceivedAt: row.ReceivedAt.UTC(),
	}
}

// Get returns one signal, or ErrNotFound.
func (s *Signals) Get(ctx context.Context, guid uuid.UUID) (*Signal, error) {
	row, err := dwhdb.New(s.writer.Pool()).SignalGet(ctx, guid)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, db.MapError(fmt.Errorf("read a signal: %w", err), nil)
	}
	out := signalOf(&row)
	return &out, nil
}

// maxOfTrace bounds the signals that one trace shows.
const maxOfTrace = 10000

// OfTrace returns the signals of a trace by frequency, at most 10,000, or trace.ErrNotFound.
func (s *Signals) OfTrace(ctx context.Context, traceGUID uuid.UUID) ([]Signal, error) {
	queries := dwhdb.New(s.writer.Pool())
	rows, err := queries.SignalListOfTrace(ctx, dwhdb.SignalListOfTraceParams{TraceGuid: traceGUID, Take: maxOfTrace})
	if err != nil {
		return nil, db.MapError(fmt.Errorf("read signals: %w", err), nil)
	}
	if len(rows) == 0 {
		exists, err := queries.TraceKeyExists(ctx, traceGUID)
		if err != nil {
			return nil, db.MapError(fmt.Errorf("look for a trace: %w", err), nil)
		}
		if !exists {
			return nil, trace.ErrNotFound
		}
	}
	signals := make([]Signal, len(rows))
	for i := range rows {
		signals[i] = signalOf(&rows[i])
	}
	return signals, nil
}

// withTrace returns a signal and its trace.
func (s *Signals) withTrace(ctx context.Context, guid uuid.UUID) (*Signal, *trace.Trace, *rf.Trace, error) {
	sig, err := s.Get(ctx, guid)
	if err != nil {
		return nil, nil, nil, err
	}
	t, err := s.traces.Get(ctx, sig.TraceGUID)
	if err != nil {
		return nil, nil, nil, missing(err)
	}
	values, err := t.RF()
	return sig, t, values, err
}

// missing tells that the trace is, and not the signal.
func missing(err error) error {
	if errors.Is(err, trace.ErrNotFound) {
		return ErrNoTrace
	}
	return err
}

// Power measures the signal within its own band. It fails with ErrNotFound, ErrNoTrace, ErrOutside, ErrUnit or
// ErrUnmeasured.
func (s *Signals) Power(ctx context.Context, guid uuid.UUID) (rf.Power, error) {
	sig, _, values, err := s.withTrace(ctx, guid)
	if err != nil {
		return rf.Power{}, err
	}
	// Each value stands for a step around its frequency.
	if half := values.SpacingHz() / 2; sig.StartHz < values.StartHz-half || sig.StopHz > values.StopHz+half {
		return rf.Power{}, ErrOutside
	}
	power, err := values.Power(sig.Band())
	switch {
	case errors.Is(err, rf.ErrOutside):
		return rf.Power{}, ErrOutside.Because(err)
	case errors.Is(err, rf.ErrUnit):
		return rf.Power{}, ErrUnit.Because(err)
	case errors.Is(err, rf.ErrUnmeasured):
		return rf.Power{}, ErrUnmeasured.Because(err)
	}
	return power, err
}

// Cut returns the signal and, as a trace of its own under the signal's guid, its part of the trace with everything
// else that the trace says; see rf.Trace.Cut. It fails with ErrNotFound, ErrNoTrace, ErrCutOutside or
// ErrWideCutOutside.
func (s *Signals) Cut(ctx context.Context, guid uuid.UUID, minBandwidthHz float64) (*Signal, *trace.Trace, error) {
	sig, source, values, err := s.withTrace(ctx, guid)
	if err != nil {
		return nil, nil, err
	}
	cut, err := values.Cut(sig.Band(), minBandwidthHz)
	switch {
	case errors.Is(err, rf.ErrOutside) && minBandwidthHz > 0:
		return nil, nil, ErrWideCutOutside.Because(err)
	case errors.Is(err, rf.ErrOutside):
		return nil, nil, ErrCutOutside.Because(err)
	}
	if err != nil {
		return nil, nil, err
	}
	out := *source
	out.GUID = sig.GUID
	out.StartHz, out.StopHz, out.StepHz = cut.StartHz, cut.StopHz, cut.StepHz
	out.Power = rf.AppendBytes(nil, cut.Levels)
	return sig, &out, nil
}
