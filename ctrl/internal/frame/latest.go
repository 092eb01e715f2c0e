package frame

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nms.example/common/db"

	"nms.example/ctrl/internal/dwhdb"
)

// Latest is the newest value of a parameter of a piece of equipment.
type Latest struct {
	Equipment  int64
	Parameter  int64
	Value      json.RawMessage // as it came; null when there is none
	Quality    Quality
	At         time.Time
	ReceivedAt time.Time
}

// Reader reads what is newest.
type Reader struct{ pool *db.Pool[db.DWH] }

// NewReader makes a reader of the database dwh.
func NewReader(pool *db.Pool[db.DWH]) *Reader { return &Reader{pool} }

type place struct{ equipment, parameter int64 }

// Latest returns the newest values of pieces of equipment, in the order of their ids and those of the parameters. take, unless it is nil, says which
// parameters are wanted.
func (r *Reader) Latest(ctx context.Context, equipments []int64, take func(parameter int64) bool) ([]Latest, error) {
	q := dwhdb.New(r.pool)
	rows, err := q.LatestList(ctx, equipments)
	if err != nil {
		return nil, db.MapError(err, nil)
	}
	found, err := newestOf(ctx, q, rows, take)
	return found, db.MapError(err, nil)
}

// Beginning is the snapshot that has seen nothing.
const Beginning = "1:1:"

// ErrSnapshot says that a snapshot is none of this database.
var ErrSnapshot = errors.New("frame: no snapshot of this database")

// IsSnapshot reports whether a text is a snapshot: xmin:xmax:xip,… (https://www.postgresql.org/docs/15/functions-info.html#FUNCTIONS-PG-SNAPSHOT-PARTS).
func IsSnapshot(text string) bool {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return false
	}
	xmin, ok := transaction(parts[0])
	xmax, alsoOK := transaction(parts[1])
	if !ok || !alsoOK || xmin > xmax {
		return false
	}
	if parts[2] == "" {
		return true
	}
	last := xmin
	for i, xip := range strings.Split(parts[2], ",") {
		x, ok := transaction(xip)
		if !ok || x < last || x >= xmax || i > 0 && x == last {
			return false
		}
		last = x
	}
	return true
}

func transaction(text string) (xid uint64, ok bool) {
	xid, err := strconv.ParseUint(text, 10, 63)
	return xid, err == nil && xid > 0 && text[0] != '+'
}

// Changed returns the newest values of those frames of pieces of equipment that were committed since a snapshot, and the one that it has seen
// now: each change is seen once, whatever the order in which transactions end.
func (r *Reader) Changed(ctx context.Context, equipments []int64, seen string, take func(parameter int64) bool) (found []Latest, now string, err error) {
	err = r.pool.InTx(ctx, db.TxOptions{Isolation: pgx.RepeatableRead, ReadOnly: true}, func(ctx context.Context, tx db.Tx[db.DWH]) error {
		q := dwhdb.New(tx)
		snapshot, err := q.SnapshotNow(ctx, seen)
		if err != nil {
			return err
		}
		if !snapshot.Known {
			return ErrSnapshot
		}
		now = snapshot.Now
		rows, err := q.LatestChanged(ctx, dwhdb.LatestChangedParams{Equipments: equipments, Seen: seen})
		if err != nil {
			return err
		}
		list := make([]dwhdb.LatestListRow, len(rows))
		for i, row := range rows {
			list[i] = dwhdb.LatestListRow(row)
		}
		found, err = newestOf(ctx, q, list, take)
		return err
	})
	return found, now, db.MapError(err, nil)
}

// newestOf makes values of frames.
func newestOf(ctx context.Context, q *dwhdb.Queries, rows []dwhdb.LatestListRow, take func(parameter int64) bool) ([]Latest, error) {
	at := map[place]int{}
	found := []Latest{}
	for _, row := range rows {
		for i, parameter := range row.Params {
			if take != nil && !take(parameter) {
				continue
			}
			l := Latest{Equipment: row.Equipment, Parameter: parameter, At: row.At, ReceivedAt: row.ReceivedAt}
			l.set(row.Value[i], row.Quality, i)
			key := place{row.Equipment, parameter}
			if j, seen := at[key]; !seen {
				at[key] = len(found)
				found = append(found, l)
			} else if l.At.After(found[j].At) {
				found[j] = l
			}
		}
	}
	if err := readTexts(ctx, q, found, at); err != nil {
		return nil, err
	}
	for i := range found {
		if found[i].Value == nil {
			found[i].Value = json.RawMessage("null")
		}
	}
	slices.SortFunc(found, func(a, b Latest) int {
		return cmp.Or(cmp.Compare(a.Equipment, b.Equipment), cmp.Compare(a.Parameter, b.Parameter))
	})
	return found, nil
}

// readTexts fills in the values that stand in text_value.
func readTexts(ctx context.Context, q *dwhdb.Queries, found []Latest, at map[place]int) error {
	var texts dwhdb.TextLatestParams
	for i := range found {
		if l := &found[i]; l.Value == nil {
			texts.Equipments, texts.Params = append(texts.Equipments, l.Equipment), append(texts.Params, l.Parameter)
			texts.Ats = append(texts.Ats, l.At)
		}
	}
	if len(texts.Params) == 0 {
		return nil
	}
	stored, err := q.TextLatest(ctx, texts)
	for _, t := range stored {
		found[at[place{t.Equipment, t.Param}]].Value = t.Value
	}
	return err
}

// set takes a value from its columns; Value stays nil when it stands in text_value.
func (l *Latest) set(number float64, qualities []byte, i int) {
	var mark byte
	if i < len(qualities) {
		mark = qualities[i]
	}
	l.Quality = Quality(mark & (exact - 1))
	if mark&exact != 0 {
		return
	}
	if l.Value = numberJSON(number); l.Value == nil {
		l.Value = json.RawMessage("null")
		if math.IsNaN(number) && l.Quality == Good {
			l.Quality = Bad
		}
	}
}
