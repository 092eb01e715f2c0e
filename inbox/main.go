// Command inbox takes radio spectra from outside systems, keeps them and shows them.
package main

import (
	"os"

	"nms.example/common/service"
	"nms.example/inbox/internal/app"
)

func main() { os.Exit(service.Main(app.Identity, app.Build)) }
