package catalogue

// Usage is what refers to an item.
type Usage struct {
	ID    int64 `json:"id"`
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
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// UsageSample is the most items that a Use names.
const UsageSample = 20

// Add notes a kind of reference unless there are none. descendants do not keep from deleting by
// themselves: their parents, the children, do.
func (u *Usage) Add(use Use) {
	if use.Total == 0 {
		return
	}
	if use.Items == nil {
		use.Items = []Ref{}
	}
	u.Uses = append(u.Uses, use)
	u.InUse = true
}
