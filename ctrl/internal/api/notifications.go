package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"nms.example/common/api"

	"nms.example/ctrl/internal/notify"
)

type receiverPost struct {
	Name      string          `json:"name" minLength:"1" maxLength:"80" doc:"What people call it"`
	Kind      string          `json:"kind" enum:"webhook,smtp" doc:"How it is told"`
	Address   string          `json:"address" minLength:"1" maxLength:"500" doc:"Of a webhook the URL, of smtp host:port of the mail server"`
	Options   json.RawMessage `json:"options,omitempty" doc:"Of smtp {from, to: [addresses], user, security: starttls (default), tls or none}; of a webhook nothing"`
	Secret    *string         `json:"secret,omitempty" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$" doc:"Name of a file with the key of a webhook's signatures, or a mail password"`
	Heartbeat *float64        `json:"heartbeat,omitempty" minimum:"1" maximum:"2678400" doc:"Seconds between two messages that only say that the way works; left out: none"`
	Enabled   *bool           `json:"enabled,omitempty" doc:"Whether it is told; left out: true"`
}

type receiverPatch struct {
	Name      api.Patch[string]          `json:"name,omitzero" minLength:"1" maxLength:"80" doc:"What people call it"`
	Address   api.Patch[string]          `json:"address,omitzero" minLength:"1" maxLength:"500" doc:"URL, or host:port"`
	Options   api.Patch[json.RawMessage] `json:"options,omitzero" doc:"See POST"`
	Secret    api.NullablePatch[string]  `json:"secret,omitzero" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$" doc:"Name of a file; null for none"`
	Heartbeat api.NullablePatch[float64] `json:"heartbeat,omitzero" minimum:"1" maximum:"2678400" doc:"Seconds; null for none"`
	Enabled   api.Patch[bool]            `json:"enabled,omitzero" doc:"Whether it is told"`
}

func (b *receiverPatch) edit(d *notify.ReceiverDraft) {
	d.Name, d.Address, d.Options = b.Name.Or(d.Name), b.Address.Or(d.Address), b.Options.Or(d.Options)
	d.Secret, d.Heartbeat, d.Enabled = b.Secret.Or(d.Secret), b.Heartbeat.Or(d.Heartbeat), b.Enabled.Or(d.Enabled)
}

type receiverPostInput struct{ Body receiverPost }

type receiverPatchInput struct {
	api.IDInput
	api.Conditional
	Body receiverPatch
}

type configuredInput struct {
	api.IDInput
	api.Conditional
}

type configuredListInput struct {
	api.PageInput
	Limit int `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most items on a page"`
}

type noParams struct{}

type receiversOutput struct {
	Body api.Page[notify.Receiver, noParams]
}

type routePost struct {
	Name      string   `json:"name" minLength:"1" maxLength:"80" doc:"What people call it"`
	Receivers []int64  `json:"receivers" minItems:"1" maxItems:"100" doc:"Who is told"`
	Severity  string   `json:"severity,omitempty" enum:"indeterminate,warning,minor,major,critical" default:"warning" doc:"Only of alarms that are so bad or worse"`
	Below     *int64   `json:"below,omitempty" minimum:"1" doc:"Only of this piece of equipment and all below it in the tree; left out: of all"`
	Types     []string `json:"types,omitempty" maxItems:"10" enum:"limit,stale,command-unknown" doc:"Only of alarms of these types; left out: of all"`
	Group     *float64 `json:"group,omitempty" minimum:"0" maximum:"3600" doc:"Seconds in which what happens is told together; left out: 5"`
	Repeat    *float64 `json:"repeat,omitempty" minimum:"1" maximum:"2678400" doc:"Seconds after which what nobody has acknowledged is told again; left out: never"`
}

// defaultGroup is how long what happens gathers before it is told, in seconds.
const defaultGroup = 5

