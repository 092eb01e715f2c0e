// Package apikey holds the keys of integration clients.
package apikey

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"nms.example/common/authn"
	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"
	"nms.example/common/name"
	"nms.example/common/request"

	"nms.example/auth/internal/authdb"
	"nms.example/auth/internal/authority"
)

// Key is an API key as clients see it, without its secret.
type Key struct {
	ID              uuid.UUID  `json:"id" doc:"Identifier"`
	Name            string     `json:"name" doc:"What the key is for; unique among live keys, letter case aside"`
	Access          authn.Mask `json:"access" minimum:"0" doc:"Permissions as a bit mask"`
	Permissions     []string   `json:"permissions" doc:"Named permissions in access"`
	CIDRs           []string   `json:"cidrs" doc:"Networks that the key is taken from; empty: from anywhere"`
	ExpiresAt       *time.Time `json:"expires_at" nullable:"true" doc:"When the key ends; null: never"`
	CreatedAt       time.Time  `json:"created_at" doc:"When the key was made"`
	CreatedBy       string     `json:"created_by" doc:"Who made it: user:<id> or apikey:<uuid>"`
	LastUsedAt      *time.Time `json:"last_used_at" nullable:"true" doc:"The minute of its last use, not before created_at; known some two minutes later at most; null: never"`
	LastUsedAddress *string    `json:"last_used_address" nullable:"true" doc:"Where it was last used from; null: never, or not known"`
}

var codePast = fault.Declare(fault.Invalid, "in_past", "The time must lie in the future.")

// The refusals of this package.
var (
	ErrNotFound = fault.At(fault.Target, fault.CodeNotFound, "there is no such API key")
	ErrName     = fault.At(fault.Field("name"), fault.CodeNameTaken, "there is a live key of this name")
	ErrExpiry   = fault.At(fault.Field("expires_at"), codePast, "must lie in the future")
)

var constraints = db.Constraints{"api_keys_name_live_key": ErrName}

// Service is the rules of the API keys.
type Service struct {
	writer   *change.Writer[db.AUTH]
	pushKeys func(ctx context.Context)
	now      func() time.Time
}

// NewService makes the service. pushKeys is called after each change of the live keys, and must not fail: what could not be
// sent to the other services then is sent later.
func NewService(w *change.Writer[db.AUTH], pushKeys func(ctx context.Context)) *Service {
	return &Service{writer: w, pushKeys: pushKeys, now: time.Now}
}

// Input is a key to be made.
type Input struct {
	Name      string
	Access    authn.Mask
	ExpiresAt *time.Time
	CIDRs     []netip.Prefix
}

// Create makes a key and returns its secret, which is kept nowhere. The caller must hold what it may do.
func (s *Service) Create(ctx context.Context, d Input) (Key, string, error) {
	if err := name.CheckAt(fault.Field("name"), d.Name); err != nil {
		return Key{}, "", err
	}
	if d.ExpiresAt != nil && !d.ExpiresAt.After(s.now()) {
		return Key{}, "", ErrExpiry
	}
	if err := authority.Covers(ctx, d.Access, fault.Field("permissions")); err != nil {
		return Key{}, "", err
	}
	secret, hash, err := authn.NewKey()
	if err != nil {
		return Key{}, "", err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Key{}, "", err
	}
	if d.CIDRs == nil {
		d.CIDRs = []netip.Prefix{}
	}
	var made Key
	err = s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		q := authdb.New(tx)
		row, err := q.APIKeyCreate(ctx, authdb.APIKeyCreateParams{
			ID: id, Name: d.Name, Hash: hash[:], Access: int64(d.Access), Cidrs: d.CIDRs, ExpiresAt: d.ExpiresAt,
			CreatedBy: request.Actor(ctx),
		})
		if err != nil {
			return err
		}
		made = fromRow(row, nil, nil)
		changes.AfterCommit(s.pushKeys)
		return changes.Record(EventCreated.New(id.String(), made))
	})
	if err != nil {
		return Key{}, "", db.MapError(err, constraints)
	}
	return made, secret, nil
}

// List returns up to limit live keys in the order of their making, and the number of all.
func (s *Service) List(ctx context.Context, limit, skip int64) ([]Key, int64, error) {
	q := authdb.New(s.writer.Pool())
	rows, err := q.APIKeyList(ctx, authdb.APIKeyListParams{MaxRows: limit, SkipRows: skip})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	total, err := q.APIKeyCount(ctx)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	keys := make([]Key, len(rows))
	for i, r := range rows {
		keys[i] = fromRow(r.ApiKey, r.UsedAt, r.Address)
	}
	return keys, total, nil
}

// Revoke ends a key. The caller must hold what it may do. ErrNotFound.
func (s *Service) Revoke(ctx context.Context, id uuid.UUID) error {
	err := s.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.AUTH], changes *change.Changes) error {
		q := authdb.New(tx)
		row, err := q.APIKeyLock(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := authority.Covers(ctx, authn.Mask(row.ApiKey.Access), fault.Target); err != nil {
			return err
		}
		if err := q.APIKeyRevoke(ctx, id); err != nil {
			return err
		}
		changes.AfterCommit(s.pushKeys)
		return changes.Record(EventDeleted.New(id.String(), fromRow(row.ApiKey, row.UsedAt, row.Address)))
	})
	return db.MapError(err, constraints)
}

func fromRow(r authdb.ApiKey, usedAt *time.Time, address *netip.Addr) Key {
	k := Key{
		ID: r.ID, Name: r.Name, Access: authn.Mask(r.Access), Permissions: authn.Mask(r.Access).Names(), CIDRs: make([]string, len(r.Cidrs)),
		ExpiresAt: r.ExpiresAt, CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy,
	}
	for i, c := range r.Cidrs {
		k.CIDRs[i] = c.String()
	}
	if usedAt != nil {
		k.LastUsedAt = new(usedAt.Truncate(time.Minute))
		if k.LastUsedAt.Before(k.CreatedAt) { // in the minute of its making
			k.LastUsedAt = new(k.CreatedAt)
		}
	}
	if address != nil {
		k.LastUsedAddress = new(address.String())
	}
	return k
}
