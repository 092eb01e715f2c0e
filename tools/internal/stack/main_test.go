package stack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

// superviseFolder is the variable that makes this test program the supervisor of the stack with that folder, or `up`.
const superviseFolder = "NMS_TEST_SUPERVISE"

// A spawner's goroutine keeps its thread for the children's sake and never ends.
func TestMain(m *testing.M) {
	if dir := os.Getenv(superviseFolder); dir != "" && len(os.Args) == 2 {
		switch os.Args[1] {
		case "supervise":
			os.Exit(superviseHere(dir))
		case "up":
			os.Exit(upHere(dir))
		}
	}
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("nms.example/tools/internal/stack.newSpawner.func1"))
}

// superviseHere is what `devstack supervise` is in the checkout's own stack.
func superviseHere(dir string) int {
	const leash, lock = 3, 4
	checkout, err := checkoutIn(dir)
	if err == nil {
		err = Supervise(context.Background(), checkout, os.NewFile(leash, "leash"), os.NewFile(lock, "lock"))
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// upHere is what `devstack up` is.
func upHere(dir string) int {
	checkout, err := checkoutIn(dir)
	if err == nil {
		err = Up(context.Background(), checkout, Console{Out: os.Stdout}, UpOptions{})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// checkoutIn is this checkout with everything that is made in another folder.
func checkoutIn(dir string) (Checkout, error) {
	checkout, err := FindCheckout(".")
	checkout.Local, checkout.Data = dir, filepath.Join(dir, "data")
	return checkout, err
}
