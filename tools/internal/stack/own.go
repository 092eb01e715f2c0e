package stack

import (
	"context"
	"errors"
	"io"
	"os"
)

// StartOwn starts a further program, a copy of the one that calls, with arguments of its own, and waits until it answers GET /readyz. It listens where
// HOST and PORT say. All other methods know it by the name.
func (p *Private) StartOwn(ctx context.Context, name string, args ...string) error {
	if err := copySelf(p.checkout.binary(name)); err != nil {
		return err
	}
	ports, err := freePorts(name)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.ports[name] = ports[name]
	p.mu.Unlock()
	one, err := p.service(name, name, ports[name], p.besideEnv(name))
	if err != nil {
		return err
	}
	one.args = args
	return p.launch(ctx, one)
}

// copySelf puts the program that runs where the services' user may run it: what `go test` builds lies in a folder of its own user's.
func copySelf(path string) (err error) {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	from, err := os.Open(self)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Chmod(0o755), to.Close()) // whatever the umask was
}
