// Package generator makes large catalogues that look like real ones, for benchmarks and load tests. The same
// sizes always give the same document.
package generator

import (
	"encoding/json"
	"fmt"

	"nms.example/cfg/internal/transfer"
)

// Sizes say how many items a document has. Sections follow from the number of commands.
type Sizes struct {
	Equipments, Commands, Parameters int
}

// Large is the catalogue that the system must stay usable with.
var Large = Sizes{Equipments: 100_000, Commands: 100_000, Parameters: 50_000}

const (
	// fanOut is how many nodes are below one: sites, racks, units, modules, channels.
	fanOut = 10
	// perSection is how many commands stand in one section.
	perSection = 200
)

var levels = []string{"Region", "Site", "Rack", "Unit", "Module", "Channel", "Port"}

// Document makes the catalogues. The first piece of equipment is the root of all others.
func Document(s Sizes) *transfer.Document {
	d := &transfer.Document{Format: transfer.Format}
	rows, paths := equipments(s.Equipments)
	d.Equipments = rows
	if s.Commands > 0 && s.Equipments > 0 {
		sections := sectionNames(s.Commands)
		for _, path := range sections {
			d.Sections = append(d.Sections, transfer.SectionRow{Path: path})
		}
		d.Commands = commands(s.Commands, paths, sections)
	}
	d.Telemetry = parameters(s.Parameters)
	return d
}

// equipments makes a tree, and the path of each of its nodes.
func equipments(n int) (_ []transfer.EquipmentRow, paths []string) {
	rows := make([]transfer.EquipmentRow, n)
	depth := make([]int, n)
	paths = make([]string, n)
	for i := range rows {
		above := (i - 1) / fanOut
		if i > 0 {
			depth[i] = depth[above] + 1
			rows[i].Parent = &paths[above]
		}
		kind := levels[depth[i]%len(levels)]
		rows[i].Name = fmt.Sprintf("%s_%06d", kind, i)
		rows[i].NameFull = fmt.Sprintf("%s no. %d / Объект сети № %d", kind, i, i)
		if paths[i] = rows[i].Name; i > 0 {
			paths[i] = paths[above] + "/" + rows[i].Name
		}
	}
	return rows, paths
}

func sectionNames(commands int) [][]string {
	var paths [][]string
	groups := max(1, commands/perSection/20)
	for g := range groups {
		group := fmt.Sprintf("Group %03d", g)
		paths = append(paths, []string{group})
		for s := range 20 {
			paths = append(paths, []string{group, fmt.Sprintf("Section %02d / Раздел %02d", s, s)})
		}
	}
	return paths
}

func commands(n int, equipments []string, sections [][]string) []transfer.CommandRow {
	rows := make([]transfer.CommandRow, n)
	for i := range rows {
		rows[i] = transfer.CommandRow{
			Name:        fmt.Sprintf("C%07d", i),
			NameFull:    fmt.Sprintf("Command no. %d / Команда № %d", i, i),
			Description: fmt.Sprintf("Sets mode %d of the unit and reports when it is reached. / Включает режим %d.", i%16, i%16),
			Equipment:   equipments[i%len(equipments)],
			Section:     sections[i%len(sections)],
		}
		if i%2 == 1 { // every other one undoes its neighbour
			undo := rows[i-1].Equipment + "/" + rows[i-1].Name
			rows[i].Undo = &undo
		}
	}
	return rows
}

func parameters(n int) []transfer.TelemetryRow {
	validators := []string{
		`{"type":"number","minimum":-60,"maximum":60}`,
		`{"type":"integer","minimum":0,"maximum":65535}`,
		`{"type":"string","enum":["off","standby","on","fault"]}`,
		`{"length":8,"parser":"hex"}`,
	}
	rows := make([]transfer.TelemetryRow, n)
	for i := range rows {
		rows[i] = transfer.TelemetryRow{
			Name:           fmt.Sprintf("tmi_%06d", i),
			NameFull:       fmt.Sprintf("Parameter no. %d / Параметр № %d", i, i),
			Description:    "Measured once a second. / Измеряется раз в секунду.",
			ValueValidator: json.RawMessage(validators[i%len(validators)]),
		}
	}
	return rows
}
