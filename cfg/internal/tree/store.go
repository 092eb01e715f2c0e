package tree

import (
	"context"
	"maps"

	"nms.example/common/db"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
)

// Draft is what can be written of a node.
type Draft[F Full] struct {
	ParentID *int64
	Name     string
	NameFull F
}

// Catalogue is one of the trees.
type Catalogue[F Full] struct {
	*catalogue.Catalogue[Node, Draft[F]]

	pool    *db.Pool[db.NMS]
	queries Queries[F]
	path    string // of the tree's own nodes in usages
}

// New makes a catalogue of the tree that queries speak of; path is where its nodes are found ("equipments").
func New[F Full](w *catalogue.Writer, path string, queries Queries[F], rules catalogue.Rules[Node, Draft[F]]) *Catalogue[F] {
	rules.ID = func(n Node) int64 { return n.ID }
	return &Catalogue[F]{
		Catalogue: catalogue.New(w, store[F]{queries}, rules),
		pool:      w.Pool(), queries: queries, path: path,
	}
}

// List gives the nodes that the filter chooses, in order; none when it names something unknown.
func (c *Catalogue[F]) List(ctx context.Context, f Filter) ([]Node, error) {
	q := nmsdb.New(c.pool)
	rows, err := c.queries.choose(ctx, q, f)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	names := make(map[int64]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	if missing := ancestorsOutside(rows, names); len(missing) > 0 {
		outside, err := c.queries.Names(q, ctx, missing)
		if err != nil {
			return nil, db.MapError(err, nil)
		}
		maps.Copy(names, outside)
	}
	return items(rows, names), nil
}

func (s *Queries[F]) choose(ctx context.Context, q *nmsdb.Queries, f Filter) ([]Row, error) {
	switch {
	case f.ID != nil:
		return s.ByID(q, ctx, *f.ID)
	case f.Name != nil:
		return s.ByName(q, ctx, *f.Name)
	case f.RootID != nil:
		return s.Subtree(q, ctx, *f.RootID)
	case f.RootName != nil:
		return s.SubtreeByName(q, ctx, *f.RootName)
	case f.Query != nil:
		return s.Search(q, ctx, *f.Query)
	default:
		return s.All(q, ctx)
	}
}

// Usage tells what keeps a node from being archived by itself.
func (c *Catalogue[F]) Usage(ctx context.Context, id int64) (catalogue.Usage, error) {
	if _, err := c.Get(ctx, id); err != nil {
		return catalogue.Usage{}, err
	}
	u := catalogue.Usage{ID: id, Uses: []catalogue.Use{}}
	q := nmsdb.New(c.pool)
	for _, use := range []struct {
		resource, relation string
		sample             Query[Sample, []catalogue.Ref]
		count              Query[int64, int64]
	}{
		{c.path, "child", c.queries.Children, c.queries.ChildCount},
		{c.path, "descendant", nil, c.queries.Descendants},
		{"commands", "command", c.queries.Commands, c.queries.CommandCount},
	} {
		found := catalogue.Use{Resource: use.resource, Relation: use.relation}
		var err error
		if found.Total, err = use.count(q, ctx, id); err != nil {
			return u, db.MapError(err, nil)
		}
		if use.sample != nil {
			if found.Items, err = use.sample(q, ctx, Sample{ID: id, Most: catalogue.UsageSample}); err != nil {
				return u, db.MapError(err, nil)
			}
		}
		u.Add(found)
	}
	return u, nil
}

// store is what a catalogue needs of a tree's queries.
type store[F Full] struct{ queries Queries[F] }

func (s store[F]) GetLive(ctx context.Context, c catalogue.Conn, ids []int64) ([]Node, error) {
	return s.queries.GetLive(nmsdb.New(c), ctx, ids)
}

func (s store[F]) Hold(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Held[Draft[F]], error) {
	return s.queries.Hold(nmsdb.New(c), ctx, id)
}

func (s store[F]) Insert(ctx context.Context, c catalogue.Conn, d Draft[F]) (int64, error) {
	return s.queries.Insert(nmsdb.New(c), ctx, d)
}

func (s store[F]) Update(ctx context.Context, c catalogue.Conn, id int64, before, after Draft[F]) error {
	if sameParent(before.ParentID, after.ParentID) {
		return s.queries.Rename(nmsdb.New(c), ctx, id, after)
	}
	return s.queries.Update(nmsdb.New(c), ctx, id, after)
}

func (s store[F]) Archive(ctx context.Context, c catalogue.Conn, id int64) error {
	return s.queries.Archive(nmsdb.New(c), ctx, id)
}

func (s store[F]) Restore(ctx context.Context, c catalogue.Conn, id int64) error {
	return s.queries.Restore(nmsdb.New(c), ctx, id)
}

func (s store[F]) LockShape(ctx context.Context, c catalogue.Conn) error {
	return s.queries.LockShape(nmsdb.New(c), ctx)
}

func (s store[F]) Present(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Version, error) {
	return s.queries.Present(nmsdb.New(c), ctx, id)
}

func (s store[F]) Past(ctx context.Context, c catalogue.Conn, id int64, before, most int32) ([]catalogue.Version, error) {
	return s.queries.Past(nmsdb.New(c), ctx, Before{ID: id, Before: before, Most: most})
}

// sameParent compares two places in a tree; nil is the root level.
func sameParent(a, b *int64) bool {
	return a == b || a != nil && b != nil && *a == *b
}
