package session

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/authn"
	"nms.example/common/db"

	"nms.example/auth/internal/authdb"
)

// Inspection is what is known of a token (RFC 7662); Active false says nothing more.
type Inspection struct {
	Active    bool
	Principal *authn.Principal // of an access token
	Refresh   *RefreshFacts    // of a refresh token
}

// RefreshFacts are those of a refresh token that could be used now.
type RefreshFacts struct {
	UserID    int64
	Login     string
	ExpiresAt time.Time
}

// Inspect tells what a token is good for, with revocations in force. An unknown, expired, revoked or used
// one is merely not active.
func (s *Service) Inspect(ctx context.Context, verify func(token string) (*authn.Principal, error), token string) (Inspection, error) {
	if p, err := verify(token); err == nil {
		return Inspection{Active: true, Principal: p}, nil
	}
	row, err := authdb.New(s.writer.Pool()).RefreshInspect(ctx, refreshHash(token))
	if errors.Is(err, pgx.ErrNoRows) {
		return Inspection{}, nil
	}
	if err != nil {
		return Inspection{}, db.MapError(err, nil)
	}
	return Inspection{Active: true, Refresh: &RefreshFacts{UserID: row.UserID, Login: row.Login, ExpiresAt: row.ExpiresAt}}, nil
}
