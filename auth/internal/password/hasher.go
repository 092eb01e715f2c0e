package password

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"

	"nms.example/common/fault"
)

// ErrBusy says that more passwords wait to be checked than the machine can check soon.
var ErrBusy = fault.New(fault.CodeBusy, "too many logins at once; try again shortly").After(2 * time.Second)

// Settings bound the work on passwords.
type Settings struct {
	Cost    int           `envconfig:"BCRYPT_COST" default:"12" min:"4" max:"20" desc:"Cost of new password hashes, at least 10 in prod. Hashes of lower cost are renewed at login."`
	Workers int           `envconfig:"BCRYPT_WORKERS" default:"0" min:"0" max:"256" desc:"Passwords hashed at the same time; 0 means one per processor."`
	Queue   int           `envconfig:"BCRYPT_QUEUE" default:"64" min:"1" max:"10000" desc:"Passwords that may wait for a worker; with more, logins are answered 503 with Retry-After."`
	MaxWait time.Duration `envconfig:"BCRYPT_MAX_WAIT" default:"10s" min:"100ms" max:"1m" desc:"Longest wait for a worker before a login is answered 503."`
}

// Hasher hashes and compares passwords in a bounded number of workers. Run must be running.
type Hasher struct {
	settings Settings
	jobs     chan *job
	decoy    map[int]string // a hash per cost, of a password that nobody knows
}

// NewHasher makes a hasher.
func NewHasher(s Settings) (*Hasher, error) {
	if s.Workers <= 0 {
		s.Workers = ownProcessors()
	}
	if s.Queue <= 0 {
		s.Queue = 64
	}
	if s.MaxWait <= 0 {
		s.MaxWait = 10 * time.Second
	}
	h := &Hasher{settings: s, jobs: make(chan *job, s.Queue), decoy: map[int]string{}}
	for cost := bcrypt.MinCost; cost <= s.Cost; cost++ {
		h.decoy[cost] = decoy(cost)
		if _, err := bcrypt.Cost([]byte(h.decoy[cost])); err != nil {
			return nil, fmt.Errorf("password: decoy: %w", err)
		}
	}
	return h, nil
}

// decoy makes what looks like a hash of that cost and takes as long to compare with. Its digest was never
// computed, so no password is known that matches; Compare would not take it for a match either.
func decoy(cost int) string {
	// 16 bytes of salt and 23 of digest, in letters that bcrypt's base64 has too. The last letter of the salt carries only
	// two bits.
	return fmt.Sprintf("$2a$%02d$%s", cost, (rand.Text() + rand.Text())[:21]+"u"+(rand.Text() + rand.Text())[:31])
}

// Workers returns how many passwords are hashed at the same time.
func (h *Hasher) Workers() int { return h.settings.Workers }

// Run works until ctx ends. Each worker has an operating-system thread of its own with a
// low priority, so that a storm of logins leaves the processors to whatever else is to be done.
func (h *Hasher) Run(ctx context.Context) error {
	addProcessors(h.settings.Workers)
	defer addProcessors(-h.settings.Workers)
	var group sync.WaitGroup
	for range h.settings.Workers {
		group.Go(func() {
			runtime.LockOSThread() // never unlocked: the thread ends with its goroutine, and its priority with it
			giveWay()
			for {
				select {
				case <-ctx.Done():
					return
				case j := <-h.jobs:
					j.work()
				}
			}
		})
	}
	group.Wait()
	return nil
}

// processors guards GOMAXPROCS, which belongs to the whole process, and knows how many of them hashers have added.
var processors struct {
	sync.Mutex

	added int
}

// ownProcessors returns how many processors Go's scheduler has without those that hashers have added: with several
// instances in one process each would else have as many workers as all before it together.
func ownProcessors() int {
	processors.Lock()
	defer processors.Unlock()
	return max(1, runtime.GOMAXPROCS(0)-processors.added)
}

// addProcessors adds n processors to the Go scheduler. It knows no priorities: a worker that hashes
// occupies one of its processors for 10 ms at a time, although the operating system would run other threads
// first. With one more for each worker, the operating system decides.
func addProcessors(n int) {
	processors.Lock()
	defer processors.Unlock()
	processors.added += n
	runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)+n))
}

// job is one piece of work; done is closed when it is finished.
type job struct {
	ctx  context.Context
	run  func() error
	err  error
	done chan struct{}
}

func (j *job) work() {
	defer close(j.done)
	if j.err = j.ctx.Err(); j.err == nil { // whoever gave up waiting costs nothing more
		j.err = j.run()
	}
}

// do has a worker run f. ErrBusy when the queue is full or the wait gets too long.
func (h *Hasher) do(ctx context.Context, f func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, h.settings.MaxWait, ErrBusy)
	defer cancel()
	j := &job{ctx: ctx, run: f, done: make(chan struct{})}
	select {
	case h.jobs <- j:
	default:
		return ErrBusy
	}
	select {
	case <-j.done:
		if errors.Is(j.err, context.DeadlineExceeded) && errors.Is(context.Cause(ctx), ErrBusy) {
			return ErrBusy
		}
		return j.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Hash makes a bcrypt hash of the configured cost.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	var hash []byte
	err := h.do(ctx, func() (err error) {
		hash, err = bcrypt.GenerateFromPassword([]byte(password), h.settings.Cost)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("password: %w", err)
	}
	return string(hash), nil
}

// Result is what a comparison found.
type Result struct {
	// Match says that the password is right.
	Match bool
	// Renewed is a hash of the configured cost when the one compared with was cheaper; else empty.
	Renewed string
}

// Compare checks a password against a hash; an empty hash stands for an unknown login and never matches,
// after the same work. admit is called by the worker right before, and its refusal is returned: attempts are
// counted when they are really made, not while they wait.
//
// A refusal takes the time of one hash of the configured cost, also when the hash is a cheaper one: the work
// that such a one lacks is done on decoys. Only the first 72 bytes count, as wherever bcrypt is used.
func (h *Hasher) Compare(ctx context.Context, hash, password string, admit func() error) (Result, error) {
	var result Result
	text := []byte(password)
	text = text[:min(len(text), MaxBytes)]
	err := h.do(ctx, func() error {
		if err := admit(); err != nil {
			return err
		}
		known := hash
		if known == "" {
			known = h.decoy[h.settings.Cost]
		}
		cost, err := bcrypt.Cost([]byte(known))
		if err != nil {
			return fmt.Errorf("stored hash: %w", err)
		}
		matches := bcrypt.CompareHashAndPassword([]byte(known), text) == nil
		if !matches || hash == "" {
			// 2^c + 2^c + 2^(c+1) + … + 2^(n-1) = 2^n
			for c := cost; c < h.settings.Cost; c++ {
				_ = bcrypt.CompareHashAndPassword([]byte(h.decoy[c]), text) // only to take its time
			}
			return nil
		}
		result.Match = true
		if cost < h.settings.Cost {
			renewed, err := bcrypt.GenerateFromPassword(text, h.settings.Cost)
			if err != nil {
				return fmt.Errorf("renew: %w", err)
			}
			result.Renewed = string(renewed)
		}
		return nil
	})
	if err != nil {
		return Result{}, fmt.Errorf("password: %w", err)
	}
	return result, nil
}
