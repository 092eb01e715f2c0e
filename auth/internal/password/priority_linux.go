package password

import "golang.org/x/sys/unix"

// giveWay lowers the priority of the calling thread as far as it goes. On Linux a priority belongs to the
// thread and lowering one's own needs no right; a failure leaves it as it was.
func giveWay() { _ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), 19) }
