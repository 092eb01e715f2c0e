package authn

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Values of JWKs (RFC 7517, RFC 7518, section 6.2, RFC 8037, section 2).
const (
	typeOKP      = "OKP"
	typeEC       = "EC"
	curveEd25519 = "Ed25519"
	curveP256    = "P-256"
	useSignature = "sig"
)

// coordinateBytes is the size of an Ed25519 key and of either coordinate of P-256.
const coordinateBytes = 32

// JWK is a public key that verifies access tokens (RFC 7517, section 4).
type JWK struct {
	Type      string `json:"kty" enum:"OKP,EC" doc:"Kind of the key: OKP with the curve Ed25519, EC with P-256"`
	Curve     string `json:"crv" enum:"Ed25519,P-256" doc:"Curve"`
	X         string `json:"x" doc:"The key (Ed25519) or its x coordinate, base64url"`
	Y         string `json:"y,omitempty" doc:"y coordinate of a P-256 key, base64url"`
	ID        string `json:"kid" doc:"Thumbprint of the key (RFC 7638), the kid of its tokens"`
	Use       string `json:"use" enum:"sig" doc:"Always sig"`
	Algorithm string `json:"alg" enum:"EdDSA,ES256" doc:"The one algorithm of the key's tokens"`
}

// JWKS is a set of public keys (RFC 7517, section 5).
type JWKS struct {
	Keys []JWK `json:"keys" maxItems:"16" doc:"The key that signs and those that are taken beside it"`
}

func encodeJWK(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// thumbprint is the key's id by RFC 7638: SHA-256 over the members that make the key, in the order of the alphabet.
func (j JWK) thumbprint() string {
	text := `{"crv":"` + j.Curve + `","kty":"` + j.Type + `","x":"` + j.X + `"`
	if j.Type == typeEC {
		text += `,"y":"` + j.Y + `"`
	}
	sum := sha256.Sum256([]byte(text + "}"))
	return encodeJWK(sum[:])
}

// foreignJWK is a JWK that somebody else has written. Private is the member of every private key of these kinds.
type foreignJWK struct {
	JWK

	Private json.RawMessage `json:"d"`
}

// parseJWKS reads a set of public keys. One that holds anything but keys that can be taken is refused as a whole: private
// keys, other kinds and curves, other uses, ids that are not the key's thumbprint, the same key twice.
func parseJWKS(content []byte) (*publicKeys, error) {
	var document struct {
		Keys []foreignJWK `json:"keys"`
	}
	if err := json.Unmarshal(content, &document); err != nil {
		return nil, errors.New("it is no JSON Web Key Set") // the text of err may hold what was sent
	}
	if len(document.Keys) > maxPublicKeys {
		return nil, fmt.Errorf("there are more than %d keys", maxPublicKeys)
	}
	keys := make([]key, 0, len(document.Keys))
	for i, j := range document.Keys {
		k, err := j.key()
		if err != nil {
			return nil, fmt.Errorf("key %d %w", i+1, err)
		}
		keys = append(keys, k)
	}
	return newPublicKeys(keys)
}

func (j foreignJWK) key() (key, error) {
	switch {
	case j.Private != nil:
		return key{}, errors.New("is a private key")
	case j.Use != useSignature:
		return key{}, errors.New("is not for signatures")
	}
	public, err := j.publicKey()
	if err != nil {
		return key{}, err
	}
	k, err := newPublicKey(public)
	switch {
	case err != nil:
		return key{}, err
	case j.ID != k.id:
		return key{}, errors.New("has a kid that is not its thumbprint")
	case j.Algorithm != "" && j.Algorithm != k.method.Alg():
		return key{}, errors.New("has the algorithm of another kind of key")
	}
	return k, nil
}

func (j JWK) publicKey() (any, error) {
	x, err := coordinate(j.X)
	if err != nil {
		return nil, err
	}
	switch {
	case j.Type == typeOKP && j.Curve == curveEd25519:
		return ed25519.PublicKey(x), nil
	case j.Type == typeEC && j.Curve == curveP256:
		y, err := coordinate(j.Y)
		if err != nil {
			return nil, err
		}
		point, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
		if err != nil {
			return nil, errors.New("is no point of its curve")
		}
		return point, nil
	}
	return nil, errKind
}

func coordinate(text string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != coordinateBytes {
		return nil, errKind
	}
	return b, nil
}
