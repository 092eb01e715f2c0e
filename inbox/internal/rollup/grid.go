package rollup

import (
	"nms.example/common/rf"
)

// Grid is what sweeps must share to be put together: the receiver, the frequencies and the unit.
type Grid struct {
	// Source and EquipmentID are the receiver's name and its id in cfg; "" and 0: none was told, which is a receiver of its own.
	Source      string
	EquipmentID int64
	// StartHz and StopHz are the first and the last of Points frequencies, evenly spaced.
	StartHz, StopHz float64
	Points          int
	Unit            rf.Unit
}

// Receiver is who measured.
type Receiver struct {
	Source      string
	EquipmentID int64
}

// Receiver returns who measured.
func (g *Grid) Receiver() Receiver { return Receiver{g.Source, g.EquipmentID} }

// SpacingHz returns the distance of two frequencies in hertz; 1 for a grid of a single one.
func (g *Grid) SpacingHz() float64 {
	if g.Points < 2 {
		return 1
	}
	return (g.StopHz - g.StartHz) / float64(g.Points-1)
}

func gridOf(source *string, equipment *int64, startHz, stopHz float64, points int32, unit string) Grid {
	g := Grid{StartHz: startHz, StopHz: stopHz, Points: int(points), Unit: rf.Unit(unit)}
	if source != nil {
		g.Source = *source
	}
	if equipment != nil {
		g.EquipmentID = *equipment
	}
	return g
}

// receiver returns the receiver as the database has it.
func (g *Grid) receiver() (source *string, equipment *int64) {
	if g.Source != "" {
		source = &g.Source
	}
	if g.EquipmentID != 0 {
		equipment = &g.EquipmentID
	}
	return source, equipment
}
