// Package transfer takes whole catalogues out of the system and into it, as JSON and CSV.
//
// A document speaks of items by what people know them by, never by ids: equipment and sections by the names on
// their paths, commands by their equipment and name, parameters by their names. So a document fits any system, and
// importing it again changes nothing. An import makes what is missing and changes what differs; it archives and moves
// nothing. It is one transaction: all of it or none.
package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"nms.example/common/fault"
)

// Format names the layout of the documents.
const Format = "nms.cfg/1"

// The catalogues, by the names of their resources.
const (
	Equipments = "equipments"
	Sections   = "commands-toc"
	Commands   = "commands"
	Telemetry  = "telemetry"
)

// Document is an export: a catalogue that is absent is not spoken of.
type Document struct {
	Format     string         `json:"format" enum:"nms.cfg/1" doc:"Layout of the document"`
	Equipments []EquipmentRow `json:"equipments,omitempty" doc:"The equipment, each after the one above it"`
	Sections   []SectionRow   `json:"commands_toc,omitempty" doc:"The sections of commands, each after the one above it"`
	Commands   []CommandRow   `json:"commands,omitempty" doc:"The commands"`
	Telemetry  []TelemetryRow `json:"telemetry,omitempty" doc:"The telemetry parameters"`

	table *table // the CSV file that it was read from; nil for JSON
}

// EquipmentRow is a piece of equipment.
type EquipmentRow struct {
	Name     string  `json:"name" doc:"Short name"`
	NameFull string  `json:"name_full" doc:"Full name"`
	Parent   *string `json:"parent" doc:"Path of the equipment above; null for a root. Its name alone is enough where that is clear" example:"Site A/Rack 1"`
}

// SectionRow is a section of commands.
type SectionRow struct {
	Path     []string `json:"path" doc:"Path of the section: the names above it, then its own"`
	NameFull *string  `json:"name_full" doc:"null: the name"`
}

// CommandRow is a command.
type CommandRow struct {
	Name        string   `json:"name" doc:"Short name"`
	NameFull    string   `json:"name_full" doc:"Full name"`
	Description string   `json:"description" doc:"What it does"`
	Equipment   string   `json:"equipment" doc:"Path of the equipment, with / between the names; its name alone is enough where that is clear" example:"Site A/Rack 1/PSU"`
	Section     []string `json:"toc" doc:"Path of the section: the names above it, then its own"`
	Undo        *string  `json:"undo_cmd" doc:"Name of the equipment's command that undoes it, or the path of another's; null for none"`
}

// Report says what an import did, or on a dry run would do.
type Report struct {
	DryRun     bool              `json:"dry_run" doc:"Nothing was changed"`
	Catalogues []CatalogueReport `json:"catalogues" doc:"In the order in which they were taken"`
}

// MaxChanges is the most changes of one catalogue that a report lists; the counts are always whole.
const MaxChanges = 1000

// CatalogueReport is the part of one catalogue.
type CatalogueReport struct {
	Catalogue string   `json:"catalogue" enum:"equipments,commands-toc,commands,telemetry" doc:"Which catalogue"`
	Created   int      `json:"created" doc:"How many items were made"`
	Updated   int      `json:"updated" doc:"How many items were changed"`
	Unchanged int      `json:"unchanged" doc:"How many items were as the document has them"`
	Changes   []Change `json:"changes" doc:"The difference, at most 1,000 of it"`
	Truncated bool     `json:"truncated" doc:"There are more changes than are listed"`
}

// Change is one difference between the document and the system.
type Change struct {
	Op     string `json:"op" enum:"create,update" doc:"What was done with the item"`
	Key    string `json:"key" doc:"Path of the item: the names above it, then its own"`
	Before any    `json:"before" doc:"As it is; null for a new item"`
	After  any    `json:"after" doc:"As the document has it"`
}

func (r *CatalogueReport) note(op, key string, before, after any) {
	if op == "create" {
		r.Created++
	} else {
		r.Updated++
	}
	if len(r.Changes) == MaxChanges {
		r.Truncated = true
		return
	}
	r.Changes = append(r.Changes, Change{Op: op, Key: key, Before: before, After: after})
}

func newReport(catalogue string) *CatalogueReport {
	return &CatalogueReport{Catalogue: catalogue, Changes: []Change{}}
}

var codeDocument = fault.Declare(fault.Malformed, "unknown_document", "The document does not have the form that export returns.", fault.Invalid)

var errJSON = fault.At(fault.Input, codeDocument, "is not a JSON document of the form that export returns")

// DecodeJSON reads a document. Unknown members are refused: they are mostly misspelt ones.
func DecodeJSON(data []byte) (*Document, error) {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if !utf8.Valid(data) {
		return nil, errJSON
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	d := &Document{}
	if err := decoder.Decode(d); err != nil {
		return nil, errJSON.Because(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errJSON
	}
	return d, nil
}
