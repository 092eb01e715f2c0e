package rollup

import (
	"encoding/binary"
	"math"
	"time"

	"nms.example/common/rf"
	"nms.example/inbox/internal/dwhdb"
)

// bucket puts sweeps of a grid together.
type bucket struct {
	Grid

	sweeps                   int64
	first, last              time.Time
	south, west, north, east float64
	highest, lowest          []rf.Level
	total                    []float64
	number                   []uint32
	cells                    []cells
}

func newBucket(g Grid) *bucket {
	b := &bucket{
		Grid: g, south: 90, west: 180, north: -90, east: -180,
		highest: make([]rf.Level, g.Points), lowest: make([]rf.Level, g.Points),
		total: make([]float64, g.Points), number: make([]uint32, g.Points), cells: make([]cells, g.Points),
	}
	for i := range b.highest {
		b.highest[i], b.lowest[i] = rf.Missing, rf.Missing
	}
	return b
}

// cover widens time and place.
func (b *bucket) cover(first, last time.Time, south, west, north, east float64) {
	if b.sweeps == 0 || first.Before(b.first) {
		b.first = first
	}
	if b.sweeps == 0 || last.After(b.last) {
		b.last = last
	}
	b.south, b.north = min(b.south, south), max(b.north, north)
	b.west, b.east = min(b.west, west), max(b.east, east)
}

// addTrace adds a sweep.
func (b *bucket) addTrace(row *dwhdb.RollupReadTracesRow) error {
	levels, err := rf.FromBytes(row.Power)
	if err != nil {
		return err
	}
	b.cover(row.MeasuredAt, row.MeasuredAt, row.Lat, row.Lng, row.Lat, row.Lng)
	b.sweeps++
	power := milliwatts()
	for i, l := range levels {
		if l == rf.Missing {
			continue
		}
		b.span(i, l, l)
		b.total[i] += power[uint16(l)]
		b.number[i]++
		b.cells[i].add(cellOf(l), 1)
	}
	return nil
}

// addRow adds a rollup with all its arrays.
func (b *bucket) addRow(row *dwhdb.RollupReadRow) error {
	p, err := pieceOfRow(row)
	if err != nil {
		return err
	}
	b.cover(p.First, p.Last, row.South, row.West, row.North, row.East)
	b.sweeps += p.Sweeps
	for i, high := range p.Highest {
		if high == rf.Missing {
			continue
		}
		b.span(i, p.Lowest[i], high)
		mW, number := p.Power(i)
		b.total[i] += mW
		b.number[i] += number
	}
	return eachCell(p.cells, p.Highest, p.Lowest, func(i, cell int, n uint32) { b.cells[i].add(cell, n) })
}

// span widens the bounds of a frequency.
func (b *bucket) span(i int, low, high rf.Level) {
	if b.highest[i] == rf.Missing || low < b.lowest[i] {
		b.lowest[i] = low
	}
	b.highest[i] = max(b.highest[i], high) // a missing one is the lowest
}

// row returns the bucket as it is stored.
func (b *bucket) row(width time.Duration, begins time.Time) dwhdb.RollupInsertParams {
	source, equipment := b.receiver()
	row := dwhdb.RollupInsertParams{
		WidthS: seconds(width), BeginsAt: begins, Source: source, EquipmentID: equipment,
		StartFreqHz: b.StartHz, StopFreqHz: b.StopHz, Points: int32(b.Points), Unit: string(b.Unit), Sweeps: b.sweeps, FirstAt: b.first, LastAt: b.last,
		South: b.south, West: b.west, North: b.north, East: b.east,
		Highest: rf.AppendBytes(nil, b.highest), Lowest: rf.AppendBytes(nil, b.lowest),
		TotalMw: make([]byte, 0, 8*b.Points), Number: []byte{}, Cells: make([]byte, 0, 16*b.Points),
	}
	complete := true
	for i := range b.cells {
		row.TotalMw = binary.LittleEndian.AppendUint64(row.TotalMw, math.Float64bits(b.total[i]))
		row.Cells = b.cells[i].appendTo(row.Cells)
		complete = complete && int64(b.number[i]) == b.sweeps
	}
	if !complete {
		for _, n := range b.number {
			row.Number = binary.LittleEndian.AppendUint32(row.Number, n)
		}
	}
	return row
}

func seconds(width time.Duration) int32 { return int32(width / time.Second) }
