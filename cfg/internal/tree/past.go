package tree

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/name"
)

// Past is a node as it was at a moment.
type Past struct {
	ID         int64
	ParentID   *int64
	Name       string
	NameFull   string
	ArchivedAt *time.Time
	Matches    bool // the filter by name
}

// NodeAt makes the node of itself and those above it at a moment, from the node up. Without a node, or when it was
// archived then, it is pgx.ErrNoRows.
func NodeAt(up []Past) (Node, error) {
	if len(up) == 0 || up[0].ArchivedAt != nil {
		return Node{}, pgx.ErrNoRows
	}
	return newMoment(up, Filter{}).nodes(up[:1])[0], nil
}

// chooseAt lists, by path, then name, what a plain filter chooses of all nodes at a moment.
func chooseAt(all []Past, f Filter) []*Branch {
	m := newMoment(all, f)
	chosen := slices.DeleteFunc(slices.Clone(all), func(p Past) bool {
		if (p.ArchivedAt != nil) != f.Archived {
			return true
		}
		switch {
		case f.ID != nil:
			return p.ID != *f.ID
		case f.RootID != nil, f.RootName != nil:
			return !m.find(p.ID).inside
		default:
			return !p.Matches
		}
	})
	slices.SortFunc(chosen, func(a, b Past) int {
		// "." sorts before every digit, so texts of paths sort as ltree does.
		return cmp.Or(cmp.Compare(m.path(a), m.path(b)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	list := branches(m.nodes(chosen))
	for i := range list {
		list[i].ArchivedAt = chosen[i].ArchivedAt
	}
	return list
}

// moment is the shape of a tree at a moment: moves rewrite the paths of those below without making versions of them, so
// paths follow from the parents of then.
type moment struct {
	filter   Filter
	rootPath []string // folded names of the path to the filter's root, when it is named so
	byID     map[int64]*spot
}

// spot is a node's place.
type spot struct {
	Past

	found  bool
	path   string // of what is right below it
	inside bool   // it is one of the filter's roots or below one
}

func newMoment(all []Past, f Filter) *moment {
	m := &moment{filter: f, byID: make(map[int64]*spot, len(all))}
	path, _ := f.Root()
	for _, part := range path {
		m.rootPath = append(m.rootPath, name.Fold(part))
	}
	spots := make([]spot, len(all))
	for i, p := range all {
		spots[i].Past = p
		m.byID[p.ID] = &spots[i]
	}
	return m
}

// find returns the place of a node, nil when there is none.
func (m *moment) find(id int64) *spot {
	s := m.byID[id]
	if s == nil || s.found {
		return s
	}
	s.found = true // first, so that nodes above each other, which the database refuses, would end it too
	s.path = m.path(s.Past) + "." + strconv.FormatInt(id, 10)
	s.inside = m.isRoot(s.Past)
	if !s.inside && s.ParentID != nil {
		above := m.find(*s.ParentID)
		s.inside = above != nil && above.inside
	}
	return s
}

// isRoot reports whether the filter by a root means this node.
func (m *moment) isRoot(p Past) bool {
	switch {
	case m.filter.RootID != nil:
		return p.ID == *m.filter.RootID
	case len(m.rootPath) > 0:
		return m.isAt(p, m.rootPath)
	default:
		return m.filter.RootName != nil && p.Matches
	}
}

// isAt reports whether a path of folded names leads to a node.
func (m *moment) isAt(p Past, path []string) bool {
	last := len(path) - 1
	if name.Fold(p.Name) != path[last] {
		return false
	}
	if p.ParentID == nil || last == 0 {
		return p.ParentID == nil && last == 0
	}
	above := m.byID[*p.ParentID]
	return above != nil && m.isAt(above.Past, path[:last])
}

// path is the parent_path of a node.
func (m *moment) path(p Past) string {
	if p.ParentID != nil {
		if above := m.find(*p.ParentID); above != nil {
			return above.path
		}
	}
	return "0"
}

// nodes adds to some nodes their paths.
func (m *moment) nodes(list []Past) []Node {
	rows := make([]Row, len(list))
	names := make(map[int64]string, len(m.byID))
	for id, s := range m.byID {
		names[id] = s.Name
	}
	for i, p := range list {
		rows[i] = Row{ID: p.ID, ParentID: p.ParentID, ParentPath: m.path(p), Name: p.Name, NameFull: p.NameFull}
	}
	return items(rows, names)
}
