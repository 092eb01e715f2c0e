module nms.example/console

go 1.26.8

require (
	github.com/google/uuid v1.6.0
	github.com/klauspost/compress v1.20.3
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
	nms.example/common v0.1.0
	nms.example/hostile v0.1.0
)
