package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// walk is one way through the system.
type walk struct {
	out                                   io.Writer
	pictures                              string
	client                                *client
	auth, cfg, inbox, admin, ctrl, broker string // admin may be empty: it is shown, not called
	number                                int
}

// step does one thing, and prints what came of it and how long it took.
func (w *walk) step(name string, do func() (string, error)) error {
	w.number++
	begun := time.Now()
	result, err := do()
	if err != nil {
		return fmt.Errorf("step %d, %s: %w", w.number, name, err)
	}
	took := float64(time.Since(begun).Microseconds()) / 1000
	fmt.Fprintf(w.out, "%-3d%-40s %8.1f ms   %s\n", w.number, name, took, result)
	return nil
}

// all walks the steps in order; the first that fails ends the walk.
func (w *walk) all(ctx context.Context, login, password string, points int) error {
	var tree []equipment
	spectrum := newSpectrum(points, time.Now().Truncate(time.Microsecond)) // the database's resolution
	var body []byte
	var sent time.Time
	var events *listener

	err := w.step("log in as "+login, func() (string, error) { return w.login(ctx, login, password) })
	if err != nil {
		return err
	}
	if err := w.step("read the equipment tree from cfg", func() (string, error) {
		return w.equipment(ctx, &tree)
	}); err != nil {
		return err
	}
	for _, line := range drawTree(tree, 14) {
		fmt.Fprintln(w.out, "     "+line)
	}
	if err := w.step("listen on the bus (exchange nms.events)", func() (string, error) {
		var err error
		events, err = listen(ctx, w.broker, "inbox.trace.#")
		return "a queue of our own, key inbox.trace.#", err
	}); err != nil {
		return err
	}
	defer events.close()
	if err := w.step("measure and pack a spectrum", func() (string, error) {
		var err error
		var plain int
		body, plain, err = spectrum.pack()
		return fmt.Sprintf("%d points, %d kB of JSON, %d kB gzip'ed", points, plain/1000, len(body)/1000), err
	}); err != nil {
		return err
	}
	fmt.Fprintln(w.out, "     "+spectrum.sketch(72))
	steps := []struct {
		name string
		do   func() (string, error)
	}{
		{"post it to inbox", func() (string, error) { sent = time.Now(); return w.post(ctx, body, spectrum, http.StatusCreated) }},
		{"its event arrives over RabbitMQ", func() (string, error) {
			kind, at, err := events.await(ctx, spectrum.GUID)
			return fmt.Sprintf("%s, %.1f ms after the post began", kind, float64(at.Sub(sent).Microseconds())/1000), err
		}},
		{"read it back as raw int16", func() (string, error) { return w.readRaw(ctx, spectrum) }},
		{"read it back as JSON", func() (string, error) { return w.readJSON(ctx, spectrum) }},
		{"post the same once more", func() (string, error) { return w.post(ctx, body, spectrum, http.StatusOK) }},
	}
	for _, s := range steps {
		if err := w.step(s.name, s.do); err != nil {
			return err
		}
	}
	if err := w.command(ctx); err != nil {
		return err
	}
	w.end(ctx, spectrum)
	return nil
}

func (w *walk) login(ctx context.Context, login, password string) (string, error) {
	form := url.Values{"grant_type": {"password"}, "username": {login}, "password": {password}}
	var grant struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
	}
	status, raw, err := w.client.do(ctx, request{method: http.MethodPost, url: w.auth + "/api/v1/auth/token",
		kind: "application/x-www-form-urlencoded", body: []byte(form.Encode())})
	if err != nil {
		return "", err
	}
	if err := expect(status, raw, http.StatusOK); err != nil {
		return "", err
	}
	if err := json.Unmarshal(raw, &grant); err != nil {
		return "", fmt.Errorf("the answer is no JSON: %w", err)
	}
	if grant.AccessToken == "" || !strings.EqualFold(grant.TokenType, "bearer") {
		return "", errors.New("the answer holds no bearer token")
	}
	w.client.token = grant.AccessToken
	return fmt.Sprintf("a token for %d minutes", grant.ExpiresIn/60), nil
}

// equipment is a node of cfg's tree; content is absent on leaves.
type equipment struct {
	ID      int64       `json:"id"`
	Name    string      `json:"name"`
	Content []equipment `json:"content"`
}

func (w *walk) equipment(ctx context.Context, tree *[]equipment) (string, error) {
	status, raw, err := w.client.do(ctx, request{method: http.MethodGet, url: w.cfg + "/api/v1/cfg/equipments"})
	if err != nil {
		return "", err
	}
	if err := expect(status, raw, http.StatusOK); err != nil {
		return "", err
	}
	if err := json.Unmarshal(raw, tree); err != nil {
		var page struct {
			Content []equipment `json:"content"`
		}
		if json.Unmarshal(raw, &page) != nil {
			return "", fmt.Errorf("the answer is no tree: %w", err)
		}
		*tree = page.Content
	}
	count := countNodes(*tree)
	if count == 0 {
		return "", errors.New("the tree is empty, so the start data were not loaded")
	}
	return fmt.Sprintf("%d nodes", count), nil
}

