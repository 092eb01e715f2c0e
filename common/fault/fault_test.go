package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"
)

var errTaken = fault.At(fault.Field("name"), fault.CodeNameTaken, "the name is taken")

func TestDerivedErrorsKeepTheirSentinel(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("create: %w", errTaken.Because(io.EOF).After(time.Second))

	require.ErrorIs(t, err, errTaken)
	require.ErrorIs(t, err, io.EOF)
	require.NotErrorIs(t, err, fault.At(fault.Field("name"), fault.CodeNameTaken, "the name is taken"))
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	require.Equal(t, time.Second, fault.As(err).RetryAfter)
	require.Zero(t, errTaken.RetryAfter, "the sentinel itself is left alone")
}

func TestTextNamesLocationAndCause(t *testing.T) {
	t.Parallel()
	err := fault.List(fault.Invalid, "the trace is refused",
		fault.NewDetail(fault.Field("step_freq_hz"), fault.CodeBelow, "must be over 0")).Because(io.EOF)
	require.EqualError(t, err, "the trace is refused; step_freq_hz: must be over 0: EOF")
	require.EqualError(t, errTaken, "the name is taken")
}

func TestOtherErrorsAreInternal(t *testing.T) {
	t.Parallel()
	require.Equal(t, fault.Internal, fault.KindOf(io.EOF))
	require.Nil(t, fault.As(errors.New("plain")))
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	in := func(p fault.Place) string {
		location, ok := p.Within("body")
		require.True(t, ok)
		return location
	}
	require.Equal(t, "body", in(fault.Input))
	require.Equal(t, "body.name", in(fault.Field("name")))
	require.Equal(t, "body[3].guid", in(fault.Field("[3].guid")))
	require.Equal(t, "body.items[3].name", in(fault.Field("name").Under("items[3]")))
	require.Equal(t, "body.items[3]", in(fault.Input.Under("items[3]")))
	require.Equal(t, fault.Target, fault.Target.Under("items[3]"))
	_, ok := fault.Version.Within("body")
	require.False(t, ok)
}

func TestMovedErrorsKeepTheirSentinelAndTheRest(t *testing.T) {
	t.Parallel()
	moved := fault.Move(fmt.Errorf("create: %w", errTaken.Because(io.EOF)), func(p fault.Place) fault.Place { return p.Under("items[1]") })
	require.ErrorIs(t, moved, errTaken)
	d := fault.As(moved).Details[0]
	require.Equal(t, fault.NewDetail(fault.Field("items[1].name"), fault.CodeNameTaken, "the name is taken"), d)
	require.Equal(t, fault.Field("name"), errTaken.Details[0].Place(), "the sentinel itself is left alone")
	require.Equal(t, io.EOF, fault.Move(io.EOF, nil))
}

func TestCodesAreDeclaredOnce(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"name_taken", "Name", "name_", "", "a b"} {
		require.Panics(t, func() { fault.Declare(fault.Conflict, name, "It means something.") }, name)
	}
	require.Panics(t, func() { fault.Declare(fault.Conflict, "meaningless", "") })
	require.Equal(t, fault.CodeNameTaken, fault.CodeOf("name_taken"))
	require.Nil(t, fault.CodeOf("meaningless"))
}
