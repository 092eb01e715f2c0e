package name_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"nms.example/common/db"
	"nms.example/common/name"
	"nms.example/common/pgtest"
)

func TestWhatNobodySeesIsRefused(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"", "fldRX1", "Приёмник № 1", "a b", "a/b, c\\d", "e\u0301", "中文", "ﬁ"} {
		require.NoError(t, name.Check(good), "%q", good)
	}
	for _, blank := range []string{" ", "fldRX1 ", " fldRX1", "\tx", "x\n", "x\u00A0", "\u3000x", "x\u2003", "\u2028x"} {
		require.ErrorIs(t, name.Check(blank), name.ErrBlanks, "%q", blank)
	}
	for _, r := range "\t\n\x00\x7F\u0085\u00A0\u00AD\u034F\u061C\u115F\u180B\u200B\u200C\u200D\u200E\u200F\u202A\u202E\u2028\u2029" +
		"\u2060\u2066\u2069\u2800\u3164\uE000\uFE0F\uFEFF\uFFA0\uFFF9\U000E0001\U000E0100\U000F0000" {
		var invisible name.InvisibleError
		require.ErrorAs(t, name.Check("жx"+string(r)+"y"), &invisible, "%U", r)
		require.Equal(t, 3, int(invisible), "%U", r)
		require.Error(t, name.Check(string(r)), "%U", r)
	}
	require.EqualError(t, name.Check("x\u200By"), "must not contain control or invisible characters; number 2 is one")
}

func TestWhatNobodySeesIsShown(t *testing.T) {
	t.Parallel()
	for text, shown := range map[string]string{
		"": "", "12.5 dB": "12.5 dB", "Приёмник": "Приёмник", "a\tb\r\nc\u00A0d\u2028e": "a b  c d e", "\x1b[31mred": "\uFFFD[31mred",
		"a\u202Eb\u200Bc\x00d\xFFe\x7F": "a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\uFFFD",
	} {
		require.Equal(t, shown, name.Visible(text), "%q", text)
		require.NoError(t, name.CheckVisible(name.Visible(text)), "%q", text)
	}
}

func TestEqualNames(t *testing.T) {
	t.Parallel()
	for _, equal := range [][]string{
		{"PSU", "psu", "ＰＳＵ"}, {"ΟΔΟΣ", "οδοσ", "οδος", "Οδος"}, {"straße", "STRASSE", "STRAẞE"}, {"приёмник", "ПРИЁМНИК", "прие\u0308мник"},
		{"ﬁ", "FI"}, {"İ", "i\u0307"}, {"ǰ\u0323", "J\u0323\u030C"}, {"ᏸ", "Ᏸ"}, {"№1", "no1"}, {"K", "k"},
	} {
		for _, other := range equal[1:] {
			require.Equal(t, name.Fold(equal[0]), name.Fold(other), "%q and %q", equal[0], other)
		}
	}
	for _, other := range [][2]string{{"ı", "i"}, {"é", "e"}, {"a b", "ab"}, {"Ё", "Е"}, {"0", "O"}, {"², ı", "2, i"}} {
		require.NotEqual(t, name.Fold(other[0]), name.Fold(other[1]), "%q", other)
	}
}

// The database says the same of every code point. The keys of code points which Go's Unicode does not know are not compared:
// a newer server may know them. When a newer Go knows more than PostgreSQL 15 does, name_fold has to learn it.
func TestTheDatabaseAgreesOnEveryCodePoint(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.NMS](t)
	rows, err := pool.Query(t.Context(), `SELECT c FROM generate_series(1, 1114111) c WHERE c NOT BETWEEN 55296 AND 57343 AND NOT name_is_clean(chr(c))`)
	require.NoError(t, err)
	unclean := map[rune]bool{}
	var c rune
	_, err = pgx.ForEachRow(rows, []any{&c}, func() error {
		unclean[c] = true
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(unclean), 130_000, "private use alone is as many")

	var known []rune
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if r >= 0xD800 && r <= 0xDFFF {
			continue
		}
		if here := name.Check(string(r)) == nil; here == unclean[r] {
			t.Errorf("%U: name.Check says %t, name_is_clean says %t", r, here, !unclean[r])
		}
		if unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.C) {
			known = append(known, r)
		}
	}
	require.Greater(t, len(known), 280_000, "with private use")
	keys := map[rune]string{} // of those that do not stand for themselves
	rows, err = pool.Query(t.Context(), `SELECT c, key FROM unnest($1::integer[]) c, LATERAL (SELECT name_key(chr(c)) AS key) x WHERE key <> chr(c) COLLATE "C"`, known)
	require.NoError(t, err)
	var key string
	_, err = pgx.ForEachRow(rows, []any{&c, &key}, func() error {
		keys[c] = key
		return nil
	})
	require.NoError(t, err)
	var folds classes
	for _, r := range known {
		key, ok := keys[r]
		if !ok {
			key = string(r)
		}
		folds.add(t, string(r), name.Fold(string(r)), key)
	}
}

