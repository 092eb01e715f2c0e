package station

import (
	"fmt"
	"strconv"
)

// What the catalogues of cfg get: a document as its import takes it (docs/cfg.md), and, beside each command, how ctrl speaks it.

// pairs is how many receivers the simulator has, each with its power supply.
const pairs = 8

// above is the piece of the start data that the receivers stand below, and sections the root of their commands' sections.
const (
	above    = "Service_Control_1"
	sections = "Station"
)

type object = map[string]any

// kind is one of the two kinds of devices.
type kind struct {
	section, sectionFull string
	commands             []command
}

// command is one of a device's. Undo names another of the same device.
type command struct {
	name, full, description, undo string
	binding                       object
}

var receivers = kind{"Receiver", "Receivers / Приёмники", []command{
	{
		"ON", "Receiver on / Включить приём", "Brings the receiver into operation. / Вводит приёмник в работу.", "STANDBY",
		object{
			"template": set("mode", "on"), "points": points("rx_mode", "mode"), "verifiers": holds("rx_mode", "value", "on"), "undo_args": object{},
		},
	},
	{
		"STANDBY", "Receiver on standby / Дежурный режим", "Takes the receiver out of operation. / Выводит приёмник из работы.", "ON",
		object{
			"template": set("mode", "standby"), "points": points("rx_mode", "mode"), "verifiers": holds("rx_mode", "value", "standby"), "undo_args": object{},
		},
	},
	{
		"GAIN", "Gain / Усиление", "Sets the gain, in dB. / Устанавливает усиление, дБ.", "GAIN0",
		object{
			"template": set("gain_db", "{gain}"), "args_schema": number("gain", 0, 60, "dB"),
			"points": points("rx_gain", "gain_db"), "verifiers": holds("rx_gain", "arg", "gain"), "undo_args": object{},
		},
	},
	{
		"GAIN0", "Gain to zero / Нулевое усиление", "Takes the gain back to 0 dB. / Возвращает усиление к 0 дБ.", "",
		object{
			"template": set("gain_db", 0), "points": points("rx_gain", "gain_db"), "verifiers": holds("rx_gain", "value", 0), "idempotent": true,
		},
	},
	{
		"FREQUENCY", "Frequency / Частота", "Tunes a receiver that is not off, in Hz. / Настраивает невыключенный приёмник, Гц.", "",
		object{
			"template": set("frequency_hz", "{frequency}"), "args_schema": number("frequency", 9e3, 6e9, "Hz"),
			"points":        points("rx_mode", "mode", "rx_frequency", "frequency_hz"),
			"preconditions": []object{{"parameter": "rx_mode", "op": "ne", "value": "off"}},
			"verifiers":     holds("rx_frequency", "arg", "frequency"), "idempotent": true,
		},
	},
	{
		"BANDWIDTH", "Bandwidth / Полоса", "Sets the bandwidth, in Hz. / Устанавливает полосу, Гц.", "",
		object{
			"template": set("bandwidth_hz", "{bandwidth}"), "args_schema": number("bandwidth", 100, 20e6, "Hz"),
			"points": points("rx_bandwidth", "bandwidth_hz"), "verifiers": holds("rx_bandwidth", "arg", "bandwidth"), "idempotent": true,
		},
	},
}}

var supplies = kind{"Power supply", "Power supplies / Источники питания", []command{
	{
		"ON", "Supply on / Включить питание", "Feeds the receiver. / Подаёт питание на приёмник.", "OFF",
		object{
			"template": set("output", "on"), "points": points("ps_output", "output"), "verifiers": holds("ps_output", "value", "on"), "undo_args": object{},
		},
	},
	{
		"OFF", "Supply off / Выключить питание", "Takes the supply from the receiver. / Снимает питание с приёмника.", "ON",
		object{
			"template": set("output", "off"), "points": points("ps_output", "output"), "verifiers": holds("ps_output", "value", "off"), "undo_args": object{},
			"hazardous": true, "hazard_reason": "The receiver loses its supply. / Приёмник лишается питания.",
		},
	},
	{
		"VOLTAGE", "Voltage / Напряжение", "Sets the voltage, in V; another person approves. / Устанавливает напряжение, В; с одобрения другого лица.", "",
		object{
			"template": set("voltage_v", "{voltage}"), "args_schema": number("voltage", 0, 30, "V"),
			"points": points("ps_voltage", "voltage_v"), "verifiers": holds("ps_voltage", "arg", "voltage"), "approvals": 1,
		},
	},
}}

