package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
)

const (
	// segmentLines is how many lines are packed together.
	segmentLines = 256
	// preparedLines bounds what is packed before the clock starts; the rest is packed as it is sent.
	preparedLines = 100_000
)

// Stream sends count traces as NDJSON over some connections and reads the results while it does.
func Stream(ctx context.Context, target Target, bodies *Bodies, count, clients int) (*Result, error) {
	perClient := count / clients
	prepared := make([][][]byte, clients)
	for i := range prepared {
		for lines := 0; lines < min(perClient, preparedLines/clients); lines += segmentLines {
			prepared[i] = append(prepared[i], bodies.segment(min(segmentLines, perClient-lines)))
		}
	}
	var created, other atomic.Int64
	errs := make([]error, clients)
	var running sync.WaitGroup
	started := time.Now()
	for i := range clients {
		running.Go(func() {
			errs[i] = stream(ctx, target, bodies, prepared[i], perClient, &created, &other)
		})
	}
	running.Wait()
	return &Result{Created: created.Load(), Other: other.Load(), Took: time.Since(started)}, errors.Join(errs...)
}

// segment packs lines as one gzip member.
func (b *Bodies) segment(lines int) []byte {
	var out bytes.Buffer
	packer, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed) // a level that exists
	var line []byte
	for i := range lines {
		line = append(b.Plain(line[:0], i), '\n')
		_, _ = packer.Write(line) // into memory
	}
	_ = packer.Close()
	return out.Bytes()
}

func stream(ctx context.Context, target Target, bodies *Bodies, prepared [][]byte, count int, created, other *atomic.Int64) error {
	reader, writer := io.Pipe()
	var sender sync.WaitGroup
	sender.Go(func() {
		var err error
		for _, segment := range prepared {
			if _, err = writer.Write(segment); err != nil {
				break
			}
		}
		for sent := len(prepared) * segmentLines; sent < count && err == nil; sent += segmentLines {
			_, err = writer.Write(bodies.segment(min(segmentLines, count-sent)))
		}
		_ = writer.CloseWithError(err) // always nil
	})
	defer sender.Wait()
	defer func() { _ = reader.Close() }()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.URL, reader)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+target.Token)
	request.Header.Set("Content-Type", "application/x-ndjson")
	request.Header.Set("Content-Encoding", "gzip")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("inbox answered %s", response.Status)
	}
	return tally(response.Body, created, other)
}

func tally(body io.Reader, created, other *atomic.Int64) error {
	lines := bufio.NewReaderSize(body, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if bytes.Contains(line, []byte(`"status":201`)) {
			created.Add(1)
		} else {
			other.Add(1)
		}
	}
}
