package catalogue

import (
	"cmp"
	"context"
	"slices"

	"nms.example/common/db"

	"nms.example/cfg/internal/nmsdb"
)

// Usage is what refers to an item.
type Usage struct {
	ID    int64 `json:"id" doc:"Identifier of the item"`
	InUse bool  `json:"in_use" doc:"Whether a plain DELETE would be refused"`
	Uses  []Use `json:"uses" doc:"What refers to the item, by kind; empty when nothing does"`
}

// Use is one kind of reference to an item.
type Use struct {
	Resource string `json:"resource" enum:"equipments,commands-toc,commands" doc:"Where those that refer to it are found"`
	Relation string `json:"relation" enum:"child,descendant,command,undo" doc:"In what way they refer to it"`
	Total    int64  `json:"total" doc:"How many there are"`
	Items    []Ref  `json:"items" doc:"The first of them by name; none for descendants"`
}

// Ref names an item.
type Ref struct {
	ID   int64  `json:"id" doc:"Identifier"`
	Name string `json:"name" doc:"Short name"`
}

// UsageSample is the most items that a Use names.
const UsageSample = 20

// References tells what refers to a live item directly, by these relations, in this order.
func (c *Catalogue[Item, Input]) References(ctx context.Context, id int64, relations ...string) (Usage, error) {
	u := Usage{ID: id, Uses: []Use{}}
	if _, err := c.Get(ctx, id); err != nil {
		return u, err
	}
	q := nmsdb.New(c.writer.Pool())
	counts, err := q.ReferenceCount(ctx, nmsdb.ReferenceCountParams{Entity: c.Entity, Target: id})
	if err != nil {
		return u, db.MapError(err, nil)
	}
	slices.SortFunc(counts, func(a, b nmsdb.ReferenceCountRow) int {
		return cmp.Compare(slices.Index(relations, a.Relation), slices.Index(relations, b.Relation))
	})
	for _, count := range counts {
		rows, err := q.ReferenceList(ctx, nmsdb.ReferenceListParams{
			Entity: c.Entity, Target: id, Relation: count.Relation, Most: UsageSample,
		})
		if err != nil {
			return u, db.MapError(err, nil)
		}
		items := Convert(rows, func(r nmsdb.LiveReference) Ref { return Ref{ID: r.ID, Name: r.Name} })
		u.Uses = append(u.Uses, Use{Resource: count.Resource, Relation: count.Relation, Total: count.Total, Items: items})
	}
	u.InUse = len(u.Uses) > 0
	return u, nil
}
