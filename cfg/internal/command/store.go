package command

import (
	"cmp"
	"context"
	"slices"
	"time"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
)

// store adapts the generated queries to what a catalogue needs.
type store struct{}

// itemOf makes an item of its row.
func itemOf(r nmsdb.LiveCommand) Item { return Item(r) }

func (store) GetLive(ctx context.Context, c catalogue.Conn, ids []int64) ([]Item, error) {
	rows, err := nmsdb.New(c).CommandGetLive(ctx, ids)
	return catalogue.Convert(rows, itemOf), err
}

func (store) GetAt(ctx context.Context, c catalogue.Conn, id int64, moment time.Time) (Item, error) {
	r, err := nmsdb.New(c).CommandGetAt(ctx, nmsdb.CommandGetAtParams{ID: id, Moment: moment})
	return Item(r), err
}

// GetMany returns the live ones of some commands, by name.
func GetMany(ctx context.Context, c catalogue.Conn, ids []int64) ([]Item, error) {
	items, err := store{}.GetLive(ctx, c, ids)
	slices.SortFunc(items, func(a, b Item) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return items, err
}

func (store) Lock(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Locked[Input], error) {
	r, err := nmsdb.New(c).CommandLock(ctx, id)
	return catalogue.Locked[Input]{
		Input: Input{
			EquipmentID: r.EquipmentID, TocID: r.TocID, Name: r.Name, NameFull: r.NameFull,
			Description: r.Description, UndoCmdID: r.UndoCmdID,
		},
		ArchivedAt: r.ArchivedAt,
	}, err
}

func (store) Insert(ctx context.Context, c catalogue.Conn, d Input) (int64, error) {
	return nmsdb.New(c).CommandInsert(ctx, nmsdb.CommandInsertParams(d))
}

func (store) Update(ctx context.Context, c catalogue.Conn, id int64, _, d Input) error {
	return nmsdb.New(c).CommandUpdate(ctx, nmsdb.CommandUpdateParams{
		ID: id, EquipmentID: d.EquipmentID, TocID: d.TocID, Name: d.Name, NameFull: d.NameFull,
		Description: d.Description, UndoCmdID: d.UndoCmdID,
	})
}

func (store) Archive(ctx context.Context, c catalogue.Conn, id int64) error {
	return nmsdb.New(c).CommandArchive(ctx, id)
}

func (store) Restore(ctx context.Context, c catalogue.Conn, id int64) error {
	return nmsdb.New(c).CommandRestore(ctx, id)
}

func (store) LockTree(context.Context, catalogue.Conn) error { return nil }

// list reads the rows of a slice, with one more than its limit.
func list(ctx context.Context, q *nmsdb.Queries, f Filter, s catalogue.Slice) ([]nmsdb.LiveCommand, error) {
	most, skip, key, id := s.Query()
	if s.Order.ByName() {
		return q.CommandList(ctx, nmsdb.CommandListParams{
			AfterName: key, AfterID: id, Name: f.Name, EquipmentID: f.EquipmentID, EquipmentName: f.EquipmentName,
			TocID: f.SectionID, Q: f.Query, Most: most, Skip: skip,
		})
	}
	return q.CommandListSorted(ctx, nmsdb.CommandListSortedParams{
		Sort: s.Order.Key, Descending: s.Order.Descending, AfterKey: key, AfterID: id,
		Name: f.Name, EquipmentID: f.EquipmentID, EquipmentName: f.EquipmentName,
		TocID: f.SectionID, Q: f.Query, Most: most, Skip: skip,
	})
}

func count(ctx context.Context, q *nmsdb.Queries, f Filter) (int64, error) {
	if f.empty() {
		return q.CommandCountAll(ctx) // without the joins
	}
	return q.CommandCount(ctx, nmsdb.CommandCountParams{
		Name: f.Name, EquipmentID: f.EquipmentID, EquipmentName: f.EquipmentName, TocID: f.SectionID, Q: f.Query,
	})
}

// listedOf makes an item of the row of a past or archived command.
func listedOf(r nmsdb.CommandListAtRow) ListedCommand {
	return ListedCommand{ArchivedAt: r.ArchivedAt, Command: Command{
		ID: r.ID, EquipmentID: r.EquipmentID, TocID: r.TocID, Name: r.Name, NameFull: r.NameFull, Description: r.Description,
		UndoCmdID: r.UndoCmdID, EquipmentName: r.EquipmentName, UndoCmdName: r.UndoCmdName,
	}}
}

// listAt is list for the commands of a moment.
func listAt(ctx context.Context, q *nmsdb.Queries, f Filter, moment time.Time, s catalogue.Slice) ([]nmsdb.CommandListAtRow, error) {
	most, skip, key, id := s.Query()
	return q.CommandListAt(ctx, nmsdb.CommandListAtParams{
		Moment: moment, Archived: f.Archived,
		Sort: s.Order.Key, Descending: s.Order.Descending, AfterKey: key, AfterID: id,
		Name: f.Name, EquipmentID: f.EquipmentID, EquipmentName: f.EquipmentName,
		TocID: f.SectionID, Q: f.Query, Most: most, Skip: skip,
	})
}

func countAt(ctx context.Context, q *nmsdb.Queries, f Filter, moment time.Time) (int64, error) {
	return q.CommandCountAt(ctx, nmsdb.CommandCountAtParams{
		Moment: moment, Archived: f.Archived,
		Name: f.Name, EquipmentID: f.EquipmentID, EquipmentName: f.EquipmentName, TocID: f.SectionID, Q: f.Query,
	})
}

// sortKey is what the item is sorted by in an order by key.
func (i Item) sortKey(key string) string {
	switch key {
	case "id":
		return catalogue.SortableID(i.ID)
	case "name_full":
		return i.NameFull
	case "equipment_name":
		return i.EquipmentName
	default:
		return i.Name
	}
}
