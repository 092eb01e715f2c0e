package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// Phase is where a stack stands.
type Phase string

// The phases of a stack, in order.
const (
	Starting Phase = "starting"
	// Serving: PostgreSQL, Redis and RabbitMQ serve; the services have not been started yet.
	Serving  Phase = "serving"
	Ready    Phase = "ready"
	Stopping Phase = "stopping"
	Failed   Phase = "failed"
)

// Step is one thing that is done while a stack starts or changes.
type Step struct {
	Name  string    `json:"name"`
	Begun time.Time `json:"begun"`
	Ended time.Time `json:"ended,omitzero"`
	// Note says how far a long one is.
	Note string `json:"note,omitempty"`
}

// Program is one process of a running stack.
type Program struct {
	Name     string    `json:"name"`
	Ident    Ident     `json:"ident"`
	Since    time.Time `json:"since"`
	Restarts int       `json:"restarts"`
}

// State is what the supervisor tells the other commands, through .local/stack/state.json.
type State struct {
	// Mode is "native" or "docker".
	Mode       string    `json:"mode"`
	Supervisor Ident     `json:"supervisor"`
	Phase      Phase     `json:"phase"`
	Error      string    `json:"error,omitempty"`
	Data       string    `json:"data"`
	Started    time.Time `json:"started"`
	Steps      []Step    `json:"steps"`
	Programs   []Program `json:"programs"`
	Ports      Ports     `json:"ports"`
	// Protocol is the form of requests that the supervisor understands.
	Protocol int `json:"protocol"`
	// Change is the last request, and how it went.
	Change Change `json:"change"`
	// Passed are the variables that the services were given as the callers of `up` set them.
	Passed []string `json:"passed"`
}

// Change is what became of a request to the supervisor; Steps are its own.
type Change struct {
	ID    string `json:"id"`
	Done  bool   `json:"done"`
	Error string `json:"error,omitempty"`
}

// readState returns the recorded state, or nil when there is none.
func (p Checkout) readState() (*State, error) {
	raw, err := os.ReadFile(p.statePath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no stack is an ordinary answer
	}
	if err != nil {
		return nil, err
	}
	state := &State{}
	if err := json.Unmarshal(raw, state); err != nil {
		return nil, nil //nolint:nilnil,nilerr // a file cut off by a crash says nothing
	}
	return state, nil
}

func (p Checkout) writeState(state *State) error {
	raw, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(p.statePath(), raw)
}

// replaceFile writes a file that only its owner may read; a reader sees the old content or the new one.
func replaceFile(path string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = temp.Write(content)
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}

// Running tells whether the stack's supervisor lives.
func (s *State) Running() bool {
	return s != nil && s.Mode == modeNative && s.Supervisor.Alive()
}

// absent names the services of the checkout, and the programs beside them, that do not run.
func (s *State) absent() []string {
	return slices.DeleteFunc(programNames(), func(name string) bool {
		return slices.ContainsFunc(s.Programs, func(p Program) bool { return p.Name == name })
	})
}

// errLocked is the answer of tryLock when another process holds the lock.
var errLocked = errors.New("locked")

// tryLock takes a lock that the kernel releases when the process ends, however it ends.
func tryLock(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errLocked
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}
