//go:build workshop

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const oldEvent = `{"$defs": {"Thing": {"type": "object", "properties": {"guid": {"type": "string"}, "level": {"type": ["number", "null"]}, "tags": {"type": "array",
	"items": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}}, "part": {"$ref": "#/$defs/Thing"}}, "required": ["guid"]}},
	"type": "object", "properties": {"data": {"type": "object", "properties": {"before": {"anyOf": [{"$ref": "#/$defs/Thing"}, {"type": "null"}]}}, "required": ["before"]}},
	"required": ["data"]}`

func TestWhatAnEventLoses(t *testing.T) {
	t.Parallel()
	for change, lost := range map[string]string{
		"": "",
		`"guid": {"type": "string"}, -> "guid": {"type": "string"}, "new": {"type": "string"},`: "",
		`["number", "null"] -> "number"`:                                     "",
		`"guid": {"type": "string"}, -> `:                                    "data.before.guid is gone",
		`"guid": {"type": "string"} -> "guid": {"type": "integer"}`:          "data.before.guid may be of type integer",
		`"guid": {"type": "string"} -> "guid": {"type": ["string", "null"]}`: "data.before.guid may be of type null",
		`"required": ["guid"] -> "required": []`:                             "data.before.guid may be missing",
		`"properties": {"name": {"type": "string"}} -> "properties": {}`:     "data.before.tags[].name is gone",
		`"before" -> "earlier"`:                                              "data.before is gone",
	} {
		was, is, _ := strings.Cut(change, " -> ")
		got, err := lostMembers([]byte(oldEvent), []byte(strings.ReplaceAll(oldEvent, was, is)))
		require.NoError(t, err)
		if lost == "" {
			require.Empty(t, got, change)
		} else {
			require.Contains(t, got, lost, change)
		}
	}
	_, err := lostMembers([]byte(oldEvent), []byte("{"))
	require.Error(t, err)
}

func TestWhatWasReleasedStays(t *testing.T) {
	t.Parallel()
	root, _, with := setup(t)
	git := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@t.example", "-C", root}, args...)...)
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
	const migration, event = "common/nms/migrations/20260101000000_thing.sql", "docs/events/auth.thing.made.schema.json"
	write(t, root, migration, "-- migrate:up\n")
	write(t, root, event, oldEvent)
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "first")
	require.NoError(t, os.Remove(filepath.Join(root, filepath.FromSlash(migration))))
	require.NoError(t, with(false).released(t.Context()), "nothing was released")
	write(t, root, migration, "-- migrate:up\n")
	git("tag", "common/v0.1.0")
	git("tag", "auth/v0.1.0")
	git("tag", "auth/v0.0.9")

	write(t, root, "common/nms/migrations/20260102000000_further.sql", "-- migrate:up\n")
	write(t, root, "docs/events/auth.thing.lost.schema.json", "{}")
	require.NoError(t, with(false).released(t.Context()), "what is new changes nothing")
	write(t, root, migration, "-- migrate:up\n-- a word\n")
	write(t, root, event, strings.ReplaceAll(oldEvent, `"required": ["guid"]`, `"required": []`))
	err := with(false).released(t.Context())
	require.ErrorContains(t, err, migration+" differs from that of common/v0.1.0")
	require.ErrorContains(t, err, event+": since auth/v0.1.0 data.before.guid may be missing")
	require.NoError(t, os.Remove(filepath.Join(root, filepath.FromSlash(event))))
	require.ErrorContains(t, with(false).released(t.Context()), event+" of auth/v0.1.0 is gone")
}
