package hostile

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"nms.example/common/waittest"
)

// rawRequests is what comes over a connection and is no good HTTP, or HTTP that two readers understand in two
// ways. %s is a body's target and good credentials. At most one answer may come, a refusal.
func rawRequests() map[string]string {
	const smuggled = "GET /" + mark + "-smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
	post := func(headers, body string) string {
		return "POST /" + mark + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" + body
	}
	get := func(headers string) string { return "GET / HTTP/1.1\r\n" + headers + "\r\n" }
	return map[string]string{
		"length and chunks":         post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+smuggled),
		"chunks and length":         post("Transfer-Encoding: chunked\r\nContent-Length: 60\r\n", "0\r\n\r\n"+smuggled),
		"two lengths":               post("Content-Length: 0\r\nContent-Length: 50\r\n", smuggled),
		"list of lengths":           post("Content-Length: 0, 50\r\n", smuggled),
		"negative length":           post("Content-Length: -1\r\n", smuggled),
		"length with a sign":        post("Content-Length: +0\r\n", smuggled),
		"huge length":               post("Content-Length: 99999999999999999999\r\n", smuggled),
		"chunked, twice":            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"+smuggled),
		"chunked and more":          post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"+smuggled),
		"xchunked":                  post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"+smuggled),
		"blank before the colon":    post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"+smuggled),
		"folded":                    post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"+smuggled),
		"bad chunk size":            post("Transfer-Encoding: chunked\r\n", "zz\r\n"+smuggled),
		"negative chunk size":       post("Transfer-Encoding: chunked\r\n", "-1\r\n"+smuggled),
		"huge chunk size":           post("Transfer-Encoding: chunked\r\n", "ffffffffffffffffff\r\n"+smuggled),
		"chunk extension":           post("Transfer-Encoding: chunked\r\n", "1;"+strings.Repeat("a", 100_000)+"\r\nx\r\n0\r\n\r\n"),
		"chunk without an end":      post("Transfer-Encoding: chunked\r\n", "1\r\nxy\r\n0\r\n\r\n"+smuggled),
		"trailer":                   post("Transfer-Encoding: chunked\r\nTrailer: Authorization\r\n", "0\r\nAuthorization: "+strings.Repeat("a", 100_000)+"\r\n\r\n"),
		"chunks in HTTP/1.0":        "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"bare line feeds":           "GET / HTTP/1.1\nHost: x\nContent-Length: -5\n\n",
		"no host":                   get(""),
		"two hosts":                 get("Host: a\r\nHost: b\r\n"),
		"bad host":                  get("Host: a b/../\r\n"),
		"no colon":                  get("Host: x\r\n" + mark + "\r\n"),
		"no name":                   get("Host: x\r\n: " + mark + "\r\n"),
		"NUL in a header":           get("Host: x\r\nA: \x00" + mark + "\r\n"),
		"return in a header":        get("Host: x\r\nA: a\rB: b\r\n"),
		"header name with a blank":  get("Host: x\r\nA B: " + mark + "\r\n"),
		"header of 1 MB":            get("Host: x\r\nA: " + strings.Repeat("a", 1<<20) + "\r\n"),
		"10,000 headers":            get("Host: x\r\n" + strings.Repeat("A: "+mark+"\r\n", 10_000)),
		"100,000 header names":      get("Host: x\r\n" + strings.Repeat("a:\r\n", 100_000)),
		"target of 1 MB":            "GET /" + strings.Repeat("a", 1<<20) + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"method of 1 MB":            strings.Repeat("A", 1<<20) + " / HTTP/1.1\r\nHost: x\r\n\r\n",
		"no target":                 "GET HTTP/1.1\r\nHost: x\r\n\r\n",
		"blanks":                    "GET  /  HTTP/1.1\r\nHost: x\r\n\r\n",
		"control character":         "GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
		"bytes in the target":       "GET /\xff\xfe" + mark + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"NUL in the target":         "GET /\x00" + mark + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"HTTP/0.9":                  "GET /\r\n\r\n",
		"HTTP/9.9":                  "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
		"HTTP/2 at once":            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
		"TLS":                       "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("a", 500) + "\r\n\r\n",
		"rubbish":                   strings.Repeat("\x00\xff", 5000) + "\r\n\r\n",
		"SSH":                       "SSH-2.0-OpenSSH_9.0\r\n\r\n",
		"expectation":               get("Host: x\r\nExpect: " + mark + "\r\n"),
		"star":                      "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
		"target of another service": "GET ftp://" + mark + "/ HTTP/1.1\r\nHost: x\r\n\r\n",
	}
}

// pipelined are those of rawRequests whose second request is one for every reader.
var pipelined = []string{"folded"}

