package toc

import (
	"context"

	"nms.example/cfg/internal/catalogue"
	"nms.example/cfg/internal/nmsdb"
)

func usage(ctx context.Context, c catalogue.Conn, id int64) (catalogue.Usage, error) {
	q := nmsdb.New(c)
	u := catalogue.Usage{ID: id, Uses: []catalogue.Use{}}
	children, err := q.CommandTOCChildren(ctx, nmsdb.CommandTOCChildrenParams{ID: id, Most: catalogue.UsageSample})
	if err != nil {
		return u, err
	}
	childCount, err := q.CommandTOCChildrenCount(ctx, id)
	if err != nil {
		return u, err
	}
	descendants, err := q.CommandTOCDescendantsCount(ctx, id)
	if err != nil {
		return u, err
	}
	commands, err := q.CommandsOfSection(ctx, nmsdb.CommandsOfSectionParams{ID: id, Most: catalogue.UsageSample})
	if err != nil {
		return u, err
	}
	commandCount, err := q.CommandsOfSectionCount(ctx, id)
	if err != nil {
		return u, err
	}
	u.Add(catalogue.Use{
		Resource: "commands-toc", Relation: "child", Total: childCount,
		Items: convert(children, func(r nmsdb.CommandTOCChildrenRow) catalogue.Ref { return catalogue.Ref(r) }),
	})
	u.Add(catalogue.Use{Resource: "commands-toc", Relation: "descendant", Total: descendants})
	u.Add(catalogue.Use{
		Resource: "commands", Relation: "command", Total: commandCount,
		Items: convert(commands, func(r nmsdb.CommandsOfSectionRow) catalogue.Ref { return catalogue.Ref(r) }),
	})
	return u, nil
}
