package authn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"nms.example/common/retry"
)

const (
	// refreshKeys is how often the keys are read again although none is missing: a key that was taken out is refused
	// by then.
	refreshKeys = 5 * time.Minute
	// firstRetry and longestRetry bound the pauses while they cannot be read.
	firstRetry   = time.Second
	longestRetry = 10 * time.Second
	// fetchTimeout bounds one reading, the body included.
	fetchTimeout = 5 * time.Second
	// seekPause is the least time between two readings that unknown keys bring about.
	seekPause = 10 * time.Second
	// seekPatience is how long the request with such a key waits.
	seekPatience = 2 * time.Second
)

// remoteKeys keeps the public keys that auth publishes at a URL. What it knows stays while auth is away, or says what
// cannot be taken.
type remoteKeys struct {
	url    string
	file   string // JWT_JWKS_COPY; empty: none
	set    *atomic.Pointer[publicKeys]
	log    *slog.Logger
	client http.Client
	known  time.Time // when the keys that it begins with were read; without any, the start

	wake    chan struct{} // holds one when a seek waits to be begun
	content []byte        // that the set was made of; for run alone, as told
	told    string        // what the log said last of a failure

	mu     sync.Mutex
	sought time.Time     // when the last seek was asked for
	seeks  chan struct{} // closed when the seek that was asked for has ended; nil: there is none

	read                      atomic.Int64 // Unix nanoseconds of the last success
	reads, refusals, failures atomic.Int64
}

// newRemoteKeys begins with the copy, if there is one.
func newRemoteKeys(url, file string, set *atomic.Pointer[publicKeys], log *slog.Logger) *remoteKeys {
	r := &remoteKeys{
		url: url, file: file, set: set, log: log, known: time.Now(), wake: make(chan struct{}, 1),
		client: http.Client{
			// No proxy, no connection that waits, nothing inflated.
			Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if file != "" {
		if err := r.loadCopy(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Warn("the copy of the public keys is not used", "error", err)
		}
	}
	return r
}

// run reads the keys now, then again and again, until ctx ends.
func (r *remoteKeys) run(ctx context.Context) {
	pauses := retry.Growing(firstRetry, longestRetry)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		sought := false
		select {
		case <-ctx.Done():
			r.seekEnded()
			return
		case <-timer.C:
		case <-r.wake:
			sought = true
		}
		pause := refreshKeys
		if r.refresh(ctx) {
			pauses.Reset()
		} else {
			pause = pauses.Next()
		}
		if sought {
			r.seekEnded()
		}
		timer.Reset(pause)
	}
}

// seek has the keys read again because one is missing, unless that was done within seekPause, and waits for it, for
// seekPatience at most. All who come meanwhile wait for the same reading.
func (r *remoteKeys) seek(ctx context.Context) {
	r.mu.Lock()
	if r.seeks == nil {
		if !r.sought.IsZero() && time.Since(r.sought) < seekPause {
			r.mu.Unlock()
			return
		}
		r.sought, r.seeks = time.Now(), make(chan struct{})
		r.wake <- struct{}{} // there is room: one seek at a time
	}
	ended := r.seeks
	r.mu.Unlock()
	patience := time.NewTimer(seekPatience)
	defer patience.Stop()
	select {
	case <-ended:
	case <-patience.C:
	case <-ctx.Done():
	}
}

func (r *remoteKeys) seekEnded() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seeks != nil {
		close(r.seeks)
		r.seeks = nil
	}
}

// refresh reads the keys once and reports whether that succeeded.
func (r *remoteKeys) refresh(ctx context.Context) bool {
	content, err := r.fetch(ctx)
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		r.failures.Add(1)
		r.tell(ctx, "the public keys of auth cannot be read; those that are known stay", err)
		return false
	}
	if err := r.take(content); err != nil {
		r.refusals.Add(1)
		r.tell(ctx, "what auth publishes are no keys that can be taken; those that are known stay", err)
		return false
	}
	r.reads.Add(1)
	r.read.Store(time.Now().UnixNano())
	if r.told != "" {
		r.told = ""
		r.log.InfoContext(ctx, "the public keys of auth are read again")
	}
	return true
}

// tell logs a failure once, until there is another one or none.
func (r *remoteKeys) tell(ctx context.Context, what string, err error) {
	if r.told != what {
		r.told = what
		r.log.WarnContext(ctx, what, "url", r.url, "error", err)
	}
}

func (r *remoteKeys) fetch(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	request.Header.Set("Cache-Control", "no-cache")
	answer, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %d", answer.StatusCode)
	}
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxKeyBytes+1))
	if err == nil && len(content) > maxKeyBytes {
		err = fmt.Errorf("the answer has more than %d bytes", maxKeyBytes)
	}
	return content, err
}

// take puts a set in the place of the present one, and into the copy.
func (r *remoteKeys) take(content []byte) error {
	if r.content != nil && bytes.Equal(content, r.content) {
		if r.file != "" {
			now := time.Now()
			_ = os.Chtimes(r.file, now, now) // the copy is as old as that; a start without auth tells of its age alone
		}
		return nil
	}
	set, err := parseJWKS(content)
	if err != nil {
		return err
	}
	r.set.Store(set)
	r.content = content
	if r.file != "" {
		if err := r.writeCopy(content); err != nil {
			r.log.Warn("the copy of the public keys cannot be written", "error", err)
		}
	}
	return nil
}

func (r *remoteKeys) loadCopy() error {
	info, err := os.Stat(r.file)
	if err != nil {
		return err
	}
	if openTo(r.file, writtenByMany) {
		return errors.New("others than its owner may write to it")
	}
	content, err := readBounded(r.file)
	if err != nil {
		return err
	}
	set, err := parseJWKS(content)
	if err != nil {
		return err
	}
	r.set.Store(set)
	r.content = content
	if written := info.ModTime(); written.Before(r.known) {
		r.known = written
	}
	return nil
}

// writeCopy leaves the file as it was, or whole and new.
func (r *remoteKeys) writeCopy(content []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(r.file), ".jwks-*") // with the mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // what went wrong before is said
		}
	}()
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), r.file)
}

func (r *remoteKeys) collectors() []prometheus.Collector {
	counter := func(name, help string, value *atomic.Int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "nms", Subsystem: "jwks", Name: name, Help: help},
			func() float64 { return float64(value.Load()) })
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "nms", Subsystem: "jwks", Name: name, Help: help}, value)
	}
	return []prometheus.Collector{
		counter("reads_total", "Times that the public keys of auth were read.", &r.reads),
		counter("refusals_total", "Times that what was read could not be taken.", &r.refusals),
		counter("failures_total", "Times that they could not be read.", &r.failures),
		gauge("keys", "Public keys that are known.", func() float64 {
			if set := r.set.Load(); set != nil {
				return float64(len(set.byID))
			}
			return 0
		}),
		gauge("age_seconds", "Time since the public keys were last read: of those from the copy, by whoever wrote it; without any, since the start.", func() float64 {
			if read := r.read.Load(); read != 0 {
				return time.Since(time.Unix(0, read)).Seconds()
			}
			return time.Since(r.known).Seconds()
		}),
	}
}