func (b *routePost) draft() notify.RouteDraft {
	d := notify.RouteDraft{
		Name: b.Name, Receivers: b.Receivers, Severity: b.Severity, Below: b.Below, Types: b.Types, Group: defaultGroup, Repeat: b.Repeat,
	}
	if b.Group != nil {
		d.Group = *b.Group
	}
	return d
}

type routePatch struct {
	Name      api.Patch[string]          `json:"name,omitzero" minLength:"1" maxLength:"80" doc:"What people call it"`
	Receivers api.Patch[[]int64]         `json:"receivers,omitzero" minItems:"1" maxItems:"100" doc:"Who is told"`
	Severity  api.Patch[string]          `json:"severity,omitzero" enum:"indeterminate,warning,minor,major,critical" doc:"Only of alarms that are so bad or worse"`
	Below     api.NullablePatch[int64]   `json:"below,omitzero" minimum:"1" doc:"Only of this piece of equipment and all below it; null: of all"`
	Types     api.Patch[[]string]        `json:"types,omitzero" maxItems:"10" enum:"limit,stale,command-unknown" doc:"Only of alarms of these types; empty: of all"`
	Group     api.Patch[float64]         `json:"group,omitzero" minimum:"0" maximum:"3600" doc:"Seconds in which what happens is told together"`
	Repeat    api.NullablePatch[float64] `json:"repeat,omitzero" minimum:"1" maximum:"2678400" doc:"Seconds after which it is told again; null: never"`
}

func (b *routePatch) edit(d *notify.RouteDraft) {
	d.Name, d.Receivers, d.Severity = b.Name.Or(d.Name), b.Receivers.Or(d.Receivers), b.Severity.Or(d.Severity)
	d.Below, d.Types, d.Group, d.Repeat = b.Below.Or(d.Below), b.Types.Or(d.Types), b.Group.Or(d.Group), b.Repeat.Or(d.Repeat)
}

type routePostInput struct{ Body routePost }

type routePatchInput struct {
	api.IDInput
	api.Conditional
	Body routePatch
}

type routesOutput struct {
	Body api.Page[notify.Route, noParams]
}

type deliveriesInput struct {
	api.PageInput
	Limit      int                     `query:"limit" default:"100" minimum:"1" maximum:"1000" doc:"Most items on a page"`
	ReceiverID api.Optional[int64]     `query:"receiver-id" minimum:"1" doc:"Only those to this receiver"`
	State      api.Optional[string]    `query:"state" enum:"waiting,delivered,failed" doc:"Only those in this state"`
	Kind       api.Optional[string]    `query:"kind" enum:"alarms,heartbeat,test" doc:"Only those of this kind"`
	From       api.Optional[time.Time] `query:"from" doc:"Only those begun at this moment or later"`
	To         api.Optional[time.Time] `query:"to" doc:"Only those begun before this moment"`
}

type deliveryParams struct {
	ReceiverID *int64     `json:"receiver-id,omitempty"`
	State      *string    `json:"state,omitempty"`
	Kind       *string    `json:"kind,omitempty"`
	From       *time.Time `json:"from,omitempty"`
	To         *time.Time `json:"to,omitempty"`
}

type deliveriesOutput struct {
	Body api.Page[notify.Delivery, deliveryParams]
}

type deliveryOutput struct {
	Body notify.Delivery
}

type notifications struct{ all *notify.Notifications }

