package api

import (
	"context"
	"net/http"
	"strconv"

	"nms.example/common/api"
	"nms.example/common/authn"
	"nms.example/common/fault"

	"nms.example/auth/internal/role"
)

type roles struct{ roles *role.Service }

func (r *roles) register(a *api.API) {
	all := resource("roles")
	read, write := api.Need(authn.UsersRead), api.Need(authn.RolesWrite)
	api.Register(a, all.Operation(http.MethodGet, "", "list", "Roles"), read, r.list)
	api.Register(a, returning(all.Operation(http.MethodPost, "", "create", "Make a role", conflict), http.StatusCreated), write, r.create)
	api.Register(a, all.Operation(http.MethodGet, "/{id}", "get", "A role"), read, r.get)
	api.Register(a, all.Operation(http.MethodPatch, "/{id}", "update",
		"Change a role; its users get the new permissions with their next refresh, at once", conflict), write, r.patch)
	api.Register(a, returning(all.Operation(http.MethodDelete, "/{id}", "delete",
		"Delete a role that no user has", conflict), http.StatusNoContent), write, r.remove)
}

func (r *roles) list(ctx context.Context, in *Paging) (*out[api.Page[role.Role, noParams]], error) {
	list, total, err := r.roles.List(ctx, in.limit(), in.skip())
	return answer(pageOf(*in, total, noParams{}, list), err)
}

type createRoleInput struct {
	Body struct {
		ID          string      `json:"id" minLength:"1" maxLength:"80" doc:"Identifier"`
		Description string      `json:"description" minLength:"1" maxLength:"80" doc:"What the role is for"`
		Access      *authn.Mask `json:"access,omitempty" minimum:"0" doc:"Permissions as a bit mask of 63 bits; or permissions"`
		Permissions []string    `json:"permissions,omitempty" maxItems:"64" doc:"Named permissions; or access"`
	}
}

func (r *roles) create(ctx context.Context, in *createRoleInput) (*out[role.Role], error) {
	access, err := accessOf(in.Body.Access, in.Body.Permissions)
	if err != nil {
		return nil, err
	}
	if access == nil {
		return nil, fault.At(fault.Field("access"), fault.CodeRequired, "access or permissions is needed")
	}
	made, err := r.roles.Create(ctx, in.Body.ID, in.Body.Description, *access)
	return answer(made, err)
}

// accessOf reads a mask given as a number or as names, nil when it is neither.
func accessOf(mask *authn.Mask, names []string) (*authn.Mask, error) {
	if names == nil {
		return mask, nil
	}
	named, err := maskOf(names)
	if err != nil {
		return nil, err
	}
	if mask != nil && *mask != named {
		return nil, fault.At(fault.Field("permissions"), fault.CodeContradicts, "says something else than access")
	}
	return &named, nil
}

var codeNoPermission = fault.Declare(fault.Invalid, "unknown_permission", "There is no permission of this name.")

// maskOf joins permissions by name and points to each unknown one.
func maskOf(names []string) (authn.Mask, error) {
	var mask authn.Mask
	var details []fault.Detail
	for i, name := range names {
		p, err := authn.ParsePermission(name)
		if err != nil {
			details = append(details, fault.NewDetail(fault.Field("permissions["+strconv.Itoa(i)+"]"), codeNoPermission, err.Error()))
			continue
		}
		mask |= authn.Mask(p)
	}
	if details != nil {
		return 0, fault.List(fault.Invalid, "a permission is unknown", details...)
	}
	return mask, nil
}

// RoleInput is embedded by the inputs of operations on one role; huma binds exported fields only.
type RoleInput struct {
	ID string `path:"id" minLength:"1" maxLength:"80" doc:"Identifier"`
}

func (r *roles) get(ctx context.Context, in *RoleInput) (*out[role.Role], error) {
	found, err := r.roles.Get(ctx, in.ID)
	return answer(found, err)
}

type patchRoleInput struct {
	RoleInput

	Body struct {
		Description api.Patch[string]     `json:"description,omitzero" minLength:"1" maxLength:"80" doc:"What the role is for"`
		Access      api.Patch[authn.Mask] `json:"access,omitzero" minimum:"0" doc:"Permissions as a bit mask; or permissions"`
		Permissions api.Patch[[]string]   `json:"permissions,omitzero" maxItems:"64" doc:"Named permissions; or access"`
	}
}

func (r *roles) patch(ctx context.Context, in *patchRoleInput) (*out[role.Role], error) {
	var names []string
	if in.Body.Permissions.Set {
		names = append([]string{}, in.Body.Permissions.Value...)
	}
	access, err := accessOf(in.Body.Access.Ptr(), names)
	if err != nil {
		return nil, err
	}
	changed, err := r.roles.Update(ctx, in.ID, in.Body.Description.Ptr(), access)
	return answer(changed, err)
}

func (r *roles) remove(ctx context.Context, in *RoleInput) (*done, error) {
	return finish(r.roles.Delete(ctx, in.ID))
}
