package chaos

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/station"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// told makes the steps of a command, a second apart from a second on; each is "event>state".
func told(second int, steps ...string) (list []commandStep) {
	for i, text := range steps {
		event, state, _ := strings.Cut(text, ">")
		list = append(list, commandStep{noon.Add(time.Duration(second+i) * time.Second), state, event})
	}
	return list
}

// executed is what the simulator has printed of a command.
func executed(number int64) station.Execution {
	return station.Execution{Device: "rx1", Number: number}
}

// honest is evidence without a fault, all of one receiver: a command that was done, one that was lost and executed, one that could
// not be sent at first, an idempotent one that was sent twice, one that expired.
func honest() *commandEvidence {
	at := func(second int) time.Time { return noon.Add(time.Duration(second) * time.Second) }
	return &commandEvidence{
		issued: []issued{
			{"a", "succeeded", 1, 1, false, 1, 0, told(1, "create>queued", "send>sending", "accept>accepted", "complete>succeeded")},
			{"b", "succeeded", 1, 2, false, 1, 0, told(10, "create>queued", "send>sending", "lose>unknown", "resolve_succeeded>succeeded")},
			{"c", "failed", 1, 3, false, 2, 1, told(20, "create>queued", "send>sending", "not_sent>queued", "send>sending", "lose>unknown", "resolve_failed>failed")},
			{"d", "succeeded", 1, 4, true, 2, 0, told(30, "create>queued", "send>sending", "repeat>queued", "send>sending", "accept>accepted", "verify>verifying", "confirm>succeeded")},
			{"e", "expired", 1, 5, false, 0, 0, told(50, "create>queued", "expire>expired")},
		},
		executed: []station.Execution{executed(1), executed(2), executed(4), executed(4)},
		windows: []window{
			{"kill", at(0), at(11), at(19), true}, {"cut", at(19), at(20), at(40), true},
		},
	}
}

func TestHonestCommandsHaveNoFaults(t *testing.T) {
	t.Parallel()
	rows, faults := honest().compare()
	require.Empty(t, faults)
	require.Equal(t, []CommandRow{
		{Fault: "kill", Commands: 2, Executed: 2, Succeeded: 2, Unknown: 1, DoubtExecuted: 1},
		{Fault: "cut", Commands: 2, Executed: 1, Succeeded: 1, Failed: 1, Unknown: 1, NotSent: 1, Again: 1},
		{Fault: "otherwise", Commands: 1, Expired: 1},
	}, rows)
}

// Each promise is broken once.
func TestEveryBrokenPromiseOfACommandIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(e *commandEvidence)
		want  string
	}{
		"twice":             {func(e *commandEvidence) { e.executed = append(e.executed, executed(1)) }, "executed more than once"},
		"although not sent": {func(e *commandEvidence) { e.issued[0].notSent = 1 }, "it was said that nothing was sent"},
		"never":             {func(e *commandEvidence) { e.executed = e.executed[1:] }, "accepted and never executed"},
		"lost once, silently": {func(e *commandEvidence) {
			e.issued[3].steps = append(told(30, "create>queued", "send>sending", "repeat>queued"), told(41, "expire>expired")...)
		}, "refused or expired"},
		"expired and executed":     {func(e *commandEvidence) { e.executed = append(e.executed, executed(5)) }, "refused or expired"},
		"executed behind the back": {func(e *commandEvidence) { e.executed = slices.Insert(e.executed, 2, executed(3)) }, "somebody had seen that it was not"},
		"resolved and not done":    {func(e *commandEvidence) { e.executed = slices.Delete(e.executed, 1, 2) }, "resolved as done"},
		"no end":                   {func(e *commandEvidence) { e.issued[4].state = "queued" }, "it has no end"},
		"no fault":                 {func(e *commandEvidence) { e.windows[0].doubt = false }, "without a fault"},
		"a fault long before":      {func(e *commandEvidence) { e.windows[0].end = noon.Add(5 * time.Second) }, "without a fault"},
		"out of order":             {func(e *commandEvidence) { e.executed[0], e.executed[1] = e.executed[1], e.executed[0] }, "rx1 has executed 2 before 1"},
		"never taken":              {func(e *commandEvidence) { e.executed = append(e.executed, executed(9)) }, "which was never taken"},
		"past an unknown one": {func(e *commandEvidence) {
			e.issued[2].steps = told(11, "create>queued", "send>sending", "lose>unknown", "resolve_failed>failed")
		}, "equipment 1 was sent 3 while 2 was in flight or unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := honest()
			c.spoil(e)
			_, faults := e.compare()
			require.Contains(t, strings.Join(faults, "\n"), c.want)
		})
	}
}

func TestTheReportShowsCommands(t *testing.T) {
	t.Parallel()
	rows, _ := honest().compare()
	var out strings.Builder
	(&Report{Commands: rows}).Write(&out)
	require.Contains(t, out.String(), "| kill ")
	require.Contains(t, out.String(), "| together ")
}
