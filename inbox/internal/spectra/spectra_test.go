package spectra_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/common/rf"
	"nms.example/inbox/internal/spectra"
	"nms.example/inbox/internal/tracebody"
)

var moment = time.Date(2026, 6, 1, 12, 0, 30, 0, time.UTC)

func TestASceneIsAFunctionOfTime(t *testing.T) {
	t.Parallel()
	scene := spectra.New(1, spectra.DefaultAxis, spectra.Sites()[0])
	again := spectra.New(1, spectra.DefaultAxis, spectra.Sites()[0])
	require.Equal(t, scene.Trace(moment), again.Trace(moment))
	require.NotEqual(t, scene.Trace(moment), scene.Trace(moment.Add(time.Second)))
	require.NotEqual(t, scene.Trace(moment), spectra.New(1, spectra.DefaultAxis, spectra.Sites()[1]).Trace(moment))
	require.Equal(t, scene.GUID(moment), again.GUID(moment))
}

func TestTracesLookMeasured(t *testing.T) {
	t.Parallel()
	scene := spectra.New(1, spectra.DefaultAxis, spectra.Sites()[1])
	trace := scene.Trace(moment)
	require.NoError(t, trace.Check())
	sorted := slices.Clone(trace.Levels)
	slices.Sort(sorted)
	require.InDelta(t, trace.NoiseDBm, rf.DBm(sorted[len(sorted)/3]), 4, "a third of the values lies about the floor")
	require.Greater(t, rf.DBm(sorted[len(sorted)-1]), trace.NoiseDBm+30, "carriers stand out")

	signals := scene.Signals(moment)
	require.NotEmpty(t, signals)
	for _, s := range signals {
		power, err := trace.Power(s.Band)
		require.NoError(t, err)
		require.Greater(t, power.MaxDBm, trace.NoiseDBm+10)
		require.True(t, s.Band.Contains(s.F0Hz))
	}
}

func TestBodiesAreTaken(t *testing.T) {
	t.Parallel()
	scene := spectra.New(7, spectra.Axis{StartHz: 88_000_000, StepHz: 2_500, Points: 10_000}, spectra.Sites()[2])
	trace := scene.Trace(moment)
	body := spectra.AppendBody(nil, scene.GUID(moment), moment, scene.Site, trace)
	var read tracebody.Trace
	require.NoError(t, tracebody.Scan(body, &read, tracebody.Limits{MaxPoints: 10_000}))
	require.Equal(t, rf.AppendBytes(nil, trace.Levels), read.Power)
	require.Equal(t, scene.GUID(moment), read.GUID)
	require.InDelta(t, trace.NoiseDBm, read.NoiseDBm, 0)
}
