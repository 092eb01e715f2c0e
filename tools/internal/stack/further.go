package stack

import (
	"context"
	"strconv"
	"syscall"
	"time"
)

// Further is a program that is no part of the system and runs beside it on a port of its own.
type Further struct {
	// Name is how the methods of Private know it.
	Name string
	// Path is the program; Args are its arguments for a port on loopback, Env is its whole environment.
	Path string
	Args func(port string) []string
	Env  []string
	// Ready is the path that is answered 200 when it serves.
	Ready string
}

// StartFurther starts a program beside the system and waits until it serves. It ends with the system.
func (p *Private) StartFurther(ctx context.Context, f Further) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	ports, err := freePorts()
	if err != nil {
		return err
	}
	dir, err := p.checkout.private("run", f.Name)
	if err != nil {
		return err
	}
	port := ports[portPostgres] // any of those that were found free
	p.mu.Lock()
	p.ports[f.Name] = port
	p.mu.Unlock()
	return p.launch(ctx, &program{
		name: f.Name, path: f.Path, args: f.Args(strconv.Itoa(port)), dir: dir, log: p.checkout.logPath(f.Name),
		env:   append([]string{"HOME=" + dir, markVariable + "=" + p.checkout.Data}, f.Env...),
		death: syscall.SIGKILL, stop: syscall.SIGTERM, grace: 10 * time.Second,
		ready: func(ctx context.Context) error { return answersOK(ctx, port, f.Ready) },
	})
}
