package stack

import (
	"context"
	"sync"
	"time"
)

// showing does one thing of this process and shows it as the supervisor's steps are.
func showing(ctx context.Context, console Console, name string, do func(ctx context.Context, note func(string)) error) error {
	var mu sync.Mutex
	step := []Step{{Name: name, Begun: time.Now()}}
	shown, announced := map[int]bool{}, map[int]time.Time{}
	show := func() {
		mu.Lock()
		defer mu.Unlock()
		showSteps(console, step, shown, announced)
	}
	watching, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		for pause(watching, 100*time.Millisecond) == nil {
			show()
		}
	})
	err := do(ctx, func(words string) {
		mu.Lock()
		defer mu.Unlock()
		step[0].Note = words
	})
	stop()
	group.Wait()
	if err == nil {
		step[0].Ended = time.Now()
		show()
	}
	return err
}

// showSteps prints each step once when it has ended, and a sign of life for one that takes long.
func showSteps(console Console, steps []Step, shown map[int]bool, announced map[int]time.Time) {
	const first, again = time.Second, 15 * time.Second
	for i, step := range steps {
		switch {
		case shown[i]:
		case !step.Ended.IsZero():
			shown[i] = true
			console.printf("  ✓ %-60s %6.1f s", step.Name, step.Ended.Sub(step.Begun).Seconds())
		case announced[i].IsZero() && time.Since(step.Begun) > first:
			announced[i] = time.Now()
			console.printf("    %s …", step.Name)
		case !announced[i].IsZero() && time.Since(announced[i]) > again:
			announced[i] = time.Now()
			console.printf("    %s … %d s so far%s", step.Name, int(time.Since(step.Begun).Seconds()), prefixed(": ", step.Note))
		}
	}
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
