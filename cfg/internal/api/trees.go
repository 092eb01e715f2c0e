package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nms.example/common/api"
	"nms.example/common/cache"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/tree"
)

// treeRoutes describes the lists of a tree.
type treeRoutes struct {
	path, title string
	cacheKey    string // also the tag that every change of the tree touches
	cache       *cache.Store
	forest      func(ctx context.Context, f tree.Filter, order catalogue.Order) ([]*tree.Branch, error)
	usage       func(ctx context.Context, id int64) (catalogue.Usage, error)
}

type treeInput struct {
	api.Conditional
	PastInput
	ID       api.Optional[int64]  `query:"id" minimum:"1" doc:"Only this node"`
	Name     api.Optional[string] `query:"name" minLength:"1" maxLength:"100" doc:"Only nodes of this name, letter case aside"`
	RootID   api.Optional[int64]  `query:"root-id" minimum:"1" doc:"This node and all below it"`
	RootName api.Optional[string] `query:"root-name" minLength:"1" maxLength:"5100" doc:"Nodes of this name, or the one of this path, and all below" example:"/Site A/Rack 1"`
	Q        api.Optional[string] `query:"q" minLength:"1" maxLength:"100" doc:"Only nodes with this text in the name or the full name, letter case aside"`
	Depth    api.Optional[int]    `query:"depth" minimum:"0" maximum:"100" doc:"Levels below the top, 0 for the top alone; a node that is cut off counts its children" example:"1"`
	Sort     string               `query:"sort" doc:"Order of siblings: name, id, name_full; - in front for descending" example:"-name"`
	Fields   []string             `query:"fields" maxItems:"20" doc:"Only these fields of each node, and content and children"`
}

// PastInput asks a list for something else than what is live now.
type PastInput struct {
	MomentInput
	Archived bool `query:"archived" doc:"What is archived, with archived_at, in place of what is live"`
}

// MomentInput asks for something as it was.
type MomentInput struct {
	At api.Optional[time.Time] `query:"at" doc:"As it was at this moment, RFC 3339 with an offset (+ is %2B in a query); not in the future" example:"2026-11-30T12:00:00Z"`
}

// filter returns what the request chooses, without what another parameter overrules.
func (in *treeInput) filter() tree.Filter {
	return tree.Filter{
		ID: in.ID.Ptr(), Name: in.Name.Ptr(), RootID: in.RootID.Ptr(), RootName: in.RootName.Ptr(), Query: in.Q.Ptr(),
		Depth: in.Depth.Ptr(), At: in.At.Ptr(), Archived: in.Archived,
	}.Plain()
}

// cacheable reports whether the cache keeps the answer: as the tree is now, in its own order and whole.
func (in *treeInput) cacheable() bool {
	return !in.At.Set && !in.Archived && in.Sort == "" && len(in.Fields) == 0
}

// variant tells the answers of a tree's filters apart, "" is the whole tree.
func variant(f tree.Filter) string {
	var b strings.Builder
	part := func(name, value string) { b.WriteString("?" + name + "=" + value) }
	switch {
	case f.ID != nil:
		part("id", strconv.FormatInt(*f.ID, 10))
	case f.RootID != nil:
		part("root-id", strconv.FormatInt(*f.RootID, 10))
	}
	if f.Depth != nil {
		part("depth", strconv.Itoa(*f.Depth))
	}
	switch { // last, since they may hold anything
	case f.Name != nil:
		part("name", *f.Name)
	case f.RootName != nil:
		part("root-name", *f.RootName)
	case f.Query != nil:
		part("q", *f.Query)
	}
	return b.String()
}

// forest is a tree's answer.
type forest []*tree.Branch

func registerTree(a *api.API, r treeRoutes) {
	op := routes(r.path).Operation(http.MethodGet, "", "list", r.title)
	op.Description = "Nodes nest in `content`, which leaves do not have. Of `id`, `name`, `root-id`, `root-name` and `q` the " +
		"first given wins; what is unknown returns an empty list. Nodes whose parent is not chosen come to the top. " +
		"`depth` opens a tree level by level: `depth=0` shows the roots, `root-id=5&depth=1` node 5 and its children. " +
		"`at` answers from the history, with every filter as without it; with `archived` it lists what had been archived by then."
	api.Register(a, op, read, r.get)
	api.Register(a, routes(r.path).Operation(http.MethodGet, "/{id}/usage", "usage", "What refers to a node"), read, usageHandler(r.usage))
}

func (r treeRoutes) get(ctx context.Context, in *treeInput) (*ready[forest], error) {
	filter := in.filter()
	if in.cacheable() {
		keep, key := stored[forest], r.cacheKey
		if filter != (tree.Filter{}) {
			keep, key = storedVariant[forest], key+variant(filter)
		}
		return keep(ctx, r.cache, key, []string{r.cacheKey}, in.Conditional, func(ctx context.Context) (any, error) {
			return r.forest(ctx, filter, catalogue.Order{})
		})
	}
	order, err := orderOf(in.Sort, tree.SortKeys)
	if err != nil {
		return nil, err
	}
	var pick picker
	if len(in.Fields) > 0 {
		if pick, err = fieldsOf[tree.ListedNode](in.Fields); err != nil {
			return nil, err
		}
	}
	nested, err := r.forest(ctx, filter, order)
	if err != nil {
		return nil, err
	}
	if pick == nil {
		return fresh[forest](nested, in.Conditional)
	}
	sparse, err := pick.nodes(nested)
	if err != nil {
		return nil, err
	}
	return fresh[forest](sparse, in.Conditional)
}

type usageOutput struct{ Body catalogue.Usage }

func usageHandler(usage func(ctx context.Context, id int64) (catalogue.Usage, error)) func(context.Context, *struct{ api.IDInput }) (*usageOutput, error) {
	return func(ctx context.Context, in *struct{ api.IDInput }) (*usageOutput, error) {
		u, err := usage(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &usageOutput{Body: u}, nil
	}
}
