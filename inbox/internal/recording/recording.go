package recording

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"nms.example/common/rf"
)

// Missing stands for a value that the receiver does not have. The JSON body says null.
const Missing rf.Level = -32768

// Bounds of what is read.
const (
	// MaxPoints is the most values of one trace: what inbox takes unless it is told otherwise.
	MaxPoints = 1_000_000
	// maxLine is the longest line in bytes: a row of MaxPoints values of 16 characters.
	maxLine = 16 << 20
	// maxMetadata is the largest metadata of a SigMF recording in bytes.
	maxMetadata = 16 << 20
	// maxHz bounds frequencies, both signs, as inbox does.
	maxHz = float64(rf.MaxFrequency)
)

// Trace is one sweep on an evenly spaced grid: value i belongs to StartHz + i · (StopHz − StartHz) / (len(Levels) − 1).
// A field that is empty, zero or nil is one that the file does not tell.
type Trace struct {
	// GUID is uuid.Nil unless the file names the trace.
	GUID uuid.UUID
	// StartHz and StopHz are the frequencies of the first and the last value, StepHz is their distance as the file says.
	StartHz, StopHz, StepHz float64
	// Levels are hundredths of the unit, or Missing.
	Levels []rf.Level
	// Time is when the sweep began.
	Time time.Time
	// Lat and Lng are degrees, AltM metres above the ellipsoid.
	Lat, Lng, AltM *float64
	// Noise is the noise floor in the trace's unit.
	Noise *float64
	// EquipmentID is the receiver's id in the catalogue.
	EquipmentID int64
	// Source names the receiver; Unit, Detector, TraceMode and Antenna are in the words of inbox's API.
	Source, Unit, Detector, TraceMode, Antenna string
	// RBWHz is the −3 dB bandwidth, ENBWHz the equivalent noise bandwidth, both in hertz.
	RBWHz, ENBWHz float64
	SweepTimeS    float64
	AttenuationDB *float64
	GainDB        *float64
	AzimuthDeg    *float64
	Overload      *bool
	// Meta is an object of whoever sent the trace.
	Meta json.RawMessage
	// Line is where in the file the sweep begins, counted from 1; 0 where a file has no lines.
	Line int
}

// Options say what files do not tell.
type Options struct {
	// Format is the one to read, Auto to find out.
	Format Format
	// Zone is that of times that carry none; nil refuses them with ErrZone.
	Zone *time.Location
	// Start is the time of the first sweep, for files without times; Interval is the time between sweeps.
	Start    time.Time
	Interval time.Duration
}

// Report takes what a reader finds.
type Report interface {
	// Trace takes a trace; its Levels are the reader's again when the call returns. An error ends the reading.
	Trace(t *Trace) error
	// Refuse says that something of the file, in line or 0, is not taken, and why.
	Refuse(line int, reason string)
	// Note says what the user should know of what was taken.
	Note(line int, text string)
	// Read says how many bytes of the file have been read.
	Read(bytes int64)
}

// Errors that end the reading of a file.
var (
	// ErrZone means that the file's times carry no time zone.
	ErrZone = errors.New("the times carry no time zone")
	// ErrNoTime means that the file has no times.
	ErrNoTime = errors.New("the file does not say when it was measured")
	// ErrFormat means that the file is of no known format, or not of the format that was asked for.
	ErrFormat = errors.New("the format is not known")
)

// source is an open file with the place up to which it was read.
type source struct {
	*bufio.Reader
	path string
	name string
	file *os.File
	Options
	Report
	read int64
}

// Read makes traces of the file at path and tells its format. It fails with ErrZone, ErrNoTime or ErrFormat, with the
// error of a Report, of the file, or of ctx.
func Read(ctx context.Context, path string, options Options, report Report) (Format, error) {
	path = metaPath(path)
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	s := &source{path: path, name: filepath.Base(path), file: file, Options: options, Report: report}
	s.Reader = bufio.NewReaderSize(counting{ctx, file, s}, 1<<20)
	format := options.Format
	if format == Auto || format == "" {
		if format, err = detect(s.Reader, s.name); err != nil {
			return "", err
		}
	}
	reader, known := readers[format]
	if !known {
		return "", fmt.Errorf("%s: %w: %q", path, ErrFormat, format)
	}
	if err := reader(s); err != nil {
		return format, fmt.Errorf("%s: %w", path, err)
	}
	return format, nil
}

// counting counts what is read and ends with ctx.
type counting struct {
	ctx  context.Context
	from io.Reader
	s    *source
}

func (c counting) Read(p []byte) (int, error) {
	if err := context.Cause(c.ctx); err != nil {
		return 0, err
	}
	n, err := c.from.Read(p)
	c.s.read += int64(n)
	c.s.Report.Read(c.s.read)
	return n, err
}
