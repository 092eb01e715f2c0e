package rollup

import "time"

// The widths of rollups. They begin at whole minutes and hours of UTC.
const (
	Minute = time.Minute
	Hour   = time.Hour
)

// span is a range of time that is read in one way: from rollups of a width, or, with width 0, from the traces.
type span struct {
	width    time.Duration
	from, to time.Time
}

// marks are the minutes and hours whose rollups are not up to date, as Unix seconds.
type marks struct{ minutes, hours map[int64]bool }

func (m *marks) add(width int32, begins time.Time) {
	if width == seconds(Hour) {
		m.hours[begins.Unix()] = true
		return
	}
	m.minutes[begins.Unix()] = true
	m.hours[begins.Truncate(Hour).Unix()] = true // it is made of its minutes
}

// spans parts the time between each two neighbours of edges: into hours where a whole one fits and is up to date, else
// minutes, else the traces themselves. No span crosses an edge where one of its rollups would.
func spans(edges []time.Time, m *marks) []span {
	var out []span
	add := func(s span) {
		if last := len(out) - 1; last >= 0 && out[last].width == s.width && out[last].to.Equal(s.from) {
			out[last].to = s.to
			return
		}
		out = append(out, s)
	}
	for i := 0; i+1 < len(edges); i++ {
		for at, end := edges[i], edges[i+1]; at.Before(end); {
			s := span{0, at, at.Truncate(Minute).Add(Minute)}
			switch {
			case at.Truncate(Hour).Equal(at) && !at.Add(Hour).After(end) && !m.hours[at.Unix()]:
				s = span{Hour, at, at.Add(Hour)}
			case at.Truncate(Minute).Equal(at) && !s.to.After(end) && !m.minutes[at.Unix()]:
				s.width = Minute
			}
			if s.to.After(end) {
				s.to = end
			}
			add(s)
			at = s.to
		}
	}
	return out
}
