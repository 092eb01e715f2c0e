package migrate

import (
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	schema "nms.example/sql"
	"nms.example/sql/internal/testdb"
)

// upTo applies the migrations up to and including v.
func upTo(t *testing.T, target Target, v schema.Version) {
	t.Helper()
	db, _, err := target.dbmate(t.Context(), io.Discard)
	require.NoError(t, err)
	some := fstest.MapFS{}
	files, err := fs.Glob(schema.Files, target.Database.Dir()+"/*.sql")
	require.NoError(t, err)
	for _, name := range files {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, target.Database.Dir()+"/"), "_")
		if v.Before(schema.Version(number)) {
			continue
		}
		content, err := fs.ReadFile(schema.Files, name)
		require.NoError(t, err)
		some[name] = &fstest.MapFile{Data: content}
	}
	db.FS = some
	require.NoError(t, db.Migrate())
}

// Every down undoes exactly its up: the catalogue after k migrations is the same on the way up, on the way
// down and on the way up again.
func TestUpDownUpLeavesTheSameCatalogue(t *testing.T) {
	t.Parallel()
	for _, d := range schema.Databases() {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			target := Target{Database: d, URL: testdb.New(t)}
			versions, err := schema.Versions(d)
			require.NoError(t, err)

			pictures := [][]string{testdb.Catalogue(t, target.URL)}
			for _, v := range versions {
				upTo(t, target, v)
				pictures = append(pictures, testdb.Catalogue(t, target.URL))
			}
			for k, version := range slices.Backward(versions) {
				undone, err := Down(t.Context(), target, 1, io.Discard)
				require.NoError(t, err)
				require.Equal(t, versions[k:k+1], undone)
				require.Equal(t, pictures[k], testdb.Catalogue(t, target.URL), "after the down of %s", version)
			}
			_, err = Up(t.Context(), target, io.Discard)
			require.NoError(t, err)
			require.Equal(t, pictures[len(versions)], testdb.Catalogue(t, target.URL), "after the second up")
		})
	}
}

func TestFailedMigrationLeavesNothing(t *testing.T) {
	t.Parallel()
	target := Target{Database: schema.NMS, URL: testdb.New(t)}
	db, _, err := target.dbmate(t.Context(), io.Discard)
	require.NoError(t, err)
	db.FS = fstest.MapFS{schema.NMS.Dir() + "/20260101000000_broken.sql": {
		Data: []byte("-- migrate:up\nCREATE TABLE half (id int);\nSELECT nonsense; -- provoked by a test\n-- migrate:down\nDROP TABLE half;\n"),
	}}
	before := testdb.Catalogue(t, target.URL)
	require.ErrorContains(t, db.Migrate(), `line: 3, column: 8`)
	require.Equal(t, before, testdb.Catalogue(t, target.URL))
}

// PostgreSQL runs several statements that come together as one transaction, in which an index cannot be made concurrently.
func TestAMigrationWithoutATransactionHoldsOneStatement(t *testing.T) {
	t.Parallel()
	target := Target{Database: schema.NMS, URL: testdb.New(t)}
	_, err := testdb.Connect(t, target.URL).Exec(t.Context(), "CREATE TABLE thing (id integer, name text)")
	require.NoError(t, err)
	apply := func(number, up string) error {
		db, _, err := target.dbmate(t.Context(), io.Discard)
		require.NoError(t, err)
		db.FS = fstest.MapFS{schema.NMS.Dir() + "/" + number + "_index.sql": {
			Data: []byte("-- migrate:up transaction:false\n" + up + "\n-- migrate:down\n"),
		}}
		return db.Migrate()
	}
	const first, second = "CREATE INDEX CONCURRENTLY thing_id ON thing (id);", "CREATE INDEX CONCURRENTLY thing_name ON thing (name);"
	require.ErrorContains(t, apply("20260101000000", "-- provoked by a test\n"+first+"\n"+second), "cannot run inside a transaction block")
	require.NoError(t, apply("20260101000000", first))
	require.NoError(t, apply("20260101000001", second))
}
