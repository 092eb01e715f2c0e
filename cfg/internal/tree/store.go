package tree

import (
	"context"
	"maps"
	"slices"
	"time"

	"nms.example/common/db"

	"nms.example/cfg/internal/catalogue"
)

// Store is the SQL of one tree.
type Store[Input any] interface {
	catalogue.Store[Node, Input]

	// List returns the live nodes that the first five fields of the filter choose, by path, then name.
	List(ctx context.Context, c catalogue.Conn, f Filter) ([]Row, error)
	// Levels returns the live nodes that a root or none chooses, down to depth levels below it, by path, then name.
	Levels(ctx context.Context, c catalogue.Conn, rootID *int64, rootName *string, depth int) ([]Level, error)
	// IDsByPath returns the live nodes at the end of a path of names: one, or several whose old names were made equal.
	IDsByPath(ctx context.Context, c catalogue.Conn, path []string) ([]int64, error)
	// ListAt returns all nodes as they were at a moment, in no order. They match when they have the name, when given,
	// or else the part of a name.
	ListAt(ctx context.Context, c catalogue.Conn, moment time.Time, name, part *string) ([]Past, error)
	// Names returns the names of some nodes, archived ones too, by their ids.
	Names(ctx context.Context, c catalogue.Conn, ids []int64) (map[int64]string, error)
	// Descendants counts the live nodes below one.
	Descendants(ctx context.Context, c catalogue.Conn, id int64) (int64, error)
}

// Catalogue is one of the trees.
type Catalogue[Input any] struct {
	*catalogue.Catalogue[Node, Input]

	store Store[Input]
}

// New makes the catalogue of a tree.
func New[Input any](w *catalogue.Writer, store Store[Input], rules catalogue.Rules[Node, Input]) *Catalogue[Input] {
	rules.ID = func(n Node) int64 { return n.ID }
	return &Catalogue[Input]{Catalogue: catalogue.New(w, store, rules), store: store}
}

// Forest returns what the filter chooses, each node below its parent where that is chosen too; the others come to the
// top. The levels are in the given order, or else by name. It is empty when the filter names something unknown, and
// catalogue.ErrFuture for a moment that has not come.
func (c *Catalogue[Input]) Forest(ctx context.Context, f Filter, order catalogue.Order) ([]*Branch, error) {
	f = f.Plain()
	list, err := c.choose(ctx, f)
	if err != nil {
		return nil, err
	}
	if order != (catalogue.Order{}) {
		Sort(list, order.Key, order.Descending)
	}
	forest := Nest(list)
	if f.Depth != nil {
		Cut(forest, *f.Depth)
	}
	return forest, nil
}

// choose lists what a plain filter chooses, at least down to its depth.
func (c *Catalogue[Input]) choose(ctx context.Context, f Filter) ([]*Branch, error) {
	switch {
	case f.At != nil || f.Archived:
		return c.past(ctx, f)
	case f.Depth != nil && !f.single():
		return c.levels(ctx, f)
	default:
		list, err := c.List(ctx, f)
		return branches(list), err
	}
}

// levels reads no more of the tree than it shows.
func (c *Catalogue[Input]) levels(ctx context.Context, f Filter) ([]*Branch, error) {
	found, err := c.levelRows(ctx, f)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	found = topLevels(found)
	list, err := c.Nodes(ctx, c.Pool(), catalogue.Convert(found, func(l Level) Row {
		return Row{ID: l.ID, ParentID: l.ParentID, ParentPath: l.ParentPath, Name: l.Name, NameFull: l.NameFull}
	}))
	out := branches(list)
	for i := range out {
		out[i].Children = found[i].Children
	}
	return out, err
}

func (c *Catalogue[Input]) levelRows(ctx context.Context, f Filter) ([]Level, error) {
	path, _ := f.Root()
	if len(path) == 0 {
		return c.store.Levels(ctx, c.Pool(), f.RootID, f.RootName, *f.Depth)
	}
	ids, err := c.store.IDsByPath(ctx, c.Pool(), path)
	var found []Level
	for _, id := range ids {
		if err != nil {
			break
		}
		var below []Level
		below, err = c.store.Levels(ctx, c.Pool(), &id, nil, *f.Depth)
		found = append(found, below...)
	}
	return found, err
}

// past chooses among all nodes of a moment.
func (c *Catalogue[Input]) past(ctx context.Context, f Filter) ([]*Branch, error) {
	moment, err := c.Moment(ctx, f.At)
	if err != nil {
		return nil, err
	}
	name := f.Name
	if path, _ := f.Root(); f.RootName != nil && len(path) == 0 {
		name = f.RootName
	}
	all, err := c.store.ListAt(ctx, c.Pool(), moment, name, f.Query)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	return chooseAt(all, f), nil
}

// List returns the nodes that the first five fields of the filter choose, in order; none when it names something unknown.
func (c *Catalogue[Input]) List(ctx context.Context, f Filter) ([]Node, error) {
	rows, err := c.store.List(ctx, c.Pool(), f)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	return c.Nodes(ctx, c.Pool(), rows)
}

// Nodes adds to each row the names on its path.
func (c *Catalogue[Input]) Nodes(ctx context.Context, conn catalogue.Conn, rows []Row) ([]Node, error) {
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
func (c *Catalogue[Input]) Usage(ctx context.Context, id int64) (catalogue.Usage, error) {
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

// Level is a row of a query of a tree's upper levels: Top is the node at the top that it is below, Children how many nodes
// are right below one of the last level.
type Level struct {
	Top        int64
	ID         int64
	ParentID   *int64
	ParentPath string
	Name       string
	NameFull   string
	Children   int64
}

// topLevels leaves out what is below a node at the top that is below another of them: only the upper one comes to the
// top, and its levels are counted from there.
func topLevels(list []Level) []Level {
	tops := make(map[int64]bool) // whether it stays at the top
	for _, l := range list {
		tops[l.Top] = true
	}
	if len(tops) > 1 {
		for _, l := range list {
			if l.ID != l.Top || l.ParentID == nil {
				continue
			}
			for id := range pathIDs(l.ParentPath) {
				if _, above := tops[id]; above {
					tops[l.ID] = false
				}
			}
		}
	}
	return slices.DeleteFunc(list, func(l Level) bool { return !tops[l.Top] })
}

// SameParent compares two places in a tree; nil is the root level.
func SameParent(a, b *int64) bool {
	return a == b || a != nil && b != nil && *a == *b
}
