package app

import "nms.example/common/event"

// Events is empty: what is done through the console, the services tell of.
var Events = event.NewCatalogue("console")
