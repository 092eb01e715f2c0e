package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"nms.example/common/api"
	"nms.example/common/cache"

	"nms.example/cfg/internal/catalogue"
)

// resource describes what all four catalogues offer in the same way.
type resource[Item, Input any] struct {
	path   string // below the service: "equipments"
	title  string // in the document: "piece of equipment"
	cache  *cache.Store
	items  *catalogue.Catalogue[Item, Input]
	extras []string // cache tags that every item depends on beside its own
}

// newBody is the body of POST.
type newBody[Input any] interface{ input() Input }

// patchBody is the body of PATCH.
type patchBody[Input any] interface{ edit() catalogue.Edit[Input] }

func (r *resource[Item, Input]) operation(method, suffix, verb, summary string) huma.Operation {
	return routes(r.path).Operation(method, suffix, verb, summary)
}

// condition turns If-Match and If-None-Match into the catalogue's condition.
func condition[Item any](when api.Conditional) catalogue.Condition[Item] {
	if when == (api.Conditional{}) {
		return nil
	}
	return func(item Item) error {
		body, err := encode(item)
		if err != nil {
			return err
		}
		return when.Check(api.ETagOf(body))
	}
}

type itemInput struct {
	api.IDInput
	api.Conditional
	MomentInput
	Fields []string `query:"fields" maxItems:"20" doc:"Only these fields of the item"`
}

type createInput[B any] struct{ Body B }

type patchInput[B any] struct {
	api.IDInput
	api.Conditional
	Body B
}

type archiveInput struct {
	api.IDInput
	api.Conditional
}

type created[T any] struct {
	Location string `header:"Location" doc:"Path of the new item"`
	ETag     string `header:"ETag" doc:"Validator of the item"`
	Body     api.Ready[T]
}

// register adds the operations that need nothing of one catalogue's own, but for archiving and restoring.
func register[New newBody[Input], Patch patchBody[Input], Item, Input any](a *api.API, r *resource[Item, Input]) {
	one := r.operation(http.MethodGet, "/{id}", "get", "One "+r.title+", now or at a moment")
	one.Description = "With `at` 404 when it was not there yet or archived at that moment."
	api.Register(a, one, read, r.get)

	create := r.operation(http.MethodPost, "", "create", "Make a "+r.title)
	create.DefaultStatus, create.Errors = http.StatusCreated, []int{http.StatusConflict}
	api.Register(a, create, write, func(ctx context.Context, in *createInput[New]) (*created[Item], error) {
		return r.create(ctx, in.Body.input())
	})

	update := r.operation(http.MethodPatch, "/{id}", "update", "Change a "+r.title)
	update.Description = "A field that is left out stays, null clears it (RFC 7396). If-Match is optional."
	update.Errors = []int{http.StatusConflict, http.StatusPreconditionFailed}
	api.Register(a, update, write, func(ctx context.Context, in *patchInput[Patch]) (*ready[Item], error) {
		item, err := r.items.Update(ctx, in.ID, condition[Item](in.Conditional), in.Body.edit())
		if err != nil {
			return nil, err
		}
		return fresh[Item](item, api.Conditional{})
	})
	api.Register(a, r.operation(http.MethodGet, "/{id}/history", "history", "Every version of a "+r.title), read, r.history)
	registerBatch[Patch](a, r)
}

// registerArchive adds DELETE and restore of single items.
func (r *resource[Item, Input]) registerArchive(a *api.API) {
	remove, restore := r.archiveOperations()
	api.Register(a, remove, write, func(ctx context.Context, in *archiveInput) (*struct{}, error) {
		return nil, r.items.Archive(ctx, in.ID, condition[Item](in.Conditional))
	})
	api.Register(a, restore, write, func(ctx context.Context, in *struct{ api.IDInput }) (*ready[Item], error) {
		item, err := r.items.Restore(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return fresh[Item](item, api.Conditional{})
	})
}

func (r *resource[Item, Input]) archiveOperations() (remove, restore huma.Operation) {
	remove = r.operation(http.MethodDelete, "/{id}", "delete", "Archive a "+r.title)
	remove.DefaultStatus, remove.Errors = http.StatusNoContent, []int{http.StatusConflict, http.StatusPreconditionFailed}
	restore = r.operation(http.MethodPost, "/{id}/restore", "restore", "Take an archived "+r.title+" back into use")
	restore.Errors = []int{http.StatusConflict}
	return remove, restore
}

func (r *resource[Item, Input]) get(ctx context.Context, in *itemInput) (*ready[Item], error) {
	fill := func(ctx context.Context) (any, error) { return r.items.Get(ctx, in.ID) }
	if in.At.Set {
		fill = func(ctx context.Context) (any, error) { return r.items.GetAt(ctx, in.ID, in.At.Value) }
	}
	if len(in.Fields) == 0 && !in.At.Set {
		tag := r.items.Tag(in.ID)
		return stored[Item](ctx, r.cache, tag, append([]string{tag}, r.extras...), in.Conditional, fill)
	}
	pick, err := fieldsOf[Item](in.Fields)
	if err != nil {
		return nil, err
	}
	item, err := fill(ctx)
	if err == nil && len(pick) > 0 {
		item, err = pick.item(item)
	}
	if err != nil {
		return nil, err
	}
	return fresh[Item](item, in.Conditional)
}

func (r *resource[Item, Input]) create(ctx context.Context, d Input) (*created[Item], error) {
	item, err := r.items.Create(ctx, d)
	if err != nil {
		return nil, err
	}
	body, err := encode(item)
	if err != nil {
		return nil, err
	}
	return &created[Item]{
		Location: routes(r.path).Path() + "/" + strconv.FormatInt(r.items.ID(item), 10),
		ETag:     api.ETagOf(body), Body: api.Ready[Item]{JSON: body},
	}, nil
}

type historyInput struct {
	api.IDInput
	api.PageInput
	Limit int `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most versions on a page"`
}

type historyCursor struct {
	Before int32 `json:"b"`
}

// noParams is the echo of a list without filters.
type noParams struct{}

type historyOutput struct {
	Body api.Page[catalogue.Version, noParams]
}

func (r *resource[Item, Input]) history(ctx context.Context, in *historyInput) (*historyOutput, error) {
	before, page := int32(0), in.Page
	list := api.ListOf(ctx, noParams{})
	if in.Cursor != "" {
		var c historyCursor
		if err := list.DecodeCursor(in.Cursor, &c); err != nil {
			return nil, err
		}
		before, page = max(c.Before, 1), 0
	} else if in.Page > 1 {
		_, total, err := r.items.History(ctx, in.ID, 0, 1)
		if err != nil {
			return nil, err
		}
		before = int32(max(total-in.Offset(in.Limit)+1, 1))
	}
	versions, total, err := r.items.History(ctx, in.ID, before, int32(in.Limit))
	if err != nil {
		return nil, err
	}
	out := &historyOutput{}
	out.Body.Page, out.Body.Limit, out.Body.Total, out.Body.Content = page, in.Limit, total, versions
	if n := len(versions); n > 0 && versions[n-1].Version > 1 {
		out.Body.Next = list.EncodeCursor(historyCursor{Before: versions[n-1].Version})
	}
	return out, nil
}
