// Package page serves the console's one HTML page and the files that it loads.
package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"

	"nms.example/common/api"
	"nms.example/common/fault"
)

// The parts of the bundle that the page itself names.
const (
	script = "app.js"
	style  = "app.css"
	icon   = "icon.svg"
)

// policy lets the page load from and call the console alone. No script stands in the page, and none is made from text:
// with Trusted Types and no policy allowed, the browser refuses to (W3C, Trusted Types).
const policy = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; script-src 'self'; " +
	"style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// Routes, as the log and the metrics name them.
const (
	routeFile = "/ui/{file}"
	routePage = "/{page}"
)

// Sections are the first segments of the addresses of pages; the rest is the page's own affair.
//
//nolint:gochecknoglobals // a constant table
var Sections = []string{"login", "overview", "alarms", "live", "spectra", "equipment", "telemetry", "commands", "catalogue", "journal", "people", "services", "profile"}

// file is one asset in both codings.
type file struct {
	contentType    string
	plain, gzipped []byte
}

// Pages serves the bundle. It is safe for concurrent use.
type Pages struct {
	folder string // /ui/<hash>/
	files  map[string]file
	index  []byte
	write  func(http.ResponseWriter, *http.Request, error)
}

// New reads the files of a bundle. Their folder's name is a hash of all of them, so that each can be kept for ever.
func New(bundle fs.FS, writeError func(http.ResponseWriter, *http.Request, error)) (*Pages, error) {
	p := &Pages{files: map[string]file{}, write: writeError}
	sum := sha256.New()
	err := fs.WalkDir(bundle, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(bundle, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(content))
		sum.Write(content)
		p.files[name], err = newFile(name, content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("page: read the bundle: %w", err)
	}
	for _, name := range []string{script, style, icon} {
		if _, found := p.files[name]; !found {
			return nil, errors.New("page: the bundle lacks " + name)
		}
	}
	p.folder = "/ui/" + hex.EncodeToString(sum.Sum(nil)[:8]) + "/"
	p.index = p.html()
	return p, nil
}

func newFile(name string, content []byte) (file, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return file{}, err
	}
	if _, err := w.Write(content); err != nil {
		return file{}, err
	}
	if err := w.Close(); err != nil {
		return file{}, err
	}
	contentType := mime.TypeByExtension(path.Ext(name))
	if path.Ext(name) == ".js" { // whatever the system's table says
		contentType = "text/javascript; charset=utf-8"
	}
	return file{contentType: contentType, plain: content, gzipped: packed.Bytes()}, nil
}

func (p *Pages) html() []byte {
	return []byte(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>NMS</title>
<link rel="stylesheet" href="` + p.folder + style + `">
<link rel="icon" type="image/svg+xml" href="` + p.folder + icon + `">
<script type="module" src="` + p.folder + script + `"></script>
</head>
<body>
<div id="app"></div>
<noscript><p class="noscript">This page needs JavaScript. Для этой страницы нужен JavaScript.</p></noscript>
</body>
</html>
`)
}

// Folder is where the files are: /ui/<hash>/.
func (p *Pages) Folder() string { return p.folder }

// Route names the requests that the pages answer; empty for all others.
func (p *Pages) Route(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	if strings.HasPrefix(r.URL.Path, "/ui/") {
		return routeFile
	}
	section, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if slices.Contains(Sections, section) || r.URL.Path == "/" && takesHTML(r) || r.URL.Path == "/favicon.ico" {
		return routePage
	}
	return ""
}

// takesHTML tells a browser, which is shown the page, from a program, which is told about the service.
func takesHTML(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// ServeHTTP answers a request that Route has named.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if r.URL.Path == "/favicon.ico" {
		http.Redirect(w, r, p.folder+icon, http.StatusFound)
		return
	}
	name, asset := strings.CutPrefix(r.URL.Path, p.folder)
	if strings.HasPrefix(r.URL.Path, "/ui/") {
		f, found := p.files[name]
		if !asset || !found {
			p.write(w, r, errNoFile)
			return
		}
		h.Set("Content-Type", f.contentType)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		_ = api.WriteReady(w, f.plain, f.gzipped) // a client that is gone needs no answer
		return
	}
	h.Add("Vary", "Accept")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	_ = api.WriteReady(w, p.index, nil) // as above
}

var errNoFile = fault.List(fault.NotFound, "there is no such file; the page that named it is of another version")
