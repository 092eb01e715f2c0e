// Package layout names the services and databases of the system and where they live on one machine. A new
// service joins `./task up`, `test`, `status` and the compose check with one line here.
package layout

import (
	"net"
	"strconv"
	"strings"
)

// Service is one program of the system.
type Service struct {
	// Name is the folder, the binary and the compose service ("auth").
	Name string
	// Port is the loopback port it listens on unless <NAME>_PORT says otherwise.
	Port int
	// Databases lists the databases it opens; each becomes a variable DB_<NAME>_DSN.
	Databases []string
}

// Services lists every service, in the order in which they are started and shown.
//
//nolint:gochecknoglobals // a table, never written to
var Services = []Service{
	{Name: "console", Port: 4040},
	{Name: "auth", Port: 4000, Databases: []string{"auth"}},
	{Name: "cfg", Port: 4041, Databases: []string{"nms"}},
	{Name: "inbox", Port: 4043, Databases: []string{"dwh"}},
	{Name: "admin", Port: 4044, Databases: []string{"admin"}},
	{Name: "ctrl", Port: 4042, Databases: []string{"nms", "dwh"}},
}

// Program is one that a development stack runs beside the services. No system in production has it.
type Program struct {
	// Name is the binary and the compose service.
	Name string
	// Port is the loopback port it listens on unless <NAME>_PORT says otherwise.
	Port int
	// Module is the folder of its module, Package that of its command in there.
	Module, Package string
	// Ping is a line that it answers with another one.
	Ping string
}

// Programs lists them, in the order in which they are shown. Like services they are told where to listen by HOST and PORT.
//
//nolint:gochecknoglobals // a table, never written to
var Programs = []Program{
	{Name: "simulator", Port: 4050, Module: "ctrl", Package: "cmd/simulator", Ping: `{"op":"ping"}`},
}

// Databases lists every database; each is owned by a role of the same name.
//
//nolint:gochecknoglobals // a table, never written to
var Databases = []string{"auth", "nms", "dwh", "admin"}

// BuildTags are those of every released program, as in the Dockerfile: without them the linker cannot tell which methods
// are used and keeps all of them, which costs 20 MB of file and several MB of memory.
const BuildTags = "nomsgpack,grpcnotrace"

// DSNVariable is the name of the variable that carries a database's URL ("DB_NMS_DSN").
func DSNVariable(database string) string { return "DB_" + strings.ToUpper(database) + "_DSN" }

// PortVariable is the name of the variable that moves a program to another port ("AUTH_PORT").
func PortVariable(name string) string {
	return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) + "_PORT"
}

// Loopback is the loopback address with a port, as dialled and listened on.
func Loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