// classes are the partitions that two folds make: they are the same when each fold of the one belongs to one of the other.
type classes struct{ here, there map[string]string }

func (c *classes) add(t *testing.T, text, here, there string) {
	t.Helper()
	if c.here == nil {
		c.here, c.there = map[string]string{}, map[string]string{}
	}
	if known, ok := c.here[here]; ok && known != there {
		t.Errorf("%+q: equal to another one in Go only (%+q; %+q and %+q)", text, here, there, known)
	}
	if known, ok := c.there[there]; ok && known != here {
		t.Errorf("%+q: equal to another one in the database only (%+q; %+q and %+q)", text, there, here, known)
	}
	c.here[here], c.there[there] = there, here
}

// Names of several characters: combining marks in any order, final sigmas, letters that become several.
func TestTheDatabaseAgreesOnWholeNames(t *testing.T) {
	t.Parallel()
	pool := pgtest.New[db.NMS](t)
	letters := []rune("aAiIıİsSßẞſσςΣοΟ ΐΰαᾳᾼάǰjJŉﬁﬃǆǅΩKÅéеёЁжꚉѳ²2№0-.'ᏸᏰꭰᎠ" +
		"\u0300\u0301\u0307\u0308\u030C\u0323\u0345\u05B4\u3099\u1E9B\u0390\u1FB7\uAC00\u1100\u1161\u11A8" + "\U0001E030\U00010400\U00010428")
	random := rand.New(rand.NewPCG(1, 2))
	var texts []string
	for range 4000 {
		runes := make([]rune, 1+random.IntN(5))
		for i := range runes {
			runes[i] = letters[random.IntN(len(letters))]
		}
		text := string(runes)
		texts = append(texts, text, strings.ToUpper(text), strings.ToLower(text), norm.NFD.String(text), norm.NFKD.String(strings.ToUpper(text)))
	}
	rows, err := pool.Query(t.Context(), "SELECT name_key(x) FROM unnest($1::text[]) WITH ORDINALITY u (x, n) ORDER BY n", texts)
	require.NoError(t, err)
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	var folds classes
	for i, text := range texts {
		folds.add(t, text, name.Fold(text), keys[i])
	}
	require.Greater(t, len(texts), 2*len(folds.here), "some are equal")
}

func TestTheDatabasesHaveTheSameRule(t *testing.T) {
	t.Parallel()
	rule := func(conn db.Session, key, argument string) (definitions []string) {
		rows, err := conn.Query(t.Context(), `SELECT pg_get_functiondef(oid) FROM pg_proc
			WHERE proname IN ('name_is_clean', 'name_fold', 'name_refuse', 'name_settle', $1) ORDER BY proname = $1, proname`, key)
		require.NoError(t, err)
		definitions, err = pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		require.Len(t, definitions, 5)
		definitions[4] = strings.NewReplacer(key, "name_key", argument, "name").Replace(definitions[4])
		return definitions
	}
	require.Equal(t, rule(pgtest.New[db.NMS](t), "name_key", "name"), rule(pgtest.New[db.AUTH](t), "login_key", "login"))
}

func BenchmarkFold(b *testing.B) {
	for _, text := range []string{"Channel_012345", "Приёмник № 1"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				name.Fold(text)
			}
		})
	}
}
