package authn

import (
	"errors"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// tokenClaims is the token's payload. `sub` is the user's id, `ver` and `rver` are the two epochs, `pwd`
// marks a token that can only change the password. Times are whole Unix seconds.
type tokenClaims struct {
	Issuer    string           `json:"iss"`
	Subject   string           `json:"sub"`
	Audience  jwt.ClaimStrings `json:"aud"`
	ExpiresAt int64            `json:"exp"`
	NotBefore int64            `json:"nbf"`
	IssuedAt  int64            `json:"iat"`
	ID        string           `json:"jti"`
	SessionID string           `json:"sid"`
	Login     string           `json:"login"`
	Role      string           `json:"role"`
	Access    Mask             `json:"access"`
	UserEpoch int64            `json:"ver"`
	RoleEpoch int64            `json:"rver"`
	Change    bool             `json:"pwd,omitempty"`
}

// GetExpirationTime implements jwt.Claims.
func (c *tokenClaims) GetExpirationTime() (*jwt.NumericDate, error) { return date(c.ExpiresAt), nil }

// GetNotBefore implements jwt.Claims.
func (c *tokenClaims) GetNotBefore() (*jwt.NumericDate, error) { return date(c.NotBefore), nil }

// GetIssuedAt implements jwt.Claims.
func (c *tokenClaims) GetIssuedAt() (*jwt.NumericDate, error) { return date(c.IssuedAt), nil }

// GetAudience implements jwt.Claims.
func (c *tokenClaims) GetAudience() (jwt.ClaimStrings, error) { return c.Audience, nil }

// GetIssuer implements jwt.Claims.
func (c *tokenClaims) GetIssuer() (string, error) { return c.Issuer, nil }

// GetSubject implements jwt.Claims.
func (c *tokenClaims) GetSubject() (string, error) { return c.Subject, nil }

// date returns nil for an absent claim, which the parser then misses.
func date(unix int64) *jwt.NumericDate {
	if unix == 0 {
		return nil
	}
	return &jwt.NumericDate{Time: time.Unix(unix, 0)}
}

// verified reads the claims into a principal. A token signed by our own key that lacks one of its parts
// was made by something else that shares the key, and is refused.
func (c *tokenClaims) verified() (*Verified, error) {
	userID, err := strconv.ParseInt(c.Subject, 10, 64)
	if err != nil || userID < 1 {
		return nil, errors.New("authn: sub is no user id")
	}
	session, err := uuid.Parse(c.SessionID)
	if err != nil || session == uuid.Nil {
		return nil, errors.New("authn: sid is no session id")
	}
	id, err := uuid.Parse(c.ID)
	if err != nil {
		return nil, errors.New("authn: jti is no token id")
	}
	if c.Access < 0 {
		return nil, errors.New("authn: access is negative")
	}
	access := c.Access
	if c.Change {
		access = 0
	}
	return &Verified{
		Principal: Principal{
			Kind: User, Subject: UserSubject(userID), UserID: userID, Login: c.Login, Role: c.Role,
			Access: access, SessionID: session, TokenID: id,
			IssuedAt: time.Unix(c.IssuedAt, 0), ExpiresAt: time.Unix(c.ExpiresAt, 0),
			PasswordChangeRequired: c.Change,
			UserEpoch:              c.UserEpoch, RoleEpoch: c.RoleEpoch,
		},
	}, nil
}
