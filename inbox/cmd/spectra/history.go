package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzip"

	"nms.example/inbox/internal/spectra"
)

// history sends what the receivers heard lately, and the signals that stand out of it, and tells where to
// look at them.
func history(ctx context.Context, o *options, out io.Writer) error {
	end := time.Now().UTC().Truncate(time.Second)
	begin := end.Add(-o.history)
	for _, site := range spectra.Sites()[:o.sites] {
		scene := spectra.New(o.seed, o.axis(), site)
		tally, err := sendHistory(ctx, o, scene, begin, end)
		if err != nil {
			return fmt.Errorf("receiver %s: %w", site.Name, err)
		}
		signals, newest, err := sendSignals(ctx, o, scene, begin, end)
		if err != nil {
			return fmt.Errorf("receiver %s: %w", site.Name, err)
		}
		report := fmt.Sprintf("receiver %s: %d traces new, %d known, %d refused; %d signals\n", site.Name, tally.created, tally.known, tally.refused, signals)
		query := url.Values{
			"from": {begin.Format(time.RFC3339)}, "to": {end.Add(o.every).Format(time.RFC3339)},
			"bbox": {fmt.Sprintf("%g,%g,%g,%g", site.Lng-1, site.Lat-1, site.Lng+1, site.Lat+1)},
		}
		waterfall := o.inbox + "/api/v1/inbox/waterfall?" + query.Encode() + "&format=png"
		report += "  waterfall: " + waterfall + "\n"
		report += fmt.Sprintf("  newest trace: %s/api/v1/inbox/traces/%s?format=png\n  (both want an access token or an API key)\n", o.inbox, newest)
		if o.pictures != "" {
			file := filepath.Join(o.pictures, "waterfall-"+site.Name+".png")
			if err := keepPicture(ctx, o, waterfall, file); err != nil {
				return fmt.Errorf("keep the waterfall of receiver %s: %w", site.Name, err)
			}
			report += "  the same, drawn: " + file + "\n"
		}
		if _, err := io.WriteString(out, report); err != nil {
			return err
		}
	}
	return nil
}

// keepPicture writes what inbox draws at address into a file.
func keepPicture(ctx context.Context, o *options, address, file string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+o.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("inbox answered %s", response.Status)
	}
	picture, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, picture, 0o600)
}

type tally struct{ created, known, refused int }

func (o *options) request(ctx context.Context, path, contentType string, body io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, o.inbox+"/api/v1/inbox"+path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+o.token)
	request.Header.Set("Content-Type", contentType)
	if contentType != "application/json" {
		request.Header.Set("Content-Encoding", "gzip")
	}
	return http.DefaultClient.Do(request)
}

// sendHistory streams the traces and reads the results while it does.
func sendHistory(ctx context.Context, o *options, scene *spectra.Scene, begin, end time.Time) (tally, error) {
	reader, writer := io.Pipe()
	go func() {
		packed := gzip.NewWriter(writer)
		var body []byte
		for at := begin; !at.After(end) && ctx.Err() == nil; at = at.Add(o.every) {
			body = append(spectra.AppendBody(body[:0], scene.GUID(at), at, scene.Site, scene.Trace(at)), '\n')
			if _, err := packed.Write(body); err != nil {
				break
			}
		}
		_ = writer.CloseWithError(packed.Close())
	}()
	defer func() { _ = reader.Close() }()
	response, err := o.request(ctx, "/traces", "application/x-ndjson", reader)
	if err != nil {
		return tally{}, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return tally{}, fmt.Errorf("inbox answered %s", response.Status)
	}
	return countResults(response.Body)
}

func countResults(body io.Reader) (tally, error) {
	var t tally
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		var result struct {
			Status int `json:"status"`
		}
		if err := json.Unmarshal(lines.Bytes(), &result); err != nil {
			return t, err
		}
		switch result.Status {
		case http.StatusCreated:
			t.created++
		case http.StatusOK:
			t.known++
		default:
			t.refused++
		}
	}
	return t, lines.Err()
}

type signalBody struct {
	GUID      uuid.UUID `json:"guid"`
	TraceGUID uuid.UUID `json:"trace_guid"`
	StartHz   float64   `json:"start_freq_hz"`
	StopHz    float64   `json:"stop_freq_hz"`
	F0Hz      float64   `json:"f0_freq_hz"`
}

// sendSignals sends the signals of every tenth trace and of the newest, and returns their number.
func sendSignals(ctx context.Context, o *options, scene *spectra.Scene, begin, end time.Time) (int, uuid.UUID, error) {
	var signals []signalBody
	var newest uuid.UUID
	for i, at := 0, begin; !at.After(end); i, at = i+1, at.Add(o.every) {
		newest = scene.GUID(at)
		if i%10 != 0 && at.Add(o.every).Before(end) {
			continue
		}
		for n, heard := range scene.Signals(at) {
			signals = append(signals, signalBody{
				GUID: uuid.NewSHA1(newest, []byte{byte(n)}), TraceGUID: newest,
				StartHz: heard.Band.StartHz, StopHz: heard.Band.StopHz, F0Hz: heard.F0Hz,
			})
		}
	}
	const most = 10_000
	for sent := 0; sent < len(signals); sent += most {
		body, writer := io.Pipe()
		go func() {
			_ = writer.CloseWithError(json.NewEncoder(writer).Encode(signals[sent:min(sent+most, len(signals))]))
		}()
		response, err := o.request(ctx, "/signals", "application/json", body)
		if err != nil {
			return 0, newest, err
		}
		_ = response.Body.Close()
		if response.StatusCode >= http.StatusBadRequest {
			return 0, newest, fmt.Errorf("inbox answered %s to the signals", response.Status)
		}
	}
	return len(signals), newest, nil
}
