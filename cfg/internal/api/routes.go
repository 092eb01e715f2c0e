// Package api is the HTTP side of cfg: it binds requests, calls the catalogues and renders their answers.
package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/cache"
	"nms.example/common/db"

	"nms.example/cfg/internal/command"
	"nms.example/cfg/internal/equipment"
	"nms.example/cfg/internal/telemetry"
	"nms.example/cfg/internal/toc"
	"nms.example/cfg/internal/transfer"
	"nms.example/cfg/internal/tree"
)

// Deps are what the routes call.
type Deps struct {
	Equipment *equipment.Catalogue
	Sections  *toc.Catalogue
	Commands  *command.Catalogue
	Telemetry *telemetry.Catalogue
	Transfer  *transfer.Service
	Cache     *cache.Store
}

func routes(name string) api.Resource { return api.Resource{Service: "cfg", Name: name} }

var (
	read  = api.Need(authn.CfgRead)
	write = api.Need(authn.CfgWrite)
)

// Register adds all operations of cfg.
func Register(a *api.API, d Deps) {
	registerEquipment(a, d)
	registerSections(a, d)
	registerCommands(a, d)
	registerTelemetry(a, d)
	registerTransfer(a, d)
}

// ready is an answer made of ready bytes with their ETag.
type ready[T any] struct {
	ETag         string `header:"ETag" doc:"Validator of this answer"`
	CacheControl string `header:"Cache-Control"`
	Body         api.Ready[T]
}

// revalidate lets clients keep an answer and ask each time whether it still holds.
const revalidate = "private, no-cache"

// cachedForms are the types of the answers that stored keeps.
var cachedForms = []any{
	reflect.TypeFor[tree.Node](), reflect.TypeFor[forest](),
	reflect.TypeFor[command.Item](), reflect.TypeFor[commandPage](),
	reflect.TypeFor[telemetry.Item](), reflect.TypeFor[telemetryPage](),
}

// CacheNamespace returns the namespace of the cached answers, which changes with their form.
func CacheNamespace() string { return cache.Namespace("cfg", db.DatabaseOf[db.NMS](), cachedForms...) }

// stored answers from the cache, filled by fill when the answer is not in it.
func stored[T any](
	ctx context.Context, store *cache.Store, key string, tags []string, when api.Conditional,
	fill func(ctx context.Context) (any, error),
) (*ready[T], error) {
	return kept[T](ctx, store, store.Get, key, tags, when, fill)
}

// storedVariant is stored for the answer to one of any number of filters. An answer that has found nothing is not kept:
// there is no end of those.
func storedVariant[T any](
	ctx context.Context, store *cache.Store, key string, tags []string, when api.Conditional,
	fill func(ctx context.Context) (any, error),
) (*ready[T], error) {
	get := func(ctx context.Context, key string, tags []string, fill fillEntry) (*cache.Entry, error) {
		return store.GetVariant(ctx, key, tags, func(ctx context.Context) (cache.Value, error) {
			v, err := fill(ctx)
			v.Unkept = string(v.Body) == "[]"
			return v, err
		})
	}
	return kept[T](ctx, store, get, key, tags, when, fill)
}

type (
	fillEntry = func(ctx context.Context) (cache.Value, error)
	getEntry  = func(ctx context.Context, key string, tags []string, fill fillEntry) (*cache.Entry, error)
)

func kept[T any](
	ctx context.Context, store *cache.Store, get getEntry, key string, tags []string, when api.Conditional,
	fill func(ctx context.Context) (any, error),
) (*ready[T], error) {
	entry, ok := store.Lookup(key)
	if !ok {
		var err error
		if form := reflect.TypeFor[T](); !slices.Contains(cachedForms, any(form)) {
			return nil, fmt.Errorf("the form of %s, %s, is missing from cachedForms", key, form)
		}
		entry, err = get(ctx, key, tags, func(ctx context.Context) (cache.Value, error) {
			v, err := fill(ctx)
			if err != nil {
				return cache.Value{}, err
			}
			body, err := encode(v)
			return cache.Value{Body: body, ETag: api.ETagOf(body)}, err
		})
		if err != nil {
			return nil, err
		}
	}
	if err := when.Evaluate(entry.ETag); err != nil {
		return nil, err
	}
	return &ready[T]{
		ETag: entry.ETag, CacheControl: revalidate, Body: api.Ready[T]{JSON: entry.Body, Gzip: entry.Gzip},
	}, nil
}

// fresh answers with something that was just made.
func fresh[T any](v any, when api.Conditional) (*ready[T], error) {
	body, err := encode(v)
	if err != nil {
		return nil, err
	}
	etag := api.ETagOf(body)
	if err := when.Evaluate(etag); err != nil {
		return nil, err
	}
	return &ready[T]{ETag: etag, CacheControl: revalidate, Body: api.Ready[T]{JSON: body}}, nil
}

// encode is the one way in which representations are written, so that their ETags agree.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encode an answer: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
