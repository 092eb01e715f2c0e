// Command ctrl is the service that sends the commands of the catalogue to equipment.
package main

import (
	"os"

	"nms.example/common/service"

	"nms.example/ctrl/internal/app"
)

func main() { os.Exit(service.Main(app.Identity, app.Build)) }
