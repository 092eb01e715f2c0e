package api

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"nms.example/common/api"
	"nms.example/common/fault"
	"nms.example/common/redis"
	"nms.example/common/registry"
	"nms.example/common/service"
)

type instance struct {
	ID         string         `json:"id" format:"uuid" doc:"Of this instance"`
	Service    string         `json:"service" example:"cfg" doc:"Name of the service"`
	Version    string         `json:"version" doc:"The version of its build"`
	Address    string         `json:"address" doc:"host:port"`
	HealthCode uint64         `json:"health_code" doc:"As in /ctrl: 0 when healthy, otherwise a bit per failing dependency"`
	Uptime     service.Uptime `json:"uptime"`
	StartedAt  time.Time      `json:"started_at" doc:"When it started"`
	SeenAt     time.Time      `json:"seen_at" doc:"Its last sign of life"`
	Lag        *float64       `json:"lag" doc:"How long the oldest event of its databases waits for the bus, s, 0 when none does; null when it sends none, or it is not known"`
}

type instanceParams struct {
	Service *string `json:"service,omitempty"`
}

type instancesInput struct {
	api.PageNumber
	Limit   int                  `query:"limit" default:"1000" minimum:"1" maximum:"5000" doc:"Most instances on a page"`
	Service api.Optional[string] `query:"service" minLength:"1" maxLength:"50" doc:"Only instances of this service"`
}

type instancePage = api.Page[instance, instanceParams]

type instancesOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         instancePage
}

type instances struct{ registry *registry.Registry }

var errRegistry = fault.New(fault.CodeUnavailable, "the list of instances is kept in Redis, which does not answer").After(2 * time.Second)

func (h instances) list(ctx context.Context, in *instancesInput) (*instancesOutput, error) {
	all, err := h.registry.List(ctx)
	switch {
	case errors.Is(err, redis.ErrDown):
		return nil, errRegistry.Because(err)
	case err != nil:
		return nil, err
	}
	params := instanceParams{Service: in.Service.Ptr()}
	if params.Service != nil {
		all = slices.DeleteFunc(all, func(i registry.Instance) bool { return i.Service != *params.Service })
	}
	slices.SortFunc(all, func(a, b registry.Instance) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Address, b.Address), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	total := int64(len(all))
	from := min(in.Offset(in.Limit), total)
	all = all[from:min(from+int64(in.Limit), total)]
	content := make([]instance, len(all))
	for i, found := range all {
		content[i] = instanceOf(found)
	}
	return &instancesOutput{
		CacheControl: "no-store",
		Body:         instancePage{Page: in.Page, Limit: in.Limit, Total: total, Params: params, Content: content},
	}, nil
}

func instanceOf(i registry.Instance) instance {
	one := instance{
		ID: i.ID.String(), Service: i.Service, Version: i.Version, Address: i.Address, HealthCode: i.HealthCode,
		Uptime: service.UptimeOf(i.Uptime), StartedAt: i.StartedAt, SeenAt: i.SeenAt,
	}
	if i.Lag != nil {
		one.Lag = new(i.Lag.Seconds())
	}
	return one
}
