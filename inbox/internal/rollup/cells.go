package rollup

import (
	"encoding/binary"
	"errors"
	"math"
	"sync"

	"nms.example/common/rf"
)

// errArrays says that a stored row does not have the form that the table's comment tells.
var errArrays = errors.New("rollup: a stored row is damaged")

// cellOf returns the whole number of decibels that a level does not exceed: cell k holds the levels in (k − 1, k] dB. A
// threshold of whole decibels therefore parts cells and never one of them.
func cellOf(l rf.Level) int {
	const shift = 328 // decibels; levels begin at −327.67
	return (int(l)+100*shift+99)/100 - shift
}

// cells counts levels by decibel: counts[i] lie in cell base + i.
type cells struct {
	base   int
	counts []uint32
}

// add counts n levels of a cell.
func (c *cells) add(cell int, n uint32) {
	switch {
	case len(c.counts) == 0:
		c.base, c.counts = cell, append(c.counts, 0)
	case cell < c.base:
		grown := make([]uint32, c.base-cell+len(c.counts), c.base-cell+2*len(c.counts))
		copy(grown[c.base-cell:], c.counts)
		c.base, c.counts = cell, grown
	}
	for cell >= c.base+len(c.counts) {
		c.counts = append(c.counts, 0)
	}
	c.counts[cell-c.base] += n
}

// appendCells appends the counts from the cell of the lowest to that of the highest level.
func (c *cells) appendTo(dst []byte) []byte {
	for _, n := range c.counts {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	return dst
}

// eachCell calls visit with every count of a row's cells: the index of the value, the cell, and how many levels lie in it.
func eachCell(stored []byte, highest, lowest []rf.Level, visit func(i, cell int, n uint32)) error {
	at := 0
	for i, high := range highest {
		if high == rf.Missing {
			continue
		}
		for cell, last := cellOf(lowest[i]), cellOf(high); cell <= last; cell++ {
			if at >= len(stored) {
				return errArrays
			}
			n, size := uint64(stored[at]), 1
			if n >= 0x80 {
				if n, size = binary.Uvarint(stored[at:]); size <= 0 || n > math.MaxUint32 {
					return errArrays
				}
			}
			at += size
			if n > 0 {
				visit(i, cell, uint32(n))
			}
		}
	}
	if at != len(stored) {
		return errArrays
	}
	return nil
}

// milliwatts holds rf.Milliwatts of every level, which one would otherwise compute a thousand times per sweep.
var milliwatts = sync.OnceValue(func() *[1 << 16]float64 {
	var table [1 << 16]float64
	for i := range table {
		if l := rf.Level(uint16(i)); l != rf.Missing {
			table[i] = rf.Milliwatts(l)
		}
	}
	return &table
})

func floatsFrom(stored []byte) []float64 {
	out := make([]float64, len(stored)/8)
	for i := range out {
		out[i] = math.Float64frombits(binary.LittleEndian.Uint64(stored[8*i:]))
	}
	return out
}

func numbersFrom(stored []byte) []uint32 {
	if len(stored) == 0 {
		return nil
	}
	out := make([]uint32, len(stored)/4)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(stored[4*i:])
	}
	return out
}

// MeanLevel returns the mean of a number of values from their sum in milliwatts, in hundredths of their unit.
func MeanLevel(mW float64, number uint64) rf.Level {
	const least = -rf.MaxLevel / 100.0 // the sum of the lowest levels may round below them
	return rf.Level(math.RoundToEven(100 * max(10*math.Log10(mW/float64(number)), least)))
}
