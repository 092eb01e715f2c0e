package station

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// fleet is the root of the equipment, and of the sections, that MakeFleet makes, apart from what Load makes.
const fleet = "Fleet"

// Receiver is a receiver of the simulator that can be commanded.
type Receiver struct {
	Device    string           // at the simulator, such as rx1
	Equipment int64            // its id in cfg
	Commands  map[string]int64 // ids in cfg of its commands, by name
}

// Binding is how a command is spoken, as ctrl takes it, but for the driver.
type Binding = map[string]any

// MakeFleet gives the first receivers of the simulator, count of them, equipment and commands in the catalogues, endpoints and
// bindings. Commands are named in bindings. It is for a system that has no fleet yet.
func MakeFleet(ctx context.Context, s System, count int, bindings map[string]Binding) ([]Receiver, error) {
	c := &client{System: s, http: &http.Client{Timeout: patience}}
	defer c.http.CloseIdleConnections()
	if err := c.logIn(ctx); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(bindings))
	if err := c.call(ctx, http.MethodPost, s.Cfg+"/api/v1/cfg/import", fleetDocument(count, names), nil); err != nil {
		return nil, err
	}
	equipment, err := c.equipment(ctx, fleet)
	if err != nil {
		return nil, err
	}
	commands, err := c.commands(ctx, fleet)
	if err != nil {
		return nil, err
	}
	receivers := make([]Receiver, count)
	for i := range receivers {
		name := deviceName(i)
		r := Receiver{Device: name, Equipment: equipment[name], Commands: map[string]int64{}}
		if err := c.endpoint(ctx, device{name: name}, r.Equipment, ""); err != nil {
			return nil, fmt.Errorf("the endpoint of %s: %w", name, err)
		}
		for _, one := range names {
			r.Commands[one] = commands[place{r.Equipment, one}]
			if err := c.bind(ctx, r.Commands[one], command{binding: bindings[one]}); err != nil {
				return nil, fmt.Errorf("the command %s of %s: %w", one, name, err)
			}
		}
		receivers[i] = r
	}
	return receivers, nil
}

func deviceName(i int) string { return "rx" + strconv.Itoa(i+1) }

// fleetDocument is what cfg imports.
func fleetDocument(count int, names []string) object {
	equipments := []object{{"name": fleet, "name_full": fleet, "parent": nil}}
	var commands []object
	for i := range count {
		name := deviceName(i)
		equipments = append(equipments, object{"name": name, "name_full": name, "parent": fleet})
		for _, one := range names {
			commands = append(commands, object{
				"name": one, "name_full": one, "description": one, "equipment": fleet + "/" + name, "toc": []string{fleet}, "undo_cmd": nil,
			})
		}
	}
	return object{
		"format": "nms.cfg/1", "equipments": equipments, "commands_toc": []object{{"path": []string{fleet}, "name_full": fleet}},
		"commands": commands, "telemetry": parameters,
	}
}

// Verified is a binding that sets a number of the receiver, the argument "to" between two bounds, and whose verifier sees that it was
// set: parameter is a parameter of the catalogue, name the receiver's own for it.
func Verified(parameter, name string, least, most float64) Binding {
	b := Unverified(parameter, name, least, most)
	b["verifiers"] = holds(parameter, "arg", "to")
	return b
}

// Unverified is Verified without the verifier: the parameter can be read, and nobody looks.
func Unverified(parameter, name string, least, most float64) Binding {
	return Binding{"template": set(name, "{to}"), "args_schema": number("to", least, most, "1"), "points": points(parameter, name)}
}
