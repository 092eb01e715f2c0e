// Command console serves the operator's pages and hands their calls on to the services.
package main

import (
	"os"

	"nms.example/common/service"

	"nms.example/console/internal/app"
)

func main() { os.Exit(service.Main(app.Identity, app.Build)) }
