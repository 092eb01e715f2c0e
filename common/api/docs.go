package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzip"
	"github.com/swaggest/swgui/v5/static"
)

const (
	docsPath   = "/docs"
	docsAssets = docsPath + "/assets/"
	docsScript = "start.js"
)

// docsFiles are the parts of swagger-ui that the page uses, with their types. The module embeds them,
// text files compressed.
//
//nolint:gochecknoglobals // a constant table
var docsFiles = []struct{ name, contentType string }{
	{"swagger-ui.css", "text/css; charset=utf-8"},
	{"swagger-ui-bundle.js", "text/javascript; charset=utf-8"},
	{"favicon-32x32.png", "image/png"},
}

// serveDocs adds GET /docs and what its page loads, all of it from this process.
func (a *API) serveDocs() {
	page := a.docsPage()
	policy := a.docsPolicy()
	a.addBare(docsPath, "get-docs", func(g *gin.Context) {
		g.Header("Content-Security-Policy", policy)
		g.Data(http.StatusOK, "text/html; charset=utf-8", page)
	})
	script := a.docsStart()
	a.addBare(docsAssets+docsScript, "get-docs-"+docsScript, func(g *gin.Context) {
		g.Data(http.StatusOK, "text/javascript; charset=utf-8", script)
	})
	for _, file := range docsFiles {
		a.addBare(docsAssets+file.name, "get-docs-"+file.name, func(g *gin.Context) {
			a.serveAsset(g, file.name, file.contentType)
		})
	}
}

// serveAsset writes an embedded file; the compressed ones are inflated for clients that want that.
func (a *API) serveAsset(g *gin.Context, name, contentType string) {
	g.Header("Content-Type", contentType)
	g.Header("Cache-Control", "public, max-age=3600")
	plain, err := fs.ReadFile(static.FS, name)
	if err == nil {
		_, _ = g.Writer.Write(plain) // a client that is gone needs no answer
		return
	}
	asset, err := inflated(name)
	if err != nil {
		a.WriteError(g.Writer, g.Request, err)
		return
	}
	_ = writeReady(g.Writer, asset.plain, asset.compressed) // as above
}

// docsAsset is an embedded file in both forms.
type docsAsset struct{ plain, compressed []byte }

// docsInflated keeps what inflated has made: a request is not worth inflating a megabyte again.
var docsInflated sync.Map //nolint:gochecknoglobals // a cache of constants

func inflated(name string) (docsAsset, error) {
	if kept, ok := docsInflated.Load(name); ok {
		return kept.(docsAsset), nil //nolint:forcetypeassert // stored below
	}
	compressed, err := fs.ReadFile(static.FS, name+".gz")
	if err != nil {
		return docsAsset{}, fmt.Errorf("read %s: %w", name, err)
	}
	r, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return docsAsset{}, fmt.Errorf("inflate %s: %w", name, err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return docsAsset{}, fmt.Errorf("inflate %s: %w", name, err)
	}
	kept, _ := docsInflated.LoadOrStore(name, docsAsset{plain, compressed})
	return kept.(docsAsset), nil //nolint:forcetypeassert // as above
}

func (a *API) docsPage() []byte {
	return []byte(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>` + html.EscapeString(a.options.Title) + ` API</title>
<link rel="stylesheet" href="` + docsAssets + `swagger-ui.css">
<link rel="icon" type="image/png" href="` + docsAssets + `favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="` + docsAssets + `swagger-ui-bundle.js"></script>
<script src="` + docsAssets + docsScript + `"></script>
</body>
</html>
`)
}

// docsStart returns the script that starts swagger-ui; it is a file because the page's policy allows no
// inline script.
func (a *API) docsStart() []byte {
	settings, err := json.Marshal(map[string]any{
		"url":                      documentPath,
		"dom_id":                   "#swagger-ui",
		"deepLinking":              true,
		"displayRequestDuration":   true,
		"persistAuthorization":     false,
		"validatorUrl":             nil, // the default one is a stranger's server
		"defaultModelsExpandDepth": 0,
		"tryItOutEnabled":          true,
	})
	if err != nil {
		panic(err) //nolint:forbidigo // a constant table
	}
	return []byte("window.ui = SwaggerUIBundle(" + string(settings) + ");\n")
}

// docsPolicy lets the page load from this service only, and call it and auth's token endpoint.
// swagger-ui sets style attributes and data: images.
func (a *API) docsPolicy() string {
	connect := []string{"'self'"}
	if u, err := url.Parse(a.options.TokenURL); err == nil && u.Host != "" {
		connect = append(connect, u.Scheme+"://"+u.Host)
	}
	return "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
		"script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
		"connect-src " + strings.Join(connect, " ")
}
