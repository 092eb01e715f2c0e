package main

import (
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// bar shows how much of all files has been read, the rate and the time that remains; nothing when the writer is no
// terminal.
type bar struct {
	shown *progressbar.ProgressBar
	// base is the size of the files before the one at hand, at how much of that is read; in bytes.
	base, at int64
}

func newBar(out io.Writer, files []string) *bar {
	terminal, ok := out.(*os.File)
	if !ok || !isatty.IsTerminal(terminal.Fd()) {
		return new(bar)
	}
	var total int64
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
	}
	return &bar{shown: progressbar.NewOptions64(total, progressbar.OptionSetWriter(terminal), progressbar.OptionShowBytes(true),
		progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionClearOnFinish())}
}

// next begins another file.
func (b *bar) next() { b.base, b.at = b.base+b.at, 0 }

// set says how much of the file at hand has been read.
func (b *bar) set(bytes int64) {
	if b.at = bytes; b.shown != nil {
		// Fails with the terminal, which must not stop the reading.
		_ = b.shown.Set64(min(b.base+bytes, b.shown.GetMax64()))
	}
}

// clear removes the bar from its line, so that something else can be written.
func (b *bar) clear() {
	if b.shown != nil {
		_ = b.shown.Clear() // fails with the terminal
	}
}

func (b *bar) close() {
	if b.shown != nil {
		_ = b.shown.Exit()  // fails with the terminal
		_ = b.shown.Clear() // as above
	}
}
