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

var errTaken = fault.At(fault.Conflict, "body.name", "the name is taken")

func TestDerivedErrorsKeepTheirSentinel(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("create: %w", errTaken.Because(io.EOF).After(time.Second))

	require.ErrorIs(t, err, errTaken)
	require.ErrorIs(t, err, io.EOF)
	require.NotErrorIs(t, err, fault.At(fault.Conflict, "body.name", "the name is taken"))
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	require.Equal(t, time.Second, fault.As(err).RetryAfter)
	require.Zero(t, errTaken.RetryAfter, "the sentinel itself is left alone")
}

func TestTextNamesLocationAndCause(t *testing.T) {
	t.Parallel()
	err := fault.New(fault.Invalid, "the trace is refused",
		fault.Detail{Location: "body.step_freq_hz", Message: "must be over 0"}).Because(io.EOF)
	require.EqualError(t, err, "the trace is refused; body.step_freq_hz: must be over 0: EOF")
	require.EqualError(t, errTaken, "the name is taken")
}

func TestOtherErrorsAreInternal(t *testing.T) {
	t.Parallel()
	require.Equal(t, fault.Internal, fault.KindOf(io.EOF))
	require.Nil(t, fault.As(errors.New("plain")))
}
