package password

import (
	"time"

	"golang.org/x/sys/unix"
)

// niceness of the workers. At 0 a storm of logins made the slowest percent of other requests take eight
// times as long, from 5 on less than three times. Much more would starve the logins themselves on a machine that
// other programs keep busy: at 19 a worker gets a seventieth of what each of those gets, at 7 a fifth.
const niceness = 7

// slice is how long a worker may go on when another thread wants its processor. The scheduler's own, some 3 ms, is
// what each request waits for that a storm of logins finds both processors taken. Linux heeds it from 6.12 on.
const slice = 100 * time.Microsecond

// giveWay lowers the priority of the calling thread. On Linux a priority belongs to the thread and lowering one's
// own needs no right; a failure leaves it as it was.
func giveWay() {
	attributes := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL, Nice: niceness, Runtime: uint64(slice)}
	if unix.SchedSetAttr(0, &attributes, 0) != nil {
		_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), niceness) // see above
	}
}
