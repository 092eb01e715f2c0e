package transfer

import (
	"context"
	"slices"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/command"
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
				plan, err := planEquipments(ctx, tx, d.Equipments)
				if err != nil {
					return nil, err
				}
				return equipmentTable.apply(ctx, tx, changes, plan)
			}},
			{len(d.Sections), func() (*CatalogueReport, error) {
				plan, err := planSections(ctx, tx, d.Sections)
				if err != nil {
					return nil, err
				}
				return sectionTable.apply(ctx, tx, changes, plan)
			}},
			{len(d.Commands), func() (*CatalogueReport, error) { return importCommands(ctx, tx, changes, d.Commands) }},
			{len(d.Telemetry), func() (*CatalogueReport, error) { return importTelemetry(ctx, tx, changes, d.Telemetry) }},
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
		known, err := readNames(ctx, tx)
		if err != nil {
			return err
		}
		if wants(Equipments) {
			if d.Equipments, err = exportEquipments(ctx, tx); err != nil {
				return err
			}
		}
		if wants(Sections) {
			if d.Sections, err = exportSections(ctx, tx, known); err != nil {
				return err
			}
		}
		if wants(Commands) {
			if d.Commands, err = exportCommands(ctx, tx, known); err != nil {
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

func exportEquipments(ctx context.Context, c catalogue.Conn) ([]EquipmentRow, error) {
	list, err := nmsdb.New(c).EquipmentList(ctx)
	rows := make([]EquipmentRow, len(list))
	byID := make(map[int64]*string, len(list))
	for i, r := range list {
		rows[i] = EquipmentRow{Name: r.Name, NameFull: r.NameFull}
		byID[r.ID] = &rows[i].Name
		if r.ParentID != nil {
			rows[i].Parent = byID[*r.ParentID]
		}
	}
	return rows, db.MapError(err, nil)
}

func exportSections(ctx context.Context, c catalogue.Conn, known *names) ([]SectionRow, error) {
	list, err := nmsdb.New(c).CommandTOCList(ctx)
	rows := make([]SectionRow, len(list))
	for i, r := range list {
		rows[i] = SectionRow{Path: known.sectionsBy[r.ID], NameFull: r.NameFull}
	}
	return rows, db.MapError(err, nil)
}

func exportCommands(ctx context.Context, c catalogue.Conn, known *names) ([]CommandRow, error) {
	list, err := nmsdb.New(c).CommandAll(ctx)
	rows := catalogue.Convert(known.items(list), func(i command.Item) CommandRow { return commandRow(&i, known) })
	return rows, db.MapError(err, nil)
}

func exportTelemetry(ctx context.Context, c catalogue.Conn) ([]TelemetryRow, error) {
	list, err := nmsdb.New(c).TelemetryAll(ctx)
	rows := catalogue.Convert(list, func(r nmsdb.LiveTelemetry) TelemetryRow { return TelemetryRow(telemetry.ItemOf(r).Draft()) })
	return rows, db.MapError(err, nil)
}

// Names lists the catalogues that can be named.
func Names() []string { return slices.Clone([]string{Equipments, Sections, Commands, Telemetry}) }
