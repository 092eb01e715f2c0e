package tree

import (
	"context"
	"encoding/json"
	"time"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
)

// The generated queries of the two trees differ in nothing but the names of their types. The functions here
// bring them to one form; the constraints say what the generated types look like.

// Full is how a tree keeps full names: string when each node has one, *string when nil follows the name.
type Full interface{ string | *string }

// Queries are the statements of one tree, made of the generated methods by the functions of this file.
type Queries[F Full] struct {
	GetLive   Query[[]int64, []Node]
	Hold      Query[int64, catalogue.Held[Draft[F]]]
	Insert    Query[Draft[F], int64]
	Update    func(q *nmsdb.Queries, ctx context.Context, id int64, d Draft[F]) error // moves it too
	Rename    func(q *nmsdb.Queries, ctx context.Context, id int64, d Draft[F]) error // leaves it where it is
	Archive   func(q *nmsdb.Queries, ctx context.Context, id int64) error
	Restore   func(q *nmsdb.Queries, ctx context.Context, id int64) error
	LockShape func(q *nmsdb.Queries, ctx context.Context) error
	Present   Query[int64, catalogue.Version]
	Past      Query[Before, []catalogue.Version]

	// Lists of live rows by path, then name. Search takes a part of a name.
	All                   func(q *nmsdb.Queries, ctx context.Context) ([]Row, error)
	ByID, Subtree         Query[int64, []Row]
	ByName, SubtreeByName Query[string, []Row]
	Search                Query[string, []Row]
	Names                 Query[[]int64, map[int64]string]

	// What refers to a node: the first by name, and how many there are.
	Children, Commands                    Query[Sample, []catalogue.Ref]
	ChildCount, Descendants, CommandCount Query[int64, int64]
}

// Query is a generated method with one argument.
type Query[Argument, Result any] = func(q *nmsdb.Queries, ctx context.Context, a Argument) (Result, error)

// Before asks for up to Most versions of a node with numbers below Before.
type Before struct {
	ID     int64
	Before int32
	Most   int32
}

// Sample asks for up to Most of what refers to a node.
type Sample struct {
	ID   int64
	Most int32
}

type getRow interface {
	~struct {
		ID                                         int64
		ParentID                                   *int64
		ParentPath, Name, NameFull, ParentPathName string
	}
}

// nodeRow is getRow's shape; its conversion to Node goes over it, since only the order of the fields differs.
type nodeRow struct {
	ID                                         int64
	ParentID                                   *int64
	ParentPath, Name, NameFull, ParentPathName string
}

func (r nodeRow) node() Node {
	return Node{
		ID: r.ID, ParentID: r.ParentID, ParentPath: r.ParentPath, ParentPathName: r.ParentPathName,
		Name: r.Name, NameFull: r.NameFull,
	}
}

// Nodes takes a query of nodes by their ids.
func Nodes[R getRow](run Query[[]int64, []R]) Query[[]int64, []Node] {
	return func(q *nmsdb.Queries, ctx context.Context, ids []int64) ([]Node, error) {
		rows, err := run(q, ctx, ids)
		return catalogue.Convert(rows, func(r R) Node { return nodeRow(r).node() }), err
	}
}

// LiveNodes takes a query of live nodes by their ids, among which are the names of those above them.
func LiveNodes[R ~struct {
	Chosen                     bool
	ID                         int64
	ParentID                   *int64
	ParentPath, Name, NameFull string
}](run Query[[]int64, []R],
) Query[[]int64, []Node] {
	return func(q *nmsdb.Queries, ctx context.Context, ids []int64) ([]Node, error) {
		found, err := run(q, ctx, ids)
		rows, names := make([]Row, 0, len(ids)), make(map[int64]string, len(found))
		for _, one := range found {
			r := struct {
				Chosen                     bool
				ID                         int64
				ParentID                   *int64
				ParentPath, Name, NameFull string
			}(one)
			if r.Chosen {
				rows = append(rows, Row{ID: r.ID, ParentID: r.ParentID, ParentPath: r.ParentPath, Name: r.Name, NameFull: r.NameFull})
			} else {
				names[r.ID] = r.Name
			}
		}
		return items(rows, names), err
	}
}

// Hold takes the query that locks a row.
func Hold[F Full, R ~struct {
	ArchivedAt *time.Time
	ParentID   *int64
	Name       string
	NameFull   F
}](run Query[int64, R],
) Query[int64, catalogue.Held[Draft[F]]] {
	return func(q *nmsdb.Queries, ctx context.Context, id int64) (catalogue.Held[Draft[F]], error) {
		row, err := run(q, ctx, id)
		r := struct {
			ArchivedAt *time.Time
			ParentID   *int64
			Name       string
			NameFull   F
		}(row)
		return catalogue.Held[Draft[F]]{
			Draft: Draft[F]{ParentID: r.ParentID, Name: r.Name, NameFull: r.NameFull}, ArchivedAt: r.ArchivedAt,
		}, err
	}
}

