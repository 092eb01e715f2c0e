package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"nms.example/common/config"
)

// interfaceVersion stands as info.version in a printed document: a build's own version would make each build's differ.
const interfaceVersion = "v1"

// Document returns the OpenAPI document of a service as indented JSON, made from its code alone: nothing is read,
// opened or started. A running instance serves the same at /openapi.json, with its build's version and its own
// address of the token call.
func Document(ctx context.Context, identity Identity) ([]byte, error) {
	if identity.Operations == nil {
		return nil, errors.New("the identity names no operations")
	}
	s := newService(identity)
	s.life, s.output, s.build.Version = ctx, io.Discard, interfaceVersion
	s.options = append(s.options, config.WithSettings(nil))
	var settings config.Base
	if err := s.Load(&settings); err != nil {
		return nil, err
	}
	identity.Operations(s.api)
	var document bytes.Buffer
	encoder := json.NewEncoder(&document)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(s.api.Huma().OpenAPI())
	return document.Bytes(), err
}

func (c *command) printDocument(ctx context.Context) int {
	document, err := Document(ctx, c.identity)
	if err == nil {
		_, err = c.stdout.Write(document)
	}
	if err != nil {
		return c.refuse("the document was not printed", err)
	}
	return exitOK
}
