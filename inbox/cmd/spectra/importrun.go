package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"nms.example/inbox/internal/recording"
	"nms.example/inbox/internal/upload"
)

// Bounds of one request: a batch is full when it reaches either.
const (
	batchTraces = 500
	batchBytes  = 4 << 20
)

var (
	errNoPlace = errors.New("the file does not say where it was measured")
	// errOther means that the file does not begin with the traces that the interrupted run sent.
	errOther = errors.New("the file is another one than before")
)

// importRun is one call of import.
type importRun struct {
	options *importOptions
	client  upload.Client
	dry     io.Writer // takes the bodies in place of client
	errs    io.Writer
	bar     *bar
}

// batch is what one request holds.
type batch struct {
	text   []byte
	ends   []int // of each body in text
	lines  []int // in the file
	traces int   // number of the file's traces up to and with this batch's last
	chain  upload.Chain
}

// bodies returns the documents of the batch.
func (b *batch) bodies() [][]byte {
	bodies := make([][]byte, len(b.ends))
	begin := 0
	for i, end := range b.ends {
		bodies[i] = b.text[begin:end]
		begin = end
	}
	return bodies
}

// file imports one file, from where an interrupted run ended.
func (r *importRun) file(ctx context.Context, file string) (*tallies, error) {
	r.bar.next()
	if r.dry != nil {
		return r.attempt(ctx, file, nil, upload.Progress{})
	}
	store, err := r.options.store(file)
	if err != nil {
		fmt.Fprintf(r.errs, "%s: an interrupted run will begin anew: %v\n", file, err)
		store = nil
	}
	done, err := r.attempt(ctx, file, store, store.Load())
	if errors.Is(err, errOther) {
		done, err = r.attempt(ctx, file, store, upload.Progress{})
	}
	return done, err
}

// attempt imports a file but for the traces that are done already.
func (r *importRun) attempt(ctx context.Context, file string, store *upload.Store, done upload.Progress) (*tallies, error) {
	group, ctx := errgroup.WithContext(ctx)
	s := &sink{
		run: r, ctx: ctx, done: done, tallies: tallies{earlier: done.Traces, earlierRefused: done.Refused},
		full: make(chan *batch), free: make(chan *batch, 2), batch: new(batch),
	}
	s.free <- new(batch)
	group.Go(func() error {
		defer close(s.full)
		var err error
		if s.format, err = recording.Read(ctx, file, r.options.reading, s); err != nil {
			return err
		}
		if s.traces < done.Traces || s.traces == done.Traces && !s.same() {
			return errOther
		}
		return s.pass()
	})
	var answers tallies
	group.Go(func() error { return r.send(ctx, s, store, &answers) })
	err := group.Wait()
	s.add(&answers)
	if err == nil {
		err = store.Forget()
	}
	return &s.tallies, err
}

// send sends the batches as they become full, and keeps what has been done.
func (r *importRun) send(ctx context.Context, s *sink, store *upload.Store, answers *tallies) error {
	refused := s.done.Refused
	for b := range s.full {
		results, err := r.client.Send(ctx, b.bodies())
		for i, result := range results {
			answers.count(b.lines[i], result)
		}
		if err != nil {
			return err
		}
		if err := store.Save(b.traces, refused+answers.refused, b.chain); err != nil {
			return fmt.Errorf("keep the progress (-state names another folder): %w", err)
		}
		s.free <- b
	}
	return nil
}

// sink takes what the reader finds and gathers batches.
type sink struct {
	tallies
	run   *importRun
	ctx   context.Context
	done  upload.Progress
	chain upload.Chain
	// Two batches take turns: one is filled while the other is on its way.
	full, free chan *batch
	batch      *batch
	traces     int
	scratch    []byte
}

func (s *sink) same() bool { return s.done.Traces == 0 || s.done.Matches(s.chain) }

// Trace implements recording.Report.
func (s *sink) Trace(t *recording.Trace) error {
	if err := s.run.options.complete(t); err != nil {
		return err
	}
	s.scratch = t.Identify(s.scratch)
	s.traces++
	if s.run.dry != nil {
		s.dry++
		s.scratch = append(t.AppendBody(s.scratch[:0]), '\n')
		_, err := s.run.dry.Write(s.scratch)
		return err
	}
	s.chain = s.chain.Add(t.GUID)
	if s.traces <= s.done.Traces {
		if s.traces == s.done.Traces && !s.same() {
			return errOther
		}
		return nil
	}
	b := s.batch
	b.text = t.AppendBody(b.text)
	b.ends, b.lines = append(b.ends, len(b.text)), append(b.lines, t.Line)
	if len(b.ends) < batchTraces && len(b.text) < batchBytes {
		return nil
	}
	return s.pass()
}

// pass hands the batch on to be sent, and waits for room.
func (s *sink) pass() error {
	if len(s.batch.ends) == 0 {
		return nil
	}
	s.batch.traces, s.batch.chain = s.traces, s.chain
	select {
	case s.full <- s.batch:
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
	select {
	case b := <-s.free:
		b.text, b.ends, b.lines = b.text[:0], b.ends[:0], b.lines[:0]
		s.batch = b
		return nil
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
}

// Refuse implements recording.Report.
func (s *sink) Refuse(line int, reason string) {
	s.rows++
	s.remember(line, reason)
}

// Note implements recording.Report.
func (s *sink) Note(line int, text string) {
	s.notes++
	if len(s.noted) < remembered {
		s.noted = append(s.noted, finding{line, text})
	}
}

// Read implements recording.Report.
func (s *sink) Read(bytes int64) { s.run.bar.set(bytes) }

// complete adds what the command line says, which goes before what the file says, and the noise floor.
func (o *importOptions) complete(t *recording.Trace) error {
	g := &o.given
	if g.Lat != nil {
		t.Lat, t.Lng = g.Lat, g.Lng
	}
	if g.AltM != nil {
		t.AltM = g.AltM
	}
	if t.Lat == nil || t.Lng == nil {
		return errNoPlace
	}
	for _, text := range [...]struct{ into, given *string }{
		{&t.Source, &g.Source}, {&t.Unit, &g.Unit}, {&t.Detector, &g.Detector}, {&t.TraceMode, &g.TraceMode}, {&t.Antenna, &g.Antenna},
	} {
		if *text.given != "" {
			*text.into = *text.given
		}
	}
	if t.Unit == "dBm" {
		t.Unit = "" // what inbox takes for granted
	}
	if g.EquipmentID != 0 {
		t.EquipmentID = g.EquipmentID
	}
	if g.RBWHz != 0 {
		t.RBWHz = g.RBWHz
	}
	if g.ENBWHz != 0 {
		t.ENBWHz = g.ENBWHz
	}
	if g.Noise != nil {
		t.Noise = g.Noise
	} else if t.Noise == nil {
		floor := t.Floor()
		t.Noise = &floor
	}
	return nil
}
