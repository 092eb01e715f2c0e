package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"nms.example/common/api"
	"nms.example/common/cache"
	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
)

// listCursor is where a flat list goes on. It carries the order, since a cursor means nothing in another.
type listCursor struct {
	Sort  string           `json:"s"`
	After catalogue.Cursor `json:"p"`
}

// sliceOf reads the paging of a flat list; page is 0 when a cursor is followed. Beside a cursor the order may be left
// out, since the cursor carries it.
func sliceOf(list api.List, in api.PageInput, limit int, sort string, keys []string) (s catalogue.Slice, page int, err error) {
	order, err := orderOf(sort, keys)
	if err != nil || in.Cursor == "" {
		return catalogue.Slice{Order: order, Limit: limit, Skip: in.Offset(limit)}, in.Page, err
	}
	var c listCursor
	if err := list.DecodeCursor(in.Cursor, &c); err != nil {
		return s, 0, err
	}
	carried, err := orderOf(c.Sort, keys)
	if err == nil && sort != "" && order != carried && (!order.ByName() || !carried.ByName()) {
		err = fault.At(fault.Field("sort"), fault.CodeContradicts, "is not the order of the cursor; leave it out")
	}
	return catalogue.Slice{Order: carried, Limit: limit, After: &c.After}, 0, err
}

// PastParams echo a PastInput.
type PastParams struct {
	At       *time.Time `json:"at,omitempty"`
	Archived bool       `json:"archived,omitempty"`
}

func (in PastInput) params() PastParams { return PastParams{At: in.At.Ptr(), Archived: in.Archived} }

// pastDescription tells of a PastInput in the document.
const pastDescription = "`at` answers from the history, with every filter, order and page as without it; with `archived` " +
	"it lists what had been archived by then. A cursor goes on in the same list only: repeat the filters."

// listing is what a request wants of a flat list, and what all requests of that list share.
type listing[Item any] struct {
	api.PageInput
	api.Conditional

	limit    int
	sort     string
	fields   []string
	sortKeys []string
	entity   string
	tags     []string // of the cache: what the answer depends on
}

// pageOf answers with a page; from the cache when no filter, order or choice of fields was asked for.
func pageOf[Item any, Params comparable](
	ctx context.Context, store *cache.Store, in listing[Item], params Params,
	list func(ctx context.Context, s catalogue.Slice) (catalogue.Part[Item], error),
) (*ready[api.Page[Item, Params]], error) {
	self := api.ListOf(ctx, params)
	slice, page, err := sliceOf(self, in.PageInput, in.limit, in.sort, in.sortKeys)
	if err != nil {
		return nil, err
	}
	var pick picker
	if len(in.fields) > 0 {
		if pick, err = fieldsOf[Item](in.fields); err != nil {
			return nil, err
		}
	}
	fill := func(ctx context.Context) (any, error) {
		part, err := list(ctx, slice)
		if err != nil {
			return nil, err
		}
		return render(part, slice, page, self, params, pick)
	}
	var none Params
	if pick == nil && params == none && in.sort == "" && in.Cursor == "" {
		key := fmt.Sprintf("%s?%d,%d", in.entity, in.Page, in.limit)
		return stored[api.Page[Item, Params]](ctx, store, key, in.tags, in.Conditional, fill)
	}
	body, err := fill(ctx)
	if err != nil {
		return nil, err
	}
	return fresh[api.Page[Item, Params]](body, in.Conditional)
}

// render makes a page of a part; with a picker its items are sparse.
func render[Item, Params any](part catalogue.Part[Item], s catalogue.Slice, page int, list api.List, params Params, pick picker) (any, error) {
	next := ""
	if part.Next != nil {
		sort := s.Order.Key
		if s.Order.Descending {
			sort = "-" + sort
		}
		next = list.EncodeCursor(listCursor{Sort: sort, After: *part.Next})
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
