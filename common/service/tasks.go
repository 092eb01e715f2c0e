package service

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
)

// tasks are the background tasks of a service.
type tasks struct {
	logger *slog.Logger

	mu      sync.Mutex
	waiting []task
	running map[string]int
	started bool
	ctx     context.Context //nolint:containedctx // given to tasks added later
	failed  func(error)

	group sync.WaitGroup
}

type task struct {
	name string
	run  func(context.Context) error
}

func (t *tasks) add(name string, run func(context.Context) error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.started {
		t.launch(task{name, run})
		return
	}
	t.waiting = append(t.waiting, task{name, run})
}

// start launches the tasks; failed is told about each that breaks off by itself.
func (t *tasks) start(ctx context.Context, failed func(error)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ctx, t.failed, t.started, t.running = ctx, failed, true, map[string]int{}
	for _, w := range t.waiting {
		t.launch(w)
	}
	t.waiting = nil
}

func (t *tasks) launch(w task) {
	ctx, failed := t.ctx, t.failed
	t.running[w.name]++
	t.group.Go(func() {
		err := t.guard(ctx, w)
		t.mu.Lock()
		if t.running[w.name]--; t.running[w.name] == 0 {
			delete(t.running, w.name)
		}
		t.mu.Unlock()
		switch {
		case err != nil && ctx.Err() == nil:
			failed(fmt.Errorf("background task %s: %w", w.name, err))
		case err != nil && !isCancelled(err):
			t.logger.WarnContext(ctx, "background task ended with an error at stop", "task", w.name, "error", err)
		}
	})
}

func (t *tasks) guard(ctx context.Context, w task) (err error) {
	defer func() {
		if v := recover(); v != nil {
			t.logger.ErrorContext(ctx, "background task panicked", "task", w.name,
				"panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return w.run(ctx)
}

// wait returns when all tasks have ended, or with the names of those that had not when ctx ended.
func (t *tasks) wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() { t.group.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var names []string
	for name := range t.running {
		names = append(names, name)
	}
	slices.Sort(names)
	return fmt.Errorf("background tasks did not end in time: %s", strings.Join(names, ", "))
}
