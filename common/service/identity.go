package service

import (
	"encoding/hex"

	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/event"
)

// Identity is what a service tells about itself. It never changes over the service's life; the version
// comes from the build.
type Identity struct {
	ID          uuid.UUID
	Name        string // short, as in paths and logs: auth, cfg, inbox
	About       string
	AboutRU     string
	Description string
	Copyright   string
	// Port is the default of PORT.
	Port uint16
	// Events is what it publishes; nil for nothing.
	Events *event.Catalogue
	// Operations registers every operation with nothing behind them, for a document without a running service.
	Operations func(*api.API)
}

// hexID returns the id as 32 hex digits, as clients of the original know it.
func (i Identity) hexID() string { return hex.EncodeToString(i.ID[:]) }
