package api

import (
	"context"
	"net/http"

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
	list        func(ctx context.Context, f tree.Filter) ([]tree.Node, error)
	usage       func(ctx context.Context, id int64) (catalogue.Usage, error)
}

type treeInput struct {
	api.Conditional
	ID       api.Optional[int64]  `query:"id" minimum:"1" doc:"Only this node"`
	Name     api.Optional[string] `query:"name" minLength:"1" maxLength:"100" doc:"Only nodes of this name, letter case aside"`
	RootID   api.Optional[int64]  `query:"root-id" minimum:"1" doc:"This node and all below it"`
	RootName api.Optional[string] `query:"root-name" minLength:"1" maxLength:"5100" doc:"The nodes of this name, letter case aside, and all below them; or one node by the names on the way to it, with / in front of each: /Site A/Rack 1"`
	Q        api.Optional[string] `query:"q" minLength:"1" maxLength:"100" doc:"Only nodes with this text in the name or the full name, letter case aside"`
	Sort     string               `query:"sort" doc:"Order of siblings: name, id, name_full; - in front for descending" example:"-name"`
	Fields   []string             `query:"fields" maxItems:"20" doc:"Only these fields of each node, and content"`
}

// plain reports whether the whole tree is asked for as it is, which is what the cache keeps.
func (in *treeInput) plain() bool {
	return in.filter() == tree.Filter{} && in.Sort == "" && len(in.Fields) == 0
}

func (in *treeInput) filter() tree.Filter {
	return tree.Filter{ID: in.ID.Ptr(), Name: in.Name.Ptr(), RootID: in.RootID.Ptr(), RootName: in.RootName.Ptr(), Query: in.Q.Ptr()}
}

// forest is a tree's answer.
type forest []*tree.Branch

func registerTree(a *api.API, r treeRoutes) {
	op := routes(r.path).Operation(http.MethodGet, "", "list", r.title)
	op.Description = "Nodes nest in `content`, which leaves do not have. Of `id`, `name`, `root-id`, `root-name` and `q` the " +
		"first given wins; what is unknown gives an empty list. Nodes whose parent is not chosen come to the top."
	api.Register(a, op, read, r.get)
	api.Register(a, routes(r.path).Operation(http.MethodGet, "/{id}/usage", "usage", "What refers to a node"), read, usageHandler(r.usage))
}

func (r treeRoutes) get(ctx context.Context, in *treeInput) (*ready[forest], error) {
	if in.plain() {
		return stored[forest](ctx, r.cache, r.cacheKey, nil, in.Conditional, func(ctx context.Context) (any, error) {
			list, err := r.list(ctx, tree.Filter{})
			return tree.Nest(list), err
		})
	}
	order, err := orderOf(in.Sort, tree.SortKeys)
	if err != nil {
		return nil, err
	}
	var pick picker
	if len(in.Fields) > 0 {
		if pick, err = fieldsOf[tree.Node](in.Fields); err != nil {
			return nil, err
		}
	}
	list, err := r.list(ctx, in.filter())
	if err != nil {
		return nil, err
	}
	if in.Sort != "" {
		tree.Sort(list, order.Key, order.Descending)
	}
	nested := tree.Nest(list)
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
