module nms.example/auth

go 1.26.8

require (
	nms.example/common v0.1.0
	nms.example/sql v0.1.0
)
