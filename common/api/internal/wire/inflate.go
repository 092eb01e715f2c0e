package wire

import (
	"bytes"
	"io"
	"net/http"
)

// Inflate is api.Inflate.
func Inflate(into *bytes.Buffer, encoding string, body []byte, limit int64) error {
	c, err := CodingOf([]string{encoding})
	if err != nil {
		return err
	}
	b := Body{Source: io.NopCloser(bytes.NewReader(body)), Writer: nowhere{}, Coding: c, Limit: limit}
	defer b.Close()
	_, err = into.ReadFrom(&b)
	return err
}

// nowhere is the response of a body that is no request's.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) WriteHeader(int)             {}
