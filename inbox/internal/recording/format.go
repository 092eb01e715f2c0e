package recording

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Format is a kind of file.
type Format string

// The formats.
const (
	Auto         Format = "auto"
	RTLPower     Format = "rtl_power"
	SoapyPower   Format = "soapy_power"
	HackRF       Format = "hackrf_sweep"
	HackRFBinary Format = "hackrf_sweep-binary"
	SigMF        Format = "sigmf"
	Analyser     Format = "analyser"
)

var readers = map[Format]func(*source) error{
	RTLPower: readRTLPower, SoapyPower: readSoapyPower, HackRF: readHackRF, HackRFBinary: readHackRFBinary,
	SigMF: readSigMF, Analyser: readAnalyser,
}

// Formats lists what Options.Format takes.
func Formats() []string {
	names := []string{string(Auto)}
	for f := range readers {
		names = append(names, string(f))
	}
	slices.Sort(names[1:])
	return names
}

// peeked is how much of a file's beginning decides its format, in bytes.
const peeked = 64 << 10

// detect tells the format from the file's name and its beginning, which stays unread.
func detect(r *bufio.Reader, name string) (Format, error) {
	if strings.HasSuffix(name, metaSuffix) || strings.HasSuffix(name, archiveSuffix) {
		return SigMF, nil
	}
	head, err := r.Peek(peeked)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return "", err
	}
	if len(head) == 0 {
		return "", fmt.Errorf("%w: the file is empty", ErrFormat)
	}
	if isHackRFBinary(head) {
		return HackRFBinary, nil
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return "", fmt.Errorf("%w: binary, and not hackrf_sweep's; name one of %s", ErrFormat, strings.Join(Formats(), ", "))
	}
	return detectText(bytes.TrimPrefix(head, []byte(bom)))
}

// detectText looks for the first row of a sweep; without one it looks for a row of two numbers.
func detectText(head []byte) (Format, error) {
	found := Format("")
	for text := range bytes.Lines(head) {
		text = bytes.TrimSpace(text)
		if format, ok := formatOfRow(text); ok {
			return format, nil
		}
		if _, ok := splitPair(string(text)); ok && found == "" {
			found = Analyser
		}
	}
	if found == "" {
		return "", fmt.Errorf("%w: no row of rtl_power, hackrf_sweep or an analyser's export in the first %d KiB", ErrFormat, peeked>>10)
	}
	return found, nil
}

// formatOfRow tells whose row of a sweep text is: hackrf_sweep has fractions in its times, soapy_power in its low edges.
func formatOfRow(text []byte) (Format, bool) {
	fields := bytes.SplitN(text, []byte{','}, rowFields+1)
	if len(fields) < rowFields {
		return "", false
	}
	for i := range fields {
		fields[i] = bytes.TrimSpace(fields[i])
	}
	if _, err := parseDay(fields[0]); err != nil {
		return "", false
	}
	switch {
	case bytes.IndexByte(fields[1], '.') >= 0:
		return HackRF, true
	case bytes.IndexByte(fields[2], '.') >= 0:
		return SoapyPower, true
	default:
		return RTLPower, true
	}
}

// isHackRFBinary looks at the first record: its length, and edges that lie apart as a record's do.
func isHackRFBinary(head []byte) bool {
	if len(head) < binaryHeader {
		return false
	}
	length := binary.LittleEndian.Uint32(head)
	low, high := binary.LittleEndian.Uint64(head[4:]), binary.LittleEndian.Uint64(head[12:])
	return length > 16 && length <= maxRecord && length%4 == 0 && low < high && high-low <= 20_000_000 && high <= 10_000_000_000
}
