package driver

import (
	"errors"
	"io"
	"os"
	"regexp"
	"strings"

	"nms.example/common/config"
	"nms.example/common/fault"
)

// Secrets are the files of one directory. An endpoint names one of them; the text in it is read when it is needed, and
// stays in memory only as long as that.
type Secrets struct{ dir string }

// NewSecrets returns the secrets in a directory; empty: there are none.
func NewSecrets(dir string) Secrets { return Secrets{dir: dir} }

const maxSecret = 4 << 10 // bytes

var secretName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

var codeSecret = fault.Declare(fault.Invalid, "secret_unreadable", "There is no such secret, or the service cannot read it.")

// ErrSecret says that a secret cannot be read. Its cause, for the log, does not hold the secret.
var ErrSecret = fault.At(fault.Field("secret"), codeSecret, "there is no such file in CTRL_SECRETS_DIR, or it cannot be read")

// Read returns a secret, ErrSecret when it cannot be read. No name is no secret.
func (s Secrets) Read(name *string) (secret config.Secret, err error) {
	if name == nil {
		return secret, nil
	}
	if s.dir == "" || !secretName.MatchString(*name) {
		return secret, ErrSecret
	}
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return secret, ErrSecret.Because(err)
	}
	defer root.Close()
	file, err := root.Open(*name)
	if err != nil {
		return secret, ErrSecret.Because(err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return secret, ErrSecret.Because(err)
	}
	if len(text) > maxSecret {
		return secret, ErrSecret.Because(errors.New("it is longer than 4 KiB"))
	}
	return config.NewSecret(strings.TrimRight(string(text), "\r\n")), nil
}
