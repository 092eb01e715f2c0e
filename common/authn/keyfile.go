package authn

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// maxKeyBytes bounds files of keys and sets of keys over HTTP.
	maxKeyBytes = 64 << 10
	// containerSecrets is where container platforms put files that nobody outside the container sees, readable by all
	// within it.
	containerSecrets = "/run/secrets/"
)

// Modes of files that too many may open.
const (
	readByAll     fs.FileMode = 0o007
	writtenByMany fs.FileMode = 0o022
)

// openTo reports whether the file's mode has any of these bits.
func openTo(path string, mode fs.FileMode) bool {
	if strings.HasPrefix(filepath.Clean(path), containerSecrets) {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&mode != 0
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxKeyBytes {
		return nil, fmt.Errorf("it is no readable file of at most %d bytes", maxKeyBytes)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.New("it cannot be read")
	}
	return content, nil
}

// readPublicKeys reads a PEM file of public keys (SubjectPublicKeyInfo, RFC 5280, section 4.1).
func readPublicKeys(path string) (*publicKeys, error) {
	keys, err := readKeys(path)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(keys, func(k key) bool { return k.sign != nil }) {
		return nil, errors.New("it holds a private key, which belongs to auth alone")
	}
	return newPublicKeys(keys)
}

// readSigningKeys reads a PEM file of private keys (PKCS#8, RFC 5958), and perhaps public ones between them. It returns the
// private ones in their order, the first to sign, and the set of all.
func readSigningKeys(path string) (private []key, all *publicKeys, err error) {
	keys, err := readKeys(path)
	if err != nil {
		return nil, nil, err
	}
	for _, k := range keys {
		if k.sign != nil {
			private = append(private, k)
		}
	}
	if private == nil {
		return nil, nil, errors.New("it holds no private key")
	}
	all, err = newPublicKeys(keys)
	return private, all, err
}

// readKeys reads all keys of a PEM file in their order. Errors say what is wrong with it, without a word of its content.
func readKeys(path string) ([]key, error) {
	content, err := readBounded(path)
	if err != nil {
		return nil, err
	}
	return parsePEM(content)
}

func parsePEM(content []byte) ([]key, error) {
	var keys []key
	for rest := content; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		k, err := keyOf(block)
		if err != nil {
			return nil, fmt.Errorf("block %d %w", len(keys)+1, err)
		}
		keys = append(keys, k)
	}
	// What cannot be decoded is passed over by package pem, and the next key would be taken for the first.
	if bytes.Count(content, []byte("-----BEGIN")) != len(keys) {
		return nil, errors.New("a block of it is damaged")
	}
	return keys, nil
}

func keyOf(block *pem.Block) (key, error) {
	switch block.Type {
	case "PRIVATE KEY":
		private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return key{}, errors.New("is no private key in PKCS#8")
		}
		return newPrivateKey(private)
	case "PUBLIC KEY":
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return key{}, errors.New("is no public key")
		}
		return newPublicKey(public)
	case "EC PRIVATE KEY", "EC PARAMETERS", "RSA PRIVATE KEY":
		return key{}, errors.New("is not PKCS#8 (openssl pkcs8 -topk8 -nocrypt converts a P-256 key)")
	case "ENCRYPTED PRIVATE KEY":
		return key{}, errors.New("is encrypted")
	}
	return key{}, errors.New("is neither a PRIVATE KEY nor a PUBLIC KEY")
}
