package transfer

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"nms.example/common/fault"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/tree"
)

// treeNode is a node as the system has it, as the document has it, or both.
type treeNode struct {
	key      string
	id       int64
	index    int // in the document; -1: not spoken of
	name     string
	nameFull string // "" for a section without one
	parent   *treeNode

	was *tree.Node // as the system has it; nil for a new node
	// wasFull is the full name as it was given.
	wasFull string
	depth   int // in the tree as it will be, 1 for a root; 0: not known yet
}

// changed reports whether an existing node differs from what it was.
func (n *treeNode) changed() bool {
	return n.name != n.was.Name || n.nameFull != n.wasFull || n.moved()
}

func (n *treeNode) moved() bool {
	if n.parent == nil {
		return n.was.ParentID != nil
	}
	return n.was.ParentID == nil || *n.was.ParentID != n.parent.id
}

// treePlan is what an import of a tree is going to do.
type treePlan struct {
	nodes    map[string]*treeNode
	byID     map[int64]*treeNode
	creates  []*treeNode // parents before children
	updates  []*treeNode // likewise
	same     int
	refusals refusals
}

// newTreePlan starts from the live nodes, parents before children. key makes a node's key from its parent's.
func newTreePlan(member string, rows []tree.Row, given func(i int) string, key func(parent *treeNode, name string) string) *treePlan {
	p := &treePlan{
		nodes: make(map[string]*treeNode, len(rows)), byID: make(map[int64]*treeNode, len(rows)),
		refusals: refusals{member: member},
	}
	ways := map[string]string{}
	for i, r := range rows {
		n := &treeNode{id: r.ID, index: -1, name: r.Name, nameFull: given(i), wasFull: given(i)}
		way := "/"
		if r.ParentID != nil {
			n.parent = p.byID[*r.ParentID]
			if n.parent == nil {
				continue // cannot be: a live node's parent is live
			}
			var known bool
			if way, known = ways[r.ParentPath]; !known {
				way = strings.TrimSuffix(n.parent.was.ParentPathName, "/") + "/" + n.parent.name
				ways[r.ParentPath] = way
			}
		}
		n.was = &tree.Node{
			ID: r.ID, ParentID: r.ParentID, ParentPath: r.ParentPath, ParentPathName: way, Name: r.Name, NameFull: r.NameFull,
		}
		n.key = key(n.parent, r.Name)
		p.nodes[n.key], p.byID[n.id] = n, n
	}
	return p
}

// take enters a row of the document; connect follows when all are in. nil means that it was refused.
func (p *treePlan) take(index int, key, field, name, nameFull string) *treeNode {
	n := p.nodes[key]
	switch {
	case n == nil:
		n = &treeNode{key: key}
		p.nodes[key] = n
	case n.index >= 0:
		p.refusals.add(index, field, fault.CodeRepeated, twice(n.index))
		return nil
	}
	n.index, n.name, n.nameFull = index, name, nameFull
	return n
}

// plan finds what to do once every node has its parent.
func (p *treePlan) plan(spoken []*treeNode, parentField string) {
	for _, n := range spoken {
		if !p.measure(n) {
			p.refusals.add(n.index, parentField, catalogue.CodeCycle, "makes the node its own ancestor")
			return
		}
	}
	slices.SortStableFunc(spoken, func(a, b *treeNode) int { return cmp.Compare(a.depth, b.depth) })
	for _, n := range spoken {
		switch {
		case n.was == nil:
			p.creates = append(p.creates, n)
		case n.changed():
			p.updates = append(p.updates, n)
		default:
			p.same++
		}
	}
}

// measure sets the depths of a node and its ancestors; false when the way up never ends.
func (p *treePlan) measure(n *treeNode) bool {
	var way []*treeNode
	for at := n; at != nil && at.depth == 0; at = at.parent {
		if len(way) > len(p.nodes) {
			return false
		}
		way = append(way, at)
	}
	for _, at := range slices.Backward(way) {
		at.depth = 1
		if at.parent != nil {
			at.depth = at.parent.depth + 1
		}
	}
	return true
}

// levels groups the updates by their depth in the tree as it will be. A node is moved when its new
// ancestors already stand where they belong, so that nothing looks like a cycle on the way.
func (p *treePlan) levels() [][]*treeNode {
	var levels [][]*treeNode
	for _, n := range p.updates {
		if len(levels) == 0 || levels[len(levels)-1][0].depth != n.depth {
			levels = append(levels, nil)
		}
		levels[len(levels)-1] = append(levels[len(levels)-1], n)
	}
	return levels
}

// insertPath is the parent_path that a new node gets when it is made, before anything is moved.
func (p *treePlan) insertPath(n *treeNode, memo map[*treeNode]string) string {
	if n.parent == nil {
		return "0"
	}
	path, ok := memo[n.parent]
	if !ok {
		if n.parent.was != nil {
			path = n.parent.was.ParentPath
		} else {
			path = p.insertPath(n.parent, memo)
		}
		path += "." + strconv.FormatInt(n.parent.id, 10)
		memo[n.parent] = path
	}
	return path
}

type place struct{ path, way string }

// item is a node as clients will see it.
func (p *treePlan) item(n *treeNode, memo map[*treeNode]place) tree.Node {
	at := p.placeBelow(n.parent, memo)
	item := tree.Node{ID: n.id, ParentPath: at.path, ParentPathName: at.way, Name: n.name, NameFull: n.nameFull}
	if item.NameFull == "" {
		item.NameFull = n.name
	}
	if at.way == "" {
		item.ParentPathName = "/"
	}
	if n.parent != nil {
		id := n.parent.id
		item.ParentID = &id
	}
	return item
}

func (p *treePlan) placeBelow(n *treeNode, memo map[*treeNode]place) place {
	if n == nil {
		return place{path: "0"}
	}
	at, ok := memo[n]
	if !ok {
		above := p.placeBelow(n.parent, memo)
		at = place{path: above.path + "." + strconv.FormatInt(n.id, 10), way: above.way + "/" + n.name}
		memo[n] = at
	}
	return at
}
