package api

import (
	"context"
	"net/http"

	"nms.example/common/api"

	"nms.example/ctrl/internal/equipment"
)

type equipmentOutput struct {
	Body equipment.Equipment
}

type equipments struct{ all *equipment.Reader }

func registerEquipment(a *api.API, h equipments) {
	all := resource("equipments")
	api.Register(a, all.Operation(http.MethodGet, "/{equipment_id}", "get", "A piece of equipment with its endpoint and its queue"), read, h.get)
}

func (h equipments) get(ctx context.Context, in *EquipmentInput) (*equipmentOutput, error) {
	e, err := h.all.Get(ctx, in.EquipmentID)
	if err != nil {
		return nil, err
	}
	return &equipmentOutput{Body: e}, nil
}
