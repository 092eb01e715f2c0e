package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"nms.example/tools/internal/git"
	"nms.example/tools/internal/toolcache"
	"nms.example/tools/internal/workspace"
)

const (
	// documentsDir holds each service's OpenAPI document.
	documentsDir = "docs/openapi"

	// differ is the program that compares OpenAPI documents.
	differ = "github.com/oasdiff/oasdiff"

	// DifferModule is the folder of the module that pins it and holds nothing else.
	DifferModule = "tools/openapi"
)

// breakingLine is the line of a changelog that tells users what breaks: "- Breaking: …", in bold or not.
var breakingLine = regexp.MustCompile(`(?im)^[-*\s]*breaking:`)

// Documents compares the OpenAPI documents of a checkout with those of its releases.
type Documents struct {
	// Root is the top folder of the checkout.
	Root string
	// Building is called when the program that compares has to be built, and what it returns when that is done.
	Building func(what string) (built func())
}

// Document is the path of a module's OpenAPI document below the root; found is false for a module without one.
func (d Documents) Document(m workspace.Module) (name string, found bool) {
	name = documentsDir + "/" + m.Dir + ".json"
	_, err := os.Stat(filepath.Join(d.Root, filepath.FromSlash(name)))
	return name, err == nil
}

// Broken lists what a service's OpenAPI document takes away from the clients of its last release in HEAD's history, one
// change a line. Tag is that release, "" when there is none with a document: then nothing is compared.
func (d Documents) Broken(ctx context.Context, m workspace.Module) (tag string, broken []string, err error) {
	name, _ := d.Document(m)
	now := filepath.Join(d.Root, filepath.FromSlash(name))
	content, err := os.ReadFile(now)
	if err != nil {
		return "", nil, err
	}
	repo := git.Repo{Dir: d.Root}
	version, err := newest(ctx, repo, m, true)
	if err != nil || version == "" {
		return "", nil, err
	}
	tag = Tag(m, version)
	revision := "refs/tags/" + tag
	if listed, err := repo.Run(ctx, "ls-tree", "--name-only", revision, "--", name); err != nil || listed == "" {
		return "", nil, err
	}
	before, err := repo.Run(ctx, "show", revision+":"+name)
	if err != nil || before == string(content) {
		return tag, nil, err
	}
	temp, err := os.MkdirTemp("", "nms-openapi-")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(temp)
	old := filepath.Join(temp, filepath.Base(name))
	if err := os.WriteFile(old, []byte(before), 0o600); err != nil {
		return "", nil, err
	}
	broken, err = d.compare(ctx, old, now)
	return tag, broken, err
}

// change is what the program says of one change.
type change struct {
	Text      string `json:"text"`
	Level     int    `json:"level"`
	Operation string `json:"operation"`
	Path      string `json:"path"`
}

// certain is the level of changes that break clients for certain; below it are those that a document alone cannot decide.
const certain = 3

// compare lists what breaks clients from one document to another.
func (d Documents) compare(ctx context.Context, before, after string) ([]string, error) {
	program, err := toolcache.Cache{
		Dir: toolcache.Dir(d.Root), Module: filepath.Join(d.Root, filepath.FromSlash(DifferModule)), Building: d.Building,
	}.Program(ctx, differ)
	if err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, program, "breaking", "--format", "json", before, after).Output()
	if err != nil {
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w: %s", err, failed.Stderr)
		}
		return nil, fmt.Errorf("compare OpenAPI documents: %w", err)
	}
	var changes []change
	if len(out) > 0 {
		if err := json.Unmarshal(out, &changes); err != nil {
			return nil, fmt.Errorf("compare OpenAPI documents: %w", err)
		}
	}
	var broken []string
	for _, one := range changes {
		if one.Level >= certain {
			broken = append(broken, strings.TrimSpace(one.Operation+" "+one.Path)+": "+one.Text)
		}
	}
	return broken, nil
}

// SaysBreaking tells whether the unreleased section of a module's changelog has a line that begins with "Breaking:".
func (d Documents) SaysBreaking(m workspace.Module) (bool, error) {
	content, err := os.ReadFile(filepath.Join(d.Root, m.Dir, "CHANGELOG.md"))
	if err != nil {
		return false, err
	}
	return breakingLine.MatchString(parseChangelog(string(content), m.Dir).unreleased), nil
}

// tryDocument refuses a release of a service that breaks its clients without saying so, or in too small a version.
func (s *session) tryDocument(ctx context.Context, p *plan) error {
	documents := Documents{Root: s.copy.Dir, Building: s.building}
	name, found := documents.Document(p.Module)
	if !found {
		return nil
	}
	tag, broken, err := documents.Broken(ctx, p.Module)
	if err != nil {
		return err
	}
	if tag == "" {
		s.sayf("   %s: no release before to compare it with", name)
		return nil
	}
	for _, change := range broken {
		s.sayf("   breaks clients: %s", change)
	}
	if len(broken) == 0 {
		return nil
	}
	list := strings.Join(broken, "\n")
	if !mayBreak(p.previous, p.bump) {
		return refuse("a %s release may not break the clients of %s:\n%s", p.bump, tag, list)
	}
	content, err := os.ReadFile(filepath.Join(s.copy.Dir, p.Dir, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	if !breakingLine.MatchString(parseChangelog(string(content), p.Dir).of(p.version)) {
		return refuse("the clients of %s break, and no line of the changelog begins with \"Breaking:\":\n%s", tag, list)
	}
	return nil
}

// building says what is being built.
func (s *session) building(what string) (built func()) {
	s.sayf("   building %s …", what)
	return func() {}
}
