package command

import (
	"context"
	"encoding/json"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
)

// store adapts the generated queries to what a catalogue needs.
type store struct{}

func (store) GetLive(ctx context.Context, c catalogue.Conn, ids []int64) ([]Item, error) {
	rows, err := nmsdb.New(c).CommandGetLive(ctx, ids)
	return catalogue.Convert(rows, func(r nmsdb.CommandGetLiveRow) Item { return Item(r) }), err
}

// GetMany gives the commands that exist, archived ones too, by name.
func GetMany(ctx context.Context, c catalogue.Conn, ids []int64) ([]Item, error) {
	rows, err := nmsdb.New(c).CommandGetMany(ctx, ids)
	return catalogue.Convert(rows, func(r nmsdb.CommandGetManyRow) Item { return Item(r) }), err
}

func (store) Hold(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Held[Draft], error) {
	r, err := nmsdb.New(c).CommandHold(ctx, id)
	return catalogue.Held[Draft]{
		Draft: Draft{
			EquipmentID: r.EquipmentID, TocID: r.TocID, Name: r.Name, NameFull: r.NameFull,
			Description: r.Description, UndoCmdID: r.UndoCmdID,
		},
		ArchivedAt: r.ArchivedAt,
	}, err
}

func (store) Insert(ctx context.Context, c catalogue.Conn, d Draft) (int64, error) {
	return nmsdb.New(c).CommandInsert(ctx, nmsdb.CommandInsertParams(d))
}

func (store) Update(ctx context.Context, c catalogue.Conn, id int64, _, after Draft) error {
	return nmsdb.New(c).CommandUpdate(ctx, nmsdb.CommandUpdateParams{
		ID: id, EquipmentID: after.EquipmentID, TocID: after.TocID, Name: after.Name, NameFull: after.NameFull,
		Description: after.Description, UndoCmdID: after.UndoCmdID,
	})
}

func (store) Archive(ctx context.Context, c catalogue.Conn, id int64) error {
	return nmsdb.New(c).CommandArchive(ctx, id)
}

func (store) Restore(ctx context.Context, c catalogue.Conn, id int64) error {
	return nmsdb.New(c).CommandRestore(ctx, id)
}

func (store) LockShape(context.Context, catalogue.Conn) error { return nil }

func (store) Present(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Version, error) {
	r, err := nmsdb.New(c).CommandCurrent(ctx, id)
	if err != nil {
		return catalogue.Version{}, err
	}
	item, err := json.Marshal(map[string]any{
		"equipment_id": r.EquipmentID, "toc_id": r.TocID, "undo_cmd_id": r.UndoCmdID,
		"name": r.Name, "name_full": r.NameFull, "description": r.Description,
	})
	return catalogue.Version{
		Version: r.Version, ValidFrom: r.ValidFrom, Actor: r.Actor, RequestID: r.RequestID,
		Archived: r.ArchivedAt != nil, Item: item,
	}, err
}

func (store) Past(ctx context.Context, c catalogue.Conn, id int64, before, most int32) ([]catalogue.Version, error) {
	rows, err := nmsdb.New(c).CommandHistory(ctx, nmsdb.CommandHistoryParams{ID: id, Before: before, Most: most})
	if err != nil {
		return nil, err
	}
	return catalogue.PastVersions(rows, func(r nmsdb.CommandHistoryRow) catalogue.PastRow { return catalogue.PastRow(r) })
}

func list(ctx context.Context, c catalogue.Conn, f Filter, s catalogue.Slice) (part catalogue.Part[Item], err error) {
	total, err := count(ctx, c, f)
	if err != nil {
		return part, err
	}
	if !s.Order.ByName() {
		return listSorted(ctx, c, f, s, total)
	}
	most, skip, name, id := s.Query()
	rows, err := nmsdb.New(c).CommandList(ctx, nmsdb.CommandListParams{
		AfterName: name, AfterID: id, Name: f.Name, EquipmentID: f.EquipmentID, EquipmentName: f.EquipmentName,
		TocID: f.SectionID, Q: f.Query, Most: most, Skip: skip,
	})
	if err != nil {
		return part, err
	}
	items := catalogue.Convert(rows, func(r nmsdb.CommandListRow) Item { return Item(r) })
	return catalogue.Cut(items, s.Limit, total, func(i Item) catalogue.Place {
		return catalogue.Place{Key: i.Name, ID: i.ID}
	}), nil
}

func listSorted(
	ctx context.Context, c catalogue.Conn, f Filter, s catalogue.Slice, total int64,
) (part catalogue.Part[Item], err error) {
	most, skip, key, id := s.Query()
	rows, err := nmsdb.New(c).CommandListSorted(ctx, nmsdb.CommandListSortedParams{
		Sort: s.Order.Key, Descending: s.Order.Descending, AfterKey: key, AfterID: id,
		Name: f.Name, EquipmentID: f.EquipmentID, EquipmentName: f.EquipmentName,
		TocID: f.SectionID, Q: f.Query, Most: most, Skip: skip,
	})
	if err != nil {
		return part, err
	}
	cut := catalogue.Cut(rows, s.Limit, total, func(r nmsdb.CommandListSortedRow) catalogue.Place {
		return catalogue.Place{Key: r.SortKey, ID: r.ID}
	})
	part = catalogue.Part[Item]{Total: total, Next: cut.Next, Items: make([]Item, len(cut.Items))}
	for i, r := range cut.Items {
		part.Items[i] = Item{
			ID: r.ID, EquipmentID: r.EquipmentID, TocID: r.TocID, Name: r.Name, NameFull: r.NameFull,
			Description: r.Description, UndoCmdID: r.UndoCmdID, EquipmentName: r.EquipmentName, UndoCmdName: r.UndoCmdName,
		}
	}
	return part, nil
}

func count(ctx context.Context, c catalogue.Conn, f Filter) (int64, error) {
	if f.empty() {
		return nmsdb.New(c).CommandCountAll(ctx) // without the joins
	}
	return nmsdb.New(c).CommandCount(ctx, nmsdb.CommandCountParams{
		Name: f.Name, EquipmentID: f.EquipmentID, EquipmentName: f.EquipmentName, TocID: f.SectionID, Q: f.Query,
	})
}

func usage(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Usage, error) {
	q := nmsdb.New(c)
	u := catalogue.Usage{ID: id, Uses: []catalogue.Use{}}
	rows, err := q.CommandsUndoneBy(ctx, nmsdb.CommandsUndoneByParams{ID: id, Most: catalogue.UsageSample})
	if err != nil {
		return u, err
	}
	total, err := q.CommandsUndoneByCount(ctx, id)
	if err != nil {
		return u, err
	}
	use := catalogue.Use{Resource: "commands", Relation: "undo", Total: total}
	for _, r := range rows {
		use.Items = append(use.Items, catalogue.Ref(r))
	}
	u.Add(use)
	return u, nil
}
