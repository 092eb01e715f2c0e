// Command pictures takes a picture of every page of a running console, in both themes and in two widths. `./task pictures` runs it.
//
//	pictures [-console URL] [-login NAME] [-out DIR] [-only NAME,…] [-theme dark] [-width 1440] [-language en]
//
// The password comes from CONSOLE_PASSWORD.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"nms.example/console/internal/browser"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

type options struct {
	console, login, out, only, language, themes, widths string
}

func run(args []string) error {
	var o options
	flags := flag.NewFlagSet("pictures", flag.ContinueOnError)
	flags.StringVar(&o.console, "console", cmp.Or(os.Getenv("CONSOLE_URL"), "http://127.0.0.1:4040"), "address of the console")
	flags.StringVar(&o.login, "login", "admin_nms", "login; the password comes from CONSOLE_PASSWORD")
	flags.StringVar(&o.out, "out", filepath.Join(".local", "pictures"), "folder that takes the pictures")
	flags.StringVar(&o.only, "only", "", "pages, separated by commas; all when empty")
	flags.StringVar(&o.language, "language", "en", "en or ru")
	flags.StringVar(&o.themes, "theme", "dark,light", "themes, separated by commas")
	flags.StringVar(&o.widths, "width", "1440,420", "widths of the window in pixels, separated by commas")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b, err := browser.Start(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	tab, err := b.Session(o.console)
	if err != nil {
		return err
	}
	if err := tab.Size(1440, 900); err != nil {
		return err
	}
	if err := tab.Login(o.login, cmp.Or(os.Getenv("CONSOLE_PASSWORD"), "user_super")); err != nil {
		return err
	}
	return o.take(tab)
}

// take takes the pictures, and fails when a page has had a fault.
func (o options) take(tab *browser.Tab) error {
	for theme := range strings.SplitSeq(o.themes, ",") {
		for width := range strings.SplitSeq(o.widths, ",") {
			pixels, err := strconv.ParseInt(width, 10, 64)
			if err != nil {
				return err
			}
			if err := tab.Size(pixels, 900); err != nil {
				return err
			}
			if err := tab.Prefer(theme, o.language); err != nil {
				return err
			}
			for _, view := range browser.Views() {
				if o.only != "" && !slices.Contains(strings.Split(o.only, ","), view.Name) {
					continue
				}
				if err := o.one(tab, view, theme, width); err != nil {
					return fmt.Errorf("%s: %w", view.Name, err)
				}
			}
		}
	}
	if faults := tab.Faults(); len(faults) > 0 {
		return fmt.Errorf("the pages had faults:\n%s", strings.Join(faults, "\n"))
	}
	return nil
}

func (o options) one(tab *browser.Tab, view browser.View, theme, width string) error {
	if err := view.Show(tab); err != nil {
		return err
	}
	png, err := tab.Picture()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.out, fmt.Sprintf("%s-%s-%s.png", view.Name, theme, width)), png, 0o644)
}