func countNodes(nodes []equipment) int {
	n := len(nodes)
	for _, node := range nodes {
		n += countNodes(node.Content)
	}
	return n
}

// drawTree indents the tree, at most so many lines of it.
func drawTree(nodes []equipment, most int) []string {
	var lines []string
	var visit func([]equipment, string)
	visit = func(level []equipment, indent string) {
		for _, node := range level {
			lines = append(lines, fmt.Sprintf("%s%s (%d)", indent, node.Name, node.ID))
			visit(node.Content, indent+"  ")
		}
	}
	visit(nodes, "")
	if len(lines) > most {
		lines = append(lines[:most], fmt.Sprintf("… and %d more", len(lines)-most))
	}
	return lines
}

func (w *walk) post(ctx context.Context, body []byte, s spectrum, want int) (string, error) {
	status, raw, err := w.client.do(ctx, request{method: http.MethodPost, url: w.inbox + "/api/v1/inbox/traces",
		kind: "application/json", encoding: "gzip", body: body})
	if err != nil {
		return "", err
	}
	if err := expect(status, raw, want); err != nil {
		return "", err
	}
	var answer struct {
		GUID string `json:"guid"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil || !strings.EqualFold(answer.GUID, s.GUID) {
		return "", fmt.Errorf("the answer is not the trace's guid: %.200s", raw)
	}
	if want == http.StatusOK {
		return "200, the same answer: nothing was stored twice", nil
	}
	return fmt.Sprintf("%d, guid %s", status, s.GUID), nil
}

func (w *walk) traceURL(s spectrum) string { return w.inbox + "/api/v1/inbox/traces/" + s.GUID }

func (w *walk) readRaw(ctx context.Context, s spectrum) (string, error) {
	status, raw, err := w.client.do(ctx, request{method: http.MethodGet, url: w.traceURL(s), accept: "application/octet-stream"})
	if err != nil {
		return "", err
	}
	if err := expect(status, raw, http.StatusOK); err != nil {
		return "", err
	}
	if want := s.encode(); !bytes.Equal(raw, want) {
		return "", fmt.Errorf("%d bytes came back and differ from the %d that were sent", len(raw), len(want))
	}
	return fmt.Sprintf("%d bytes, equal bit for bit", len(raw)), nil
}

func (w *walk) readJSON(ctx context.Context, s spectrum) (string, error) {
	status, raw, err := w.client.do(ctx, request{method: http.MethodGet, url: w.traceURL(s), accept: "application/json"})
	if err != nil {
		return "", err
	}
	if err := expect(status, raw, http.StatusOK); err != nil {
		return "", err
	}
	var back spectrum
	if err := json.Unmarshal(raw, &back); err != nil {
		return "", fmt.Errorf("the answer is no trace: %w", err)
	}
	sentAt, errSent := time.Parse(time.RFC3339Nano, s.Timestamp)
	gotAt, errGot := time.Parse(time.RFC3339Nano, back.Timestamp)
	if errSent != nil || errGot != nil || !sentAt.Equal(gotAt) {
		return "", fmt.Errorf("the time sent was %s, the one that came back is %s", s.Timestamp, back.Timestamp)
	}
	if !slices.Equal(back.Powers, s.Powers) {
		return "", errors.New("the powers differ from those that were sent")
	}
	back.Timestamp, back.Powers, s.Powers, s.Timestamp = "", nil, nil, ""
	if fmt.Sprint(back) != fmt.Sprint(s) {
		return "", fmt.Errorf("sent %v, came back %v", s, back)
	}
	return fmt.Sprintf("%d kB, every field equal", len(raw)/1000), nil
}

// end tells what to look at next, and keeps the plot that inbox draws.
func (w *walk) end(ctx context.Context, s spectrum) {
	fmt.Fprintln(w.out, "\nThe main job works, and so does commanding. Worth a look:")
	for _, base := range []string{w.auth, w.cfg, w.inbox, w.admin, w.ctrl} {
		if base != "" {
			fmt.Fprintf(w.out, "  %s/docs\n", base)
		}
	}
	fmt.Fprintln(w.out, "  (Authorize there as admin_nms with the password user_super)")
	if w.pictures != "" {
		w.keepPicture(ctx, "plot.png", w.traceURL(s))
	}
}

func (w *walk) keepPicture(ctx context.Context, name, address string) {
	status, raw, err := w.client.do(ctx, request{method: http.MethodGet, url: address, accept: "image/png"})
	if err != nil || status != http.StatusOK || !bytes.HasPrefix(raw, []byte("\x89PNG")) {
		return // this version draws none
	}
	path := filepath.Join(w.pictures, name)
	if os.MkdirAll(w.pictures, 0o755) == nil && os.WriteFile(path, raw, 0o644) == nil {
		fmt.Fprintf(w.out, "  %s\n", path)
	}
}

// pack renders the body that is posted; the second value is its size before gzip.
func (s spectrum) pack() ([]byte, int, error) {
	plain, err := json.Marshal(s)
	if err != nil {
		return nil, 0, err
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(plain); err != nil {
		return nil, 0, err
	}
	if err := writer.Close(); err != nil {
		return nil, 0, err
	}
	return packed.Bytes(), len(plain), nil
}
