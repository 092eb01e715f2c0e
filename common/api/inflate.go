package api

import (
	"bytes"

	"nms.example/common/api/internal/wire"
)

// Inflate reads a body that came by another way than HTTP into a buffer, under the rules of request bodies:
// encoding is empty, gzip or zstd, and the inflated body has at most limit bytes. Its errors are the same faults.
func Inflate(into *bytes.Buffer, encoding string, body []byte, limit int64) error {
	return wire.Inflate(into, encoding, body, limit)
}

// BodyUnmarshaler is implemented by body types with a decoder of their own. Register their operations
// with SkipValidateBody, and describe them with huma.SchemaProvider; they then read the bytes exactly
// once, and check everything themselves, invalid UTF-8 and NUL included. Errors that are fault.Error
// reach the client, others become 400.
type BodyUnmarshaler = wire.BodyUnmarshaler
