package equipment

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"nms.example/common/change"
	"nms.example/common/db"
	"nms.example/common/event"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/command"
	"nms.example/cfg/internal/nmsdb"
)

// ArchiveDeep archives a node with everything below it and all their commands, when the condition holds.
func (c *Catalogue) ArchiveDeep(ctx context.Context, id int64, when catalogue.Condition[Item]) error {
	return c.writer.Do(ctx, func(ctx context.Context, tx catalogue.Tx, changes *change.Changes) error {
		q := nmsdb.New(tx)
		if err := q.EquipmentLockTree(ctx); err != nil {
			return db.MapError(err, nil)
		}
		if err := c.LockIn(ctx, tx, id, when); err != nil {
			return err
		}
		ids, err := q.EquipmentSubtreeIDs(ctx, id)
		if err != nil {
			return db.MapError(err, nil)
		}
		commandIDs, err := q.CommandIDsOfEquipment(ctx, ids)
		if err != nil {
			return db.MapError(err, nil)
		}
		nodes, commands, err := c.read(ctx, tx, ids, commandIDs)
		if err != nil {
			return err
		}
		// One statement each, because the references within the set hold only at its end.
		if err := q.CommandArchiveMany(ctx, commandIDs); err != nil {
			return db.MapError(err, blocks)
		}
		if err := q.EquipmentArchiveMany(ctx, ids); err != nil {
			return db.MapError(err, blocks)
		}
		return recordAll(changes, nodes, Events.Archived.New, commands, command.Events.Archived.New)
	})
}

// RestoreDeep restores a node with what was archived in the same act below it, and their commands.
func (c *Catalogue) RestoreDeep(ctx context.Context, id int64) (item Item, err error) {
	err = c.writer.Do(ctx, func(ctx context.Context, tx catalogue.Tx, changes *change.Changes) error {
		q := nmsdb.New(tx)
		if err := q.EquipmentLockTree(ctx); err != nil {
			return db.MapError(err, nil)
		}
		root, err := q.EquipmentLock(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return catalogue.ErrNotFound
		}
		if err != nil {
			return db.MapError(err, nil)
		}
		if root.ArchivedAt == nil {
			return catalogue.ErrNotArchived
		}
		ids, err := q.EquipmentArchivedTogether(ctx, id)
		if err != nil {
			return db.MapError(err, nil)
		}
		commandIDs, err := q.CommandIDsArchivedWith(ctx, nmsdb.CommandIDsArchivedWithParams{EquipmentIds: ids, EquipmentID: id})
		if err != nil {
			return db.MapError(err, nil)
		}
		if err := q.EquipmentRestoreMany(ctx, ids); err != nil {
			return db.MapError(err, c.Constraints)
		}
		if err := q.CommandRestoreMany(ctx, commandIDs); err != nil {
			return db.MapError(err, command.RestoreConstraints)
		}
		nodes, commands, err := c.read(ctx, tx, ids, commandIDs)
		if err != nil {
			return err
		}
		if item, err = c.GetIn(ctx, tx, id); err != nil {
			return err
		}
		return recordAll(changes, nodes, Events.Restored.New, commands, command.Events.Restored.New)
	})
	return item, err
}

// read returns live nodes, parents before children, and live commands by name.
func (c *Catalogue) read(ctx context.Context, tx catalogue.Tx, ids, commandIDs []int64) ([]Item, []command.Item, error) {
	rows, err := nmsdb.New(tx).EquipmentGetMany(ctx, ids)
	if err != nil {
		return nil, nil, db.MapError(err, nil)
	}
	nodes, err := c.Nodes(ctx, tx, catalogue.Convert(rows, RowOf))
	if err != nil {
		return nil, nil, err
	}
	commands, err := command.GetMany(ctx, tx, commandIDs)
	return nodes, commands, db.MapError(err, nil)
}

// recordAll notes one event per node and command: who follows a single item hears of it as always.
func recordAll(
	changes *change.Changes, nodes []Item, ofNode func(subject string, n Item) (event.Event, error),
	commands []command.Item, ofCommand func(subject string, c command.Item) (event.Event, error),
) error {
	for _, n := range nodes {
		if err := changes.Record(ofNode(catalogue.Subject(n.ID), n)); err != nil {
			return err
		}
	}
	for _, cmd := range commands {
		if err := changes.Record(ofCommand(catalogue.Subject(cmd.ID), cmd)); err != nil {
			return err
		}
	}
	// Every single item may be cached.
	changes.TouchAll()
	return nil
}
