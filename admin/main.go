// Command admin keeps the journal of the system, shows its live instances and looks after dead letters.
package main

import (
	"os"

	"nms.example/common/service"

	"nms.example/admin/internal/app"
)

func main() { os.Exit(service.Main(app.Identity, app.Build)) }
