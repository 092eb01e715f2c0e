package app_test

import (
	"testing"
	"time"

	"nms.example/hostile"
)

//nolint:paralleltest // it measures the memory of the process
func TestHostileInput(t *testing.T) {
	b := setup(t, "ENVIRONMENT=prod")
	now := time.Now().UTC().Format(time.RFC3339)
	hostile.Check(t, b.instance, b.settings,
		hostile.Sample("postTraces", `{"guid":"0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0001","start_freq_hz":100,"stop_freq_hz":300,"step_freq_hz":100,`+
			`"noise":-100.5,"numpoints":3,"y_val_dbm":[-75.24,-80,0],"timestamp":"`+now+`","location":{"lat":55.75,"lng":37.62}}`),
		hostile.Sample("postSignals", `[{"guid":"0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0002","trace_guid":"0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0001",`+
			`"start_freq_hz":100,"stop_freq_hz":300,"f0_freq_hz":200}]`))
}
