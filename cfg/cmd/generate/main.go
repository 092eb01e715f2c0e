// Command generate writes a large catalogue as a document for POST /api/v1/cfg/import.
//
//	go run ./cfg/cmd/generate -equipments 100000 -commands 100000 -parameters 50000 > catalogue.json
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"nms.example/cfg/internal/generator"
)

func main() {
	sizes := generator.Large
	flag.IntVar(&sizes.Equipments, "equipments", sizes.Equipments, "pieces of equipment, a tree below one root")
	flag.IntVar(&sizes.Commands, "commands", sizes.Commands, "commands, with a section for every 200")
	flag.IntVar(&sizes.Parameters, "parameters", sizes.Parameters, "telemetry parameters")
	flag.Parse()
	if err := json.NewEncoder(os.Stdout).Encode(generator.Document(sizes)); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}
