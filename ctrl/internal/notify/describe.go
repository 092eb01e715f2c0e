package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"syscall"

	"github.com/wneessen/go-mail"

	"nms.example/common/fault"

	"nms.example/ctrl/internal/driver"
)

// describe says for people why something could not be sent, in our words: what a receiver, or whatever listens at its address, has answered is for the log alone.
func describe(err error) string {
	if f := fault.As(err); f != nil {
		return f.Message
	}
	plain, isPlain := errors.AsType[driver.PlainError](err)
	_, unknown := errors.AsType[*net.DNSError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	timeout, waits := errors.AsType[net.Error](err)
	code := answered(err)
	switch {
	case isPlain:
		return string(plain)
	case unknown:
		return "the name of the receiver cannot be resolved"
	case untrusted:
		return "the receiver's certificate is none that is trusted"
	case errors.Is(err, context.DeadlineExceeded), waits && timeout.Timeout():
		return "the receiver does not answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens at the address of the receiver"
	case code != 0:
		return fmt.Sprintf("the mail server answers with code %d", code)
	default:
		return "the connection failed or was closed, or the answer was not understood"
	}
}

// answered returns the code that a mail server has answered with; 0: none.
func answered(err error) int {
	if sent, ok := errors.AsType[*mail.SendError](err); ok {
		return sent.ErrorCode()
	}
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return answer.Code
	}
	return 0
}
