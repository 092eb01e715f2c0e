package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// notInstalled says what is missing and every way to get it.
func notInstalled(absent []missing) error {
	var what, packages, hints []string
	for _, m := range absent {
		what = append(what, m.what)
		packages = append(packages, m.packages...)
		if m.hint != "" {
			hints = append(hints, m.hint)
		}
	}
	text := "missing here: " + strings.Join(what, "; ") +
		".\n  Debian, Ubuntu:  sudo apt-get install " + strings.Join(packages, " ") +
		"\n  or start Docker, and ./task up runs the stack in containers."
	if len(hints) > 0 {
		text += "\n  Installed elsewhere?  " + strings.Join(hints, " ")
	}
	return errors.New(text)
}

// EnsureServers installs with apt-get what is missing of the three servers, where it may.
func EnsureServers(ctx context.Context, checkout Checkout, console Console) error {
	return checkout.ensure(ctx, console, func() []missing { _, absent := locate(ctx); return absent })
}

// Tests says which tests are to run.
type Tests struct{ Workshop, Race bool }

// EnsureTests is EnsureServers for test runs, which need more: git, for the release tools, an SNMP agent, for the driver of
// ctrl, and Chromium, for the pages of the console. Those of the workshop also need Prometheus, which evaluates the alerts,
// jq, with which the guides read answers, and a mail server, which a guide starts; the race detector a C compiler, because
// it is linked with the C library (https://go.dev/doc/articles/race_detector#Requirements).
func EnsureTests(ctx context.Context, checkout Checkout, console Console, wanted Tests) error {
	return checkout.ensure(ctx, console, func() []missing {
		_, absent := locate(ctx)
		if wanted.Race && !onPath(os.Getenv("CC"), "gcc", "clang", "cc") {
			absent = append(absent, missing{what: "a C compiler, which Go's race detector needs",
				packages: []string{"gcc", "libc6-dev"}})
		}
		if !onPath("git") {
			absent = append(absent, missing{what: "git", packages: []string{"git"}})
		}
		if !onPath("snmpd", "/usr/sbin/snmpd") {
			absent = append(absent, missing{what: "an SNMP agent, which the SNMP driver is tried on", packages: []string{"snmpd"}})
		}
		if !onPath(os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome") {
			absent = append(absent, missing{what: "Chromium, in which the console's pages are tried", packages: []string{"chromium"}})
		}
		if wanted.Workshop && !onPath("jq") {
			absent = append(absent, missing{what: "jq, which the guides use", packages: []string{"jq"}})
		}
		if wanted.Workshop && !onPath("aiosmtpd") {
			absent = append(absent, missing{what: "aiosmtpd, the mail server of a guide", packages: []string{"python3-aiosmtpd"}})
		}
		if wanted.Workshop && !onPath("prometheus") {
			absent = append(absent, missing{what: "Prometheus, with which the alerts are tried", packages: []string{"prometheus"}})
		}
		return absent
	})
}

func onPath(programs ...string) bool {
	return slices.ContainsFunc(programs, func(program string) bool {
		_, err := exec.LookPath(program)
		return program != "" && err == nil
	})
}

func (p Checkout) ensure(ctx context.Context, console Console, look func() []missing) error {
	absent := look()
	if ctx.Err() != nil {
		return ErrInterrupted
	}
	if err := os.MkdirAll(p.logDir(), 0o755); err != nil {
		return err
	}
	if len(absent) == 0 {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return notInstalled(absent)
	}
	var packages []string
	for _, m := range absent {
		packages = append(packages, m.packages...)
	}
	console.printf("Missing: %s.", join(absent))
	console.printf("Installing %s with apt-get; the packages' own servers are neither started nor enabled.",
		strings.Join(packages, " "))
	begun := time.Now()
	if err := aptInstall(ctx, console, p.logPath("apt"), packages); err != nil {
		return err
	}
	console.printf("  ✓ %-60s %6.1f s", "installed", time.Since(begun).Seconds())
	if err := p.rememberInstalled(packages); err != nil {
		return err
	}
	if still := look(); len(still) > 0 {
		return notInstalled(still)
	}
	return nil
}

func join(absent []missing) string {
	var what []string
	for _, m := range absent {
		what = append(what, m.what)
	}
	return strings.Join(what, "; ")
}

// rememberInstalled notes the packages, so that `down --purge` can name them.
func (p Checkout) rememberInstalled(packages []string) error {
	old, _ := os.ReadFile(p.installedPath())
	all := append(strings.Fields(string(old)), packages...)
	slices.Sort(all)
	return os.WriteFile(p.installedPath(), []byte(strings.Join(slices.Compact(all), "\n")+"\n"), 0o644)
}

