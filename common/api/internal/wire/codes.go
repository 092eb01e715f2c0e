package wire

import "nms.example/common/fault"

// Codes of what cannot be read. HTTP has statuses of its own for some (package api).
var (
	CodeMalformed   = fault.Declare(fault.Malformed, "malformed", "The request, its path or its query string cannot be read.")
	CodeBodyTime    = fault.Declare(fault.Malformed, "body_timeout", "The body did not arrive in time.")
	CodeHeader      = fault.Declare(fault.Malformed, "header_too_large", "The header is too large.")
	CodeExpectation = fault.Declare(fault.Malformed, "expectation_failed", "The header Expect asks for something else than 100-continue.")
	CodeTooLarge    = fault.Declare(fault.TooLarge, "too_large", "The body, inflated, is larger than the call takes.")

	codeBody     = fault.Declare(fault.Malformed, "unreadable_body", "The body did not arrive whole, or its compression is damaged.")
	codeEncoding = fault.Declare(fault.UnsupportedMedia, "unsupported_encoding", "Bodies may be compressed with gzip or zstd only.")
)
