package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// sessionTypes lists what the driver does not know by itself: ltree's types and the database's enums, with
// their arrays. One round trip per new connection, about a millisecond.
const sessionTypes = `
SELECT t.typname, t.oid, t.typtype = 'e', a.typname, a.oid
FROM pg_type t JOIN pg_type a ON a.oid = t.typarray
WHERE (t.typtype = 'e' OR t.typname IN ('ltree', 'lquery', 'ltxtquery')) AND pg_type_is_visible(t.oid)`

// registerTypes teaches a connection its database's own types. Without it COPY refuses them.
func registerTypes(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, sessionTypes, pgx.QueryExecModeExec)
	if err != nil {
		return fmt.Errorf("read the database's types: %w", err)
	}
	var (
		name, arrayName string
		oid, arrayOID   uint32
		enum            bool
	)
	types := conn.TypeMap()
	_, err = pgx.ForEachRow(rows, []any{&name, &oid, &enum, &arrayName, &arrayOID}, func() error {
		element := &pgtype.Type{Name: name, OID: oid, Codec: pgtype.LtreeCodec{}}
		if enum {
			element.Codec = &pgtype.EnumCodec{}
		}
		types.RegisterType(element)
		types.RegisterType(&pgtype.Type{Name: arrayName, OID: arrayOID, Codec: &pgtype.ArrayCodec{ElementType: element}})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the database's types: %w", err)
	}
	return nil
}
