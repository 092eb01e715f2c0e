module nms.example/inbox

go 1.26.8

require (
	github.com/google/uuid v1.6.0
	github.com/stretchr/testify v1.12.1
	nms.example/common v0.1.0
	nms.example/sql v0.1.0
	pgregory.net/rapid v1.3.0
)
