package app_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

//nolint:paralleltest // the first claim looks before the others change anything
func TestETags(t *testing.T) {
	t.Parallel()
	b := setup(t)
	root := b.node("Root", 0)
	one := of("/equipments", b.node("Node", root))
	for _, path := range []string{one, "/equipments", "/equipments?root-name=root", "/commands", "/telemetry", "/export"} {
		t.Run("what has not changed is not sent again: "+path, func(t *testing.T) {
			b := b.in(t)
			etag := b.Get(path).Is(http.StatusOK).Header.Get("ETag")
			require.NotEmpty(t, etag)
			same := b.Get(path, "If-None-Match: "+etag).Is(http.StatusNotModified)
			require.Empty(t, same.Body)
			require.Equal(t, etag, same.Header.Get("ETag"))
			b.Get(path, `If-None-Match: "other"`).Is(http.StatusOK)
		})
	}
	t.Run("a change needs the tag of what it changes", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		one := of("/equipments", b.node("Changed", root))
		etag := b.Get(one).Header.Get("ETag")
		changed := b.Patch(one, `{"name_full":"changed"}`, "If-Match: "+etag).Is(http.StatusOK)
		b.Patch(one, `{"name_full":"again"}`, "If-Match: "+etag).Refused(http.StatusPreconditionFailed, "header.If-Match", "changed_meanwhile")
		require.Equal(t, changed.Header.Get("ETag"), b.Get(one).Header.Get("ETag"))
	})
	t.Run("an ancestor's new name is another tag, for reading and archiving", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		above := b.node("Above", 0)
		one := of("/equipments", b.node("Below", above))
		etag := b.Get(one).Header.Get("ETag")
		b.Patch(of("/equipments", above), `{"name":"Renamed"}`).Is(http.StatusOK)
		b.Get(one, "If-None-Match: "+etag).Is(http.StatusOK)
		b.Delete(one, "If-Match: "+etag).Refused(http.StatusPreconditionFailed, "header.If-Match", "changed_meanwhile")
		b.Delete(one+"?recursive=true", "If-Match: "+etag).Refused(http.StatusPreconditionFailed, "header.If-Match", "changed_meanwhile")
		b.Delete(one, "If-Match: "+b.Get(one).Header.Get("ETag")).Is(http.StatusNoContent)
	})
	t.Run("of changes with one tag only one is taken", func(t *testing.T) {
		t.Parallel()
		b := b.in(t)
		one := of("/equipments", b.node("Raced", root))
		for round := range 5 {
			etag := b.Get(one).Header.Get("ETag")
			statuses := make([]int, 8)
			var writers sync.WaitGroup
			for i := range statuses {
				writers.Go(func() {
					statuses[i] = b.Patch(one, fmt.Sprintf(`{"name_full":"round %d, writer %d"}`, round, i), "If-Match: "+etag).Status
				})
			}
			writers.Wait()
			slices.Sort(statuses)
			require.Equal(t, http.StatusOK, statuses[0])
			require.Equal(t, slices.Repeat([]int{http.StatusPreconditionFailed}, len(statuses)-1), statuses[1:])
		}
	})
}

func TestLargeAnswersAreCompressedOnceForThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var rows []string
	for i := range 600 {
		rows = append(rows, fmt.Sprintf("Name %d,Full name of number %d", i, i))
	}
	b.csv("equipments", "name,name_full\n"+strings.Join(rows, "\n")).Is(http.StatusOK)
	plain := b.Get("/equipments").Is(http.StatusOK)
	require.Greater(t, len(plain.Body), 50<<10)
	require.Empty(t, plain.Header.Get("Content-Encoding"))
	packed := b.Get("/equipments", "Accept-Encoding: gzip").Is(http.StatusOK)
	require.Equal(t, "gzip", packed.Header.Get("Content-Encoding"))
	require.NotEqual(t, plain.Header.Get("ETag"), packed.Header.Get("ETag"), "another coding is another representation")
	r, err := gzip.NewReader(bytes.NewReader(packed.Body))
	require.NoError(t, err)
	inflated, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, string(plain.Body), string(inflated))
	b.Get("/equipments", "Accept-Encoding: gzip", "If-None-Match: "+packed.Header.Get("ETag")).Is(http.StatusNotModified)
}
