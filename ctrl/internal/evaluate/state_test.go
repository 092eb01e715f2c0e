package evaluate

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"nms.example/ctrl/internal/threshold"
)

func TestStatesThatAreAlikeAreWrittenOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	raised := threshold.State{At: 5, Received: 6, Levels: []threshold.LevelState{{Severity: threshold.Major, High: true, On: true}}}
	states := map[int64]threshold.State{1: {At: 5, Received: 6}, 2: raised, 3: {At: 5, Received: 6}, 4: {At: 5, Received: 7}, 5: raised, 6: {At: 5, Received: 6, Stale: true}, 7: {}}
	u := &unit{machines: map[int64]*machine{}}
	for id, state := range states {
		u.machines[id] = &machine{equipment: 9, state: state}
	}
	raw, err := json.Marshal(u.kept())
	require.NoError(t, err)
	require.JSONEq(t, `[{"i":[1,3],"a":5,"r":6},{"i":[2],"a":5,"r":6,"l":[{"v":4,"h":true,"o":true}]},{"i":[4],"a":5,"r":7},
		{"i":[5],"a":5,"r":6,"l":[{"v":4,"h":true,"o":true}]},{"i":[6],"a":5,"r":6,"q":true},{"i":[7]}]`, string(raw))

	back, err := read(9, raw, now)
	require.NoError(t, err)
	require.Len(t, back.machines, len(states))
	for id, m := range back.machines {
		require.Equal(t, machine{equipment: 9, state: states[id], since: now}, *m, "of limit %d", id)
	}

	older, err := read(9, json.RawMessage(`[{"i":3,"a":5},{"i":4,"l":[{"v":4,"o":true}]}]`), now)
	require.NoError(t, err)
	require.Equal(t, int64(5), older.machines[3].state.At)
	require.Equal(t, threshold.Major, older.machines[4].state.Severity())

	_, err = read(9, json.RawMessage(`[{"i":"x"}]`), now)
	require.ErrorContains(t, err, "equipment 9")
}
