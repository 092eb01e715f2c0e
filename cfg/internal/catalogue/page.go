package catalogue

// Order is how a flat list is sorted; the zero value is by name.
type Order struct {
	Key        string // "name", "id", …; empty is "name"
	Descending bool
}

// ByName reports whether the order is the one that has an index.
func (o Order) ByName() bool { return !o.Descending && (o.Key == "" || o.Key == "name") }

// Place is where a list goes on: behind the item with this sort key and id.
type Place struct {
	Key string `json:"k"`
	ID  int64  `json:"i"`
}

// Slice is a part of a flat list: from an offset, or behind a place.
type Slice struct {
	Order Order
	Limit int
	Skip  int64
	After *Place
}

// Part is what a Slice gave. Next is nil on the last one.
type Part[Item any] struct {
	Items []Item
	Total int64
	Next  *Place
}

// after gives a place's parts as query parameters take them.
func (s Slice) after() (key *string, id *int64) {
	if s.After == nil {
		return nil, nil
	}
	return &s.After.Key, &s.After.ID
}

// Query gives the slice in the form of the generated queries, with one row more than the limit: its
// presence says that there is a next slice.
func (s Slice) Query() (most int32, skip int32, key *string, id *int64) {
	key, id = s.after()
	return int32(s.Limit) + 1, int32(min(s.Skip, 1<<31-1)), key, id
}

// Cut makes the part from rows that were read with one more than the limit; key gives a row's sort key.
func Cut[Item any](rows []Item, limit int, total int64, key func(Item) Place) Part[Item] {
	p := Part[Item]{Items: rows, Total: total}
	if len(rows) > limit {
		p.Items = rows[:limit]
		next := key(rows[limit-1])
		p.Next = &next
	}
	return p
}
