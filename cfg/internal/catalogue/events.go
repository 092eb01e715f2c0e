package catalogue

import (
	"strconv"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
)

// Conn is a pool or a transaction on the database that the catalogues live in.
type Conn = db.Conn[db.NMS]

// Tx is a transaction on it.
type Tx = db.Tx[db.NMS]

// Writer runs the changes of all catalogues.
type Writer = change.Writer[db.NMS]

// What becomes of items, in histories and batches as in the events.
const (
	Created  = "created"
	Updated  = "updated"
	Archived = "archived"
	Restored = "restored"
)

// Events are the types of the events of one kind of item. An archived item is out of use, not gone: its event has nothing
// after it, and the event of its restoration nothing before it.
type Events[Item any] struct {
	Created  event.Creation[Item]
	Updated  event.Update[Item]
	Archived event.Removal[Item]
	Restored event.Creation[Item]
}

// All lists the types.
func (e Events[Item]) All() []event.Declared {
	return []event.Declared{e.Created, e.Updated, e.Archived, e.Restored}
}

// Subject is the subject of the events of one item.
func Subject(id int64) string { return strconv.FormatInt(id, 10) }
