// Command cfg serves the configuration of the managed system: its equipment, commands and telemetry.
package main

import (
	"os"

	"nms.example/common/service"

	"nms.example/cfg/internal/app"
)

func main() { os.Exit(service.Main(app.Identity, app.Build)) }
