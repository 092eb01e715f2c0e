package cache_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	schema "nms.example/sql"

	"nms.example/common/cache"
)

type inner struct {
	Name string `json:"name"`
}

type outer struct {
	inner

	ID    int64            `json:"id"`
	Since time.Time        `json:"since"`
	Sizes map[string]int16 `json:"sizes,omitempty"`
	Below []*outer         `json:"below"`
	note  string
}

// Each of these would be written in other bytes than outer.
type (
	renamedTag struct {
		inner

		ID    int64            `json:"ID"`
		Since time.Time        `json:"since"`
		Sizes map[string]int16 `json:"sizes,omitempty"`
		Below []*renamedTag    `json:"below"`
	}
	otherOption struct {
		inner

		ID    int64            `json:"id"`
		Since time.Time        `json:"since"`
		Sizes map[string]int16 `json:"sizes"`
		Below []*otherOption   `json:"below"`
	}
	otherType struct {
		inner

		ID    int64              `json:"id"`
		Since time.Time          `json:"since"`
		Sizes map[string]float64 `json:"sizes,omitempty"`
		Below []*otherType       `json:"below"`
	}
	oneMore struct {
		inner

		ID    int64            `json:"id"`
		Since time.Time        `json:"since"`
		Sizes map[string]int16 `json:"sizes,omitempty"`
		Below []*oneMore       `json:"below"`
		Unit  string           `json:"unit"`
	}
	otherOrder struct {
		ID    int64            `json:"id"`
		Since time.Time        `json:"since"`
		Sizes map[string]int16 `json:"sizes,omitempty"`
		Below []*otherOrder    `json:"below"`
		inner
	}
	otherInside struct {
		changed

		ID    int64            `json:"id"`
		Since time.Time        `json:"since"`
		Sizes map[string]int16 `json:"sizes,omitempty"`
		Below []*otherInside   `json:"below"`
	}
	changed struct {
		Name string `json:"title"`
	}
	otherTime struct {
		inner

		ID    int64            `json:"id"`
		Since *time.Time       `json:"since"`
		Sizes map[string]int16 `json:"sizes,omitempty"`
		Below []*otherTime     `json:"below"`
	}
	// sameForm differs in nothing that is written.
	sameForm struct {
		inner

		ID    int64            `json:"id" doc:"described"`
		Since time.Time        `json:"since"`
		Sizes map[string]int16 `json:"sizes,omitempty"`
		Below []*sameForm      `json:"below"`
	}
)

func TestTheNamespaceFollowsTheFormOfTheAnswers(t *testing.T) {
	t.Parallel()
	of := func(shapes ...any) string { return cache.Namespace("cfg", schema.NMS, shapes...) }
	known := of(reflect.TypeFor[outer]())
	require.Regexp(t, `^cfg\.[0-9a-f]{16}$`, known)
	require.Equal(t, known, of(reflect.TypeFor[outer]()))
	require.Equal(t, known, of(reflect.TypeFor[sameForm]()))

	seen := map[string]string{known: "outer"}
	for name, other := range map[string]string{
		"tag": of(reflect.TypeFor[renamedTag]()), "option": of(reflect.TypeFor[otherOption]()), "type": of(reflect.TypeFor[otherType]()),
		"one more": of(reflect.TypeFor[oneMore]()), "order": of(reflect.TypeFor[otherOrder]()), "inside": of(reflect.TypeFor[otherInside]()),
		"pointer": of(reflect.TypeFor[otherTime]()), "list": of(reflect.TypeFor[[]outer]()), "none": of(), "text": of(reflect.TypeFor[outer](), "a"),
		"other text": of(reflect.TypeFor[outer](), "b"), "database": cache.Namespace("cfg", schema.Auth, reflect.TypeFor[outer]()),
		"service": cache.Namespace("auth", schema.NMS, reflect.TypeFor[outer]()),
	} {
		require.NotContains(t, seen, other, "%s is taken for %s", name, seen[other])
		seen[other] = name
	}
	require.Empty(t, outer{}.note)
}
