package journal

import (
	"bytes"
	"context"
	"encoding/json"

	"nms.example/common/db"
	"nms.example/common/event"

	"nms.example/admin/internal/admindb"
)

// insert adds the events in one statement, which is a transaction of its own, and returns how many were new.
func insert(ctx context.Context, conn db.Conn[db.ADMIN], batch []*entry) (int64, error) {
	var p admindb.EventInsertParams
	for _, entry := range batch {
		e := entry.event
		before, after, rest := split(e)
		p.Times, p.Ids = append(p.Times, e.Time), append(p.Ids, e.ID)
		p.Sources, p.Types = append(p.Sources, e.Source), append(p.Types, e.Type)
		p.Subjects, p.Actors = append(p.Subjects, e.Subject), append(p.Actors, e.Actor)
		p.ActorLogins = append(p.ActorLogins, e.ActorLogin)
		p.RequestIds, p.Traceparents = append(p.RequestIds, e.RequestID), append(p.Traceparents, e.TraceParent)
		p.Befores, p.Afters = append(p.Befores, before), append(p.Afters, after)
		p.Datas = append(p.Datas, rest)
	}
	added, err := admindb.New(conn).EventInsert(ctx, p)
	if err == nil && added == 0 {
		err = db.AwaitStandbys(ctx, conn) // they are there, but nothing was written whose commit would have waited
	}
	return added, err
}

// split takes the data of a change apart; any other data are the rest. Null and what is not there become "".
func split(e *event.Event) (before, after, rest string) {
	if old, now, ok := e.Change(); ok {
		return text(old), text(now), ""
	}
	return "", "", text(e.Data)
}

func text(value json.RawMessage) string {
	if value = bytes.TrimSpace(value); bytes.Equal(value, []byte("null")) {
		return ""
	}
	return string(value)
}
