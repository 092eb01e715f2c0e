package tree

import (
	"context"
	"maps"
	"slices"

	"nms.example/common/db"

	"nms.example/cfg/internal/catalogue"
)

// Store is the SQL of one tree.
type Store[Draft any] interface {
	catalogue.Store[Node, Draft]

	// List returns the live nodes that the filter chooses, by path, then name.
	List(ctx context.Context, c catalogue.Conn, f Filter) ([]Row, error)
	// Names returns the names of some nodes, archived ones too, by their ids.
	Names(ctx context.Context, c catalogue.Conn, ids []int64) (map[int64]string, error)
	// Descendants counts the live nodes below one.
	Descendants(ctx context.Context, c catalogue.Conn, id int64) (int64, error)
}

// Catalogue is one of the trees.
type Catalogue[Draft any] struct {
	*catalogue.Catalogue[Node, Draft]

	store Store[Draft]
}

// New makes the catalogue of a tree.
func New[Draft any](w *catalogue.Writer, store Store[Draft], rules catalogue.Rules[Node, Draft]) *Catalogue[Draft] {
	rules.ID = func(n Node) int64 { return n.ID }
	return &Catalogue[Draft]{Catalogue: catalogue.New(w, store, rules), store: store}
}

// List returns the nodes that the filter chooses, in order; none when it names something unknown.
func (c *Catalogue[Draft]) List(ctx context.Context, f Filter) ([]Node, error) {
	rows, err := c.store.List(ctx, c.Pool(), f)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	return c.Nodes(ctx, c.Pool(), rows)
}

// Nodes adds to each row the names on its path.
func (c *Catalogue[Draft]) Nodes(ctx context.Context, conn catalogue.Conn, rows []Row) ([]Node, error) {
	names := make(map[int64]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	if missing := ancestorsOutside(rows, names); len(missing) > 0 {
		outside, err := c.store.Names(ctx, conn, missing)
		if err != nil {
			return nil, db.MapError(err, nil)
		}
		maps.Copy(names, outside)
	}
	return items(rows, names), nil
}

// Usage tells what keeps a node from being archived by itself.
func (c *Catalogue[Draft]) Usage(ctx context.Context, id int64) (catalogue.Usage, error) {
	u, err := c.References(ctx, id, "child", "command")
	if err != nil {
		return u, err
	}
	children := slices.IndexFunc(u.Uses, func(use catalogue.Use) bool { return use.Relation == "child" })
	if children < 0 {
		return u, nil
	}
	total, err := c.store.Descendants(ctx, c.Pool(), id)
	if err != nil {
		return u, db.MapError(err, nil)
	}
	below := catalogue.Use{Resource: u.Uses[children].Resource, Relation: "descendant", Total: total, Items: []catalogue.Ref{}}
	u.Uses = slices.Insert(u.Uses, children+1, below)
	return u, nil
}

// Found is a row of a query of live nodes by their ids (Chosen), among which are the names of those above them.
type Found struct {
	Chosen     bool
	ID         int64
	ParentID   *int64
	ParentPath string
	Name       string
	NameFull   string
}

// FoundNodes makes the nodes of what such a query found.
func FoundNodes(found []Found) []Node {
	rows, names := make([]Row, 0, len(found)), make(map[int64]string, len(found))
	for _, r := range found {
		if r.Chosen {
			rows = append(rows, Row{ID: r.ID, ParentID: r.ParentID, ParentPath: r.ParentPath, Name: r.Name, NameFull: r.NameFull})
		} else {
			names[r.ID] = r.Name
		}
	}
	return items(rows, names)
}

// SameParent compares two places in a tree; nil is the root level.
func SameParent(a, b *int64) bool {
	return a == b || a != nil && b != nil && *a == *b
}
