// Package app puts the console together: settings, Redis, the gate to the services, the pages and the routes.
package app

import (
	"context"
	"io/fs"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"nms.example/common/api"
	"nms.example/common/backbone"
	"nms.example/common/config"
	"nms.example/common/service"

	consoleapi "nms.example/console/internal/api"
	"nms.example/console/internal/gate"
	"nms.example/console/internal/page"
	"nms.example/console/web"
)

// Identity is what the console tells about itself.
var Identity = service.Identity{
	ID:          uuid.MustParse("dfed2f3e-7e61-4531-844e-0fd99aad22fc"),
	Name:        "console",
	About:       "NMS operator's console",
	AboutRU:     "Консоль оператора системы управления сетью",
	Description: "The operator's pages over all services; keeps their tokens from the browser.",
	Copyright:   "MIT License",
	Port:        4040,
	Events:      Events,
	Operations:  func(a *api.API) { consoleapi.Register(a, consoleapi.Deps{}) },
}

// Settings are the variables that the console reads.
type Settings struct {
	config.Base
	backbone.RedisSettings
	gate.Settings
}

// Build sets the console up.
func Build(_ context.Context, s *service.Service) error {
	var settings Settings
	if err := s.Load(&settings); err != nil {
		return err
	}
	if _, err := backbone.OpenRedis(s, settings.RedisSettings); err != nil {
		return err
	}
	g, err := gate.New(settings.Settings, gate.Options{WriteError: s.API().WriteError, Draining: s.Draining()})
	if err != nil {
		return err
	}
	s.OnClose(g.Close)
	files, err := fs.Sub(web.Dist, "dist")
	if err != nil {
		return err
	}
	pages, err := page.New(files, s.API().WriteError)
	if err != nil {
		return err
	}
	s.API().SetSite(site{gate: g, pages: pages})
	consoleapi.Register(s.API(), consoleapi.Deps{Gate: g})
	about := s.API().Huma().OpenAPI().Paths["/"].Get
	about.Description = "A browser, which says that it takes text/html, is shown the pages instead."
	about.Responses["200"].Content["text/html"] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	return nil
}

// site is what the console serves beside its operations.
type site struct {
	gate  *gate.Gate
	pages *page.Pages
}

// Route implements api.Site.
func (s site) Route(r *http.Request) string {
	if route := s.gate.Route(r); route != "" {
		return route
	}
	return s.pages.Route(r)
}

// ServeHTTP implements api.Site.
func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.gate.Route(r) != "" {
		s.gate.ServeHTTP(w, r)
		return
	}
	s.pages.ServeHTTP(w, r)
}
