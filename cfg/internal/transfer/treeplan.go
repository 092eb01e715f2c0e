package transfer

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"nms.example/common/fault"
	"nms.example/common/name"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/tree"
)

// treeRow is a row of a document's tree: a node by the path to the one above it and its name.
type treeRow struct {
	above          []string // none for a root
	plain          string   // above as it was written, where that may be the plain name of a node too; else empty
	name, nameFull string   // "" for a section without a full name
}

// treePlan is what an import of a tree is going to do: make nodes and change their spelling and full names. Where a node
// is, is what the document knows it by, so nothing is moved.
type treePlan struct {
	*index
	refusals

	field, nameField string // of a row: where a fault of its place is told, and one of its name
	nobody           string // the fault when the node above is not there
	rows             []treeRow
	states           []rowState
	found            []*treeNode // by row; nil for one without a place

	written   map[string]int   // rows by their paths as written; made when first needed
	rowsNamed map[string][]int // rows by their names alone; likewise

	creates []*treeNode // parents before children
	updates []*treeNode
	same    int
}

type rowState uint8

const (
	rowWaits rowState = iota
	rowBegun
	rowDone
)

// run finds what to do. check says what is wrong with a row whose node is named was until now; "" for a new one.
func (p *treePlan) run(check func(r treeRow, was string) error) error {
	p.states, p.found = make([]rowState, len(p.rows)), make([]*treeNode, len(p.rows))
	for i, r := range p.rows {
		was := ""
		if n := p.place(i); n != nil && n.live != nil {
			was = n.live.Name
		}
		if err := check(r, was); err != nil {
			p.take(i, err)
		}
	}
	if err := p.err(); err != nil {
		return err
	}
	for _, n := range p.found {
		switch {
		case n.live == nil:
			p.creates = append(p.creates, n)
		case n.name != n.live.Name || n.nameFull != n.full:
			p.updates = append(p.updates, n)
		default:
			p.same++
		}
	}
	slices.SortStableFunc(p.creates, func(a, b *treeNode) int { return cmp.Compare(a.depth, b.depth) })
	return nil
}

// place returns the node that a row speaks of, a new one when there is none yet; nil when its place cannot be found,
// which is refused. The row of the node above comes first, wherever it stands in the document.
func (p *treePlan) place(i int) *treeNode {
	switch p.states[i] {
	case rowDone:
		return p.found[i]
	case rowBegun:
		p.add(i, p.field, catalogue.CodeCycle, "makes the node its own ancestor")
		return nil
	case rowWaits:
	}
	p.states[i] = rowBegun
	above, ok := p.above(i)
	p.states[i] = rowDone
	if !ok {
		return nil
	}
	r := p.rows[i]
	n := p.nodes.find(above, r.name)
	switch {
	case n == nil:
		n = &treeNode{parent: above, depth: 1, name: r.name}
		if above != nil {
			n.depth = above.depth + 1
		}
		p.nodes.add(above, n)
	case n.index >= 0:
		p.add(i, p.nameField, fault.CodeRepeated, p.twice(n.index))
		return nil
	}
	n.index, n.name, n.nameFull = i, r.name, r.nameFull
	p.found[i] = n
	return n
}

// above returns the node that a row's one is below, nil for a root; false when there is none or several.
func (p *treePlan) above(i int) (*treeNode, bool) {
	r := p.rows[i]
	if len(r.above) == 0 {
		return nil, true
	}
	if n := p.find(r.above); n != nil {
		return n, true
	}
	p.indexRows()
	if j, ok := p.written[foldPath(r.above)]; ok {
		n := p.place(j)
		return n, n != nil
	}
	var candidates []*treeNode
	if r.plain != "" {
		candidates = slices.Clone(p.named(r.plain))
		for _, j := range p.rowsNamed[name.Fold(r.plain)] {
			n := p.place(j)
			if n == nil {
				return nil, false
			}
			if !slices.Contains(candidates, n) {
				candidates = append(candidates, n)
			}
		}
	}
	switch len(candidates) {
	case 0:
		p.add(i, p.field, fault.CodeReferenceMissing, p.nobody)
		return nil, false
	case 1:
		return candidates[0], true
	default:
		p.add(i, p.field, codeAmbiguous, severalEquipments)
		return nil, false
	}
}

func (p *treePlan) indexRows() {
	if p.written != nil {
		return
	}
	p.written, p.rowsNamed = make(map[string]int, len(p.rows)), make(map[string][]int, len(p.rows))
	for i, r := range p.rows {
		key, named := foldPath(append(slices.Clone(r.above), r.name)), name.Fold(r.name)
		if _, twice := p.written[key]; !twice {
			p.written[key] = i
		}
		p.rowsNamed[named] = append(p.rowsNamed[named], i)
	}
}

// foldPath makes one key of a path. NUL stands in no name.
func foldPath(path []string) string {
	folded := make([]string, len(path))
	for i, one := range path {
		folded[i] = name.Fold(one)
	}
	return strings.Join(folded, "\x00")
}

// item is a node as clients will see it.
func item(n *treeNode, memo map[*treeNode]position) tree.Node {
	at := positionBelow(n.parent, memo)
	item := tree.Node{ID: n.id, ParentPath: at.ids, ParentPathName: cmp.Or(at.names, "/"), Name: n.name, NameFull: cmp.Or(n.nameFull, n.name)}
	if n.parent != nil {
		item.ParentID = &n.parent.id
	}
	return item
}

// itemWas is a live node as clients see it until now.
func itemWas(n *treeNode) tree.Node {
	names := ""
	for up := n.parent; up != nil; up = up.parent {
		names = "/" + up.live.Name + names
	}
	return tree.Node{
		ID: n.id, ParentID: n.live.ParentID, ParentPath: n.live.ParentPath, ParentPathName: cmp.Or(names, "/"),
		Name: n.live.Name, NameFull: n.live.NameFull,
	}
}

// position is the path below a node, as ids and as names.
type position struct{ ids, names string }

// positionBelow says where the nodes below one are, by ids and by names as they will be.
func positionBelow(n *treeNode, memo map[*treeNode]position) position {
	if n == nil {
		return position{ids: "0"}
	}
	at, ok := memo[n]
	if !ok {
		above := positionBelow(n.parent, memo)
		at = position{ids: above.ids + "." + strconv.FormatInt(n.id, 10), names: above.names + "/" + n.name}
		memo[n] = at
	}
	return at
}
