package catalogue

import (
	"context"
	"fmt"

	"nms.example/common/db"
)

// Order is how a flat list is sorted; the zero value is by name.
type Order struct {
	Key        string // "name", "id", …; empty is "name"
	Descending bool
}

// ByName reports whether the order is the one that has an index.
func (o Order) ByName() bool { return !o.Descending && (o.Key == "" || o.Key == "name") }

// Cursor is where a list goes on: behind the item with this sort key and id.
type Cursor struct {
	Key string `json:"k"`
	ID  int64  `json:"i"`
}

// Slice is a part of a flat list: from an offset, or behind a cursor.
type Slice struct {
	Order Order
	Limit int
	Skip  int64
	After *Cursor
}

// Part is what a Slice holds. Next is nil on the last one.
type Part[Item any] struct {
	Items []Item
	Total int64
	Next  *Cursor
}

// after returns the parts of a cursor as query parameters take them.
func (s Slice) after() (key *string, id *int64) {
	if s.After == nil {
		return nil, nil
	}
	return &s.After.Key, &s.After.ID
}

// Query returns the slice in the form of the generated queries, with one row more than the limit: its
// presence says that there is a next slice.
func (s Slice) Query() (most int32, skip int32, key *string, id *int64) {
	key, id = s.after()
	return int32(s.Limit) + 1, int32(min(s.Skip, 1<<31-1)), key, id
}

// List reads a part of a flat list: count tells how many items there are, read returns the rows of a slice, one more
// than its limit where there are more; item makes an item of a row, cursor says where the list goes on behind it.
func List[Row, Item any](
	ctx context.Context, s Slice, count func(context.Context) (int64, error), read func(context.Context) ([]Row, error),
	item func(Row) Item, cursor func(Item) Cursor,
) (p Part[Item], err error) {
	if p.Total, err = count(ctx); err != nil {
		return p, db.MapError(err, nil)
	}
	rows, err := read(ctx)
	if err != nil {
		return p, db.MapError(err, nil)
	}
	p.Items = Convert(rows[:min(len(rows), s.Limit)], item)
	if len(rows) > s.Limit {
		next := cursor(p.Items[s.Limit-1])
		p.Next = &next
	}
	return p, nil
}

// SortableID writes an id such that texts sort as the numbers do; the queries do the same.
func SortableID(id int64) string { return fmt.Sprintf("%019d", id) }
