package proctest

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
	"testing"
)

// Account is the user that a server runs as: nobody when the tests run as root, since PostgreSQL refuses root, and
// otherwise whoever runs the tests.
type Account struct{ credential *syscall.Credential }

// ServerDir makes a folder for a server's data and names the user whose it is. It is removed when the test ends,
// after the processes that were made later have been killed.
func ServerDir(tb testing.TB) (string, Account) {
	tb.Helper()
	var account Account
	if os.Geteuid() == 0 {
		nobody, err := user.Lookup("nobody")
		if err != nil {
			tb.Fatalf("proctest: no user to run a server as: %v", err)
		}
		uid, _ := strconv.ParseUint(nobody.Uid, 10, 32) // numbers on every Unix
		gid, _ := strconv.ParseUint(nobody.Gid, 10, 32)
		account.credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	dir, err := os.MkdirTemp("", "nms-proctest-") //nolint:usetesting // in a folder that every user may enter
	if err != nil {
		tb.Fatalf("proctest: %v", err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Errorf("proctest: %v", err)
		}
	})
	if err := account.Own(dir); err != nil {
		tb.Fatalf("proctest: %v", err)
	}
	return dir, account
}

// Own makes the account the owner of a file or folder.
func (a Account) Own(path string) error {
	if a.credential == nil {
		return nil
	}
	return os.Chown(path, int(a.credential.Uid), int(a.credential.Gid))
}

// Run runs a program to its end; should it fail, the test does, with what it printed.
func (a Account) Run(tb testing.TB, dir, program string, args ...string) {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), program, args...)
	cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Credential: a.credential}
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("proctest: %s: %v\n%s", program, err, out)
	}
}

// As makes the process run as the account.
func (p *Process) As(a Account) *Process {
	p.credential = a.credential
	return p
}
