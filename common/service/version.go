package service

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// version and commit are set by release builds:
//
//	-ldflags "-X nms.example/common/service.version=v1.2.3 -X nms.example/common/service.commit=…"
var version, commit string

// Build says what this process was built from.
type Build struct {
	Version string // v1.2.3; v0.0.0-dev for builds from a work tree that say nothing better
	Commit  string // empty when unknown; "+dirty" at the end when the tree had changes
	Go      string
	// Modules are the system's own modules in the build, path to version.
	Modules map[string]string
}

const devVersion = "v0.0.0-dev"

// ReadBuild returns the build's stamps: from the linker, else from what Go recorded.
func ReadBuild() Build {
	b := Build{Version: version, Commit: commit, Go: runtime.Version(), Modules: map[string]string{}}
	info, ok := debug.ReadBuildInfo()
	if ok {
		b.fill(info)
	}
	if b.Version == "" {
		b.Version = devVersion
	}
	return b
}

func (b *Build) fill(info *debug.BuildInfo) {
	if b.Version == "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	prefix, _, _ := strings.Cut(info.Main.Path, "/")
	for _, dep := range info.Deps {
		if strings.HasPrefix(dep.Path, prefix+"/") {
			b.Modules[dep.Path] = dep.Version
		}
	}
	if b.Commit != "" {
		return
	}
	dirty := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.Commit = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if b.Commit != "" {
		b.Commit += dirty
	}
}
