// Command bench measures the whole system and writes docs/measurements.md. `./task bench` runs it.
//
//	bench                     everything, about 12 minutes
//	bench -quick              a look at most of it, under two
//	bench -only auth,cfg      some parts
//	bench -original DIR       beside the system that this one takes the place of, whose checkout is DIR
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"nms.example/tools/internal/measure"
	"nms.example/tools/internal/program"
	"nms.example/tools/internal/stack"
)

func main() {
	program.Main("bench", func(ctx context.Context, args []string) error {
		return run(ctx, args, os.Stdin, os.Stdout)
	})
}

// limit bounds a run.
const limit = 20 * time.Minute

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) == 1 && args[0] == measure.BareCommand {
		return measure.ServeBare(ctx, in, out)
	}
	flags := program.Flags("bench", "./task bench [-quick] [-only PART,… | -original DIR] [-report FILE], without arguments: everything, into docs/measurements.md")
	quick := flags.Bool("quick", false, "fewer and shorter rounds, without the benchmarks inside the code")
	only := flags.String("only", "", "parts to run, with commas between: "+strings.Join(measure.Parts, ","))
	original := flags.String("original", "", "compare only with the original system, whose checkout is this folder")
	file := flags.String("report", "", "file whose section «bench», or «original», is replaced by the report")
	if err := program.ParseAlone(flags, args); err != nil {
		return err
	}
	section, command := "bench", strings.TrimSpace("./task bench "+strings.Join(args, " "))
	if *original != "" { // where the checkout lies is this machine's affair
		section, command = "original", strings.ReplaceAll(command, *original, "DIR")
	}
	options := measure.Options{Quick: *quick, Original: *original, Command: command}
	if *only != "" {
		options.Only = strings.Split(*only, ",")
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	checkout, err := stack.FindCheckout(".")
	if err != nil {
		return err
	}
	if err := stack.EnsureServers(ctx, checkout, stack.Console{Out: out}); err != nil {
		return err
	}
	begun := time.Now()
	report, err := measure.Run(ctx, checkout, out, options)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Measured in %.0f s.\n", time.Since(begun).Seconds())
	for _, missed := range report.Missed() {
		fmt.Fprintln(out, "Short of its goal:", missed)
	}
	if *file == "" {
		return nil
	}
	var text bytes.Buffer
	if err := report.Markdown(&text); err != nil {
		return err
	}
	return measure.ReplaceSection(*file, section, text.String())
}
