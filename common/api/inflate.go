package api

import (
	"bytes"
	"io"
	"net/http"
)

// Inflate reads a body that came by another way than HTTP into a buffer, under the rules of request bodies:
// encoding is empty, gzip or zstd, and the inflated body has at most limit bytes. Its errors are the same faults.
func Inflate(into *bytes.Buffer, encoding string, body []byte, limit int64) error {
	c, err := codingOf([]string{encoding})
	if err != nil {
		return err
	}
	b := requestBody{source: io.NopCloser(bytes.NewReader(body)), writer: nowhere{}, coding: c, limit: limit}
	defer b.Close()
	_, err = into.ReadFrom(&b)
	return err
}

// nowhere is the response of a body that is no request's.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) WriteHeader(int)             {}
