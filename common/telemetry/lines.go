package telemetry

import (
	"io"
	"sync"
	"time"
)

const (
	// lineLinger is how long a line may wait for others.
	lineLinger = 50 * time.Millisecond
	// lineBytes is how many bytes wait at most.
	lineBytes = 32 << 10
)

// LineBuffer gathers the lines of a log for 50 ms, so that a busy service makes one system call for many of
// them. A logger over it (see [NewLogger]) does not let a warning or an error wait, nor what was written before.
// A process that is killed loses the lines of the last 50 ms; who ends by itself calls Flush.
//
// It is safe for concurrent use.
type LineBuffer struct {
	mu      sync.Mutex
	w       io.Writer
	waiting []byte
	timer   *time.Timer
	armed   bool
}

// NewLineBuffer writes to w.
func NewLineBuffer(w io.Writer) *LineBuffer {
	b := &LineBuffer{w: w, waiting: make([]byte, 0, lineBytes)}
	b.timer = time.AfterFunc(lineLinger, b.Flush)
	b.timer.Stop()
	return b
}

// Write implements io.Writer. Its error is that of writing what had waited.
func (b *LineBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting)+len(p) > lineBytes {
		if err := b.flush(); err != nil {
			return 0, err
		}
	}
	if len(p) > lineBytes {
		return b.w.Write(p) //nolint:wrapcheck // the writer's own error
	}
	b.waiting = append(b.waiting, p...)
	if !b.armed {
		b.armed = true
		b.timer.Reset(lineLinger)
	}
	return len(p), nil
}

// Flush writes what waits. There is nowhere to report that it failed.
func (b *LineBuffer) Flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.flush() // see above
}

func (b *LineBuffer) flush() error {
	if b.armed {
		b.armed = false
		b.timer.Stop()
	}
	if len(b.waiting) == 0 {
		return nil
	}
	_, err := b.w.Write(b.waiting)
	b.waiting = b.waiting[:0]
	return err //nolint:wrapcheck // the writer's own error
}
