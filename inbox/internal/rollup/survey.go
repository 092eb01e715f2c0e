package rollup

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"nms.example/common/fault"
	"nms.example/common/rf"
	"nms.example/inbox/internal/trace"
)

var (
	codeNoTraces = fault.Declare(fault.NotFound, "no_traces", "No trace lies in the range asked for.")
	codeUnits    = fault.Declare(fault.Invalid, "mixed_units", "The values chosen are in several units, which cannot be put together.")
)

// ErrEmpty says that there is nothing to show.
var ErrEmpty = fault.At(fault.Input, codeNoTraces, "no trace lies in this range")

// Survey is what a query chooses, but for the values.
type Survey struct {
	// Grids are all grids, each with the usual interval between two of its sweeps: the median, 0 where there is a single one.
	Grids map[Grid]time.Duration
	// Band is what was asked for, each edge that was not given taken from the grids.
	Band rf.Band
	// Unit is that of all values.
	Unit rf.Unit
	// Sweeps and Sources are the numbers of sweeps and of receivers.
	Sweeps  int64
	Sources int
	// Receiver is the receiver where there is one alone.
	Receiver Receiver
}

// interval is the time between two sweeps, count times.
type interval struct {
	length time.Duration
	count  int64
}

// pace collects the intervals of a grid.
type pace struct {
	last      time.Time
	intervals []interval
}

func (p *pace) add(piece *Piece) {
	if !p.last.IsZero() {
		p.intervals = append(p.intervals, interval{piece.First.Sub(p.last), 1})
	}
	if inside := piece.Sweeps - 1; inside > 0 {
		p.intervals = append(p.intervals, interval{piece.Last.Sub(piece.First) / time.Duration(inside), inside})
	}
	p.last = piece.Last
}

// usual returns the median.
func (p *pace) usual() time.Duration {
	slices.SortFunc(p.intervals, func(a, b interval) int { return cmp.Compare(a.length, b.length) })
	var all, below int64
	for _, i := range p.intervals {
		all += i.count
	}
	for _, i := range p.intervals {
		if below += i.count; 2*below >= all {
			return i.length
		}
	}
	return 0
}

// Survey looks at what a query chooses. It fails with ErrEmpty when that is nothing, and with a fault.Invalid
// when the values are in several units.
func (v *View) Survey(ctx context.Context, q Query) (*Survey, error) {
	q.Want = WantNothing
	s := &Survey{Grids: map[Grid]time.Duration{}, Band: q.Filter.Band}
	paces := map[Grid]*pace{}
	err := v.Read(ctx, q, func(p *Piece) error {
		if paces[p.Grid] == nil {
			paces[p.Grid] = &pace{}
		}
		paces[p.Grid].add(p)
		s.Sweeps += p.Sweeps
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(paces) == 0 {
		return nil, ErrEmpty
	}
	units := map[rf.Unit]bool{}
	all := rf.Band{StartHz: rf.MaxFrequency, StopHz: -rf.MaxFrequency}
	for g, p := range paces {
		s.Grids[g] = p.usual()
		units[g.Unit], s.Unit = true, g.Unit
		all.StartHz, all.StopHz = min(all.StartHz, g.StartHz), max(all.StopHz, g.StopHz)
	}
	if len(units) > 1 {
		return nil, errUnits(units)
	}
	who := receivers(s.Grids)
	if s.Sources = len(who); s.Sources == 1 {
		s.Receiver = who[0]
	}
	if s.Band.StartHz == trace.Everything.StartHz {
		s.Band.StartHz = all.StartHz
	}
	if s.Band.StopHz == trace.Everything.StopHz {
		s.Band.StopHz = all.StopHz
	}
	return s, nil
}

// receivers returns who measured. A name with and without an id in cfg is one receiver, an id with and without a name
// likewise: what is told of a receiver may begin between two sweeps.
func receivers(grids map[Grid]time.Duration) (list []Receiver) {
	all, named, numbered := map[Receiver]bool{}, map[string]bool{}, map[int64]bool{}
	for g := range grids {
		all[g.Receiver()] = true
		if g.Source != "" && g.EquipmentID != 0 {
			named[g.Source], numbered[g.EquipmentID] = true, true
		}
	}
	for r := range all {
		lacking := r.EquipmentID == 0 && named[r.Source] || r.Source == "" && numbered[r.EquipmentID]
		if !lacking {
			list = append(list, r)
		}
	}
	return list
}

func errUnits(units map[rf.Unit]bool) error {
	var names []string
	for u := range units {
		names = append(names, string(u))
	}
	slices.Sort(names)
	return fault.List(fault.Invalid, "validation failed", fault.NewDetail(fault.Field("unit"), codeUnits,
		fmt.Sprintf("must be one of %s, in which there are traces here", strings.Join(names, ", "))))
}