var parameters = []object{
	parameter("rx_mode", "Mode / Режим", "What the receiver is doing. / Чем занят приёмник.", object{"enum": []string{"off", "standby", "on"}}),
	parameter("rx_gain", "Gain, dB / Усиление, дБ", "Gain of the receiver. / Усиление приёмника.", measured(0, 60, "dB")),
	parameter("rx_frequency", "Frequency, Hz / Частота, Гц", "What the receiver is tuned to. / Частота настройки приёмника.", measured(9e3, 6e9, "Hz")),
	parameter("rx_bandwidth", "Bandwidth, Hz / Полоса, Гц", "Bandwidth of the receiver. / Полоса приёмника.", measured(100, 20e6, "Hz")),
	parameter("rx_level", "Level, dBm / Уровень, дБм", "Level at the input. / Уровень на входе.", measured(-150, 30, "dB[mW]")),
	parameter("rx_temperature", "Temperature, °C / Температура, °C", "Inside the housing. / Внутри корпуса.", measured(-40, 125, "Cel")),
	parameter("ps_output", "Output / Выход", "Whether the supply feeds. / Подаётся ли питание.", object{"enum": []string{"off", "on"}}),
	parameter("ps_voltage", "Voltage, V / Напряжение, В", "At the output. / На выходе.", measured(0, 60, "V")),
	parameter("ps_current", "Current, A / Ток, А", "At the output. / На выходе.", measured(0, 20, "A")),
}

func set(name string, value any) object { return object{"set": name, "value": value} }

// points says how parameters are read: name of the parameter, name at the device, and so on.
func points(names ...string) (list []object) {
	for i := 0; i < len(names); i += 2 {
		list = append(list, object{"parameter": names[i], "read": object{"get": names[i+1]}})
	}
	return list
}

// holds is a verifier: the parameter becomes equal to a value, or to an argument, within 5 s.
func holds(parameter, of string, value any) []object {
	return []object{{"parameter": parameter, "op": "eq", of: value, "within": 5}}
}

// number is the schema of one argument.
func number(name string, least, most float64, unit string) object {
	return object{"type": "object", "required": []string{name}, "additionalProperties": false, "properties": object{
		name: object{"type": "number", "minimum": least, "maximum": most, "x-unit": unit},
	}}
}

func parameter(name, full, description string, validator object) object {
	return object{"name": name, "name_full": full, "description": description, "value_validator": validator}
}

func measured(least, most float64, unit string) object {
	return object{"type": "number", "minimum": least, "maximum": most, "x-unit": unit}
}

// device is one of the simulator's, with the piece of equipment that it is in the catalogue.
type device struct {
	name            string // at the simulator
	equipment, full string
	parent          string // path
	kind            *kind
}

// path is where the equipment stands.
func (d device) path() string { return d.parent + "/" + d.equipment }

// devices lists the receivers, each followed by its power supply.
func devices() (list []device) {
	for i := range pairs {
		n := strconv.Itoa(i + 1)
		receiver := device{"rx" + n, "RX" + n, fmt.Sprintf("Receiver %s / Приёмник %s", n, n), above, &receivers}
		supply := device{"ps" + n, "PS" + n, fmt.Sprintf("Power supply %s / Источник питания %s", n, n), receiver.path(), &supplies}
		list = append(list, receiver, supply)
	}
	return list
}

// document is what cfg imports.
func document() object {
	places := []object{{"path": []string{sections}, "name_full": "Simulated station / Имитатор станции"}}
	for _, k := range []kind{receivers, supplies} {
		places = append(places, object{"path": []string{sections, k.section}, "name_full": k.sectionFull})
	}
	var equipments, commands []object
	for _, d := range devices() {
		equipments = append(equipments, object{"name": d.equipment, "name_full": d.full, "parent": d.parent})
		for _, c := range d.kind.commands {
			row := object{
				"name": c.name, "name_full": c.full, "description": c.description, "equipment": d.path(),
				"toc": []string{sections, d.kind.section}, "undo_cmd": nil,
			}
			if c.undo != "" {
				row["undo_cmd"] = c.undo
			}
			commands = append(commands, row)
		}
	}
	return object{"format": "nms.cfg/1", "equipments": equipments, "commands_toc": places, "commands": commands, "telemetry": parameters}
}
