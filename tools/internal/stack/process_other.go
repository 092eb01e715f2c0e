//go:build !linux

package stack

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Other systems run the stack with docker compose alone: the native one rests on what Linux tells of its
// processes and on its promise to end children with their parent.

const markVariable = "NMS_STACK"

// Ident names a process; elsewhere than on Linux nothing is kept running, so none is ever alive.
type Ident struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"`
}

var errNoNative = errors.New("the native stack needs Linux: start Docker, and ./task up runs the stack in containers")

// Identify refuses.
func Identify(int) (Ident, error) { return Ident{}, errNoNative }

// Alive tells whether the process is running.
func (i Ident) Alive() bool { return false }

// Signal does nothing.
func (i Ident) Signal(syscall.Signal) error { return nil }

type spawner struct{}

func newSpawner() *spawner { return &spawner{} }

func (s *spawner) start(*exec.Cmd, *Account, syscall.Signal) error { return errNoNative }

func killGroup(int, syscall.Signal)        {}
func awaitGroup(int, time.Duration)        {}
func detached(*exec.Cmd)                   {}
func endRest(Ident, string, time.Duration) {}
func family(Ident) []Ident                 { return nil }
func awaitStopped([]Ident)                 {}
func usage([]Ident) Usage                  { return Usage{} }
func ownedByUs(os.FileInfo) bool           { return false }
func releaseSharedMemory(string)           {}
