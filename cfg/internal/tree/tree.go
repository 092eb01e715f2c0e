// Package tree is what the equipment tree and the tree of command sections share: the catalogue over either's
// queries, the lists that filters choose, and the nesting of nodes into an answer.
package tree

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Row is a node as the database keeps it. ParentPath is "0" for a root, "0.1.2" for a child of item 2,
// which is a child of the root item 1.
type Row struct {
	ID         int64
	ParentID   *int64
	ParentPath string
	Name       string
	NameFull   string
}

// Node is a node as clients see it.
type Node struct {
	ID             int64  `json:"id" doc:"Identifier"`
	ParentID       *int64 `json:"parent_id" doc:"The node above; null for a root"`
	ParentPath     string `json:"parent_path" doc:"Ids on the way to the node: 0 for a root, 0.1 below item 1" example:"0.1"`
	ParentPathName string `json:"parent_path_name" doc:"Names on the way to the node: / for a root" example:"/ROOT_Object"`
	Name           string `json:"name" doc:"Short name"`
	NameFull       string `json:"name_full" doc:"Full name"`
}

// Branch is a node with what is below it; content is absent on leaves.
type Branch struct {
	Node

	Content []*Branch `json:"content,omitempty" doc:"The nodes below; absent on leaves"`
}

// Filter chooses nodes; the first given in the order of the fields wins, none chooses all.
type Filter struct {
	ID       *int64
	Name     *string // of one node
	RootID   *int64  // the node and all below it
	RootName *string // a name, or behind "/" the names on the way to one node; see Root
	Query    *string // part of a name
}

// Root returns what RootName chooses nodes by: a path when it begins with "/", otherwise a name that several may have.
func (f Filter) Root() (path []string, name string) {
	if strings.HasPrefix(*f.RootName, "/") {
		return SplitPath(*f.RootName), ""
	}
	return nil, *f.RootName
}

// ancestorsOutside lists the nodes on the rows' ways that are not among the rows.
func ancestorsOutside(rows []Row, names map[int64]string) []int64 {
	var missing []int64
	last := ""
	for _, r := range rows {
		if r.ParentPath == last {
			continue // siblings follow each other
		}
		last = r.ParentPath
		for id := range pathIDs(r.ParentPath) {
			if _, known := names[id]; !known {
				names[id] = ""
				missing = append(missing, id)
			}
		}
	}
	return missing
}

// pathIDs yields the ids of a path, without the leading 0.
func pathIDs(path string) func(yield func(int64) bool) {
	return func(yield func(int64) bool) {
		for label := range strings.SplitSeq(path, ".") {
			id, err := strconv.ParseInt(label, 10, 64)
			if err == nil && id > 0 && !yield(id) {
				return
			}
		}
	}
}

// items adds to each row the names on its way.
func items(rows []Row, names map[int64]string) []Node {
	list := make([]Node, len(rows))
	ways := make(map[string]string, len(rows)/4+1)
	for i, r := range rows {
		way, ok := ways[r.ParentPath]
		if !ok {
			var b strings.Builder
			for id := range pathIDs(r.ParentPath) {
				b.WriteByte('/')
				b.WriteString(names[id])
			}
			if way = b.String(); way == "" {
				way = "/"
			}
			ways[r.ParentPath] = way
		}
		list[i] = Node{
			ID: r.ID, ParentID: r.ParentID, ParentPath: r.ParentPath, ParentPathName: way,
			Name: r.Name, NameFull: r.NameFull,
		}
	}
	return list
}

// Nest puts each item below its parent where that is in the list; the others come to the top. The order
// of the list is kept on each level.
func Nest(list []Node) []*Branch {
	nodes := make([]Branch, len(list))
	byID := make(map[int64]*Branch, len(list))
	for i, item := range list {
		nodes[i].Node = item
		byID[item.ID] = &nodes[i]
	}
	top := []*Branch{}
	for i := range nodes {
		n := &nodes[i]
		if n.ParentID != nil {
			if parent := byID[*n.ParentID]; parent != nil {
				parent.Content = append(parent.Content, n)
				continue
			}
		}
		top = append(top, n)
	}
	return top
}

// SortKeys are what Sort orders siblings by.
var SortKeys = []string{"id", "name", "name_full"}

// Sort orders a list by one of SortKeys; nested, each level is in that order.
func Sort(list []Node, key string, descending bool) {
	slices.SortStableFunc(list, func(a, b Node) int {
		var order int
		switch key {
		case "id":
			order = cmp.Compare(a.ID, b.ID)
		case "name_full":
			order = cmp.Compare(a.NameFull, b.NameFull)
		default:
			order = cmp.Compare(a.Name, b.Name)
		}
		if order == 0 {
			order = cmp.Compare(a.ID, b.ID)
		}
		if descending {
			return -order
		}
		return order
	})
}
