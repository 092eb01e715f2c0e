package alarm

import (
	"fmt"
	"maps"
)

// OperatorState is what operators have done about an alarm (RFC 8632, operator-state).
type OperatorState string

// The operator states.
const (
	None      OperatorState = "none"
	Ack       OperatorState = "ack"
	Closed    OperatorState = "closed" // dealt with
	Shelved   OperatorState = "shelved"
	Unshelved OperatorState = "un-shelved" // its shelf has ended by itself; it waits for an acknowledgement again
)

// OperatorStates lists the operator states.
func OperatorStates() []OperatorState { return []OperatorState{None, Ack, Closed, Shelved, Unshelved} }

// Life is where an alarm stands: whether it is cleared, and apart from that what operators have done.
type Life struct {
	Operator OperatorState
	Cleared  bool
}

// Lives lists all that there are: what is closed is cleared.
func Lives() (list []Life) {
	for _, o := range OperatorStates() {
		for _, cleared := range []bool{false, true} {
			if o != Closed || cleared {
				list = append(list, Life{o, cleared})
			}
		}
	}
	return list
}

// Event is what happens to an alarm.
type Event string

// The events. Those of the condition, then those of operators and of shelves.
const (
	Raise   Event = "raise"
	Worsen  Event = "worsen"  // a higher severity
	Ease    Event = "ease"    // a lower severity, still raised
	Subside Event = "subside" // the condition has gone; the alarm is latched and stays raised
	Return  Event = "return"  // the condition of a latched alarm is back
	Clear   Event = "clear"   // the condition has gone
	Flap    Event = "flap"    // it was raised and cleared too often; it stays raised until it is quiet
	Settle  Event = "settle"  // it is quiet again

	Acknowledge   Event = "ack"
	Unacknowledge Event = "unack"
	Close         Event = "close"
	Comment       Event = "comment"
	Shelve        Event = "shelve"
	Unshelve      Event = "unshelve"  // by an operator
	EndShelf      Event = "end_shelf" // its time is over
)

// Events lists the events.
func Events() []Event {
	return []Event{Raise, Worsen, Ease, Subside, Return, Clear, Flap, Settle, Acknowledge, Unacknowledge, Close, Comment, Shelve, Unshelve, EndShelf}
}

// ways is the whole life cycle: what is not in it does not happen. The database has the same ways (alarm_goes), and a test compares them.
// A new raise, and a higher severity, takes the acknowledgement back; what is shelved stays so.
var ways = map[Life]map[Event]Life{
	{None, false}:      raised(None, map[Event]Life{Acknowledge: {Ack, false}, Shelve: {Shelved, false}}),
	{Ack, false}:       raised(Ack, map[Event]Life{Unacknowledge: {None, false}, Shelve: {Shelved, false}}),
	{Unshelved, false}: raised(Unshelved, map[Event]Life{Acknowledge: {Ack, false}, Shelve: {Shelved, false}}),
	{Shelved, false}:   raised(Shelved, map[Event]Life{Worsen: {Shelved, false}, Unshelve: {Ack, false}, EndShelf: {Unshelved, false}}),

	{None, true}:      {Raise: {None, false}, Comment: {None, true}, Acknowledge: {Ack, true}, Close: {Closed, true}, Shelve: {Shelved, true}},
	{Ack, true}:       {Raise: {None, false}, Comment: {Ack, true}, Unacknowledge: {None, true}, Close: {Closed, true}, Shelve: {Shelved, true}},
	{Unshelved, true}: {Raise: {None, false}, Comment: {Unshelved, true}, Acknowledge: {Ack, true}, Close: {Closed, true}, Shelve: {Shelved, true}},
	{Shelved, true}:   {Raise: {Shelved, false}, Comment: {Shelved, true}, Unshelve: {Ack, true}, EndShelf: {Unshelved, true}},
	{Closed, true}:    {Raise: {None, false}, Comment: {Closed, true}},
}

// raised adds what can happen to every alarm that is raised.
func raised(state OperatorState, own map[Event]Life) map[Event]Life {
	same := Life{state, false}
	all := map[Event]Life{
		Worsen: {None, false}, Ease: same, Subside: same, Return: same, Flap: same, Settle: same, Comment: same, Clear: {state, true},
	}
	maps.Copy(all, own)
	return all
}

// Next returns what follows, and an error where the event cannot happen.
func (l Life) Next(e Event) (Life, error) {
	next, ok := ways[l][e]
	if !ok {
		return l, fmt.Errorf("an alarm that is %s (cleared: %t) does not %s", l.Operator, l.Cleared, e)
	}
	return next, nil
}