func registerNotifications(a *api.API, h notifications) {
	changed, conflict := http.StatusPreconditionFailed, http.StatusConflict
	receivers := resource("receivers")
	api.Register(a, receivers.Operation(http.MethodGet, "", "list", "Who can be told of alarms"), read, h.receivers)
	api.Register(a, receivers.Operation(http.MethodGet, "/{id}", "get", "A receiver of notifications"), read, h.receiver)
	create := receivers.Operation(http.MethodPost, "", "create", "Make a receiver of notifications")
	create.DefaultStatus = http.StatusCreated
	create.Description = "A webhook is posted JSON with the headers of Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature`, " +
		"which is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body` with the secret. " +
		"What was not taken is sent again, with the same id, for a day. Addresses have to lie in NOTIFY_ALLOWED_NETWORKS."
	api.Register(a, create, write, h.createReceiver)
	patch := receivers.Operation(http.MethodPatch, "/{id}", "update", "Change a receiver of notifications", changed)
	patch.Description = "A field that is left out stays, null clears it (RFC 7396). If-Match is optional. The kind does not change."
	api.Register(a, patch, write, h.patchReceiver)
	remove := receivers.Operation(http.MethodDelete, "/{id}", "delete", "Remove a receiver of notifications, with its deliveries", changed, conflict)
	api.Register(a, noContent(remove), write, h.removeReceiver)
	test := receivers.Operation(http.MethodPost, "/{id}/test", "test", "Tell a receiver that this is a test")
	test.Description = "It is sent once, at once; the answer says what has become of it."
	api.Register(a, test, write, h.test, api.Timeout(time.Minute))

	routes := resource("routes")
	api.Register(a, routes.Operation(http.MethodGet, "", "list", "Which alarms are told to whom"), read, h.routes)
	api.Register(a, routes.Operation(http.MethodGet, "/{id}", "get", "A route of notifications"), read, h.route)
	createRoute := routes.Operation(http.MethodPost, "", "create", "Have alarms told to somebody", conflict)
	createRoute.DefaultStatus = http.StatusCreated
	createRoute.Description = "Told is that an alarm is raised, has got worse, flaps, and is cleared; of the latter two whoever was told of the first. " +
		"Nothing is told of what is shelved, suppressed or out of service; when that ends, it is. A receiver that several routes lead to is told once."
	api.Register(a, createRoute, write, h.createRoute)
	patchRoute := routes.Operation(http.MethodPatch, "/{id}", "update", "Change a route of notifications", changed, conflict)
	patchRoute.Description = "A field that is left out stays, null clears it (RFC 7396). If-Match is optional."
	api.Register(a, patchRoute, write, h.patchRoute)
	api.Register(a, noContent(routes.Operation(http.MethodDelete, "/{id}", "delete", "Remove a route of notifications", changed)), write, h.removeRoute)

	api.Register(a, resource("deliveries").Operation(http.MethodGet, "", "list", "What was told to whom, the newest first"), read, h.deliveries)
}

func receiverItem(r *notify.Receiver, status int) *item[notify.Receiver] {
	return &item[notify.Receiver]{Status: status, ETag: etag(r.Revision), Body: *r}
}

func receiverGuard(when api.Conditional) notify.ReceiverGuard {
	return func(present notify.Receiver) error { return when.Check(etag(present.Revision)) }
}

func routeItem(r *notify.Route, status int) *item[notify.Route] {
	return &item[notify.Route]{Status: status, ETag: etag(r.Revision), Body: *r}
}

func routeGuard(when api.Conditional) notify.RouteGuard {
	return func(present notify.Route) error { return when.Check(etag(present.Revision)) }
}

