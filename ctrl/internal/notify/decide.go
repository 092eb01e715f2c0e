package notify

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"nms.example/common/db"

	"nms.example/ctrl/internal/alarm"
	"nms.example/ctrl/internal/nmsdb"
	"nms.example/ctrl/internal/threshold"
)

// What is told of an alarm.
const (
	Raised   = "raised"
	Worse    = "worse"
	Flapping = "flapping"
	Repeated = "repeated"
	Cleared  = "cleared"
)

// Item is what is told of an alarm.
type Item struct {
	Event         string    `json:"event" enum:"raised,worse,flapping,repeated,cleared" doc:"What is told"`
	AlarmID       int64     `json:"alarm_id" doc:"The alarm"`
	Version       int32     `json:"version" doc:"Number of the step of the alarm that is told"`
	EquipmentID   int64     `json:"equipment_id" doc:"Its equipment"`
	EquipmentName string    `json:"equipment_name" doc:"Name of its equipment"`
	Type          string    `json:"type" doc:"Its type"`
	Qualifier     string    `json:"qualifier" doc:"Its qualifier"`
	Severity      string    `json:"severity" doc:"How bad it is; of a cleared one, how bad it was"`
	Text          string    `json:"text" doc:"What is wrong, for people"`
	RaisedAt      time.Time `json:"raised_at" doc:"When it was raised last"`
	At            time.Time `json:"at" doc:"When the step was made"`
}

// atOnce bounds what is decided in one transaction.
const atOnce = 500

// telling is what a receiver is told, in the order in which it happened.
type telling struct {
	receiver int64
	route    int64   // of the first item
	group    float64 // the shortest of the routes by which it is told, in seconds
	items    []Item
}

// decision gathers what is told, in one transaction.
type decision struct {
	q      *nmsdb.Queries
	routes []Route
	told   []*telling
}

// decide decides who is told of what has happened. It returns whether there was anything; not while another instance is at it.
func (n *Notifications) decide(ctx context.Context) (done bool, err error) {
	err = n.writer.Pool().InTx(ctx, db.TxOptions{}, func(ctx context.Context, tx db.Tx[db.NMS]) error {
		done = false
		q := nmsdb.New(tx)
		if leading, err := q.NotifyLock(ctx); err != nil || !leading {
			return err
		}
		notices, err := q.NoticeList(ctx, atOnce)
		if err != nil {
			return err
		}
		d := &decision{q: q}
		rows, err := q.RouteAll(ctx)
		if err != nil {
			return err
		}
		for i := range rows {
			d.routes = append(d.routes, routeOf(&rows[i]))
		}
		decided, held := []int64{}, []int64{}
		for i := range notices {
			hold, err := d.notice(ctx, &notices[i])
			if err != nil {
				return err
			}
			if hold {
				held = append(held, notices[i].ID)
			} else {
				decided = append(decided, notices[i].ID)
			}
		}
		if err := d.repeat(ctx); err != nil {
			return err
		}
		done = len(notices) > 0
		return d.finish(ctx, decided, held)
	})
	return done, err
}

// finish writes what was decided.
func (d *decision) finish(ctx context.Context, decided, held []int64) error {
	receivers := make([]int64, len(d.told))
	for i, t := range d.told {
		receivers[i] = t.receiver
	}
	if err := d.q.DeliveryClose(ctx, receivers); err != nil {
		return err
	}
	for _, t := range d.told {
		if err := d.gather(ctx, t); err != nil {
			return err
		}
	}
	if len(held) > 0 {
		if err := d.q.NoticeHold(ctx, held); err != nil {
			return err
		}
	}
	if len(decided) == 0 {
		return nil
	}
	return d.q.NoticeDelete(ctx, decided)
}

// enough is how many items a delivery has at least that takes no further ones: what waits for a receiver that is away does not become one message of any size.
const enough = 100

// gather adds what is told to what is waiting to be.
func (d *decision) gather(ctx context.Context, t *telling) error {
	for part := range slices.Chunk(t.items, enough) {
		raw, err := json.Marshal(part)
		if err != nil {
			return err
		}
		if err := d.q.DeliveryGather(ctx, nmsdb.DeliveryGatherParams{
			ReceiverID: t.receiver, RouteID: t.route, Items: raw, GroupS: t.group, Enough: enough,
		}); err != nil {
			return err
		}
	}
	return nil
}

