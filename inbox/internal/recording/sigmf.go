package recording

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Names of the files of a SigMF recording (https://sigmf.org).
const (
	metaSuffix    = ".sigmf-meta"
	dataSuffix    = ".sigmf-data"
	archiveSuffix = ".sigmf"
)

// metaPath returns the metadata's path for that of the data, and any other path as it is.
func metaPath(path string) string {
	if base, ok := strings.CutSuffix(path, dataSuffix); ok {
		return base + metaSuffix
	}
	return path
}

// Same returns the path under which Read reads the file: that of the metadata for the data of a SigMF recording.
func Same(path string) string { return metaPath(path) }

// readSigMF reads a recording of power spectra: metadata with the data beside it, or an archive of recordings. SigMF itself
// describes samples over time; that they are powers over frequency must be said by the namespace nms, as inbox writes it,
// or by ntia-algorithm, as SCOS sensors write it.
func readSigMF(s *source) error {
	if strings.HasSuffix(s.name, archiveSuffix) {
		return readArchive(s)
	}
	meta, err := bounded(s.Reader)
	if errors.Is(err, errMetadata) {
		s.Refuse(0, err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	data, err := os.Open(strings.TrimSuffix(s.path, metaSuffix) + dataSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		s.Refuse(0, "there is no "+dataSuffix+" beside the metadata")
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = data.Close() }()
	return readRecording(s, meta, data)
}

var errMetadata = errors.New("the metadata is larger than 16 MiB")

func bounded(from io.Reader) ([]byte, error) {
	meta, err := io.ReadAll(io.LimitReader(from, maxMetadata+1))
	if err == nil && len(meta) > maxMetadata {
		return nil, errMetadata
	}
	return meta, err
}

// readArchive reads a tar file of recordings twice: for the metadata, which may stand behind its data, and for the data.
func readArchive(s *source) error {
	metas := map[string][]byte{}
	total := 0
	err := eachFile(s.Reader, func(name string, content io.Reader) error {
		base, ok := strings.CutSuffix(name, metaSuffix)
		if !ok {
			return nil
		}
		meta, err := bounded(content)
		if total += len(meta); err == nil && total > 4*maxMetadata {
			err = errMetadata
		}
		metas[base] = meta
		return err
	})
	if errors.Is(err, errArchive) || errors.Is(err, errMetadata) {
		s.Refuse(0, err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return eachFile(s.file, func(name string, content io.Reader) error {
		base, ok := strings.CutSuffix(name, dataSuffix)
		if !ok {
			return nil
		}
		meta, ok := metas[base]
		if !ok {
			s.Refuse(0, path.Base(name)+": there is no metadata to it")
			return nil
		}
		return readRecording(s, meta, content)
	})
}

var errArchive = errors.New("the archive is cut off or no tar file")

func eachFile(from io.Reader, take func(name string, content io.Reader) error) error {
	archive := tar.NewReader(from)
	for {
		header, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return errArchive
		case header.Typeflag != tar.TypeReg:
			continue
		}
		if err := take(header.Name, archive); err != nil {
			return err
		}
	}
}

// metadata is what is read of a .sigmf-meta.
type metadata struct {
	Global      global       `json:"global"`
	Captures    []capture    `json:"captures"`
	Annotations []annotation `json:"annotations"`
}

type global struct {
	Datatype    string    `json:"core:datatype"`
	Channels    *int      `json:"core:num_channels"`
	Geolocation *geoPoint `json:"core:geolocation"`
	Sensor      struct {
		ID string `json:"id"`
	} `json:"ntia-sensor:sensor"`

	nmsFields
	ntiaFields
}

type capture struct {
	SampleStart int64     `json:"core:sample_start"`
	Frequency   float64   `json:"core:frequency"`
	Datetime    string    `json:"core:datetime"`
	Geolocation *geoPoint `json:"core:geolocation"`
}

// geoPoint is a GeoJSON point (RFC 7946): longitude, latitude, and perhaps altitude.
type geoPoint struct {
	Coordinates []float64 `json:"coordinates"`
}

// locate sets the trace's place.
func (p *geoPoint) locate(t *Trace) {
	if p == nil || len(p.Coordinates) < 2 {
		return
	}
	t.Lng, t.Lat = &p.Coordinates[0], &p.Coordinates[1]
	if len(p.Coordinates) > 2 {
		t.AltM = &p.Coordinates[2]
	}
}

// spectrum is a run of samples that are powers over frequency.
type spectrum struct {
	first, count int64
	trace        Trace
	scale        func(float64) float64
	// own says that inbox wrote it: its grid is returned as it is.
	own bool
}

// readRecording hands on the spectra that the metadata describes.
func readRecording(s *source, text []byte, data io.Reader) error {
	var meta metadata
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte(bom)), &meta); err != nil {
		s.Refuse(0, "the metadata is not that of SigMF")
		return nil //nolint:nilerr // what is refused is told, and other files go on
	}
	samples, err := newSamples(data, meta.Global.Datatype)
	if err != nil {
		s.Refuse(0, err.Error())
		return nil
	}
	spectra, err := meta.spectra(s.Report)
	if err != nil {
		s.Refuse(0, err.Error())
		return nil
	}
	for i := range spectra {
		one := &spectra[i]
		if err := samples.read(one); err != nil {
			s.Refuse(0, fmt.Sprintf("samples %d to %d: %v", one.first, one.first+one.count-1, err))
			if errors.Is(err, io.ErrUnexpectedEOF) {
				return nil
			}
			continue
		}
		if err := meta.complete(s, one); err != nil {
			return err
		}
	}
	return nil
}

// complete adds time, place and source and hands the trace on.
func (m *metadata) complete(s *source, one *spectrum) error {
	t := &one.trace
	c := m.captureAt(one.first)
	if t.Time.IsZero() {
		at, err := parseDatetime(c.Datetime, s)
		if err != nil {
			if errors.Is(err, ErrZone) {
				return err
			}
			s.Refuse(0, err.Error())
			return nil
		}
		t.Time = at
	}
	if t.Lat == nil {
		m.Global.Geolocation.locate(t)
		c.Geolocation.locate(t)
	}
	if id := m.Global.Sensor.ID; t.Source == "" && len(id) <= 80 {
		t.Source = id
	}
	if !one.own {
		t.tidy()
	}
	return hand(s.Report, t)
}

// captureAt returns the segment that a sample lies in; an empty one where there is none.
func (m *metadata) captureAt(sample int64) capture {
	var found capture
	for _, c := range m.Captures {
		if c.SampleStart <= sample {
			found = c
		}
	}
	return found
}

// spectra lists what is described, in the order of the samples.
func (m *metadata) spectra(report Report) ([]spectrum, error) {
	if m.Global.Channels != nil && *m.Global.Channels > 1 && len(m.Global.DataProducts) == 0 {
		return nil, errors.New("more than one channel")
	}
	switch {
	case m.Global.StartHz != nil:
		return m.Global.spectra()
	case len(m.Global.DataProducts) > 0:
		return m.products(report)
	default:
		return m.detections(report)
	}
}
