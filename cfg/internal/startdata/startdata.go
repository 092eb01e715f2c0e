// Package startdata fills catalogues that were never used with a small example system, for development
// only.
package startdata

import (
	"context"
	"encoding/json"

	"nms.example/common/change"
	"nms.example/common/request"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/command"
	"nms.example/cfg/internal/equipment"
	"nms.example/cfg/internal/nmsdb"
	"nms.example/cfg/internal/telemetry"
	"nms.example/cfg/internal/toc"
)

// actor is who makes the start data, in history and events.
const actor = "service:cfg"

type node struct{ name, parent, full string }

// Equipment: customers' services under the two internal ones, and a control service beside them.
var nodes = []node{
	{"ROOT_Object", "", "Managed system / Управляемая система"},
	{"Service_Core", "ROOT_Object", "Core services / Основные службы"},
	{"Service_Support", "ROOT_Object", "Supporting services / Вспомогательные службы"},
	{"Service_Customer_1", "Service_Core", "Customer 1, trunk channel / Заказчик 1, магистральный канал"},
	{"Service_Customer_2", "Service_Core", "Customer 2, trunk channel / Заказчик 2, магистральный канал"},
	{"Service_Customer_3", "Service_Core", "Customer 3, broadcast / Заказчик 3, вещание"},
	{"Service_Customer_4", "Service_Core", "Customer 4, return channel / Заказчик 4, обратный канал"},
	{"Service_Customer_5", "Service_Support", "Customer 5, monitoring / Заказчик 5, наблюдение"},
	{"Service_Customer_6", "Service_Support", "Customer 6, time reference / Заказчик 6, шкала времени"},
	{"Service_Customer_7", "Service_Support", "Customer 7, archive / Заказчик 7, архив"},
	{"Service_Control_1", "", "Control station 1 / Станция управления 1"},
}

var sections = []node{
	{"Transmission", "", "Transmission / Передача"},
	{"Power", "Transmission", "Output power / Выходная мощность"},
	{"Frequency", "Transmission", "Carrier frequency / Частота несущей"},
	{"Reception", "", "Reception / Приём"},
	{"Gain", "Reception", "Receiver gain / Усиление приёмника"},
	{"Filters", "Reception", "Filters / Фильтры"},
	{"Service", "", "Service functions / Служебные функции"},
	{"Self-test", "Service", "Self-test / Самоконтроль"},
}

var commands = []struct{ name, equipment, section, full, description, undo string }{
	{"R105", "Service_Core", "Power", "Transmitter off / Выключить передатчик",
		"Takes the output stage out of operation. / Выводит выходной каскад из работы.", ""},
	{"R106", "Service_Core", "Power", "Transmitter on / Включить передатчик",
		"Brings the output stage to its nominal power. / Выводит выходной каскад на номинальную мощность.", "R105"},
	{"R115", "Service_Support", "Gain", "Automatic gain / Автоматическое усиление",
		"Hands the gain over to the control loop. / Передаёт усиление контуру регулирования.", ""},
	{"R107", "Service_Support", "Gain", "Fixed gain / Фиксированное усиление",
		"Holds the gain at its present value. / Удерживает текущее значение усиления.", "R115"},
}

var parameters = []struct{ name, full, description, validator string }{
	{"tmi1", "Output power, dBm / Выходная мощность, дБм", "Power at the antenna port. / Мощность на антенном порте.",
		`{"type": "number", "minimum": -60, "maximum": 60}`},
	{"tmi2", "Mode of operation / Режим работы", "What the transmitter is doing. / Чем занят передатчик.",
		`{"type": "string", "enum": ["off", "standby", "on", "fault"]}`},
	{"tmi3", "Supply voltages, V / Напряжения питания, В", "All rails, the first one first. / Все шины, начиная с первой.",
		`{"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 60}, "minItems": 1, "maxItems": 8}`},
	{"tmi4", "Serial number / Заводской номер", "As printed on the housing. / Как указано на корпусе.",
		`{"length": 8, "parser": "string"}`},
}

// Load makes the start data when no catalogue has ever held anything. What a user changed or archived
// stays as it is.
func Load(
	ctx context.Context, w *catalogue.Writer, equipments *equipment.Catalogue, tocs *toc.Catalogue,
	cmds *command.Catalogue, params *telemetry.Catalogue,
) error {
	ctx = request.WithActor(ctx, actor)
	return w.Do(ctx, func(ctx context.Context, tx catalogue.Tx, changes *change.Changes) error {
		// Instances that start at once wait for each other here.
		if err := nmsdb.New(tx).EquipmentLockTree(ctx); err != nil {
			return err
		}
		used, err := nmsdb.New(tx).CataloguesUsed(ctx)
		if err != nil || used {
			return err
		}
		equipmentIDs, err := loadTree(nodes, func(n node, parent *int64) (int64, error) {
			item, err := equipments.CreateIn(ctx, tx, changes, equipment.Input{ParentID: parent, Name: n.name, NameFull: n.full})
			return item.ID, err
		})
		if err != nil {
			return err
		}
		sectionIDs, err := loadTree(sections, func(n node, parent *int64) (int64, error) {
			item, err := tocs.CreateIn(ctx, tx, changes, toc.Input{ParentID: parent, Name: n.name, NameFull: &n.full})
			return item.ID, err
		})
		if err != nil {
			return err
		}
		commandIDs := make(map[string]int64, len(commands))
		for _, c := range commands {
			d := command.Input{
				EquipmentID: equipmentIDs[c.equipment], TocID: sectionIDs[c.section],
				Name: c.name, NameFull: c.full, Description: c.description,
			}
			if c.undo != "" {
				undo := commandIDs[c.undo]
				d.UndoCmdID = &undo
			}
			item, err := cmds.CreateIn(ctx, tx, changes, d)
			if err != nil {
				return err
			}
			commandIDs[c.name] = item.ID
		}
		for _, p := range parameters {
			if _, err := params.CreateIn(ctx, tx, changes, telemetry.Input{
				Name: p.name, NameFull: p.full, Description: p.description, ValueValidator: json.RawMessage(p.validator),
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// loadTree makes nodes in order, so that a parent comes before its children.
func loadTree(list []node, create func(n node, parent *int64) (int64, error)) (map[string]int64, error) {
	ids := make(map[string]int64, len(list))
	for _, n := range list {
		var parent *int64
		if n.parent != "" {
			id := ids[n.parent]
			parent = &id
		}
		id, err := create(n, parent)
		if err != nil {
			return nil, err
		}
		ids[n.name] = id
	}
	return ids, nil
}
