package transfer

import (
	"cmp"
	"context"
	"slices"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
	"nms.example/cfg/internal/telemetry"
)

// Service exports and imports.
type Service struct{ writer *catalogue.Writer }

// New makes the service.
func New(w *catalogue.Writer) *Service { return &Service{writer: w} }

var errFormat = fault.At(fault.Field("format"), fault.CodeNotOneOf, "must be "+Format)

// Import takes a document over, or with dryRun only says what that would do.
func (s *Service) Import(ctx context.Context, d *Document, dryRun bool) (*Report, error) {
	if d.Format != Format {
		return nil, errFormat
	}
	report := &Report{DryRun: dryRun}
	err := s.writer.DoWith(ctx, change.TxOptions{DryRun: dryRun}, func(ctx context.Context, tx catalogue.Tx, changes *change.Changes) error {
		report.Catalogues = []CatalogueReport{}
		q := nmsdb.New(tx)
		// The trees must stay as they are while the document is compared with them.
		if err := q.EquipmentLockTree(ctx); err != nil {
			return db.MapError(err, nil)
		}
		if err := q.CommandTOCLockTree(ctx); err != nil {
			return db.MapError(err, nil)
		}
		steps := []struct {
			rows int
			run  func() (*CatalogueReport, error)
		}{
			{len(d.Equipments), func() (*CatalogueReport, error) {
				plan, err := planEquipments(ctx, tx, d)
				if err != nil {
					return nil, err
				}
				return equipmentTable.apply(ctx, tx, changes, plan)
			}},
			{len(d.Sections), func() (*CatalogueReport, error) {
				plan, err := planSections(ctx, tx, d)
				if err != nil {
					return nil, err
				}
				return sectionTable.apply(ctx, tx, changes, plan)
			}},
			{len(d.Commands), func() (*CatalogueReport, error) { return importCommands(ctx, tx, changes, d) }},
			{len(d.Telemetry), func() (*CatalogueReport, error) { return importTelemetry(ctx, tx, changes, d) }},
		}
		for _, step := range steps {
			if step.rows == 0 {
				continue
			}
			part, err := step.run()
			if err != nil {
				return err
			}
			if part.Created+part.Updated > 0 {
				changes.TouchAll() // any item may have changed
			}
			report.Catalogues = append(report.Catalogues, *part)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return report, nil
}

// Export writes the live items of one catalogue, or of all when catalogue is empty.
func (s *Service) Export(ctx context.Context, catalogueName string) (*Document, error) {
	d := &Document{Format: Format}
	wants := func(name string) bool { return catalogueName == "" || catalogueName == name }
	// One snapshot, so that the references of the parts fit each other.
	err := s.writer.Pool().InTx(ctx, db.TxOptions{Isolation: "repeatable read", ReadOnly: true}, func(ctx context.Context, tx catalogue.Tx) error {
		k, err := readKnown(ctx, tx)
		if err != nil {
			return err
		}
		if wants(Equipments) {
			d.Equipments = exportEquipments(k.equipment)
		}
		if wants(Sections) {
			d.Sections = exportSections(k.sections)
		}
		if wants(Commands) {
			if d.Commands, err = exportCommands(ctx, tx, k); err != nil {
				return err
			}
		}
		if wants(Telemetry) {
			d.Telemetry, err = exportTelemetry(ctx, tx)
		}
		return err
	})
	return d, err
}

func exportEquipments(x *index) []EquipmentRow {
	rows := make([]EquipmentRow, len(x.live))
	for i, n := range x.ordered() {
		rows[i] = EquipmentRow{Name: n.name, NameFull: n.nameFull, Parent: orNil(n.parent.path())}
	}
	return rows
}

func exportSections(x *index) []SectionRow {
	rows := make([]SectionRow, len(x.live))
	for i, n := range x.ordered() {
		rows[i] = SectionRow{Path: n.names(), NameFull: orNil(n.nameFull)}
	}
	return rows
}

func exportCommands(ctx context.Context, c catalogue.Conn, k known) ([]CommandRow, error) {
	list, err := nmsdb.New(c).CommandAll(ctx)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	nodes := commandNodes(list, k)
	k.equipment.ordered()
	ordered := make([]*commandNode, len(nodes)) // the nodes refer to each other where they are
	for i := range nodes {
		ordered[i] = &nodes[i]
	}
	slices.SortStableFunc(ordered, func(a, b *commandNode) int { return cmp.Compare(a.equipment.order, b.equipment.order) })
	return catalogue.Convert(ordered, (*commandNode).rowWas), nil
}

func exportTelemetry(ctx context.Context, c catalogue.Conn) ([]TelemetryRow, error) {
	list, err := nmsdb.New(c).TelemetryAll(ctx)
	rows := catalogue.Convert(list, func(r nmsdb.LiveTelemetry) TelemetryRow { return TelemetryRow(telemetry.ItemOf(r).Input()) })
	return rows, db.MapError(err, nil)
}

// Names lists the catalogues that can be named.
func Names() []string { return slices.Clone([]string{Equipments, Sections, Commands, Telemetry}) }
