package driver

import (
	"cmp"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"syscall"

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

var (
	errNoFile  = errors.New("it is no regular file")
	errTooMuch = errors.New("it is longer than 4 KiB")
)

// readRegular reads a regular file of at most maxSecret bytes. Nothing else is opened: a FIFO or a device might make the caller
// wait. Should one take the file's place meanwhile, opening it does not wait either.
func readRegular(root *os.Root, name string) ([]byte, error) {
	if info, err := root.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil, cmp.Or(err, errNoFile)
	}
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, cmp.Or(err, errNoFile)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if len(text) > maxSecret {
		return nil, errTooMuch
	}
	return text, err
}

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
	text, err := readRegular(root, *name)
	if err != nil {
		return secret, ErrSecret.Because(err)
	}
	return config.NewSecret(strings.TrimRight(string(text), "\r\n")), nil
}
