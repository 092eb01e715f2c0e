package upload

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"
)

// Chain is a digest of a row of guids: two rows with the same chain are the same traces in the same order.
type Chain [sha256.Size]byte

// Add appends a guid.
func (c Chain) Add(id uuid.UUID) Chain {
	var text [sha256.Size + len(uuid.UUID{})]byte
	copy(text[:], c[:])
	copy(text[sha256.Size:], id[:])
	return sha256.Sum256(text[:])
}

// Progress is how far an interrupted run came: so many traces, from the first one on, have their answer.
type Progress struct {
	Traces  int    `json:"traces"`
	Refused int    `json:"refused"`
	Chain   string `json:"chain"`
}

// Matches reports whether the traces that a file begins with are those that the interrupted run sent.
func (p Progress) Matches(c Chain) bool { return p.Chain == hex.EncodeToString(c[:]) }

// Store keeps the progress of one file in a file of its own. A nil Store keeps nothing.
type Store struct{ path string }

// OpenStore names the store of what goes from file to the inbox at url, in folder. Nothing is made on disk before Save.
func OpenStore(folder, url, file string) (*Store, error) {
	absolute, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256([]byte(url + "\n" + absolute))
	return &Store{filepath.Join(folder, hex.EncodeToString(key[:16])+".json")}, nil
}

// Load returns what was kept; the zero Progress when nothing was, or nothing that can be read.
func (s *Store) Load() Progress {
	var p Progress
	if s == nil {
		return p
	}
	text, err := os.ReadFile(s.path)
	if err != nil || json.Unmarshal(text, &p) != nil || p.Traces < 0 {
		return Progress{}
	}
	return p
}

// Save replaces what was kept.
func (s *Store) Save(traces, refused int, chain Chain) error {
	if s == nil {
		return nil
	}
	text, err := json.Marshal(Progress{traces, refused, hex.EncodeToString(chain[:])})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(s.path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(s.path+".new", s.path)
}

// Forget removes what was kept, once a file is done.
func (s *Store) Forget() error {
	if s == nil {
		return nil
	}
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
