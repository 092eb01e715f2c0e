package frame

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"
	"time"

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
		return nil, db.MapError(err, nil)
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
