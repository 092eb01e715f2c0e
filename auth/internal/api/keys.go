package api

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/fault"

	"nms.example/auth/internal/apikey"
)

type keys struct{ keys *apikey.Service }

func (k *keys) register(a *api.API) {
	all := resource("api-keys")
	need := api.Need(authn.APIKeysWrite)
	api.Register(a, all.Operation(http.MethodGet, "", "list", "Live API keys, without their secrets"), need, k.list)
	api.Register(a, returning(all.Operation(http.MethodPost, "", "create",
		"Make an API key; its secret is shown this once", conflict), http.StatusCreated), need, k.create)
	api.Register(a, returning(all.Operation(http.MethodDelete, "/{id}", "delete", "End an API key"), http.StatusNoContent),
		need, k.remove)
}

func (k *keys) list(ctx context.Context, in *Paging) (*out[api.Page[apikey.Key, noParams]], error) {
	list, total, err := k.keys.List(ctx, in.limit(), in.skip())
	return answer(pageOf(*in, total, noParams{}, list), err)
}

type createKeyInput struct {
	Body struct {
		Name        string     `json:"name" minLength:"1" maxLength:"80" doc:"What the key is for; unique among live keys"`
		Permissions []string   `json:"permissions" maxItems:"64" doc:"Named permissions"`
		ExpiresAt   *time.Time `json:"expires_at,omitempty" doc:"When the key ends; without it never"`
		CIDRs       []string   `json:"cidrs,omitempty" maxItems:"100" doc:"Addresses or networks that it is taken from; without it from anywhere"`
	}
}

// newKeyBody is a key with its secret.
type newKeyBody struct {
	apikey.Key

	Secret string `json:"key" doc:"The secret, for the header X-API-Key; it is not kept and cannot be shown again"`
}

type newKeyOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         newKeyBody
}

func (k *keys) create(ctx context.Context, in *createKeyInput) (*newKeyOutput, error) {
	access, err := maskOf(in.Body.Permissions)
	if err != nil {
		return nil, err
	}
	cidrs, err := networks(in.Body.CIDRs)
	if err != nil {
		return nil, err
	}
	made, secret, err := k.keys.Create(ctx, apikey.Input{
		Name: in.Body.Name, Access: access, ExpiresAt: in.Body.ExpiresAt, CIDRs: cidrs,
	})
	if err != nil {
		return nil, err
	}
	return &newKeyOutput{CacheControl: "no-store", Body: newKeyBody{Key: made, Secret: secret}}, nil
}

// networks reads addresses and networks. An IPv4 one in IPv6 clothes becomes what clients' addresses are
// compared as.
func networks(texts []string) ([]netip.Prefix, error) {
	var details []fault.Detail
	list := make([]netip.Prefix, 0, len(texts))
	for i, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if addr, addrErr := netip.ParseAddr(text); addrErr == nil && addr.Zone() == "" {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err == nil && prefix.Addr().Is4In6() {
			prefix, err = prefix.Addr().Unmap().Prefix(prefix.Bits() - 96)
		}
		if err != nil {
			details = append(details, fault.NewDetail(fault.Field("cidrs["+strconv.Itoa(i)+"]"), fault.CodeBadFormat,
				"must be an address or a network such as 10.0.0.0/8"))
			continue
		}
		list = append(list, prefix.Masked())
	}
	if details != nil {
		return nil, fault.List(fault.Invalid, "a network cannot be read", details...)
	}
	return list, nil
}

func (k *keys) remove(ctx context.Context, in *uuidInput) (*done, error) {
	return finish(k.keys.Revoke(ctx, in.ID))
}
