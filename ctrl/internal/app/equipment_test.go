package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPieceOfEquipmentInOperation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	type shown struct {
		Name             string
		OperationalState string `json:"operational_state"`
		Endpoint         *struct{ Driver string }
		Queue            *struct{ Queued int }
	}
	get := func(u *unit) (e shown) {
		u.Get(of("/equipments", u.equipment)).Is(ok).Into(&e)
		return e
	}
	t.Run("what is not in the catalogue is not found", func(t *testing.T) {
		t.Parallel()
		b.For(t).Get("/equipments/999999").Refused(notFound, "path.equipment_id", "not_found")
	})
	t.Run("without an endpoint it is disabled", func(t *testing.T) {
		t.Parallel()
		e := get(b.unit(t))
		require.Equal(t, "disabled", e.OperationalState)
		require.Nil(t, e.Endpoint)
		require.Nil(t, e.Queue)
	})
	t.Run("with one it is enabled, until that is locked", func(t *testing.T) {
		t.Parallel()
		u := b.receiver(t, nil)
		u.becomes(u.sent(u.order(1)).ID, "succeeded")
		e := get(u)
		require.NotEmpty(t, e.Name)
		require.Equal(t, "enabled", e.OperationalState)
		require.Equal(t, "simulator", e.Endpoint.Driver)
		require.Zero(t, e.Queue.Queued)
		u.Patch(of("/endpoints", u.equipment), object{"admin_state": "locked"}).Is(ok)
		require.Equal(t, "disabled", get(u).OperationalState)
	})
}
