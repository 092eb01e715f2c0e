package equipment

import (
	"context"
	"encoding/json"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
	"nms.example/cfg/internal/tree"
)

// store adapts the generated queries to what a catalogue needs.
type store struct{}

func (store) Get(ctx context.Context, c catalogue.Conn, id int64) (Item, error) {
	r, err := nmsdb.New(c).EquipmentGet(ctx, id)
	return itemOf(r), err
}

func (store) GetMany(ctx context.Context, c catalogue.Conn, ids []int64) ([]Item, error) {
	rows, err := nmsdb.New(c).EquipmentGetMany(ctx, ids)
	items := make([]Item, len(rows))
	for i, r := range rows {
		items[i] = itemOf(nmsdb.EquipmentGetRow(r))
	}
	return items, err
}

func itemOf(r nmsdb.EquipmentGetRow) Item {
	return Item{
		ID: r.ID, ParentID: r.ParentID, ParentPath: r.ParentPath, ParentPathName: r.ParentPathName,
		Name: r.Name, NameFull: r.NameFull,
	}
}

func (store) Hold(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Held[Draft], error) {
	r, err := nmsdb.New(c).EquipmentHold(ctx, id)
	return catalogue.Held[Draft]{
		Draft:      Draft{ParentID: r.ParentID, Name: r.Name, NameFull: r.NameFull},
		ArchivedAt: r.ArchivedAt,
	}, err
}

func (store) Insert(ctx context.Context, c catalogue.Conn, d Draft) (int64, error) {
	return nmsdb.New(c).EquipmentInsert(ctx, nmsdb.EquipmentInsertParams(d))
}

func (store) Update(ctx context.Context, c catalogue.Conn, id int64, before, after Draft) error {
	if tree.SameParent(before.ParentID, after.ParentID) {
		return nmsdb.New(c).EquipmentRename(ctx, nmsdb.EquipmentRenameParams{
			ID: id, Name: after.Name, NameFull: after.NameFull,
		})
	}
	return nmsdb.New(c).EquipmentUpdate(ctx, nmsdb.EquipmentUpdateParams{
		ID: id, ParentID: after.ParentID, Name: after.Name, NameFull: after.NameFull,
	})
}

func (store) Archive(ctx context.Context, c catalogue.Conn, id int64) error {
	return nmsdb.New(c).EquipmentArchive(ctx, id)
}

func (store) Restore(ctx context.Context, c catalogue.Conn, id int64) error {
	return nmsdb.New(c).EquipmentRestore(ctx, id)
}

func (store) LockShape(ctx context.Context, c catalogue.Conn) error {
	return nmsdb.New(c).EquipmentLockTree(ctx)
}

func (store) Present(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Version, error) {
	r, err := nmsdb.New(c).EquipmentCurrent(ctx, id)
	if err != nil {
		return catalogue.Version{}, err
	}
	item, err := json.Marshal(map[string]any{"name": r.Name, "name_full": r.NameFull, "parent_id": r.ParentID})
	return catalogue.Version{
		Version: r.Version, ValidFrom: r.ValidFrom, Actor: r.Actor, RequestID: r.RequestID,
		Archived: r.ArchivedAt != nil, Item: item,
	}, err
}

func (store) Past(ctx context.Context, c catalogue.Conn, id int64, before, most int32) ([]catalogue.Version, error) {
	rows, err := nmsdb.New(c).EquipmentHistory(ctx, nmsdb.EquipmentHistoryParams{ID: id, Before: before, Most: most})
	if err != nil {
		return nil, err
	}
	return catalogue.PastVersions(rows, func(r nmsdb.EquipmentHistoryRow) catalogue.PastRow { return catalogue.PastRow(r) })
}

// reader reads the tree's lists.
type reader struct{ conn catalogue.Conn }

func (r reader) All(ctx context.Context) ([]tree.Row, error) {
	rows, err := nmsdb.New(r.conn).EquipmentList(ctx)
	return convert(rows, func(n nmsdb.EquipmentListRow) tree.Row { return tree.Row(n) }), err
}

func (r reader) ByID(ctx context.Context, id int64) ([]tree.Row, error) {
	rows, err := nmsdb.New(r.conn).EquipmentListByID(ctx, id)
	return convert(rows, func(n nmsdb.EquipmentListByIDRow) tree.Row { return tree.Row(n) }), err
}

func (r reader) ByName(ctx context.Context, name string) ([]tree.Row, error) {
	rows, err := nmsdb.New(r.conn).EquipmentListByName(ctx, name)
	return convert(rows, func(n nmsdb.EquipmentListByNameRow) tree.Row { return tree.Row(n) }), err
}

func (r reader) Subtree(ctx context.Context, id int64) ([]tree.Row, error) {
	rows, err := nmsdb.New(r.conn).EquipmentListSubtree(ctx, id)
	return convert(rows, func(n nmsdb.EquipmentListSubtreeRow) tree.Row { return tree.Row(n) }), err
}

func (r reader) SubtreeByName(ctx context.Context, name string) ([]tree.Row, error) {
	rows, err := nmsdb.New(r.conn).EquipmentListSubtreeByName(ctx, name)
	return convert(rows, func(n nmsdb.EquipmentListSubtreeByNameRow) tree.Row { return tree.Row(n) }), err
}

func (r reader) Search(ctx context.Context, part string) ([]tree.Row, error) {
	rows, err := nmsdb.New(r.conn).EquipmentSearch(ctx, part)
	return convert(rows, func(n nmsdb.EquipmentSearchRow) tree.Row { return tree.Row(n) }), err
}

func (r reader) Names(ctx context.Context, ids []int64) (map[int64]string, error) {
	rows, err := nmsdb.New(r.conn).EquipmentNames(ctx, ids)
	names := make(map[int64]string, len(rows))
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	return names, err
}

func convert[From, To any](rows []From, one func(From) To) []To {
	list := make([]To, len(rows))
	for i, r := range rows {
		list[i] = one(r)
	}
	return list
}
