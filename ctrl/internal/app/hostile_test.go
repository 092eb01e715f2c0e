package app_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	"github.com/stretchr/testify/require"

	"nms.example/hostile"
)

//nolint:paralleltest // it measures the memory of the process
func TestHostileInput(t *testing.T) {
	b := setup(t)
	u := b.receiver(t, nil)
	body := func(v any) string {
		raw, err := json.Marshal(v)
		require.NoError(t, err)
		return string(raw)
	}
	hostile.Check(t, b.instance, b.settings,
		hostile.Sample("ctrl-endpoints-replace", body(u.endpoint(nil))),
		hostile.Sample("ctrl-command-bindings-replace", body(gainBinding(nil))),
		hostile.Sample("ctrl-command-bindings-replace", body(modeBinding(object{"hazardous": true, "hazard_reason": "x"}))),
		hostile.Sample("ctrl-commands-create", body(u.order(1))),
		hostile.Sample("ctrl-telemetry-bindings-replace", body(polled(nil))),
		hostile.Sample("ctrl-telemetry-create", body(u.frame(time.Now(), `{"gain": 1, "mode": "on"}`))),
		hostile.Sample("ctrl-telemetry-prometheus", string(snappy.Encode(nil, written(time.Now(), []string{"__name__", "up"}, sample{1, 0})))))
}

func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	hostile.CheckSlow(t, setup(t).instance)
}
