// Package notify tells people and programs of alarms: who is told of which (routes), what was told (deliveries), by webhook and e-mail.
//
// A step of an alarm that somebody may have to be told of is written in its own transaction (alarm_notice). One instance at a time decides who is told and
// puts it into deliveries, which gather for a moment; any instance sends them, the oldest of each receiver first. A delivery is sent until it is taken, so that
// it may arrive twice: its id tells.
package notify

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"
	"nms.example/common/fault"

	"nms.example/ctrl/internal/driver"
	"nms.example/ctrl/internal/nmsdb"
)

// ReceiverDraft is what can be written of a receiver.
type ReceiverDraft struct {
	Name      string          `json:"name" minLength:"1" maxLength:"80" doc:"What people call it"`
	Kind      string          `json:"kind" enum:"webhook,smtp" doc:"How it is told"`
	Address   string          `json:"address" minLength:"1" maxLength:"500" doc:"Of a webhook the URL, of smtp host:port of the mail server"`
	Options   json.RawMessage `json:"options" doc:"Of smtp {from, to: [addresses], user, security: starttls (default), tls or none}; of a webhook nothing"`
	Secret    *string         `json:"secret" doc:"Name of a file in the service's directory of secrets: of a webhook the key of its signatures, of smtp the password; null for none"`
	Heartbeat *float64        `json:"heartbeat" minimum:"1" maximum:"2678400" doc:"Seconds between two messages that only say that the way works; null for none"`
	Enabled   bool            `json:"enabled" doc:"Whether it is told; what comes meanwhile is told when it is enabled again"`
}

// Receiver is who is told.
type Receiver struct {
	ID int64 `json:"id" doc:"Identifier"`
	ReceiverDraft
	Revision  int64     `json:"revision" doc:"Number of this version"`
	UpdatedAt time.Time `json:"updated_at" doc:"When it was changed last"`
}

// The events of receivers.
var (
	EventReceiverCreated = event.DeclareCreation[Receiver]("ctrl.receiver.created", "Somebody can be told of alarms")
	EventReceiverUpdated = event.DeclareUpdate[Receiver]("ctrl.receiver.updated", "How somebody is told of alarms was changed")
	EventReceiverDeleted = event.DeclareRemoval[Receiver]("ctrl.receiver.deleted", "Somebody can no longer be told of alarms")
)

// Codes of this package's refusals.
var (
	codeReceiver   = fault.Declare(fault.Invalid, "bad_receiver", "The address or the options of a receiver of notifications cannot be used.")
	codeNotAllowed = fault.Declare(fault.Invalid, "receiver_not_allowed", "The address lies outside the networks that notifications may go to.")
)

// The refusals.
var (
	ErrReceiver   = fault.At(fault.Target, fault.CodeNotFound, "there is no such receiver")
	ErrUsed       = fault.At(fault.Target, fault.CodeInUse, "routes lead to the receiver")
	errNotAllowed = fault.At(fault.Field("address"), codeNotAllowed, "lies outside the networks of NOTIFY_ALLOWED_NETWORKS")
	errNoKey      = fault.At(fault.Field("secret"), codeReceiver, "holds no key to sign with")
	errReceiver   = fault.List(fault.Invalid, "the receiver is refused")
)

// ReceiverGuard is asked about the present receiver before a change; its error refuses the change.
type ReceiverGuard func(present Receiver) error

// Notifications are receivers, routes and deliveries.
type Notifications struct {
	writer  *change.Writer[db.NMS]
	sender  *sender
	secrets driver.Secrets
}

// New makes them. Nothing is sent to addresses outside the networks.
func New(writer *change.Writer[db.NMS], networks driver.Networks, secrets driver.Secrets) *Notifications {
	return &Notifications{writer: writer, secrets: secrets, sender: newSender(networks, secrets)}
}

func receiverOf(row *nmsdb.Receiver) Receiver {
	return Receiver{ID: row.ID, Revision: row.Revision, UpdatedAt: row.UpdatedAt, ReceiverDraft: ReceiverDraft{
		Name: row.Name, Kind: row.Kind, Address: row.Address, Options: row.Options, Secret: row.Secret, Heartbeat: row.HeartbeatS, Enabled: row.Enabled,
	}}
}

