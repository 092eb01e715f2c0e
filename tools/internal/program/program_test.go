package program_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"nms.example/tools/internal/program"
)

// asSample makes the test binary the program of sample, for an exit code and a signal need a process.
const asSample = "RUN_AS_SAMPLE"

func TestMain(m *testing.M) {
	if os.Getenv(asSample) != "" {
		program.Main("sample", sample, syscall.SIGHUP)
	}
	os.Exit(m.Run())
}

func sample(ctx context.Context, args []string) error {
	switch strings.Join(args, " ") {
	case "fail":
		return errors.New("it broke")
	case "-h":
		return flag.ErrHelp
	case "wrong call":
		return fmt.Errorf("two words: %w", program.ErrUsage)
	case "wait":
		fmt.Println("waiting")
		<-ctx.Done()
		fmt.Println("cleaned up")
		return fmt.Errorf("waiting: %w", ctx.Err())
	}
	return nil
}

// command prepares the sample; complaints take its standard error.
func command(t *testing.T, args ...string) (cmd *exec.Cmd, complaints *bytes.Buffer) {
	t.Helper()
	cmd, complaints = exec.CommandContext(t.Context(), os.Args[0], args...), &bytes.Buffer{}
	cmd.Env, cmd.Stderr = append(os.Environ(), asSample+"=1"), complaints
	return cmd, complaints
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no arguments":    {nil, 0, ""},
		"a failure":       {[]string{"fail"}, 1, "sample: it broke\n"},
		"help":            {[]string{"-h"}, 0, ""},
		"a wrong call":    {[]string{"wrong", "call"}, 2, ""},
		"other arguments": {[]string{"some", "words"}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, complaints := command(t, one.args...)
			_ = cmd.Run() // the exit code is looked at below
			require.Equal(t, one.code, cmd.ProcessState.ExitCode())
			require.Equal(t, one.says, complaints.String())
		})
	}
}

func TestASignalCancelsTheContextAndLetsTheProgramFinish(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			cmd, complaints := command(t, "wait")
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			lines := bufio.NewScanner(out)
			require.True(t, lines.Scan())
			require.Equal(t, "waiting", lines.Text())
			require.NoError(t, cmd.Process.Signal(signal))
			require.True(t, lines.Scan())
			require.Equal(t, "cleaned up", lines.Text())
			require.Error(t, cmd.Wait())
			require.Equal(t, 1, cmd.ProcessState.ExitCode())
			require.Equal(t, "sample: waiting: context canceled\n", complaints.String())
		})
	}
}

func TestFlagsStandAnywhere(t *testing.T) {
	t.Parallel()
	flags, said := sampleFlags()
	lines := flags.Int("n", 20, "lines")
	words, err := program.Parse(flags, []string{"auth", "-n", "3", "cfg"})
	require.NoError(t, err)
	require.Equal(t, []string{"auth", "cfg"}, words)
	require.Equal(t, 3, *lines)
	require.Empty(t, said.String())
}

func TestHelpShowsTheFormsOfACall(t *testing.T) {
	t.Parallel()
	const forms = "usage: sample [-n N] NAME\n       sample all\n  -n int\n"
	for name, one := range map[string]struct {
		args    []string
		err     error
		further string
	}{
		"asked for":  {[]string{"-h"}, flag.ErrHelp, ""},
		"a bad flag": {[]string{"auth", "-x"}, program.ErrUsage, "not defined: -x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags, said := sampleFlags()
			flags.Int("n", 20, "lines")
			_, err := program.Parse(flags, one.args)
			require.ErrorIs(t, err, one.err)
			require.Contains(t, said.String(), forms)
			require.Contains(t, said.String(), one.further)
		})
	}
	flags, said := sampleFlags()
	require.ErrorIs(t, program.ParseAlone(flags, []string{"auth"}), program.ErrUsage)
	require.Contains(t, said.String(), "sample: unknown argument \"auth\"\nusage: sample")

	flags, said = sampleFlags()
	require.NoError(t, program.ParseAlone(flags, nil))
	require.ErrorIs(t, program.Usage(flags, "which one?"), program.ErrUsage)
	require.Equal(t, "sample: which one?\nusage: sample [-n N] NAME\n       sample all\n", said.String())
}

func sampleFlags() (*flag.FlagSet, *bytes.Buffer) {
	flags, said := program.Flags("sample", "sample [-n N] NAME\nsample all"), &bytes.Buffer{}
	flags.SetOutput(said)
	return flags, said
}
