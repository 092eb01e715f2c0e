package toc

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
func RowOf(r nmsdb.LiveCommandToc) tree.Row {
	row := tree.Row{ID: r.ID, ParentID: r.ParentID, ParentPath: r.ParentPath, Name: r.Name, NameFull: r.Name}
	if r.NameFull != nil {
		row.NameFull = *r.NameFull
	}
	return row
}

func (store) GetLive(ctx context.Context, c catalogue.Conn, ids []int64) ([]Item, error) {
	found, err := nmsdb.New(c).CommandTOCGetLive(ctx, ids)
	return tree.FoundNodes(catalogue.Convert(found, func(r nmsdb.CommandTOCGetLiveRow) tree.Found { return tree.Found(r) })), err
}

func (store) List(ctx context.Context, c catalogue.Conn, f tree.Filter) (list []tree.Row, err error) {
	q := nmsdb.New(c)
	var rows []nmsdb.LiveCommandToc
	switch {
	case f.ID != nil:
		rows, err = q.CommandTOCListByID(ctx, *f.ID)
	case f.Name != nil:
		rows, err = q.CommandTOCListByName(ctx, *f.Name)
	case f.RootID != nil:
		rows, err = q.CommandTOCListSubtree(ctx, *f.RootID)
	case f.RootName != nil:
		if path, name := f.Root(); name == "" {
			rows, err = q.CommandTOCListSubtreeByPath(ctx, path)
		} else {
			rows, err = q.CommandTOCListSubtreeByName(ctx, name)
		}
	case f.Query != nil:
		rows, err = q.CommandTOCSearch(ctx, *f.Query)
	default:
		rows, err = q.CommandTOCList(ctx)
	}
	return catalogue.Convert(rows, RowOf), err
}

func (store) Levels(ctx context.Context, c catalogue.Conn, rootID *int64, rootName *string, depth int) ([]tree.Level, error) {
	rows, err := nmsdb.New(c).CommandTOCListLevels(ctx, nmsdb.CommandTOCListLevelsParams{RootID: rootID, RootName: rootName, Depth: int32(depth)})
	return catalogue.Convert(rows, func(r nmsdb.CommandTOCListLevelsRow) tree.Level { return tree.Level(r) }), err
}

func (store) IDsByPath(ctx context.Context, c catalogue.Conn, path []string) ([]int64, error) {
	return nmsdb.New(c).CommandTOCIDsByPath(ctx, path)
}

func (store) ListAt(ctx context.Context, c catalogue.Conn, moment time.Time, name, part *string) ([]tree.Past, error) {
	rows, err := nmsdb.New(c).CommandTOCListAt(ctx, nmsdb.CommandTOCListAtParams{Moment: moment, Name: name, Q: part})
	return catalogue.Convert(rows, func(r nmsdb.CommandTOCListAtRow) tree.Past { return tree.Past(r) }), err
}

func (store) GetAt(ctx context.Context, c catalogue.Conn, id int64, moment time.Time) (Item, error) {
	rows, err := nmsdb.New(c).CommandTOCGetAt(ctx, nmsdb.CommandTOCGetAtParams{ID: id, Moment: moment})
	if err != nil {
		return Item{}, err
	}
	return tree.NodeAt(catalogue.Convert(rows, func(r nmsdb.CommandTOCGetAtRow) tree.Past { return tree.Past(r) }))
}

func (store) Names(ctx context.Context, c catalogue.Conn, ids []int64) (map[int64]string, error) {
	rows, err := nmsdb.New(c).CommandTOCNames(ctx, ids)
	names := make(map[int64]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, err
}

func (store) Descendants(ctx context.Context, c catalogue.Conn, id int64) (int64, error) {
	return nmsdb.New(c).CommandTOCDescendantsCount(ctx, id)
}

func (store) LockTree(ctx context.Context, c catalogue.Conn) error {
	return nmsdb.New(c).CommandTOCLockTree(ctx)
}

func (store) Lock(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Locked[Input], error) {
	r, err := nmsdb.New(c).CommandTOCLock(ctx, id)
	return catalogue.Locked[Input]{
		Input: Input{ParentID: r.ParentID, Name: r.Name, NameFull: r.NameFull}, ArchivedAt: r.ArchivedAt,
	}, err
}

func (store) Insert(ctx context.Context, c catalogue.Conn, d Input) (int64, error) {
	return nmsdb.New(c).CommandTOCInsert(ctx, nmsdb.CommandTOCInsertParams(d))
}

func (store) Update(ctx context.Context, c catalogue.Conn, id int64, before, after Input) error {
	if tree.SameParent(before.ParentID, after.ParentID) {
		return nmsdb.New(c).CommandTOCRename(ctx, nmsdb.CommandTOCRenameParams{ID: id, Name: after.Name, NameFull: after.NameFull})
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
