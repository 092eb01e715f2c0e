package transfer

import (
	"context"

	"nms.example/common/db"
	"nms.example/common/name"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/equipment"
	"nms.example/cfg/internal/nmsdb"
	"nms.example/cfg/internal/toc"
	"nms.example/cfg/internal/tree"
)

// spelled is a thing with a name; empty for none.
type spelled interface {
	comparable
	spelling() string
}

type nameKey[P comparable] struct {
	place P
	name  string
}

// byName finds things by their place and name. Where old names in one place were made equal, it finds the one that is
// spelled as asked for, else the first.
type byName[P comparable, N spelled] map[nameKey[P]]N

// exactly marks the key of a further thing of a name; no name holds it.
const exactly = "\x00"

func (m byName[P, N]) add(place P, thing N) {
	key := nameKey[P]{place, name.Fold(thing.spelling())}
	if _, taken := m[key]; taken {
		key.name = exactly + thing.spelling()
	}
	m[key] = thing
}

// find returns the zero value for what is not there.
func (m byName[P, N]) find(place P, text string) N {
	thing := m[nameKey[P]{place, name.Fold(text)}]
	if thing.spelling() != text {
		if other, ok := m[nameKey[P]{place, exactly + text}]; ok {
			return other
		}
	}
	return thing
}

// treeNode is a node as the system has it, as the document has it, or both.
type treeNode struct {
	live *tree.Row // as the system has it; nil for a new node
	full string    // live's own full name; "" for a section without one

	id             int64
	index          int // in the document; -1: not spoken of
	name, nameFull string
	parent         *treeNode
	depth          int    // 1 for a root
	order          int    // see ordered
	text           string // see path
}

func (n *treeNode) spelling() string {
	switch {
	case n == nil:
		return ""
	case n.live != nil:
		return n.live.Name
	default:
		return n.name
	}
}

// names returns the path of the node: the names above it, then its own.
func (n *treeNode) names() []string {
	if n == nil {
		return nil
	}
	return append(n.parent.names(), n.name)
}

// path is the path as a text; empty for nil, which stands for what is above the roots.
func (n *treeNode) path() string {
	if n == nil {
		return ""
	}
	if n.text == "" {
		n.text = tree.EscapeName(n.name)
		if above := n.parent.path(); above != "" {
			n.text = above + "/" + n.text
		}
	}
	return n.text
}

// index finds the nodes of a tree by what documents call them.
type index struct {
	nodes byName[*treeNode, *treeNode] // by the node above
	byID  map[int64]*treeNode
	live  []treeNode             // parents before children
	plain map[string][]*treeNode // live ones by their names alone; made when it is first needed
}

// newIndex holds the live nodes, which come with parents before children and siblings by name. full is a node's own full name.
func newIndex(rows []tree.Row, full func(i int) string) *index {
	x := &index{
		nodes: make(byName[*treeNode, *treeNode], len(rows)), byID: make(map[int64]*treeNode, len(rows)), live: make([]treeNode, len(rows)),
	}
	for i := range rows {
		n, r := &x.live[i], &rows[i]
		*n = treeNode{live: r, full: full(i), id: r.ID, index: -1, name: r.Name, nameFull: full(i), depth: 1}
		if r.ParentID != nil {
			n.parent = x.byID[*r.ParentID]
			n.depth = n.parent.depth + 1
		}
		x.byID[n.id] = n
		x.nodes.add(n.parent, n)
	}
	return x
}

// find returns the node at the end of a path, nil when there is none.
func (x *index) find(path []string) (n *treeNode) {
	for _, one := range path {
		if n = x.nodes.find(n, one); n == nil {
			return nil
		}
	}
	return n
}

// ordered lists the live nodes, each followed by what is below it, siblings by name: whatever their ids are, the order is
// the same.
func (x *index) ordered() []*treeNode {
	below := make(map[*treeNode][]*treeNode, len(x.live)/4+1)
	for i := range x.live {
		n := &x.live[i]
		below[n.parent] = append(below[n.parent], n)
	}
	list := make([]*treeNode, 0, len(x.live))
	var walk func(above *treeNode)
	walk = func(above *treeNode) {
		for _, n := range below[above] {
			n.order = len(list)
			list = append(list, n)
			walk(n)
		}
	}
	walk(nil)
	return list
}

// named lists the live nodes of a name, wherever they are.
func (x *index) named(text string) []*treeNode {
	if x.plain == nil {
		x.plain = make(map[string][]*treeNode, len(x.live))
		for i := range x.live {
			n := &x.live[i]
			key := name.Fold(n.live.Name)
			x.plain[key] = append(x.plain[key], n)
		}
	}
	return x.plain[name.Fold(text)]
}

// known is what a document's references are resolved with.
type known struct{ equipment, sections *index }

func readKnown(ctx context.Context, c catalogue.Conn) (k known, err error) {
	if k.equipment, err = readEquipments(ctx, c); err == nil {
		k.sections, err = readSections(ctx, c)
	}
	return k, err
}

func readEquipments(ctx context.Context, c catalogue.Conn) (*index, error) {
	live, err := nmsdb.New(c).EquipmentList(ctx)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	return newIndex(catalogue.Convert(live, equipment.RowOf), func(i int) string { return live[i].NameFull }), nil
}

func readSections(ctx context.Context, c catalogue.Conn) (*index, error) {
	live, err := nmsdb.New(c).CommandTOCList(ctx)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	return newIndex(catalogue.Convert(live, toc.RowOf), func(i int) string { return orEmpty(live[i].NameFull) }), nil
}
