package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/inbox/internal/ingest"
)

const (
	// streamWindow is how many lines of one stream may be on their way at once.
	streamWindow = 1024
	// streamTimeout bounds each piece of the answer.
	streamTimeout = 60 * time.Second
	// streamBuffer is how much of the answer is gathered before it is sent, in bytes.
	streamBuffer = 16 << 10
)

// line is one line of a stream on its way.
type line struct {
	number  int
	pending ingest.Pending
}

// postStream takes one trace per line. One goroutine reads and queues, this one answers in order; the
// window between them bounds the memory whatever the length of the stream.
func (r *routes) postStream(ctx context.Context, intake *ingest.Receiver) *huma.StreamResponse {
	source := api.Body(ctx)
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		ctx, cancel := context.WithCancel(ctx)
		lines := make(chan line, streamWindow)
		var reader sync.WaitGroup
		reader.Go(func() {
			defer close(lines)
			r.readLines(ctx, intake, source, lines)
		})
		defer reader.Wait()
		defer cancel()
		answerLines(ctx, api.OpenStream(hc, contentNDJSON, streamTimeout), lines)
	}}
}

// readLines queues the trace of each line until the body or ctx ends. A body that cannot be read to its
// end leaves a refusal as the last result.
func (r *routes) readLines(ctx context.Context, intake *ingest.Receiver, source io.Reader, lines chan<- line) {
	reader := bufio.NewReaderSize(source, 64<<10)
	var long []byte
	for number := 1; ; number++ {
		text, tooLong, err := readLine(reader, &long, int(r.MaxBodyBytes))
		var pending ingest.Pending
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			pass(ctx, lines, line{number, ingest.Refused(err)}) // whatever there is of the line was cut off
			return
		case tooLong:
			pending = ingest.Refused(errTooLarge)
		case len(bytes.TrimSpace(text)) > 0:
			pending = intake.Begin(ctx, text)
		case err != nil:
			return
		default:
			continue
		}
		if !pass(ctx, lines, line{number, pending}) || err != nil {
			return
		}
		if r.draining() {
			pass(ctx, lines, line{number + 1, ingest.Refused(ingest.ErrStopped)})
			return
		}
	}
}

// pass hands a line on; false when the answer has ended.
func pass(ctx context.Context, lines chan<- line, l line) bool {
	select {
	case lines <- l:
		return true
	case <-ctx.Done():
		return false
	}
}

// draining reports whether the service is stopping. A stream, which may go on for hours, then ends.
func (r *routes) draining() bool {
	select {
	case <-r.stopping:
		return true
	default:
		return false
	}
}

// readLine returns the next line without its end. A line over limit bytes is read past and not given.
func readLine(reader *bufio.Reader, long *[]byte, limit int) (text []byte, tooLong bool, err error) {
	text, err = reader.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return text, len(text) > limit+1, err
	}
	*long = append((*long)[:0], text...)
	for errors.Is(err, bufio.ErrBufferFull) {
		text, err = reader.ReadSlice('\n')
		if tooLong = tooLong || len(*long)+len(text) > limit+1; !tooLong {
			*long = append(*long, text...)
		}
	}
	return *long, tooLong, err
}

// answerLines writes the results in order, and sends them whenever none is ready.
func answerLines(ctx context.Context, stream *api.Stream, lines <-chan line) {
	var out []byte
	for l := range lines {
		taken, err := l.pending.Wait(ctx)
		out = appendResult(ctx, out, l.number, taken, err)
		if len(out) < streamBuffer && len(lines) > 0 {
			continue
		}
		if _, err := stream.Write(out); err != nil {
			return
		}
		if err := stream.Flush(); err != nil {
			return
		}
		out = out[:0]
	}
}

func appendResult(ctx context.Context, out []byte, number int, taken ingest.Accepted, err error) []byte {
	out = append(out, `{"line":`...)
	out = strconv.AppendInt(out, int64(number), 10)
	out = append(out, `,"guid":`...)
	if taken.GUID == "" {
		out = append(out, "null"...)
	} else {
		out = append(append(append(out, '"'), taken.GUID...), '"')
	}
	out = append(out, `,"status":`...)
	if err == nil {
		out = strconv.AppendInt(out, int64(statusOf(taken.Outcome)), 10)
		return append(out, "}\n"...)
	}
	problem := api.ProblemOf(ctx, publicError(err))
	out = strconv.AppendInt(out, int64(problem.Status), 10)
	if details, err := json.Marshal(problem.Errors); err == nil {
		out = append(append(out, `,"errors":`...), details...)
	}
	return append(out, "}\n"...)
}
