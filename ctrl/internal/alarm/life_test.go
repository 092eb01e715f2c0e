package alarm_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/alarm"
)

// Every state with every event: what is allowed, and that all else is refused.
func TestEveryStateWithEveryEvent(t *testing.T) {
	t.Parallel()
	raised := func(state alarm.OperatorState) alarm.Life { return alarm.Life{Operator: state} }
	cleared := func(state alarm.OperatorState) alarm.Life { return alarm.Life{Operator: state, Cleared: true} }
	type way struct {
		event alarm.Event
		to    alarm.Life
	}
	allowed := map[alarm.Life][]way{
		raised(alarm.None): {
			{alarm.Worsen, raised(alarm.None)}, {alarm.Ease, raised(alarm.None)}, {alarm.Subside, raised(alarm.None)}, {alarm.Return, raised(alarm.None)},
			{alarm.Flap, raised(alarm.None)}, {alarm.Settle, raised(alarm.None)}, {alarm.Comment, raised(alarm.None)}, {alarm.Clear, cleared(alarm.None)},
			{alarm.Acknowledge, raised(alarm.Ack)}, {alarm.Shelve, raised(alarm.Shelved)},
		},
		raised(alarm.Ack): {
			{alarm.Worsen, raised(alarm.None)}, {alarm.Ease, raised(alarm.Ack)}, {alarm.Subside, raised(alarm.Ack)}, {alarm.Return, raised(alarm.Ack)},
			{alarm.Flap, raised(alarm.Ack)}, {alarm.Settle, raised(alarm.Ack)}, {alarm.Comment, raised(alarm.Ack)}, {alarm.Clear, cleared(alarm.Ack)},
			{alarm.Unacknowledge, raised(alarm.None)}, {alarm.Shelve, raised(alarm.Shelved)},
		},
		raised(alarm.Unshelved): {
			{alarm.Worsen, raised(alarm.None)}, {alarm.Ease, raised(alarm.Unshelved)}, {alarm.Subside, raised(alarm.Unshelved)}, {alarm.Return, raised(alarm.Unshelved)},
			{alarm.Flap, raised(alarm.Unshelved)}, {alarm.Settle, raised(alarm.Unshelved)}, {alarm.Comment, raised(alarm.Unshelved)},
			{alarm.Clear, cleared(alarm.Unshelved)}, {alarm.Acknowledge, raised(alarm.Ack)}, {alarm.Shelve, raised(alarm.Shelved)},
		},
		raised(alarm.Shelved): {
			{alarm.Worsen, raised(alarm.Shelved)}, {alarm.Ease, raised(alarm.Shelved)}, {alarm.Subside, raised(alarm.Shelved)}, {alarm.Return, raised(alarm.Shelved)},
			{alarm.Flap, raised(alarm.Shelved)}, {alarm.Settle, raised(alarm.Shelved)}, {alarm.Comment, raised(alarm.Shelved)},
			{alarm.Clear, cleared(alarm.Shelved)}, {alarm.Unshelve, raised(alarm.Ack)}, {alarm.EndShelf, raised(alarm.Unshelved)},
		},
		cleared(alarm.None): {
			{alarm.Raise, raised(alarm.None)}, {alarm.Comment, cleared(alarm.None)}, {alarm.Acknowledge, cleared(alarm.Ack)},
			{alarm.Close, cleared(alarm.Closed)}, {alarm.Shelve, cleared(alarm.Shelved)},
		},
		cleared(alarm.Ack): {
			{alarm.Raise, raised(alarm.None)}, {alarm.Comment, cleared(alarm.Ack)}, {alarm.Unacknowledge, cleared(alarm.None)},
			{alarm.Close, cleared(alarm.Closed)}, {alarm.Shelve, cleared(alarm.Shelved)},
		},
		cleared(alarm.Unshelved): {
			{alarm.Raise, raised(alarm.None)}, {alarm.Comment, cleared(alarm.Unshelved)}, {alarm.Acknowledge, cleared(alarm.Ack)},
			{alarm.Close, cleared(alarm.Closed)}, {alarm.Shelve, cleared(alarm.Shelved)},
		},
		cleared(alarm.Shelved): {
			{alarm.Raise, raised(alarm.Shelved)}, {alarm.Comment, cleared(alarm.Shelved)}, {alarm.Unshelve, cleared(alarm.Ack)},
			{alarm.EndShelf, cleared(alarm.Unshelved)},
		},
		cleared(alarm.Closed): {{alarm.Raise, raised(alarm.None)}, {alarm.Comment, cleared(alarm.Closed)}},
	}
	require.Len(t, allowed, len(alarm.Lives()))
	for _, life := range alarm.Lives() {
		ways := map[alarm.Event]alarm.Life{}
		for _, w := range allowed[life] {
			ways[w.event] = w.to
		}
		for _, event := range alarm.Events() {
			t.Run(fmt.Sprintf("%s cleared %t: %s", life.Operator, life.Cleared, event), func(t *testing.T) {
				t.Parallel()
				next, err := life.Next(event)
				want, ok := ways[event]
				if !ok {
					require.Error(t, err)
					require.Equal(t, life, next, "it stays")
					return
				}
				require.NoError(t, err)
				require.Equal(t, want, next)
			})
		}
	}
}

func TestRulesOfTheLifeCycle(t *testing.T) {
	t.Parallel()
	for _, life := range alarm.Lives() {
		for _, event := range alarm.Events() {
			next, err := life.Next(event)
			if err != nil {
				continue
			}
			name := fmt.Sprintf("%v %s", life, event)
			if next.Operator == alarm.Closed {
				require.True(t, next.Cleared, "%s: only what is cleared is closed", name)
			}
			if life.Operator == alarm.Ack && (event == alarm.Raise || event == alarm.Worsen) {
				require.Equal(t, alarm.None, next.Operator, "%s: it takes the acknowledgement back", name)
			}
			if next.Cleared && !life.Cleared {
				require.Equal(t, alarm.Clear, event, "%s: nothing else clears", name)
				require.Equal(t, life.Operator, next.Operator, "%s: what operators did stays", name)
			}
			if life.Operator == alarm.Shelved && next.Operator != alarm.Shelved {
				require.Contains(t, []alarm.Event{alarm.Unshelve, alarm.EndShelf}, event, "%s: nothing else ends a shelf", name)
			}
		}
	}
}
