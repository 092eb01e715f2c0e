package authn

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/golang-jwt/jwt/v5"
)

// key is one key of a ring. Its kind decides the one algorithm that it is taken with: HS256 a shared secret, EdDSA
// Ed25519 (RFC 8037), ES256 P-256 (RFC 7518, section 3.4).
type key struct {
	id     string // kid: of a public key its thumbprint, of a secret 16 hex digits
	method jwt.SigningMethod
	verify any // what method.Verify takes
	sign   any // what method.Sign takes; nil: the key only verifies
	// private is what further keys are derived from, 32 bytes or, of a shared secret, as many as that has; nil: the key
	// only verifies.
	private []byte
	public  JWK // zero for a shared secret
}

// derive makes a subkey for one purpose (HKDF, RFC 5869).
func (k key) derive(purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, k.private, nil, "nms/"+purpose, sha256.Size)
}

func newSecretKey(secret []byte) (key, error) {
	k := key{method: jwt.SigningMethodHS256, verify: secret, sign: secret, private: secret}
	id, err := k.derive("kid")
	if err != nil {
		return key{}, err
	}
	k.id = hex.EncodeToString(id[:8])
	return k, nil
}

var errKind = errors.New("is neither an Ed25519 nor a P-256 key")

func newPublicKey(public any) (key, error) {
	var k key
	switch p := public.(type) {
	case ed25519.PublicKey:
		k.method, k.verify = jwt.SigningMethodEdDSA, p
		k.public = JWK{Type: typeOKP, Curve: curveEd25519, X: encodeJWK(p)}
	case *ecdsa.PublicKey:
		if p.Curve != elliptic.P256() {
			return key{}, errKind
		}
		point, err := p.Bytes() // 4, X, Y (SEC 1, section 2.3.3)
		if err != nil {
			return key{}, errKind
		}
		k.method, k.verify = jwt.SigningMethodES256, p
		k.public = JWK{Type: typeEC, Curve: curveP256, X: encodeJWK(point[1:33]), Y: encodeJWK(point[33:])}
	default:
		return key{}, errKind
	}
	k.id = k.public.thumbprint()
	k.public.ID, k.public.Use, k.public.Algorithm = k.id, useSignature, k.method.Alg()
	return k, nil
}

func newPrivateKey(private any) (key, error) {
	var secret []byte
	var err error
	switch p := private.(type) {
	case ed25519.PrivateKey:
		secret = p.Seed()
	case *ecdsa.PrivateKey:
		if p.Curve != elliptic.P256() {
			return key{}, errKind
		}
		if secret, err = p.Bytes(); err != nil {
			return key{}, errKind
		}
	default:
		return key{}, errKind
	}
	signer, _ := private.(crypto.Signer) // both kinds are
	k, err := newPublicKey(signer.Public())
	k.sign, k.private = private, secret
	return k, err
}

// publicKeys is public keys by their ids. It is not changed any more.
type publicKeys struct {
	byID map[string]*key
	jwks JWKS
}

var errTwice = errors.New("the same key is there twice")

// newPublicKeys makes a set of at most maxPublicKeys keys, in their order. Of none there is none.
func newPublicKeys(keys []key) (*publicKeys, error) {
	switch {
	case len(keys) == 0:
		return nil, errors.New("there is no key")
	case len(keys) > maxPublicKeys:
		return nil, fmt.Errorf("there are more than %d keys", maxPublicKeys)
	}
	s := &publicKeys{byID: make(map[string]*key, len(keys))}
	for _, k := range slices.Clone(keys) {
		if s.byID[k.id] != nil {
			return nil, errTwice
		}
		s.byID[k.id] = &k
		s.jwks.Keys = append(s.jwks.Keys, k.public)
	}
	return s, nil
}

// maxPublicKeys bounds a set, in a file and over HTTP.
const maxPublicKeys = 16

// isThumbprint tells what may be the id of a public key: SHA-256 in base64url.
func isThumbprint(id string) bool {
	if len(id) != 43 {
		return false
	}
	_, err := base64.RawURLEncoding.Strict().DecodeString(id)
	return err == nil
}
