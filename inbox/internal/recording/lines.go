package recording

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

const bom = "\xef\xbb\xbf"

// lines returns a text file's lines, whatever ends them, and their numbers.
type lines struct {
	from *bufio.Reader
	long []byte
	// number counts from 1.
	number int
	// cut means that the line has no end: it is the last one, and the recording may have been interrupted in it.
	cut bool
}

// errLong means that the line is longer than maxLine; it has been read past.
var errLong = errors.New("the line is longer than 16 MiB")

// next returns the next line without its end, valid until the call after it. It fails with io.EOF, errLong or the error of
// the file.
func (l *lines) next() ([]byte, error) {
	text, err := l.from.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		text, err = l.gather(text)
	}
	l.number++
	l.cut = errors.Is(err, io.EOF)
	switch {
	case l.cut && len(text) == 0:
		return nil, io.EOF
	case err != nil && !l.cut:
		return nil, err
	}
	if l.number == 1 {
		text = bytes.TrimPrefix(text, []byte(bom))
	}
	return bytes.TrimRight(text, "\r\n"), nil
}

// gather puts together a line that the buffer does not hold.
func (l *lines) gather(text []byte) ([]byte, error) {
	l.long = append(l.long[:0], text...)
	err := bufio.ErrBufferFull
	for errors.Is(err, bufio.ErrBufferFull) {
		text, err = l.from.ReadSlice('\n')
		if len(l.long)+len(text) <= maxLine {
			l.long = append(l.long, text...)
			continue
		}
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = l.from.ReadSlice('\n')
		}
		if err == nil || errors.Is(err, io.EOF) {
			err = errLong
		}
		return nil, err
	}
	return l.long, err
}
