package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/vuln/scan"
)

// errNotChecked wraps the reason why a check could not be made. It fails a strict run (-strict, as in CI) and
// is only reported in any other: whoever works without the network shall still be able to check the rest.
var errNotChecked = errors.New("not checked")

const (
	// goVulnerabilities is the database of the Go team; VULNDB names a mirror.
	goVulnerabilities = "https://vuln.go.dev"
	probeTimeout      = 10 * time.Second
)

// vulnerabilities runs govulncheck over every module, if its database answers.
func (c *checker) vulnerabilities(ctx context.Context) error {
	if err := probe(ctx, c.vulndb); err != nil {
		return fmt.Errorf("%w: the database of vulnerabilities does not answer: %w", errNotChecked, err)
	}
	var vulnerable []string
	for _, module := range c.workspace.Modules {
		var out bytes.Buffer
		cmd := scan.Command(ctx, "-C="+filepath.Join(c.workspace.Root, module.Dir), "-db="+c.vulndb, "./...")
		cmd.Env, cmd.Stdout, cmd.Stderr, cmd.Stdin = c.goEnv(module), &out, &out, strings.NewReader("")
		err := cmd.Start()
		if err == nil {
			err = cmd.Wait()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(c.out, "   -- %s\n%s   %v\n", module.Dir, indent(out.Bytes()), err)
			vulnerable = append(vulnerable, module.Dir)
		}
	}
	if len(vulnerable) > 0 {
		return errors.New("findings in " + strings.Join(vulnerable, ", "))
	}
	return nil
}

// probe asks the database for the small file that says when it last changed.
func probe(ctx context.Context, database string) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if !strings.HasPrefix(database, "http") {
		return nil // a folder: file:///…
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(database, "/")+"/index/db.json.gz", http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}
