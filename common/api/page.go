package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"nms.example/common/api/internal/wire"
	"nms.example/common/fault"
)

// Page is one page of a list. Params echoes the filters that were taken, in their own types.
type Page[T, P any] struct {
	Page    int    `json:"page" doc:"Number of this page, from 1; 0 when a cursor was followed"`
	Limit   int    `json:"limit" doc:"Most items that a page holds"`
	Total   int64  `json:"total" doc:"Items on all pages together"`
	Params  P      `json:"params" doc:"The filters taken"`
	Content []T    `json:"content" doc:"The items of this page"`
	Next    string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last one"`
}

// PageNumber is embedded in the inputs of lists without cursors. The limit's default and bounds are the list's own
// affair, so each list declares `Limit int` beside it.
type PageNumber struct {
	Page int `query:"page" default:"1" minimum:"1" maximum:"1000000000" doc:"Number of the page, from 1"`
}

// PageInput is embedded in the inputs of lists whose pages end with a cursor; see Follow and Paged.
type PageInput struct {
	PageNumber

	Cursor string `query:"cursor" maxLength:"2048" doc:"Follows the cursor that an earlier page gave as next, with the same filters and without page"`
}

// Offset returns how many items precede the page. It cannot overflow within the input's bounds.
func (p PageNumber) Offset(limit int) int64 { return int64(p.Page-1) * int64(limit) }

// maxDepth is how far page numbers lead into a list that has cursors; they lead on.
const maxDepth = 100_000

var errDeep = fault.At(fault.Field("page"), fault.CodeTooDeep, "lies too deep; follow the cursor in next")

// Follow reads the paging of a list whose cursors are made of a C: the one that was followed, else how many items to
// pass over, at most 100,000. params are the filters, as Paged echoes them. Both of the list's errors are
// fault.Invalid: at query.cursor, and at query.page.
func Follow[C any](ctx context.Context, in PageInput, limit int, params any) (after *C, skip int64, err error) {
	if in.Cursor != "" {
		after = new(C)
		return after, 0, ListOf(ctx, params).DecodeCursor(in.Cursor, after)
	}
	if skip = in.Offset(limit); skip > maxDepth {
		return nil, 0, errDeep
	}
	return nil, skip, nil
}

// Paged makes the page of a list that Follow has read. found are the items from there on, one more than limit where
// there are more: then the page ends with a cursor made of the last item that it shows.
func Paged[F, T, P, C any](
	ctx context.Context, in PageInput, limit int, total int64, params P, found []F, render func(*F) T, cursor func(*F) C,
) Page[T, P] {
	page := Page[T, P]{Page: in.Page, Limit: limit, Total: total, Params: params}
	if in.Cursor != "" {
		page.Page = 0
	}
	if len(found) > limit {
		found = found[:limit]
		page.Next = ListOf(ctx, params).EncodeCursor(cursor(&found[limit-1]))
	}
	page.Content = make([]T, len(found))
	for i := range found {
		page.Content[i] = render(&found[i])
	}
	return page
}

// IDInput is embedded in the inputs of operations on one item.
type IDInput struct {
	ID int64 `path:"id" minimum:"1" doc:"Identifier, from 1"`
}

// cursorVersion is the first byte of every cursor; another layout gets another version.
const (
	cursorVersion  = 1
	cursorCheckLen = 6
)

var errCursor = fault.At(fault.Request("query.cursor"), codeCursor, "is not a cursor of this list with these filters")

// List is a list as a request asks for it: its path and its filters. A cursor leads on in the list that it came from;
// in another, or with other filters, it would answer a question that nobody asked.
type List struct {
	path   string
	params any
}

// ListOf returns the list that a request asks for; params are its filters as they are echoed, what encoding/json
// can write.
func ListOf(ctx context.Context, params any) List {
	l := List{params: params}
	if c := callOf(ctx); c != nil {
		l.path = strings.TrimRight(c.url.Path, "/")
	}
	return l
}

// EncodeCursor packs the place where the list goes on into an opaque string. v must be what encoding/json
// can write; keep it a small struct of sort keys.
func (l List) EncodeCursor(v any) string { return l.seal(marshal(v)) }

// marshal writes a cursor's content, or the filters of a list.
func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		//nolint:forbidigo // a mistake in the code: the type is the caller's constant
		panic(fmt.Sprintf("api: a cursor or filters of type %T cannot be encoded: %v", v, err))
	}
	return text
}

func (l List) seal(payload []byte) string {
	raw := make([]byte, 0, 1+cursorCheckLen+len(payload))
	raw = append(raw, cursorVersion)
	raw = append(raw, l.check(payload)...)
	raw = append(raw, payload...)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// DecodeCursor unpacks a cursor into v, a pointer to what EncodeCursor got. A damaged cursor, or one of
// another version or list, or of other filters, is fault.Invalid at query.cursor. The checksum finds damage
// and mistakes, not malice: a cursor is input like any other, to be bound as a query parameter.
func (l List) DecodeCursor(s string, v any) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return errCursor.Because(err)
	}
	if len(raw) <= 1+cursorCheckLen || raw[0] != cursorVersion {
		return errCursor
	}
	payload := raw[1+cursorCheckLen:]
	if string(l.check(payload)) != string(raw[1:1+cursorCheckLen]) {
		return errCursor
	}
	// As for a body: whoever knows the layout can write a cursor, and PostgreSQL takes no NUL.
	var untyped any
	if err := wire.Decode(payload, &untyped); err != nil {
		return errCursor.Because(err)
	}
	if err := decodeStrictly(payload, v); err != nil {
		return errCursor.Because(err)
	}
	return nil
}

// check is the checksum of a cursor's content in this list. JSON holds no NUL, and no path of ours does.
func (l List) check(payload []byte) []byte {
	sum := sha256.Sum256(bytes.Join([][]byte{[]byte(l.path), marshal(l.params), payload}, []byte{0}))
	return sum[:cursorCheckLen]
}

// decodeStrictly is json.Unmarshal that refuses unknown fields.
func decodeStrictly(data []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(v)
}
