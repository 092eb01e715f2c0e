package telemetry

import (
	"context"
	"time"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
)

// store adapts the generated queries to what a catalogue needs.
type store struct{}

// ItemOf makes an item of its row.
func ItemOf(r nmsdb.LiveTelemetry) Item { return Item(r) }

func (store) GetLive(ctx context.Context, c catalogue.Conn, ids []int64) ([]Item, error) {
	rows, err := nmsdb.New(c).TelemetryGetLive(ctx, ids)
	return catalogue.Convert(rows, ItemOf), err
}

func (store) GetAt(ctx context.Context, c catalogue.Conn, id int64, moment time.Time) (Item, error) {
	r, err := nmsdb.New(c).TelemetryGetAt(ctx, nmsdb.TelemetryGetAtParams{ID: id, Moment: moment})
	return Item(r), err
}

func (store) Lock(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Locked[Input], error) {
	r, err := nmsdb.New(c).TelemetryLock(ctx, id)
	return catalogue.Locked[Input]{
		Input:      Input{Name: r.Name, NameFull: r.NameFull, Description: r.Description, ValueValidator: r.ValueValidator},
		ArchivedAt: r.ArchivedAt,
	}, err
}

func (store) Insert(ctx context.Context, c catalogue.Conn, d Input) (int64, error) {
	return nmsdb.New(c).TelemetryInsert(ctx, nmsdb.TelemetryInsertParams(d))
}

func (store) Update(ctx context.Context, c catalogue.Conn, id int64, _, d Input) error {
	return nmsdb.New(c).TelemetryUpdate(ctx, nmsdb.TelemetryUpdateParams{
		ID: id, Name: d.Name, NameFull: d.NameFull, Description: d.Description, ValueValidator: d.ValueValidator,
	})
}

func (store) Archive(ctx context.Context, c catalogue.Conn, id int64) error {
	return nmsdb.New(c).TelemetryArchive(ctx, id)
}

func (store) Restore(ctx context.Context, c catalogue.Conn, id int64) error {
	return nmsdb.New(c).TelemetryRestore(ctx, id)
}

func (store) LockTree(context.Context, catalogue.Conn) error { return nil }

// list reads the rows of a slice, with one more than its limit.
func list(ctx context.Context, q *nmsdb.Queries, f Filter, s catalogue.Slice) ([]nmsdb.LiveTelemetry, error) {
	most, skip, key, id := s.Query()
	if s.Order.ByName() {
		return q.TelemetryList(ctx, nmsdb.TelemetryListParams{
			AfterName: key, AfterID: id, Name: f.Name, Q: f.Query, Most: most, Skip: skip,
		})
	}
	return q.TelemetryListSorted(ctx, nmsdb.TelemetryListSortedParams{
		Sort: s.Order.Key, Descending: s.Order.Descending, AfterKey: key, AfterID: id,
		Name: f.Name, Q: f.Query, Most: most, Skip: skip,
	})
}

func count(ctx context.Context, q *nmsdb.Queries, f Filter) (int64, error) {
	return q.TelemetryCount(ctx, nmsdb.TelemetryCountParams{Name: f.Name, Q: f.Query})
}

// listedOf makes an item of the row of a past or archived parameter.
func listedOf(r nmsdb.TelemetryListAtRow) ListedParameter {
	return ListedParameter{ArchivedAt: r.ArchivedAt, Parameter: Parameter{
		ID: r.ID, Name: r.Name, NameFull: r.NameFull, Description: r.Description, ValueValidator: r.ValueValidator,
	}}
}

// listAt is list for the parameters of a moment.
func listAt(ctx context.Context, q *nmsdb.Queries, f Filter, moment time.Time, s catalogue.Slice) ([]nmsdb.TelemetryListAtRow, error) {
	most, skip, key, id := s.Query()
	return q.TelemetryListAt(ctx, nmsdb.TelemetryListAtParams{
		Moment: moment, Archived: f.Archived, Sort: s.Order.Key, Descending: s.Order.Descending, AfterKey: key, AfterID: id,
		Name: f.Name, Q: f.Query, Most: most, Skip: skip,
	})
}

func countAt(ctx context.Context, q *nmsdb.Queries, f Filter, moment time.Time) (int64, error) {
	return q.TelemetryCountAt(ctx, nmsdb.TelemetryCountAtParams{Moment: moment, Archived: f.Archived, Name: f.Name, Q: f.Query})
}

// sortKey is what the item is sorted by in an order by key.
func (i Item) sortKey(key string) string {
	switch key {
	case "id":
		return catalogue.SortableID(i.ID)
	case "name_full":
		return i.NameFull
	default:
		return i.Name
	}
}
