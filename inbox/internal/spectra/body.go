package spectra

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"nms.example/common/rf"
)

// AppendBody appends a trace as the JSON body that inbox takes.
func AppendBody(dst []byte, guid uuid.UUID, at time.Time, site Site, t *rf.Trace) []byte {
	dst = append(dst, `{"guid":"`...)
	dst = append(dst, guid.String()...)
	dst = append(dst, `","start_freq_hz":`...)
	dst = rf.AppendHz(dst, t.StartHz)
	dst = append(dst, `,"stop_freq_hz":`...)
	dst = rf.AppendHz(dst, t.StopHz)
	dst = append(dst, `,"step_freq_hz":`...)
	dst = rf.AppendHz(dst, t.StepHz)
	dst = append(dst, `,"noise":`...)
	dst = strconv.AppendFloat(dst, t.NoiseDBm, 'f', -1, 64)
	dst = append(dst, `,"numpoints":`...)
	dst = strconv.AppendInt(dst, int64(len(t.Levels)), 10)
	dst = append(dst, `,"timestamp":"`...)
	dst = at.AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, `","location":{"lat":`...)
	dst = strconv.AppendFloat(dst, site.Lat, 'f', -1, 64)
	dst = append(dst, `,"lng":`...)
	dst = strconv.AppendFloat(dst, site.Lng, 'f', -1, 64)
	dst = append(dst, `},"y_val_dbm":[`...)
	for i, level := range t.Levels {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = rf.AppendDBm(dst, level)
	}
	return append(dst, `]}`...)
}
