package stack

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// secrets are made once per checkout and kept in .local, readable by the owner alone.
type secrets struct {
	JWT      string `json:"jwt"`
	Postgres string `json:"postgres"`
	Redis    string `json:"redis"`
	Cookie   string `json:"cookie"`
	Console  string `json:"console"`
	// Database passwords of the compose stack, by database, and its broker's.
	Compose map[string]string `json:"compose"`
}

// newSecrets draws them anew; each has at least 128 bits (rand.Text), the signing key 260.
func newSecrets() secrets {
	return secrets{
		JWT: rand.Text() + rand.Text(), Postgres: rand.Text(), Redis: rand.Text(), Cookie: rand.Text(),
		Console: rand.Text() + rand.Text(),
		Compose: map[string]string{},
	}
}

// loadSecrets reads the checkout's secrets, or makes them.
func (p Checkout) loadSecrets() (secrets, error) {
	raw, err := os.ReadFile(p.secretsPath())
	if err == nil {
		var kept secrets
		if err := json.Unmarshal(raw, &kept); err != nil || kept.JWT == "" || kept.Postgres == "" {
			return secrets{}, fmt.Errorf("%s is damaged: ./task down --purge removes it, with the data", p.secretsPath())
		}
		if kept.Console == "" { // of before the console
			kept.Console = rand.Text() + rand.Text()
			return kept, p.writeSecrets(kept)
		}
		return kept, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return secrets{}, err
	}
	// Data without their passwords are of no use, and would refuse the new ones.
	fresh := newSecrets()
	if _, err := os.Stat(p.dataDir("postgres")); err == nil {
		return secrets{}, fmt.Errorf("%s holds data but %s, with their passwords, is gone: run ./task down --purge",
			p.Data, p.secretsPath())
	}
	return fresh, p.writeSecrets(fresh)
}

func (p Checkout) writeSecrets(s secrets) error {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(p.secretsPath(), raw)
}
