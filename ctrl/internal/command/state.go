package command

import (
	"fmt"
	"slices"
)

// State is what has become of a command.
type State string

// The states.
const (
	AwaitingApproval State = "awaiting_approval" // another person has to approve
	Queued           State = "queued"            // behind the earlier ones of its equipment
	Sending          State = "sending"           // committed before the first byte
	StateAccepted    State = "accepted"          // the equipment has taken it
	Verifying        State = "verifying"         // its effect is being looked for
	Succeeded        State = "succeeded"
	Failed           State = "failed"
	Unverified       State = "unverified" // accepted; its effect could not be seen
	StateUnknown     State = "unknown"    // it may have been executed
	Rejected         State = "rejected"
	Expired          State = "expired"
	Cancelled        State = "cancelled"
)

// States lists the states.
func States() []State {
	return []State{AwaitingApproval, Queued, Sending, StateAccepted, Verifying, Succeeded, Failed, Unverified, StateUnknown, Rejected,
		Expired, Cancelled}
}

// Event is what happens to a command.
type Event string

// The events.
const (
	Create        Event = "create"
	Approve       Event = "approve"
	Reject        Event = "reject"
	Cancel        Event = "cancel"
	Expire        Event = "expire"         // its time is over
	RefuseRelease Event = "refuse_release" // what was asked once more before sending does not hold
	Send          Event = "send"           // about to be sent
	NotSent       Event = "not_sent"       // provably nothing was sent
	Repeat        Event = "repeat"         // the outcome is not known, and doing it twice does no harm
	Accept        Event = "accept"
	Refuse        Event = "refuse" // the equipment says no
	Lose          Event = "lose"   // the outcome is not known
	Verify        Event = "verify" // there are verifiers
	Complete      Event = "complete"
	Confirm       Event = "confirm"    // every verifier holds
	Contradict    Event = "contradict" // a verifier does not hold in its time
	GiveUp        Event = "give_up"    // a verifier could not be asked in its time
	ReadBack      Event = "read_back"  // values were read, which decide nothing
	TakeOver      Event = "take_over"  // another instance goes on with it
	ResolveDone   Event = "resolve_succeeded"
	ResolveFailed Event = "resolve_failed"
)

// Events lists the events but Create.
func Events() []Event {
	return []Event{Approve, Reject, Cancel, Expire, RefuseRelease, Send, NotSent, Repeat, Accept, Refuse, Lose, Verify, Complete, Confirm,
		Contradict, GiveUp, ReadBack, TakeOver, ResolveDone, ResolveFailed}
}

// ways is the whole state machine: what is not in it does not happen. The database has the same ways
// (issued_command_goes), and a test compares them.
var ways = map[State]map[Event]State{
	AwaitingApproval: {Approve: Queued, Reject: Rejected, Cancel: Cancelled, Expire: Expired, RefuseRelease: Rejected},
	Queued:           {Send: Sending, Cancel: Cancelled, Expire: Expired, RefuseRelease: Failed, Lose: StateUnknown},
	Sending:          {NotSent: Queued, Repeat: Queued, Accept: StateAccepted, Refuse: Failed, Lose: StateUnknown},
	StateAccepted:    {Verify: Verifying, Complete: Succeeded, TakeOver: StateAccepted},
	Verifying:        {Confirm: Succeeded, Contradict: Failed, GiveUp: Unverified, TakeOver: Verifying},
	StateUnknown:     {Confirm: Succeeded, Contradict: Failed, ReadBack: StateUnknown, ResolveDone: Succeeded, ResolveFailed: Failed},
}

// Next returns the state that follows, and an error where the event cannot happen in the state.
func (s State) Next(e Event) (State, error) {
	next, ok := ways[s][e]
	if !ok {
		return s, fmt.Errorf("a command that is %s does not %s", s, e)
	}
	return next, nil
}

// Final reports whether nothing follows.
func (s State) Final() bool { return len(ways[s]) == 0 }

// InFlight reports whether the equipment may be at it, so that no other command may be sent to it.
func (s State) InFlight() bool {
	return slices.Contains([]State{Sending, StateAccepted, Verifying, StateUnknown}, s)
}

// Owned reports whether an instance works on it.
func (s State) Owned() bool { return s.InFlight() && s != StateUnknown }
