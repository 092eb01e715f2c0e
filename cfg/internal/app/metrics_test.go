package app_test

import "testing"

func TestMetricsAreListed(t *testing.T) {
	t.Parallel()
	setup(t).instance.CheckMetrics(t)
}
