package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"nms.example/cfg/internal/nmsdb"
)

// ItemTag is the cache tag of one item of a catalogue.
func ItemTag(entity string, id int64) string { return entity + ":" + strconv.FormatInt(id, 10) }

// present is a moment behind every change: the versions of then are the present ones.
var present = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// Moment returns the moment that chooses versions: at, or when it is nil one that chooses the present ones. ErrFuture
// when at is yet to come by the clock of the database, which dates the versions.
func (c *Catalogue[Item, Input]) Moment(ctx context.Context, at *time.Time) (time.Time, error) {
	if at == nil {
		return present, nil
	}
	past, err := nmsdb.New(c.Pool()).MomentIsPast(ctx, *at)
	if err == nil && !past {
		err = ErrFuture
	}
	return *at, translate(err, nil)
}

// Version is one state of an item with the time in which it was the present one. Ranges of one item
// neither overlap nor leave a gap.
type Version struct {
	Version    int32           `json:"version" doc:"Number of the version, from 1"`
	ValidFrom  time.Time       `json:"valid_from" doc:"From when it was the present one"`
	ValidUntil *time.Time      `json:"valid_until" doc:"Until when, exclusively; null for the present one"`
	Verb       string          `json:"op" enum:"created,updated,archived,restored" doc:"What made this version"`
	Actor      string          `json:"actor" doc:"Who made it: user:<id>, apikey:<uuid>, service:<name>"`
	RequestID  string          `json:"request_id" doc:"The request that made it; finds it in the logs"`
	Archived   bool            `json:"archived" doc:"Whether the item was archived"`
	Item       json.RawMessage `json:"item" doc:"The fields of the item as they were"`
}

// splitSnapshot takes what is no field of the item out of a history row's snapshot.
func splitSnapshot(raw json.RawMessage) (item json.RawMessage, archived bool, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, false, err
	}
	archivedAt, ok := fields["archived_at"]
	archived = ok && string(archivedAt) != "null"
	delete(fields, "archived_at")
	item, err = json.Marshal(fields)
	return item, archived, err
}

// History returns up to most versions of an item with numbers below before (0: from the present one),
// newest first, and the total. Archived items have a history too; ErrNotFound is for ids never used.
func (c *Catalogue[Item, Input]) History(ctx context.Context, id int64, before int32, most int32) ([]Version, int64, error) {
	q := nmsdb.New(c.writer.Pool())
	total, err := q.VersionLatest(ctx, nmsdb.VersionLatestParams{Entity: c.Entity, ID: id})
	if err != nil {
		return nil, 0, translate(err, c.Constraints)
	}
	if total == 0 {
		return nil, 0, ErrNotFound
	}
	if before <= 0 {
		before = math.MaxInt32
	}
	// One more than asked for, so that each version can be told from the one before it.
	rows, err := q.VersionList(ctx, nmsdb.VersionListParams{Entity: c.Entity, ID: id, Before: before, Most: most + 1})
	if err != nil {
		return nil, 0, translate(err, c.Constraints)
	}
	versions := make([]Version, len(rows))
	for i, r := range rows {
		if versions[i], err = versionOf(r); err != nil {
			return nil, 0, err
		}
	}
	for i := range versions {
		older := Version{Archived: false}
		if i+1 < len(versions) {
			older = versions[i+1]
		}
		versions[i].Verb = verbOf(versions[i], older)
	}
	return versions[:min(len(versions), int(most))], int64(total), nil
}

func verbOf(v, older Version) string {
	switch {
	case v.Version == 1:
		return Created
	case v.Archived && !older.Archived:
		return Archived
	case !v.Archived && older.Archived:
		return Restored
	default:
		return Updated
	}
}

// versionOf makes a version of its row, but for the verb.
func versionOf(r nmsdb.RowVersion) (Version, error) {
	item, archived, err := splitSnapshot(r.Snapshot)
	if err != nil {
		return Version{}, fmt.Errorf("catalogue: read a snapshot: %w", err)
	}
	return Version{
		Version: r.Version, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil,
		Actor: r.Actor, RequestID: r.RequestID, Archived: archived, Item: item,
	}, nil
}