// installScript is run by sh with the package names as arguments. It keeps maintainer scripts from starting
// services, those of the servers and of packages that come along (cron …), by the documented means,
// /usr/sbin/policy-rc.d, and takes that away again however it ends. Should it be killed, the file it leaves
// allows everything, since it asks whether its writer still lives. What runs already may be restarted, as
// an upgrade wants. A policy that is there already is the administrator's and stays. Afterwards every unit that
// became enabled is disabled and stopped, so that nothing comes up at the next boot either.
const installScript = `
set -u
policy=/usr/sbin/policy-rc.d
made=
born=$(cut -d' ' -f22 /proc/$$/stat)
clean() { [ -z "$made" ] || rm -f "$policy"; }
trap clean EXIT
trap '' INT HUP
trap 'exit 143' TERM
if [ -f "$policy" ] && grep -q 'nms devstack' "$policy"; then rm -f "$policy"; fi
if [ ! -e "$policy" ]; then
	made=yes
	umask 022
	cat >"$policy" <<POLICY
#!/bin/sh
# Written by nms devstack while it installs packages (process $$); without effect once that has ended.
[ "\$(cut -d' ' -f22 /proc/$$/stat 2>/dev/null)" = "$born" ] || exit 0
[ -d /run/systemd/system ] && systemctl is-active --quiet "\$1" && exit 0
exit 101
POLICY
	chmod 755 "$policy"
fi
enabled() {
	[ -d /run/systemd/system ] || return 0
	systemctl list-unit-files --no-legend --no-pager --state=enabled 2>/dev/null | cut -d' ' -f1
}
before=" $(enabled | tr '\n' ' ') "
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
apt-get -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
	install --no-install-recommends "$@" </dev/null
code=$?
for unit in $(enabled); do
	case "$before" in *" $unit "*) ;; *) systemctl disable --now --quiet "$unit" ;; esac
done
exit $code
`

// aptInstall downloads first, which may be interrupted, and then installs, which may not: a package manager
// that is cut off leaves half-configured packages.
func aptInstall(ctx context.Context, console Console, logPath string, packages []string) error {
	if err := os.MkdirAll(filepath.Dir(logPath), 0o755); err != nil {
		return err
	}
	log, err := os.Create(logPath)
	if err != nil {
		return err
	}
	defer log.Close()
	run := func(step string, interruptible bool, name string, args ...string) error {
		cmd := exec.Command(name, args...) //nolint:noctx // ended below, and not in the middle of dpkg
		cmd.Stdout, cmd.Stderr = log, log
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
		detached(cmd)
		if err := cmd.Start(); err != nil {
			return err
		}
		if err := awaitInstall(ctx, console, cmd, step, interruptible); err != nil {
			if errors.Is(err, ErrInterrupted) {
				return err
			}
			return fmt.Errorf("%s failed (%w); the end of its output:\n  %s", step, err,
				strings.Join(tail(logPath, 8), "\n  "))
		}
		return nil
	}
	lock := []string{"-q", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"}
	// An earlier run may have been cut off by a power failure.
	if err := run("dpkg --configure -a", false, "dpkg", "--configure", "-a"); err != nil {
		return err
	}
	if err := run("apt-get update", true, "apt-get", append(lock, "update")...); err != nil {
		return err
	}
	download := append(append(lock, "install", "--download-only", "--no-install-recommends"), packages...)
	if err := run("download of "+strings.Join(packages, " "), true, "apt-get", download...); err != nil {
		return err
	}
	return run("installation of "+strings.Join(packages, " "), false, "/bin/sh",
		append([]string{"-c", installScript, "nms-install"}, packages...)...)
}

// awaitInstall waits for a step, shows that it is alive, and ends it on interruption if that is harmless.
func awaitInstall(ctx context.Context, console Console, cmd *exec.Cmd, step string, interruptible bool) error {
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	begun := time.Now()
	ticker := time.NewTicker(15 * time.Second)
	defer ticker.Stop()
	first := time.After(time.Second)
	interrupted := ctx.Done()
	for {
		select {
		case err := <-done:
			if ctx.Err() != nil {
				return ErrInterrupted
			}
			return err
		case <-first:
			console.printf("    %s …", step)
		case <-ticker.C:
			console.printf("    %s … %d s so far", step, int(time.Since(begun).Seconds()))
		case <-interrupted:
			interrupted = nil
			if interruptible {
				killGroup(cmd.Process.Pid, syscall.SIGINT)
				continue
			}
			console.printf("Interrupted: the package manager must not be cut off, so it finishes first …")
		}
	}
}
