module nms.example/tools

go 1.26.8