func (d *ReceiverDraft) columns(id int64) nmsdb.ReceiverUpdateParams {
	return nmsdb.ReceiverUpdateParams{
		ID: id, Name: d.Name, Kind: d.Kind, Address: d.Address, Options: d.Options, Secret: d.Secret, HeartbeatS: d.Heartbeat, Enabled: d.Enabled,
	}
}

func foundReceiver(row nmsdb.Receiver, err error) (Receiver, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return Receiver{}, ErrReceiver
	}
	return receiverOf(&row), db.MapError(err, nil)
}

// Receiver returns a receiver, or ErrReceiver.
func (n *Notifications) Receiver(ctx context.Context, id int64) (Receiver, error) {
	return foundReceiver(nmsdb.New(n.writer.Pool()).ReceiverGet(ctx, id))
}

// Receivers returns receivers by id, those behind after, at most take of them with skip left out before, and how many there are in all.
func (n *Notifications) Receivers(ctx context.Context, after, skip int64, take int) ([]Receiver, int64, error) {
	q := nmsdb.New(n.writer.Pool())
	total, err := q.ReceiverCount(ctx)
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	rows, err := q.ReceiverList(ctx, nmsdb.ReceiverListParams{After: after, Skip: skip, Take: int32(take)})
	if err != nil {
		return nil, 0, db.MapError(err, nil)
	}
	list := make([]Receiver, len(rows))
	for i := range rows {
		list[i] = receiverOf(&rows[i])
	}
	return list, total, nil
}

// CreateReceiver makes a receiver.
func (n *Notifications) CreateReceiver(ctx context.Context, d ReceiverDraft) (r Receiver, err error) {
	if err := n.checkReceiver(&d); err != nil {
		return r, err
	}
	err = n.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		c := d.columns(0)
		row, err := nmsdb.New(tx).ReceiverInsert(ctx, nmsdb.ReceiverInsertParams{
			Name: c.Name, Kind: c.Kind, Address: c.Address, Options: c.Options, Secret: c.Secret, HeartbeatS: c.HeartbeatS, Enabled: c.Enabled,
		})
		if err != nil {
			return err
		}
		r = receiverOf(&row)
		return changes.Record(EventReceiverCreated.New(subject(r.ID), r))
	})
	return r, db.MapError(err, nil)
}

// PatchReceiver changes a receiver.
func (n *Notifications) PatchReceiver(ctx context.Context, id int64, when ReceiverGuard, edit func(*ReceiverDraft)) (r Receiver, err error) {
	err = n.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		present, err := foundReceiver(q.ReceiverLock(ctx, id))
		if err != nil {
			return err
		}
		if err := when(present); err != nil {
			return err
		}
		d := present.ReceiverDraft
		edit(&d)
		if err := n.checkReceiver(&d); err != nil {
			return err
		}
		row, err := q.ReceiverUpdate(ctx, d.columns(id))
		if err != nil {
			return err
		}
		r = receiverOf(&row)
		return changes.Record(EventReceiverUpdated.New(subject(id), present, r))
	})
	return r, db.MapError(err, nil)
}

// DeleteReceiver removes a receiver that no route leads to, with its deliveries.
func (n *Notifications) DeleteReceiver(ctx context.Context, id int64, when ReceiverGuard) error {
	err := n.writer.Do(ctx, func(ctx context.Context, tx db.Tx[db.NMS], changes *change.Changes) error {
		q := nmsdb.New(tx)
		present, err := foundReceiver(q.ReceiverLock(ctx, id))
		if err != nil {
			return err
		}
		if err := when(present); err != nil {
			return err
		}
		switch used, err := q.ReceiverUsed(ctx, id); {
		case err != nil:
			return err
		case used:
			return ErrUsed
		}
		if err := q.ReceiverDelete(ctx, id); err != nil {
			return err
		}
		return changes.Record(EventReceiverDeleted.New(subject(id), present))
	})
	return db.MapError(err, nil)
}

func subject(id int64) string { return strconv.FormatInt(id, 10) }