// raw sends what is no HTTP.
func (k *kit) raw(ctx context.Context) {
	for name, text := range rawRequests() {
		a := &attempt{attack: "raw", what: name, method: "raw", elsewhere: true, mayClose: true, target: "/" + mark}
		answers, closed := k.conversation(ctx, text)
		status := 0
		for i, r := range answers {
			status = r.status
			if i > 0 && strings.Contains(text, "-smuggled") && !slices.Contains(pipelined, name) {
				k.find(a, "a second answer: what one reader takes for a body, this one takes for a request")
			}
			if problem := k.judge(a, "", r); problem != "" {
				k.find(a, fmt.Sprintf("%d: %s", r.status, problem))
			}
		}
		if !closed {
			k.find(a, "the connection stays open")
		}
		k.count(a, status)
	}
}

// conversation sends bytes, ends its side, and reads answers until the connection is closed.
func (k *kit) conversation(ctx context.Context, text string) (answers []*reply, closed bool) {
	c := &connection{address: k.address}
	defer c.close()
	if c.dial(ctx) != nil {
		return nil, true
	}
	_ = c.conn.SetDeadline(time.Now().Add(answerTimeout))
	conn := c.conn // close, which may come before all is written, forgets it
	var written sync.WaitGroup
	written.Go(func() {
		_, _ = io.WriteString(conn, text) // it may be refused in the middle
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
	})
	for {
		r, err := readReply(c.reader, http.MethodGet)
		if err != nil {
			timeout, ok := err.(net.Error) //nolint:errorlint // the connection's own
			closed = !ok || !timeout.Timeout()
			break
		}
		answers = append(answers, r)
	}
	c.close()
	written.Wait()
	return answers, closed
}

const (
	// headerPatience is when a connection that never completes its header must have been closed: the service's
	// ReadHeaderTimeout is 10 s.
	headerPatience = waittest.Bound
	// bodyPatience is the same for a body, whose bound is 30 s.
	bodyPatience = waittest.Bound
	slowOnes     = 25
)

// slow holds connections with requests that never end: headers, and in the long version bodies.
func (k *kit) slow(ctx context.Context) {
	var group sync.WaitGroup
	hold := func(what, start string, patience time.Duration) {
		group.Go(func() {
			a := &attempt{attack: "slow", what: what, method: "raw"}
			k.count(a, 0)
			if !k.drip(ctx, start, patience) && ctx.Err() == nil {
				k.find(a, "the connection is still open after "+patience.String())
			}
		})
	}
	for range slowOnes {
		hold("header", "GET / HTTP/1.1\r\nHost: x\r\nA: ", headerPatience)
		hold("nothing", "", headerPatience)
	}
	if !k.short {
		for _, op := range k.document.operations {
			if media := op.media(); media != "" {
				hold("body of "+op.String(), fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: 1000000\r\n\r\n",
					op.method, k.target(op), k.sign(), media), bodyPatience)
			}
		}
	}
	group.Wait()
}

// drip sends a byte now and then until the connection is closed; false when that takes longer than patience.
func (k *kit) drip(ctx context.Context, start string, patience time.Duration) bool {
	c := &connection{address: k.address}
	defer c.close()
	if c.dial(ctx) != nil {
		return false
	}
	deadline := time.Now().Add(patience)
	_, _ = io.WriteString(c.conn, start) // a refusal shows below
	buffer := make([]byte, 4096)
	for time.Now().Before(deadline) && ctx.Err() == nil {
		_ = c.conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
		_, err := c.conn.Read(buffer)
		if timeout, ok := err.(net.Error); err != nil && (!ok || !timeout.Timeout()) { //nolint:errorlint // the connection's own
			return true
		}
		if start != "" {
			_, _ = io.WriteString(c.conn, "a")
		}
	}
	return false
}

// idleConnections is how many connections are held while the service must go on answering.
const idleConnections = 2000

// idle opens connections, half of them after a first request, and asks meanwhile.
func (k *kit) idle(ctx context.Context) {
	a := &attempt{attack: "idle", what: fmt.Sprintf("%d connections", idleConnections), method: http.MethodGet, target: "/healthz", anonymous: true}
	held := make([]*connection, 0, idleConnections)
	defer func() {
		for _, c := range held {
			c.close()
		}
	}()
	for i := range idleConnections {
		c := &connection{address: k.address}
		if err := c.dial(ctx); err != nil {
			k.find(a, "no connection any more: "+err.Error())
			return
		}
		held = append(held, c)
		if i%2 == 0 {
			k.try(ctx, c, a)
		}
	}
	begun := time.Now()
	k.all(ctx, k.goods()[:20])
	if elapsed := time.Since(begun); elapsed > answerTimeout/2 {
		k.find(a, "twenty requests beside them take "+elapsed.String())
	}
}
