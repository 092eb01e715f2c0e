package api

import (
	"encoding/json"

	"nms.example/common/api"

	"nms.example/cfg/internal/catalogue"
)

// listCursor is where a flat list goes on. It carries the order, since a place means nothing in another.
type listCursor struct {
	Sort  string          `json:"s"`
	Place catalogue.Place `json:"p"`
}

// sliceOf reads the paging of a flat list; page is 0 when a cursor is followed.
func sliceOf(in api.PageInput, limit int, sort string, keys []string) (s catalogue.Slice, page int, err error) {
	if in.Cursor == "" {
		order, err := orderOf(sort, keys)
		return catalogue.Slice{Order: order, Limit: limit, Skip: in.Offset(limit)}, in.Page, err
	}
	var c listCursor
	if err := api.DecodeCursor(in.Cursor, &c); err != nil {
		return s, 0, err
	}
	order, err := orderOf(c.Sort, keys)
	return catalogue.Slice{Order: order, Limit: limit, After: &c.Place}, 0, err
}

// pageOf makes a page of a part; with a picker its items are sparse.
func pageOf[Item, Params any](part catalogue.Part[Item], s catalogue.Slice, page int, params Params, pick picker) (any, error) {
	next := ""
	if part.Next != nil {
		sort := s.Order.Key
		if s.Order.Descending {
			sort = "-" + sort
		}
		next = api.EncodeCursor(listCursor{Sort: sort, Place: *part.Next})
	}
	if pick == nil {
		return api.Page[Item, Params]{
			Page: page, Limit: s.Limit, Total: part.Total, Params: params, Content: part.Items, Next: next,
		}, nil
	}
	sparse, err := items(pick, part.Items)
	return api.Page[json.RawMessage, Params]{
		Page: page, Limit: s.Limit, Total: part.Total, Params: params, Content: sparse, Next: next,
	}, err
}
