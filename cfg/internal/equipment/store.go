package equipment

import (
	"context"
	"time"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
	"nms.example/cfg/internal/tree"
)

// store adapts the generated queries to what a tree needs.
type store struct{}

// RowOf makes a tree's row of the table's.
func RowOf(r nmsdb.LiveEquipment) tree.Row { return tree.Row(r) }

func (store) GetLive(ctx context.Context, c catalogue.Conn, ids []int64) ([]Item, error) {
	found, err := nmsdb.New(c).EquipmentGetLive(ctx, ids)
	return tree.FoundNodes(catalogue.Convert(found, func(r nmsdb.EquipmentGetLiveRow) tree.Found { return tree.Found(r) })), err
}

func (store) List(ctx context.Context, c catalogue.Conn, f tree.Filter) (list []tree.Row, err error) {
	q := nmsdb.New(c)
	var rows []nmsdb.LiveEquipment
	switch {
	case f.ID != nil:
		rows, err = q.EquipmentListByID(ctx, *f.ID)
	case f.Name != nil:
		rows, err = q.EquipmentListByName(ctx, *f.Name)
	case f.RootID != nil:
		rows, err = q.EquipmentListSubtree(ctx, *f.RootID)
	case f.RootName != nil:
		if path, name := f.Root(); name == "" {
			rows, err = q.EquipmentListSubtreeByPath(ctx, path)
		} else {
			rows, err = q.EquipmentListSubtreeByName(ctx, name)
		}
	case f.Query != nil:
		rows, err = q.EquipmentSearch(ctx, *f.Query)
	default:
		rows, err = q.EquipmentList(ctx)
	}
	return catalogue.Convert(rows, RowOf), err
}

func (store) Levels(ctx context.Context, c catalogue.Conn, rootID *int64, rootName *string, depth int) ([]tree.Level, error) {
	rows, err := nmsdb.New(c).EquipmentListLevels(ctx, nmsdb.EquipmentListLevelsParams{RootID: rootID, RootName: rootName, Depth: int32(depth)})
	return catalogue.Convert(rows, func(r nmsdb.EquipmentListLevelsRow) tree.Level { return tree.Level(r) }), err
}

func (store) IDsByPath(ctx context.Context, c catalogue.Conn, path []string) ([]int64, error) {
	return nmsdb.New(c).EquipmentIDsByPath(ctx, path)
}

func (store) ListAt(ctx context.Context, c catalogue.Conn, moment time.Time, name, part *string) ([]tree.Past, error) {
	rows, err := nmsdb.New(c).EquipmentListAt(ctx, nmsdb.EquipmentListAtParams{Moment: moment, Name: name, Q: part})
	return catalogue.Convert(rows, func(r nmsdb.EquipmentListAtRow) tree.Past { return tree.Past(r) }), err
}

func (store) GetAt(ctx context.Context, c catalogue.Conn, id int64, moment time.Time) (Item, error) {
	rows, err := nmsdb.New(c).EquipmentGetAt(ctx, nmsdb.EquipmentGetAtParams{ID: id, Moment: moment})
	if err != nil {
		return Item{}, err
	}
	return tree.NodeAt(catalogue.Convert(rows, func(r nmsdb.EquipmentGetAtRow) tree.Past { return tree.Past(r) }))
}

func (store) Names(ctx context.Context, c catalogue.Conn, ids []int64) (map[int64]string, error) {
	rows, err := nmsdb.New(c).EquipmentNames(ctx, ids)
	names := make(map[int64]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, err
}

func (store) Descendants(ctx context.Context, c catalogue.Conn, id int64) (int64, error) {
	return nmsdb.New(c).EquipmentDescendantsCount(ctx, id)
}

func (store) LockTree(ctx context.Context, c catalogue.Conn) error {
	return nmsdb.New(c).EquipmentLockTree(ctx)
}

func (store) Lock(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Locked[Input], error) {
	r, err := nmsdb.New(c).EquipmentLock(ctx, id)
	return catalogue.Locked[Input]{
		Input: Input{ParentID: r.ParentID, Name: r.Name, NameFull: r.NameFull}, ArchivedAt: r.ArchivedAt,
	}, err
}

func (store) Insert(ctx context.Context, c catalogue.Conn, d Input) (int64, error) {
	return nmsdb.New(c).EquipmentInsert(ctx, nmsdb.EquipmentInsertParams(d))
}

func (store) Update(ctx context.Context, c catalogue.Conn, id int64, before, after Input) error {
	if tree.SameParent(before.ParentID, after.ParentID) {
		return nmsdb.New(c).EquipmentRename(ctx, nmsdb.EquipmentRenameParams{ID: id, Name: after.Name, NameFull: after.NameFull})
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