// tell adds an item to what a receiver is told.
func (d *decision) tell(receiver, route int64, item Item) {
	group := 0.0 // of a route that was removed since
	if i := slices.IndexFunc(d.routes, func(r Route) bool { return r.ID == route }); i >= 0 {
		group = d.routes[i].Group
	}
	i := slices.IndexFunc(d.told, func(t *telling) bool { return t.receiver == receiver })
	if i < 0 {
		i = len(d.told)
		d.told = append(d.told, &telling{receiver: receiver, route: route, group: group})
	}
	t := d.told[i]
	t.group, t.items = min(t.group, group), append(t.items, item)
}

// notice decides about one step. hold: the alarm does not count at present, and is looked at again.
func (d *decision) notice(ctx context.Context, n *nmsdb.NoticeListRow) (hold bool, err error) {
	item := Item{
		AlarmID: n.AlarmID, Version: n.Version, EquipmentID: n.EquipmentID, EquipmentName: n.EquipmentName, Type: n.Type, Qualifier: n.Qualifier,
		Severity: n.Severity, Text: n.Text, RaisedAt: n.RaisedAt.UTC(), At: n.At.UTC(),
	}
	told, err := d.q.ToldList(ctx, n.AlarmID)
	if err != nil {
		return false, err
	}
	if alarm.Event(n.Event) == alarm.Clear {
		item.Event = Cleared
		d.tellAgain(told, item)
		return false, d.q.ToldDelete(ctx, nmsdb.ToldDeleteParams{AlarmID: n.AlarmID, Notice: n.ID})
	}
	switch n.Shown {
	case "shelved":
		return false, nil // the end of its shelf is a step of its own
	case "suppressed", "out-of-service":
		return !n.IsCleared, nil
	}
	if n.Held && (n.IsCleared || n.Shown == "ack") {
		return false, nil
	}
	if alarm.Event(n.Event) == alarm.Flap {
		item.Event = Flapping
		d.tellAgain(told, item)
		return false, nil
	}
	return false, d.raised(ctx, n, item, told)
}

// tellAgain tells those who were told of the raise.
func (d *decision) tellAgain(told []nmsdb.ToldListRow, item Item) {
	for _, t := range told {
		d.tell(t.ReceiverID, t.RouteID, item)
	}
}

// raised tells those who are to be told that an alarm is raised, or worse, and were not told so yet.
func (d *decision) raised(ctx context.Context, n *nmsdb.NoticeListRow, item Item, told []nmsdb.ToldListRow) error {
	severity, _ := threshold.SeverityOf(n.Severity)
	known := map[int64]threshold.Severity{}
	for _, t := range told {
		known[t.ReceiverID], _ = threshold.SeverityOf(t.Severity)
	}
	for i := range d.routes {
		r := &d.routes[i]
		if !r.takes(n) {
			continue
		}
		for _, receiver := range r.Receivers {
			before := known[receiver]
			if before >= severity {
				continue
			}
			known[receiver] = severity
			if item.Event = Raised; before > threshold.Cleared {
				item.Event = Worse
			}
			d.tell(receiver, r.ID, item)
			if err := d.q.ToldPut(ctx, nmsdb.ToldPutParams{
				AlarmID: n.AlarmID, ReceiverID: receiver, RouteID: r.ID, Severity: n.Severity, RepeatS: r.Repeat,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// takes reports whether an alarm is told by the route.
func (r *Route) takes(n *nmsdb.NoticeListRow) bool {
	least, _ := threshold.SeverityOf(r.Severity)
	severity, _ := threshold.SeverityOf(n.Severity)
	if severity < least || len(r.Types) > 0 && !slices.Contains(r.Types, n.Type) {
		return false
	}
	return r.Below == nil || *r.Below == n.EquipmentID || slices.Contains(strings.Split(n.Path, "."), strconv.FormatInt(*r.Below, 10))
}

// repeat tells once more of what nobody has acknowledged.
func (d *decision) repeat(ctx context.Context) error {
	rows, err := d.q.ToldRepeat(ctx, atOnce)
	for _, r := range rows {
		d.tell(r.ReceiverID, r.RouteID, Item{
			Event: Repeated, AlarmID: r.AlarmID, Version: r.Version, EquipmentID: r.EquipmentID, EquipmentName: r.EquipmentName, Type: r.Type,
			Qualifier: r.Qualifier, Severity: r.Severity, Text: r.Text, RaisedAt: r.RaisedAt.UTC(), At: time.Now().UTC(),
		})
	}
	return err
}
