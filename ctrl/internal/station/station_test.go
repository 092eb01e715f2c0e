package station_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/station"
)

func TestAStationHasReceiversAndTheirPowerSupplies(t *testing.T) {
	t.Parallel()
	s := station.New()
	require.Len(t, s.Devices(), 2*station.Pairs)
	for _, device := range []string{"rx9", "ps9"} {
		require.Contains(t, s.Devices(), device)
	}
}

func TestAStationOfAnySizeLogsWhatItExecutes(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := station.Sized(200, &log)
	require.Len(t, s.Devices(), 400)
	for _, device := range []string{"rx200", "ps200"} {
		require.Contains(t, s.Devices(), device)
	}
	_, err := s.Set("rx200", "gain_db", json.Number("12.5"))
	require.NoError(t, err)
	_, err = s.Set("rx200", "gain_db", 61.0)
	require.Error(t, err)
	_, err = s.Set("ps3", "output", "on")
	require.NoError(t, err)
	var executed []string
	for line := range strings.Lines(log.String()) {
		at, what, _ := strings.Cut(line, " ")
		_, err := time.Parse(time.RFC3339Nano, at)
		require.NoError(t, err)
		executed = append(executed, what)
	}
	require.Equal(t, []string{"executed rx200 gain_db 12.5\n", "executed ps3 output \"on\"\n"}, executed)
}

// What cannot be logged is not done.
func TestAFullDiskRefuses(t *testing.T) {
	t.Parallel()
	s := station.Sized(1, fullDisk{})
	_, err := s.Set("rx1", "gain_db", 5.0)
	require.ErrorContains(t, err, "cannot be logged")
	require.Empty(t, s.Executed())
	value, _, err := s.Get("rx1", "gain_db")
	require.NoError(t, err)
	require.Zero(t, value)
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestWhatADeviceTakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		device, name string
		value        any
		fine         bool
	}{
		"a number":             {"rx1", "gain_db", json.Number("10"), true},
		"a bound":              {"rx1", "gain_db", 60.0, true},
		"beyond a bound":       {"rx1", "gain_db", 60.5, false},
		"a text for a number":  {"rx1", "gain_db", "10", false},
		"one of the texts":     {"ps1", "output", "on", true},
		"another text":         {"ps1", "output", "maybe", false},
		"a number for a text":  {"ps1", "output", 1.0, false},
		"a measured value":     {"ps1", "current_a", 1.0, false},
		"an unknown parameter": {"ps1", "gain_db", 1.0, false},
		"an unknown device":    {"rx10", "gain_db", 1.0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := station.New()
			answered, err := s.Set(c.device, c.name, c.value)
			require.True(t, answered)
			require.Equal(t, c.fine, err == nil)
			if c.fine {
				require.Len(t, s.Executed(), 1)
				return
			}
			require.Empty(t, s.Executed())
		})
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := station.New()
	require.Error(t, s.SetFault("rx10", station.Drift, true))
	require.Error(t, s.SetFault("rx1", "smoke", true))
	on := func(f station.Fault) { require.NoError(t, s.SetFault("rx1", f, true)) }
	off := func(f station.Fault) { require.NoError(t, s.SetFault("rx1", f, false)) }
	gain := func() any {
		value, _, err := s.Get("rx1", "gain_db")
		require.NoError(t, err)
		return value
	}
	on(station.LostAnswers)
	answered, err := s.Set("rx1", "gain_db", 5.0)
	require.NoError(t, err)
	require.False(t, answered)
	require.InDelta(t, 5, gain(), 0, "executed all the same")
	off(station.LostAnswers)
	on(station.Freeze)
	_, err = s.Set("rx1", "gain_db", 6.0)
	require.NoError(t, err)
	require.InDelta(t, 5, gain(), 0)
	off(station.Freeze)
	on(station.Refusals)
	_, err = s.Set("rx1", "gain_db", 7.0)
	require.Error(t, err)
	require.Len(t, s.Executed(), 2)
	off(station.Refusals)
	on(station.LostQueries)
	_, answered, err = s.Get("rx1", "gain_db")
	require.NoError(t, err)
	require.False(t, answered)
	off(station.LostQueries)
	on(station.Drift)
	first := gain()
	require.Greater(t, gain(), first)
	off(station.Drift)
	require.InDelta(t, 5, gain(), 0)
}
