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

type valueInput struct {
	EquipmentInput
	Parameter string `path:"parameter" minLength:"1" maxLength:"50" doc:"Name of the parameter, in any letter case"`
}

type valueOutput struct {
	Body equipment.Value
}

type equipments struct{ all *equipment.Reader }

func registerEquipment(a *api.API, h equipments) {
	all := resource("equipments")
	api.Register(a, all.Operation(http.MethodGet, "/{equipment_id}", "get", "A piece of equipment with its endpoint, its newest values and its queue"), read, h.get)
	api.Register(a, all.Operation(http.MethodGet, "/{equipment_id}/{parameter}", "get-parameter", "The newest value of a parameter"), read, h.value)
}

func (h equipments) get(ctx context.Context, in *EquipmentInput) (*equipmentOutput, error) {
	e, err := h.all.Get(ctx, in.EquipmentID)
	if err != nil {
		return nil, err
	}
	return &equipmentOutput{Body: e}, nil
}

func (h equipments) value(ctx context.Context, in *valueInput) (*valueOutput, error) {
	v, err := h.all.Value(ctx, in.EquipmentID, in.Parameter)
	if err != nil {
		return nil, err
	}
	return &valueOutput{Body: v}, nil
}