// Insert takes the query that makes a row.
func Insert[F Full, P ~struct {
	ParentID *int64
	Name     string
	NameFull F
}](run Query[P, int64],
) Query[Draft[F], int64] {
	return func(q *nmsdb.Queries, ctx context.Context, d Draft[F]) (int64, error) { return run(q, ctx, P(d)) }
}

// Update takes the query that writes the whole draft.
func Update[F Full, P ~struct {
	ParentID *int64
	Name     string
	NameFull F
	ID       int64
}](run func(*nmsdb.Queries, context.Context, P) error,
) func(*nmsdb.Queries, context.Context, int64, Draft[F]) error {
	return func(q *nmsdb.Queries, ctx context.Context, id int64, d Draft[F]) error {
		return run(q, ctx, P{ParentID: d.ParentID, Name: d.Name, NameFull: d.NameFull, ID: id})
	}
}

// Rename takes the query that writes the names.
func Rename[F Full, P ~struct {
	Name     string
	NameFull F
	ID       int64
}](run func(*nmsdb.Queries, context.Context, P) error,
) func(*nmsdb.Queries, context.Context, int64, Draft[F]) error {
	return func(q *nmsdb.Queries, ctx context.Context, id int64, d Draft[F]) error {
		return run(q, ctx, P{Name: d.Name, NameFull: d.NameFull, ID: id})
	}
}

type currentRow[F Full] struct {
	Version    int32
	ValidFrom  time.Time
	Actor      string
	RequestID  string
	ArchivedAt *time.Time
	ParentID   *int64
	Name       string
	NameFull   F
}

// Present takes the query of the version that a row carries.
func Present[F Full, R ~struct {
	Version    int32
	ValidFrom  time.Time
	Actor      string
	RequestID  string
	ArchivedAt *time.Time
	ParentID   *int64
	Name       string
	NameFull   F
}](run Query[int64, R],
) Query[int64, catalogue.Version] {
	return func(q *nmsdb.Queries, ctx context.Context, id int64) (catalogue.Version, error) {
		row, err := run(q, ctx, id)
		if err != nil {
			return catalogue.Version{}, err
		}
		r := currentRow[F](row)
		item, err := json.Marshal(map[string]any{"name": r.Name, "name_full": r.NameFull, "parent_id": r.ParentID})
		return catalogue.Version{
			Version: r.Version, ValidFrom: r.ValidFrom, Actor: r.Actor, RequestID: r.RequestID,
			Archived: r.ArchivedAt != nil, Item: item,
		}, err
	}
}

// Past takes the query of superseded versions.
func Past[P ~struct {
	ID     int64
	Before int32
	Most   int32
}, R ~struct {
	Version    int32
	ValidFrom  time.Time
	ValidUntil time.Time
	Actor      string
	RequestID  string
	Snapshot   json.RawMessage
}](run Query[P, []R],
) Query[Before, []catalogue.Version] {
	return func(q *nmsdb.Queries, ctx context.Context, a Before) ([]catalogue.Version, error) {
		rows, err := run(q, ctx, P(a))
		if err != nil {
			return nil, err
		}
		return catalogue.PastVersions(rows, func(r R) catalogue.PastRow { return catalogue.PastRow(r) })
	}
}

type listRow interface {
	~struct {
		ID                         int64
		ParentID                   *int64
		ParentPath, Name, NameFull string
	}
}

// All takes the query of every live row.
func All[R listRow](run func(*nmsdb.Queries, context.Context) ([]R, error)) func(*nmsdb.Queries, context.Context) ([]Row, error) {
	return func(q *nmsdb.Queries, ctx context.Context) ([]Row, error) {
		rows, err := run(q, ctx)
		return catalogue.Convert(rows, func(r R) Row { return Row(r) }), err
	}
}

// Choose takes a query of some live rows.
func Choose[A any, R listRow](run Query[A, []R]) Query[A, []Row] {
	return func(q *nmsdb.Queries, ctx context.Context, a A) ([]Row, error) {
		rows, err := run(q, ctx, a)
		return catalogue.Convert(rows, func(r R) Row { return Row(r) }), err
	}
}

type refRow interface {
	~struct {
		ID   int64
		Name string
	}
}

// Names takes the query of nodes' names.
func Names[R refRow](run Query[[]int64, []R]) Query[[]int64, map[int64]string] {
	return func(q *nmsdb.Queries, ctx context.Context, ids []int64) (map[int64]string, error) {
		rows, err := run(q, ctx, ids)
		names := make(map[int64]string, len(rows))
		for _, row := range rows {
			r := catalogue.Ref(row)
			names[r.ID] = r.Name
		}
		return names, err
	}
}

// Refs takes a query of the first that refer to a node.
func Refs[P ~struct {
	ID   int64
	Most int32
}, R refRow](run Query[P, []R],
) Query[Sample, []catalogue.Ref] {
	return func(q *nmsdb.Queries, ctx context.Context, a Sample) ([]catalogue.Ref, error) {
		rows, err := run(q, ctx, P(a))
		return catalogue.Convert(rows, func(r R) catalogue.Ref { return catalogue.Ref(r) }), err
	}
}
