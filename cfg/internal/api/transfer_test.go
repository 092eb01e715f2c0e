package api

import (
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/common/fault"
)

func TestImportsAreBounded(t *testing.T) {
	t.Parallel()
	imports := transfers{importing: make(chan struct{}, 2)}
	end, err := imports.begin()
	require.NoError(t, err)
	_, err = imports.begin()
	require.NoError(t, err)
	_, err = imports.begin()
	require.ErrorIs(t, err, errImporting)
	require.Positive(t, fault.As(err).RetryAfter)
	end()
	_, err = imports.begin()
	require.NoError(t, err)
}
