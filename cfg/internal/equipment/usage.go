package equipment

import (
	"context"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
)

func usage(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Usage, error) {
	q := nmsdb.New(c)
	u := catalogue.Usage{ID: id, Uses: []catalogue.Use{}}
	children, err := q.EquipmentChildren(ctx, nmsdb.EquipmentChildrenParams{ID: id, Most: catalogue.UsageSample})
	if err != nil {
		return u, err
	}
	childCount, err := q.EquipmentChildrenCount(ctx, id)
	if err != nil {
		return u, err
	}
	descendants, err := q.EquipmentDescendantsCount(ctx, id)
	if err != nil {
		return u, err
	}
	commands, err := q.CommandsOfEquipment(ctx, nmsdb.CommandsOfEquipmentParams{ID: id, Most: catalogue.UsageSample})
	if err != nil {
		return u, err
	}
	commandCount, err := q.CommandsOfEquipmentCount(ctx, id)
	if err != nil {
		return u, err
	}
	u.Add(catalogue.Use{
		Resource: "equipments", Relation: "child", Total: childCount,
		Items: convert(children, func(r nmsdb.EquipmentChildrenRow) catalogue.Ref { return catalogue.Ref(r) }),
	})
	u.Add(catalogue.Use{Resource: "equipments", Relation: "descendant", Total: descendants})
	u.Add(catalogue.Use{
		Resource: "commands", Relation: "command", Total: commandCount,
		Items: convert(commands, func(r nmsdb.CommandsOfEquipmentRow) catalogue.Ref { return catalogue.Ref(r) }),
	})
	return u, nil
}
