// Package tree is what the equipment tree and the tree of command sections share: the catalogue over either's
// queries, the lists that filters choose, and the nesting of nodes into an answer.
package tree

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
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
	ParentPath     string `json:"parent_path" doc:"Ids of the nodes above: 0 for a root, 0.1 below item 1" example:"0.1"`
	ParentPathName string `json:"parent_path_name" doc:"Names of the nodes above: / for a root" example:"/ROOT_Object"`
	Name           string `json:"name" doc:"Short name"`
	NameFull       string `json:"name_full" doc:"Full name"`
}

// ListedNode is a node as lists show it.
type ListedNode struct {
	Node

	ArchivedAt *time.Time `json:"archived_at,omitempty" doc:"When it was archived; absent on live nodes"`
}

// Branch is a node with what is below it; content is absent on leaves and where depth cuts it off.
type Branch struct {
	ListedNode

	Children int64     `json:"children,omitempty" doc:"How many nodes right below this one depth has cut off; absent where it has cut off none" example:"12"`
	Content  []*Branch `json:"content,omitempty" doc:"The nodes below; absent on leaves"`
}

// Filter chooses nodes. Of the first five the first given wins, none chooses all; the others hold beside it.
type Filter struct {
	ID       *int64
	Name     *string // of one node
	RootID   *int64  // the node and all below it
	RootName *string // a name, or behind "/" the path to one node; see Root
	Query    *string // part of a name

	Depth    *int       // levels below those at the top, 0 for the top alone; nil: all
	At       *time.Time // as it was then; nil: as it is
	Archived bool       // archived nodes in place of live ones
}

// Root returns what RootName chooses nodes by: a path when it begins with "/", otherwise a name that several may have;
// neither without one.
func (f Filter) Root() (path []string, name string) {
	if f.RootName == nil {
		return nil, ""
	}
	if strings.HasPrefix(*f.RootName, "/") {
		return SplitPath(*f.RootName), ""
	}
	return nil, *f.RootName
}

// Plain returns the filter without what another of its fields overrules.
func (f Filter) Plain() Filter {
	plain := Filter{Depth: f.Depth, At: f.At, Archived: f.Archived}
	switch {
	case f.ID != nil:
		plain.ID = f.ID
	case f.Name != nil:
		plain.Name = f.Name
	case f.RootID != nil:
		plain.RootID = f.RootID
	case f.RootName != nil:
		plain.RootName = f.RootName
	default:
		plain.Query = f.Query
	}
	return plain
}

// single reports whether a plain filter chooses nodes by themselves and not with all below them.
func (f Filter) single() bool { return f.ID != nil || f.Name != nil || f.Query != nil }

// ancestorsOutside lists the nodes on the rows' paths that are not among the rows.
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

// items adds to each row the names of its path.
func items(rows []Row, names map[int64]string) []Node {
	list := make([]Node, len(rows))
	paths := make(map[string]string, len(rows)/4+1)
	for i, r := range rows {
		path, ok := paths[r.ParentPath]
		if !ok {
			var b strings.Builder
			for id := range pathIDs(r.ParentPath) {
				b.WriteByte('/')
				b.WriteString(names[id])
			}
			if path = b.String(); path == "" {
				path = "/"
			}
			paths[r.ParentPath] = path
		}
		list[i] = Node{
			ID: r.ID, ParentID: r.ParentID, ParentPath: r.ParentPath, ParentPathName: path,
			Name: r.Name, NameFull: r.NameFull,
		}
	}
	return list
}

// branches makes branches of nodes, in their order.
func branches(list []Node) []*Branch {
	made := make([]Branch, len(list))
	out := make([]*Branch, len(list))
	for i, node := range list {
		made[i].Node = node
		out[i] = &made[i]
	}
	return out
}

// Nest puts each branch below its parent where that is in the list; the others come to the top. The order
// of the list is kept on each level.
func Nest(list []*Branch) []*Branch {
	byID := make(map[int64]*Branch, len(list))
	for _, n := range list {
		byID[n.ID] = n
	}
	top := []*Branch{}
	for _, n := range list {
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

// Cut leaves depth levels below the given one. Who loses children by it counts them.
func Cut(level []*Branch, depth int) {
	for _, n := range level {
		if depth > 0 {
			Cut(n.Content, depth-1)
			continue
		}
		n.Children += int64(len(n.Content))
		n.Content = nil
	}
}

// SortKeys are what Sort orders siblings by.
var SortKeys = []string{"id", "name", "name_full"}

// Sort orders a list by one of SortKeys; nested, each level is in that order.
func Sort(list []*Branch, key string, descending bool) {
	slices.SortStableFunc(list, func(a, b *Branch) int {
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