func (h notifications) receivers(ctx context.Context, in *configuredListInput) (*receiversOutput, error) {
	after, skip, err := followID(ctx, in.PageInput, in.Limit, noParams{})
	if err != nil {
		return nil, err
	}
	found, total, err := h.all.Receivers(ctx, after, skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &receiversOutput{Body: api.Paged(ctx, in.PageInput, in.Limit, total, noParams{}, found, same[notify.Receiver],
		func(last *notify.Receiver) idCursor { return idCursor{last.ID} })}, nil
}

func (h notifications) receiver(ctx context.Context, in *configuredInput) (*item[notify.Receiver], error) {
	r, err := h.all.Receiver(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := in.Evaluate(etag(r.Revision)); err != nil {
		return nil, err
	}
	return receiverItem(&r, http.StatusOK), nil
}

func (h notifications) createReceiver(ctx context.Context, in *receiverPostInput) (*item[notify.Receiver], error) {
	b := &in.Body
	d := notify.ReceiverDraft{
		Name: b.Name, Kind: b.Kind, Address: b.Address, Options: b.Options, Secret: b.Secret, Heartbeat: b.Heartbeat, Enabled: b.Enabled == nil || *b.Enabled,
	}
	r, err := h.all.CreateReceiver(ctx, d)
	if err != nil {
		return nil, err
	}
	return receiverItem(&r, http.StatusCreated), nil
}

func (h notifications) patchReceiver(ctx context.Context, in *receiverPatchInput) (*item[notify.Receiver], error) {
	r, err := h.all.PatchReceiver(ctx, in.ID, receiverGuard(in.Conditional), in.Body.edit)
	if err != nil {
		return nil, err
	}
	return receiverItem(&r, http.StatusOK), nil
}

func (h notifications) removeReceiver(ctx context.Context, in *configuredInput) (*struct{}, error) {
	return nil, h.all.DeleteReceiver(ctx, in.ID, receiverGuard(in.Conditional))
}

func (h notifications) test(ctx context.Context, in *api.IDInput) (*deliveryOutput, error) {
	d, err := h.all.Test(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &deliveryOutput{Body: d}, nil
}

func (h notifications) routes(ctx context.Context, in *configuredListInput) (*routesOutput, error) {
	after, skip, err := followID(ctx, in.PageInput, in.Limit, noParams{})
	if err != nil {
		return nil, err
	}
	found, total, err := h.all.Routes(ctx, after, skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &routesOutput{Body: api.Paged(ctx, in.PageInput, in.Limit, total, noParams{}, found, same[notify.Route],
		func(last *notify.Route) idCursor { return idCursor{last.ID} })}, nil
}

func (h notifications) route(ctx context.Context, in *configuredInput) (*item[notify.Route], error) {
	r, err := h.all.Route(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := in.Evaluate(etag(r.Revision)); err != nil {
		return nil, err
	}
	return routeItem(&r, http.StatusOK), nil
}

func (h notifications) createRoute(ctx context.Context, in *routePostInput) (*item[notify.Route], error) {
	r, err := h.all.CreateRoute(ctx, in.Body.draft())
	if err != nil {
		return nil, err
	}
	return routeItem(&r, http.StatusCreated), nil
}

func (h notifications) patchRoute(ctx context.Context, in *routePatchInput) (*item[notify.Route], error) {
	r, err := h.all.PatchRoute(ctx, in.ID, routeGuard(in.Conditional), in.Body.edit)
	if err != nil {
		return nil, err
	}
	return routeItem(&r, http.StatusOK), nil
}

func (h notifications) removeRoute(ctx context.Context, in *configuredInput) (*struct{}, error) {
	return nil, h.all.DeleteRoute(ctx, in.ID, routeGuard(in.Conditional))
}

func (h notifications) deliveries(ctx context.Context, in *deliveriesInput) (*deliveriesOutput, error) {
	params := deliveryParams{in.ReceiverID.Ptr(), in.State.Ptr(), in.Kind.Ptr(), in.From.Ptr(), in.To.Ptr()}
	behind, skip, err := api.Follow[notify.Place](ctx, in.PageInput, in.Limit, params)
	if err != nil {
		return nil, err
	}
	found, total, err := h.all.Deliveries(ctx, notify.DeliveryFilter{
		ReceiverID: params.ReceiverID, State: params.State, Kind: params.Kind, Since: params.From, Until: params.To,
	}, behind, skip, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &deliveriesOutput{Body: api.Paged(ctx, in.PageInput, in.Limit, total, params, found,
		func(d *notify.Placed) notify.Delivery { return d.Delivery }, func(last *notify.Placed) notify.Place { return last.Place })}, nil
}
