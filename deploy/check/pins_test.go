package check

import (
	_ "github.com/cloudnative-pg/cloudnative-pg/pkg/versions" // their modules hold the schemas that crd_test.go reads
	_ "github.com/rabbitmq/cluster-operator/v2/api/v1beta1"
)
