// Package web holds the files of the pages as the browser gets them. tools/cmd/bundle makes them of src and vendor.
package web

import "embed"

// Dist are the bundled files, below "dist".
//
//go:embed dist
var Dist embed.FS
