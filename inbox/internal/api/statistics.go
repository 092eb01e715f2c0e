package api

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/rf"
	"nms.example/inbox/internal/plot"
	"nms.example/inbox/internal/statistics"
)

// StatisticsDocument is statistics as JSON. Its arrays have an element per frequency.
type StatisticsDocument struct {
	From      time.Time  `json:"from" doc:"Beginning of the range"`
	To        time.Time  `json:"to" doc:"End of the range"`
	Unit      string     `json:"unit" doc:"Unit of the levels"`
	Sweeps    int64      `json:"sweeps" doc:"Sweeps that went in: all that were chosen"`
	Sources   int        `json:"sources" doc:"Receivers that they come from"`
	Threshold *int       `json:"threshold,omitempty" doc:"Level that the occupancy is counted above, in the unit"`
	Hz        []float64  `json:"freq_hz" doc:"Frequencies, Hz"`
	Max       []*float64 `json:"max_dbm" doc:"Highest value, in the unit; null where nothing was measured"`
	Mean      []*float64 `json:"mean_dbm" doc:"Mean of the values, taken in milliwatts, in the unit; null where nothing was measured"`
	Min       []*float64 `json:"min_dbm" doc:"Lowest value, in the unit; null where nothing was measured"`
	Number    []int64    `json:"number" doc:"Values measured"`
	Occupancy []*float64 `json:"occupancy_percent,omitempty" doc:"Values above the threshold, per cent (ITU-R SM.1880); null where nothing was measured"`
}

type statisticsInput struct {
	RangeInput
	StyleInput
	Accept    string            `header:"Accept" hidden:"true"`
	Format    string            `query:"format" enum:"json,csv,png,svg" doc:"Form of the answer; takes precedence over Accept"`
	Threshold api.Optional[int] `query:"threshold" minimum:"-327" maximum:"327" doc:"Adds the occupancy: values above this level, whole decibels"`
	Points    int               `query:"points" minimum:"2" maximum:"100000" doc:"At most this many frequencies, evenly spaced; default: those of the traces"`
}

var statisticsForms = []representation{{"json", contentJSON}, {"csv", contentCSV}, {"png", contentPNG}, {"svg", contentSVG}}

func (r *routes) registerStatistics(a *api.API) {
	op := operation("statistics", http.MethodGet, "", "get", "Highest, mean and lowest power, and occupancy, of each frequency",
		"The occupancy counts the values above `threshold`, exactly, over any time: that is why the threshold is a whole number of decibels. "+
			"With `points`, and where traces are on several grids (at most 10,000 frequencies then), each value counts at the frequency nearest to its own. "+
			aboutRange+"The form is chosen by Accept or `format`: JSON (default), CSV, PNG or SVG.")
	op.Responses = map[string]*huma.Response{"200": {Description: "The statistics", Content: map[string]*huma.MediaType{
		contentJSON: {Schema: schemaOf[StatisticsDocument](r.registry)},
		contentCSV:  {Schema: &huma.Schema{Type: huma.TypeString}},
		contentPNG:  {Schema: binary},
		contentSVG:  {Schema: &huma.Schema{Type: huma.TypeString}},
	}}}
	api.Register(a, op, read, r.statistics)
}

func (r *routes) statistics(ctx context.Context, in *statisticsInput) (*huma.StreamResponse, error) {
	filter, unit, err := in.bounded()
	if err != nil {
		return nil, err
	}
	form := negotiate(in.Accept, in.Format, statisticsForms)
	points := in.Points
	if form.name != "json" && form.name != "csv" && (points == 0 || points > plot.Columns) {
		points = plot.Columns // a mean is not thinned by drawing it
	}
	result, err := r.Statistics.Build(ctx, statistics.Query{Filter: filter, Unit: unit, Points: points, Threshold: in.Threshold.Ptr()})
	if err != nil {
		return nil, err
	}
	headers := []string{"Vary", "Accept"}
	var body []byte
	switch form.name {
	case "json":
		body = statisticsJSON(result)
	case "csv":
		body = statisticsCSV(result)
		headers = append(headers, "Content-Disposition", `attachment; filename="statistics.csv"`)
	default:
		body, err = plot.Statistics(result, formatOf(form), r.style(in.StyleInput))
	}
	if err != nil {
		return nil, err
	}
	return bytesResponse(http.StatusOK, form.contentType, body, headers...), nil
}

func statisticsJSON(s *statistics.Result) []byte {
	out := appendSpan(make([]byte, 0, 512+60*len(s.FrequencyHz)), s.From, s.To)
	out = append(out, `,"unit":"`+string(s.Unit)+`"`...)
	out = appendInt(out, "sweeps", s.Sweeps)
	out = appendInt(out, "sources", int64(s.Sources))
	if s.Threshold != nil {
		out = appendInt(out, "threshold", int64(*s.Threshold))
	}
	out = appendArray(append(out, `,"freq_hz":`...), s.FrequencyHz, rf.AppendHz)
	out = appendArray(append(out, `,"max_dbm":`...), s.Highest, rf.AppendDBm)
	out = appendArray(append(out, `,"mean_dbm":`...), s.Mean, rf.AppendDBm)
	out = appendArray(append(out, `,"min_dbm":`...), s.Lowest, rf.AppendDBm)
	out = appendArray(append(out, `,"number":`...), s.Number, func(dst []byte, n uint64) []byte { return strconv.AppendUint(dst, n, 10) })
	if s.Threshold != nil {
		shares := make([]float64, len(s.Above))
		for i := range shares {
			shares[i] = s.Occupancy(i)
		}
		out = appendArray(append(out, `,"occupancy_percent":`...), shares, func(dst []byte, v float64) []byte {
			if math.IsNaN(v) {
				return append(dst, "null"...)
			}
			return appendPercent(dst, v)
		})
	}
	return append(out, '}')
}

// appendPercent writes a share with four decimals at most.
func appendPercent(dst []byte, v float64) []byte {
	return strconv.AppendFloat(dst, math.Round(v*1e4)/1e4, 'f', -1, 64)
}

// statisticsCSV renders statistics as a line per frequency, with empty cells where nothing was measured, below lines with what they are of.
func statisticsCSV(s *statistics.Result) []byte {
	out := append(s.From.UTC().AppendFormat([]byte("# from,"), time.RFC3339Nano), "\n# to,"...)
	out = append(s.To.UTC().AppendFormat(out, time.RFC3339Nano), "\n# unit,"+string(s.Unit)+"\n# sweeps,"...)
	out = append(strconv.AppendInt(out, s.Sweeps, 10), "\n# sources,"...)
	out = append(strconv.AppendInt(out, int64(s.Sources), 10), '\n')
	header := "freq_hz,max,mean,min,number\n"
	if s.Threshold != nil {
		out = append(strconv.AppendInt(append(out, "# threshold,"...), int64(*s.Threshold), 10), '\n')
		header = "freq_hz,max,mean,min,number,occupancy_percent\n"
	}
	out = append(out, header...)
	for i, hz := range s.FrequencyHz {
		out = rf.AppendHz(out, hz)
		for _, l := range []rf.Level{s.Highest[i], s.Mean[i], s.Lowest[i]} {
			if out = append(out, ','); l != rf.Missing {
				out = rf.AppendDBm(out, l)
			}
		}
		out = strconv.AppendUint(append(out, ','), s.Number[i], 10)
		if s.Threshold != nil {
			if out = append(out, ','); s.Number[i] > 0 {
				out = appendPercent(out, s.Occupancy(i))
			}
		}
		out = append(out, '\n')
	}
	return out
}
