package telemetry

import (
	"context"
	"encoding/json"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
)

// store adapts the generated queries to what a catalogue needs.
type store struct{}

func (store) GetLive(ctx context.Context, c catalogue.Conn, ids []int64) ([]Item, error) {
	rows, err := nmsdb.New(c).TelemetryGetLive(ctx, ids)
	return catalogue.Convert(rows, func(r nmsdb.TelemetryGetLiveRow) Item { return Item(r) }), err
}

func (store) Hold(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Held[Draft], error) {
	r, err := nmsdb.New(c).TelemetryHold(ctx, id)
	return catalogue.Held[Draft]{
		Draft:      Draft{Name: r.Name, NameFull: r.NameFull, Description: r.Description, ValueValidator: r.ValueValidator},
		ArchivedAt: r.ArchivedAt,
	}, err
}

func (store) Insert(ctx context.Context, c catalogue.Conn, d Draft) (int64, error) {
	return nmsdb.New(c).TelemetryInsert(ctx, nmsdb.TelemetryInsertParams(d))
}

func (store) Update(ctx context.Context, c catalogue.Conn, id int64, _, after Draft) error {
	return nmsdb.New(c).TelemetryUpdate(ctx, nmsdb.TelemetryUpdateParams{
		ID: id, Name: after.Name, NameFull: after.NameFull, Description: after.Description,
		ValueValidator: after.ValueValidator,
	})
}

func (store) Archive(ctx context.Context, c catalogue.Conn, id int64) error {
	return nmsdb.New(c).TelemetryArchive(ctx, id)
}

func (store) Restore(ctx context.Context, c catalogue.Conn, id int64) error {
	return nmsdb.New(c).TelemetryRestore(ctx, id)
}

func (store) LockShape(context.Context, catalogue.Conn) error { return nil }

func (store) Present(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Version, error) {
	r, err := nmsdb.New(c).TelemetryCurrent(ctx, id)
	if err != nil {
		return catalogue.Version{}, err
	}
	item, err := json.Marshal(map[string]any{
		"name": r.Name, "name_full": r.NameFull, "description": r.Description, "value_validator": r.ValueValidator,
	})
	return catalogue.Version{
		Version: r.Version, ValidFrom: r.ValidFrom, Actor: r.Actor, RequestID: r.RequestID,
		Archived: r.ArchivedAt != nil, Item: item,
	}, err
}

func (store) Past(ctx context.Context, c catalogue.Conn, id int64, before, most int32) ([]catalogue.Version, error) {
	rows, err := nmsdb.New(c).TelemetryHistory(ctx, nmsdb.TelemetryHistoryParams{ID: id, Before: before, Most: most})
	if err != nil {
		return nil, err
	}
	return catalogue.PastVersions(rows, func(r nmsdb.TelemetryHistoryRow) catalogue.PastRow { return catalogue.PastRow(r) })
}

func list(ctx context.Context, c catalogue.Conn, f Filter, s catalogue.Slice) (part catalogue.Part[Item], err error) {
	q := nmsdb.New(c)
	total, err := q.TelemetryCount(ctx, nmsdb.TelemetryCountParams{Name: f.Name, Q: f.Query})
	if err != nil {
		return part, err
	}
	most, skip, key, id := s.Query()
	if !s.Order.ByName() {
		return listSorted(ctx, c, f, s, total)
	}
	rows, err := q.TelemetryList(ctx, nmsdb.TelemetryListParams{
		AfterName: key, AfterID: id, Name: f.Name, Q: f.Query, Most: most, Skip: skip,
	})
	if err != nil {
		return part, err
	}
	items := catalogue.Convert(rows, func(r nmsdb.TelemetryListRow) Item { return Item(r) })
	return catalogue.Cut(items, s.Limit, total, func(i Item) catalogue.Place {
		return catalogue.Place{Key: i.Name, ID: i.ID}
	}), nil
}

func listSorted(
	ctx context.Context, c catalogue.Conn, f Filter, s catalogue.Slice, total int64,
) (part catalogue.Part[Item], err error) {
	most, skip, key, id := s.Query()
	rows, err := nmsdb.New(c).TelemetryListSorted(ctx, nmsdb.TelemetryListSortedParams{
		Sort: s.Order.Key, Descending: s.Order.Descending, AfterKey: key, AfterID: id,
		Name: f.Name, Q: f.Query, Most: most, Skip: skip,
	})
	if err != nil {
		return part, err
	}
	cut := catalogue.Cut(rows, s.Limit, total, func(r nmsdb.TelemetryListSortedRow) catalogue.Place {
		return catalogue.Place{Key: r.SortKey, ID: r.ID}
	})
	part = catalogue.Part[Item]{Total: total, Next: cut.Next, Items: make([]Item, len(cut.Items))}
	for i, r := range cut.Items {
		part.Items[i] = Item{
			ID: r.ID, Name: r.Name, NameFull: r.NameFull, Description: r.Description, ValueValidator: r.ValueValidator,
		}
	}
	return part, nil
}
