// Command auth serves users, roles, sessions and API keys of the network-management system.
package main

import (
	"os"

	"nms.example/common/service"

	"nms.example/auth/internal/app"
)

func main() { os.Exit(service.Main(app.Identity, app.Build)) }
