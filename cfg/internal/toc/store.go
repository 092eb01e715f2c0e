package toc

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
	r, err := nmsdb.New(c).CommandTOCGet(ctx, id)
	return itemOf(r), err
}

func (store) GetMany(ctx context.Context, c catalogue.Conn, ids []int64) ([]Item, error) {
	rows, err := nmsdb.New(c).CommandTOCGetMany(ctx, ids)
	items := make([]Item, len(rows))
	for i, r := range rows {
		items[i] = itemOf(nmsdb.CommandTOCGetRow(r))
	}
	return items, err
}

func itemOf(r nmsdb.CommandTOCGetRow) Item {
	return Item{
		ID: r.ID, ParentID: r.ParentID, ParentPath: r.ParentPath, ParentPathName: r.ParentPathName,
		Name: r.Name, NameFull: r.NameFull,
	}
}

func (store) Hold(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Held[Draft], error) {
	r, err := nmsdb.New(c).CommandTOCHold(ctx, id)
	return catalogue.Held[Draft]{
		Draft:      Draft{ParentID: r.ParentID, Name: r.Name, NameFull: r.NameFull},
		ArchivedAt: r.ArchivedAt,
	}, err
}

func (store) Insert(ctx context.Context, c catalogue.Conn, d Draft) (int64, error) {
	return nmsdb.New(c).CommandTOCInsert(ctx, nmsdb.CommandTOCInsertParams(d))
}

func (store) Update(ctx context.Context, c catalogue.Conn, id int64, before, after Draft) error {
	if tree.SameParent(before.ParentID, after.ParentID) {
		return nmsdb.New(c).CommandTOCRename(ctx, nmsdb.CommandTOCRenameParams{
			ID: id, Name: after.Name, NameFull: after.NameFull,
		})
	}
	return nmsdb.New(c).CommandTOCUpdate(ctx, nmsdb.CommandTOCUpdateParams{
		ID: id, ParentID: after.ParentID, Name: after.Name, NameFull: after.NameFull,
	})
}

func (store) Archive(ctx context.Context, c catalogue.Conn, id int64) error {
	return nmsdb.New(c).CommandTOCArchive(ctx, id)
}

func (store) Restore(ctx context.Context, c catalogue.Conn, id int64) error {
	return nmsdb.New(c).CommandTOCRestore(ctx, id)
}

func (store) LockShape(ctx context.Context, c catalogue.Conn) error {
	return nmsdb.New(c).CommandTOCLockTree(ctx)
}

func (store) Present(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Version, error) {
	r, err := nmsdb.New(c).CommandTOCCurrent(ctx, id)
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
	rows, err := nmsdb.New(c).CommandTOCHistory(ctx, nmsdb.CommandTOCHistoryParams{ID: id, Before: before, Most: most})
	if err != nil {
		return nil, err
	}
	return catalogue.PastVersions(rows, func(r nmsdb.CommandTOCHistoryRow) catalogue.PastRow { return catalogue.PastRow(r) })
}

// reader reads the tree's lists.
type reader struct{ conn catalogue.Conn }

func (r reader) All(ctx context.Context) ([]tree.Row, error) {
	rows, err := nmsdb.New(r.conn).CommandTOCList(ctx)
	return convert(rows, func(n nmsdb.CommandTOCListRow) tree.Row { return tree.Row(n) }), err
}

func (r reader) ByID(ctx context.Context, id int64) ([]tree.Row, error) {
	rows, err := nmsdb.New(r.conn).CommandTOCListByID(ctx, id)
	return convert(rows, func(n nmsdb.CommandTOCListByIDRow) tree.Row { return tree.Row(n) }), err
}

func (r reader) ByName(ctx context.Context, name string) ([]tree.Row, error) {
	rows, err := nmsdb.New(r.conn).CommandTOCListByName(ctx, name)
	return convert(rows, func(n nmsdb.CommandTOCListByNameRow) tree.Row { return tree.Row(n) }), err
}

func (r reader) Subtree(ctx context.Context, id int64) ([]tree.Row, error) {
	rows, err := nmsdb.New(r.conn).CommandTOCListSubtree(ctx, id)
	return convert(rows, func(n nmsdb.CommandTOCListSubtreeRow) tree.Row { return tree.Row(n) }), err
}

func (r reader) SubtreeByName(ctx context.Context, name string) ([]tree.Row, error) {
	rows, err := nmsdb.New(r.conn).CommandTOCListSubtreeByName(ctx, name)
	return convert(rows, func(n nmsdb.CommandTOCListSubtreeByNameRow) tree.Row { return tree.Row(n) }), err
}

func (r reader) Search(ctx context.Context, part string) ([]tree.Row, error) {
	rows, err := nmsdb.New(r.conn).CommandTOCSearch(ctx, part)
	return convert(rows, func(n nmsdb.CommandTOCSearchRow) tree.Row { return tree.Row(n) }), err
}

func (r reader) Names(ctx context.Context, ids []int64) (map[int64]string, error) {
	rows, err := nmsdb.New(r.conn).CommandTOCNames(ctx, ids)
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
