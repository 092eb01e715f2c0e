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
		hostile.Sample("inbox-traces-create", `{"guid":"0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0001","start_freq_hz":100,"stop_freq_hz":300,"step_freq_hz":100,`+
			`"noise":-100.5,"numpoints":3,"y_val_dbm":[-75.24,-80,0],"timestamp":"`+now+`","location":{"lat":55.75,"lng":37.62,"alt_m":210.5},`+
			`"source":"RX7","equipment_id":4,"rbw_hz":3000,"enbw_hz":3200,"unit":"dBm","detector":"rms","trace_mode":"max-hold","sweep_time_s":0.5,`+
			`"attenuation_db":10,"gain_db":12.5,"antenna":"discone","azimuth_deg":120,"overload":false,"meta":{"own":[1]}}`),
		hostile.Sample("inbox-signals-create", `[{"guid":"0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0002","trace_guid":"0b2ffa35-73a1-4d5c-8c57-2b5a0d8e0001",`+
			`"start_freq_hz":100,"stop_freq_hz":300,"f0_freq_hz":200}]`))
}

func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	hostile.CheckSlow(t, setup(t).instance)
}
