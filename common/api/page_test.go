package api_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/api"
	"nms.example/common/fault"
)

type numberCursor struct {
	After int `json:"a"`
}

// numbers lists 0 … 9 by pages of three.
func numbers(t *testing.T, in api.PageInput) (api.Page[string, struct{}], error) {
	t.Helper()
	const limit = 3
	after, skip, err := api.Follow[numberCursor](t.Context(), in, limit, struct{}{})
	if err != nil {
		return api.Page[string, struct{}]{}, err
	}
	from := int(skip)
	if after != nil {
		from = after.After + 1
	}
	var found []int
	for n := from; n < 10 && len(found) <= limit; n++ {
		found = append(found, n)
	}
	return api.Paged(t.Context(), in, limit, 10, struct{}{}, found, func(n *int) string { return strconv.Itoa(*n) },
		func(last *int) numberCursor { return numberCursor{*last} }), nil
}

func TestPaged(t *testing.T) {
	t.Parallel()
	t.Run("cursors lead through the whole list and end", func(t *testing.T) {
		t.Parallel()
		var all []string
		in := api.PageInput{PageNumber: api.PageNumber{Page: 1}}
		for {
			page, err := numbers(t, in)
			require.NoError(t, err)
			require.Equal(t, in.Cursor != "", page.Page == 0)
			require.Equal(t, 3, page.Limit)
			require.EqualValues(t, 10, page.Total)
			all = append(all, page.Content...)
			if page.Next == "" {
				break
			}
			in = api.PageInput{PageNumber: api.PageNumber{Page: 1}, Cursor: page.Next}
		}
		require.Equal(t, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, all)
	})
	t.Run("a page behind the end is empty, not null", func(t *testing.T) {
		t.Parallel()
		page, err := numbers(t, api.PageInput{PageNumber: api.PageNumber{Page: 5}})
		require.NoError(t, err)
		require.Equal(t, []string{}, page.Content)
		require.Empty(t, page.Next)
	})
	t.Run("a page number leads 100,000 items deep, a cursor on", func(t *testing.T) {
		t.Parallel()
		_, err := numbers(t, api.PageInput{PageNumber: api.PageNumber{Page: 33_334}}) // 99,999 items are passed over
		require.NoError(t, err)
		_, err = numbers(t, api.PageInput{PageNumber: api.PageNumber{Page: 33_335}})
		require.Equal(t, fault.CodeTooDeep, fault.As(err).Details[0].Code())
		_, err = numbers(t, api.PageInput{PageNumber: api.PageNumber{Page: 33_335}, Cursor: api.ListOf(t.Context(), struct{}{}).EncodeCursor(numberCursor{4})})
		require.NoError(t, err)
	})
	t.Run("a cursor of another list is refused", func(t *testing.T) {
		t.Parallel()
		_, err := numbers(t, api.PageInput{Cursor: api.ListOf(t.Context(), struct{}{}).EncodeCursor(struct{ Other int }{4})})
		require.Equal(t, fault.Request("query.cursor"), fault.As(err).Details[0].Place())
	})
}
