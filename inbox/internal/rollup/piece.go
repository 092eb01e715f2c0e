package rollup

import (
	"fmt"
	"time"

	"nms.example/common/rf"
	"nms.example/inbox/internal/dwhdb"
)

// Piece is one sweep, or all sweeps of a grid within a minute or an hour.
type Piece struct {
	Grid

	// First and Last are the times of its first and last sweep.
	First, Last time.Time
	// Sweeps is how many sweeps it stands for.
	Sweeps int64
	// Highest and Lowest are the bounds of the values at each frequency, rf.Missing where none was measured; nil when they
	// were not asked for.
	Highest, Lowest []rf.Level

	// Of a sweep these are nil.
	total  []float64
	number []uint32 // nil: every sweep has every value
	cells  []byte
}

// Power returns the sum of the values at a frequency in milliwatts, and their number.
func (p *Piece) Power(i int) (mW float64, number uint32) {
	switch {
	case p.Highest[i] == rf.Missing:
		return 0, 0
	case p.total == nil:
		return milliwatts()[uint16(p.Highest[i])], 1
	case p.number == nil:
		return p.total[i], uint32(p.Sweeps)
	default:
		return p.total[i], p.number[i]
	}
}

// Above calls add with the number of values above a threshold of whole decibels, for every frequency that has some. A value
// that equals the threshold is not above it.
func (p *Piece) Above(threshold int, add func(i int, n uint32)) error {
	if p.total != nil {
		return eachCell(p.cells, p.Highest, p.Lowest, func(i, cell int, n uint32) {
			if cell > threshold {
				add(i, n)
			}
		})
	}
	for i, l := range p.Highest {
		if l != rf.Missing && cellOf(l) > threshold {
			add(i, 1)
		}
	}
	return nil
}

// pieceOfTrace reads a sweep; power may be empty.
func pieceOfTrace(row *dwhdb.RollupReadTracesRow) (*Piece, error) {
	levels, err := rf.FromBytes(row.Power)
	if err != nil {
		return nil, fmt.Errorf("trace %s: %w", row.Guid, err)
	}
	return &Piece{
		Grid:  gridOf(row.Source, row.EquipmentID, row.StartFreqHz, row.StopFreqHz, row.Points, row.Unit),
		First: row.MeasuredAt, Last: row.MeasuredAt, Sweeps: 1, Highest: levels, Lowest: levels,
	}, nil
}

// pieceOfRow reads a rollup; arrays may be empty.
func pieceOfRow(row *dwhdb.RollupReadRow) (*Piece, error) {
	p := &Piece{
		Grid:  gridOf(row.Source, row.EquipmentID, row.StartFreqHz, row.StopFreqHz, row.Points, row.Unit),
		First: row.FirstAt, Last: row.LastAt, Sweeps: row.Sweeps,
		total: floatsFrom(row.TotalMw), number: numbersFrom(row.Number), cells: row.Cells,
	}
	var err error
	if p.Highest, err = rf.FromBytes(row.Highest); err != nil {
		return nil, err
	}
	p.Lowest, err = rf.FromBytes(row.Lowest)
	return p, err
}
