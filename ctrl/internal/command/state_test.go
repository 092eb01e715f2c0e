package command_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/command"
)

// Every state with every event: what is allowed, and that all else is refused.
func TestEveryStateWithEveryEvent(t *testing.T) {
	t.Parallel()
	allowed := map[command.State]map[command.Event]command.State{
		command.AwaitingApproval: {command.Approve: command.Queued, command.Reject: command.Rejected, command.Cancel: command.Cancelled,
			command.Expire: command.Expired, command.RefuseRelease: command.Rejected},
		command.Queued: {command.Send: command.Sending, command.Cancel: command.Cancelled, command.Expire: command.Expired,
			command.RefuseRelease: command.Failed, command.Lose: command.StateUnknown},
		command.Sending: {command.NotSent: command.Queued, command.Repeat: command.Queued, command.Accept: command.StateAccepted,
			command.Refuse: command.Failed, command.Lose: command.StateUnknown},
		command.StateAccepted: {command.Verify: command.Verifying, command.Complete: command.Succeeded,
			command.TakeOver: command.StateAccepted},
		command.Verifying: {command.Confirm: command.Succeeded, command.Contradict: command.Failed, command.GiveUp: command.Unverified,
			command.TakeOver: command.Verifying},
		command.StateUnknown: {command.Confirm: command.Succeeded, command.Contradict: command.Failed, command.ReadBack: command.StateUnknown,
			command.ResolveDone: command.Succeeded, command.ResolveFailed: command.Failed},
	}
	for _, state := range command.States() {
		for _, event := range command.Events() {
			t.Run(string(state)+" "+string(event), func(t *testing.T) {
				t.Parallel()
				next, err := state.Next(event)
				want, ok := allowed[state][event]
				if !ok {
					require.Error(t, err)
					require.Equal(t, state, next, "it stays")
					return
				}
				require.NoError(t, err)
				require.Equal(t, want, next)
			})
		}
	}
}

func TestKindsOfStates(t *testing.T) {
	t.Parallel()
	for _, state := range command.States() {
		require.False(t, state.Final() && state.InFlight(), state)
		require.False(t, state.Owned() && !state.InFlight(), state)
	}
	require.True(t, command.StateUnknown.InFlight(), "it holds the queue")
	require.False(t, command.StateUnknown.Owned(), "nobody works on it")
	for _, final := range []command.State{command.Succeeded, command.Failed, command.Unverified, command.Rejected, command.Expired, command.Cancelled} {
		require.True(t, final.Final(), final)
	}
}

// Nothing leads from where it may have been executed to where it is sent, but for what may be done twice.
func TestWhatMayHaveBeenSentIsNotSentAgain(t *testing.T) {
	t.Parallel()
	for _, state := range []command.State{command.StateAccepted, command.Verifying, command.StateUnknown} {
		for _, event := range command.Events() {
			if next, err := state.Next(event); err == nil {
				require.NotContains(t, []command.State{command.Queued, command.Sending}, next, "%s %s", state, event)
			}
		}
	}
}
