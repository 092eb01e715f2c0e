package hostile

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// target makes the operation's request target with good values for its path parameters.
func (k *kit) target(op *operation) string {
	path := op.path
	for _, p := range op.in("path") {
		path = strings.ReplaceAll(path, "{"+p.name+"}", url.PathEscape(k.known(op, p)))
	}
	return path
}

// known returns a value of a path parameter that probably exists.
func (k *kit) known(op *operation, p parameter) string {
	before, _, _ := strings.Cut(op.path, "/{"+p.name+"}")
	k.mu.Lock()
	ids := k.made[before]
	k.mu.Unlock()
	if len(ids) > 0 {
		return ids[0]
	}
	return fmt.Sprint(k.document.sample(p.schema, 1, true, 0))
}

// attempt starts an attempt at an operation that is good as it stands.
func (k *kit) attempt(op *operation, attack, what string) *attempt {
	a := &attempt{attack: attack, what: what, op: op, method: op.method, target: k.target(op)}
	if bodies := k.goodBodies(op); len(bodies) > 0 {
		a.body = bodies[0]
	}
	return a
}

// plain calls the operation as its document says, and by methods that it does not have.
func (k *kit) plain(op *operation) []*attempt {
	var list []*attempt
	for i, body := range k.goodBodies(op) {
		a := k.attempt(op, "good", strconv.Itoa(i))
		a.body = body
		list = append(list, a)
	}
	if len(list) == 0 {
		list = append(list, k.attempt(op, "good", ""))
	}
	if op.path != "/" {
		slash := k.attempt(op, "good", "slash")
		slash.target += "/"
		list = append(list, slash)
	}
	for _, method := range []string{"TRACE", "CONNECT", "PROPFIND", "get", "Post", "HEAD", "OPTIONS", "M-SEARCH", strings.Repeat("A", 3000), "DELETE%20", "PRI"} {
		a := k.attempt(op, "method", method)
		a.method, a.elsewhere, a.mayClose = method, true, method == "PRI" || method == "CONNECT"
		a.body = nil
		list = append(list, a)
	}
	return list
}

func (k *kit) paths(op *operation) []*attempt {
	var list []*attempt
	for _, p := range op.in("path") {
		for _, value := range evilPaths {
			a := k.attempt(op, "path", value)
			a.target = strings.ReplaceAll(k.target(&operation{path: strings.ReplaceAll(op.path, "{"+p.name+"}", value), parameters: op.parameters}), "\x00", "")
			a.elsewhere = strings.ContainsAny(value, ".%/")
			list = append(list, a)
		}
	}
	good := k.target(op)
	for _, target := range []string{
		"/" + good, good + "//", strings.ReplaceAll(good, "/", "//"), good + "/.", good + "/..", "/." + good, "/x/.." + good, "/%2e%2e" + good,
		strings.ReplaceAll(good, "/", "%2f"), strings.ReplaceAll(good, "/", "\\"), strings.ToUpper(good), good + "%00", good + "%20", good + ";a=b", good + "%", good + "%zz",
		good + "#" + mark, good + ".json", good + "/" + strings.Repeat("a/", 2000), good + "?" + strings.Repeat("/", 200), strings.TrimPrefix(good, "/"), "http://other.example" + good, "//other.example" + good,
	} {
		a := k.attempt(op, "path", target)
		a.target, a.elsewhere, a.mayClose = target, true, true
		list = append(list, a)
	}
	return list
}

// misspelt returns parameters that the operation does not know: each is a refusal, never an answer to another question.
func (k *kit) misspelt(op *operation, names []string) []*attempt {
	wrong := []string{"filter=1", "no_such_parameter"}
	for _, name := range names {
		wrong = append(wrong, name+"s=1", strings.ReplaceAll(name, "-", "")+"x=1", strings.ToUpper(name)+"=1", name+"=1&"+name+"=1")
	}
	var list []*attempt
	for _, query := range wrong {
		a := k.attempt(op, "misspelt", query)
		a.target += "?" + query
		a.want, a.names = []int{http.StatusUnprocessableEntity}, true
		list = append(list, a)
	}
	return list
}

func (k *kit) queries(op *operation) []*attempt {
	var list []*attempt
	add := func(query string) {
		a := k.attempt(op, "query", query)
		a.target += "?" + query
		a.names = true
		list = append(list, a)
	}
	names := []string{}
	for _, p := range op.in("query") {
		names = append(names, p.name)
		for _, value := range evilQueries {
			add(p.name + "=" + value)
		}
		good := url.QueryEscape(fmt.Sprint(k.document.sample(p.schema, 1, true, 0)))
		add(p.name + "=" + good)
		add(p.name + "=" + good + "&" + p.name + "=" + mark)
		add(p.name)
		add(p.name + "[]=" + good)
		add(p.name + "[$ne]=" + good)
		add(strings.ToUpper(p.name) + "=" + good)
		add(strings.Repeat(p.name+"="+good+"&", 500))
	}
	list = append(list, k.misspelt(op, names)...)
	for _, query := range []string{
		"", "&", "=", "&&==&", "%", "%zz=1", "%00=1", "%ff=1", mark + "=1", ";", "a=1;b=2", strings.Repeat("a=1&", 5000), "x=" + strings.Repeat("%41", 15000), "?", "a=b?c", "__proto__[a]=1",
		strings.Join(names, "=%00&") + "=%00", strings.Join(names, "="+mark+"&") + "=" + mark,
	} {
		add(query)
	}
	return list
}

// headers puts hostile values into the headers that the operation or the server reads.
func (k *kit) headers(op *operation) []*attempt {
	var list []*attempt
	add := func(name string, values ...string) {
		for _, value := range values {
			a := k.attempt(op, "header", name+": "+value)
			a.header = []string{name + ": " + value}
			list = append(list, a)
		}
	}
	tags := []string{"*", `"` + mark + `"`, `W/"` + mark + `"`, mark, `"`, `W/`, `"a" "b"`, strings.Repeat(`"a", `, 3000), "\xff\xfe", `"` + mark + "\t\"", strings.Repeat(",", 5000), `W/"", "", *`}
	add("If-Match", tags...)
	add("If-None-Match", tags...)
	for _, p := range op.in("header") {
		if p.name != "If-Match" && p.name != "If-None-Match" && p.name != "Content-Type" {
			add(p.name, mark, "-1", "\xff", strings.Repeat("a", 5000))
		}
	}
	add("Accept", "*/*", "text/html", mark+"/"+mark, "image/png;q=NaN", "image/png;q=1e400", "a/b;c=\"", strings.Repeat("image/png,", 2000), "application/octet-stream;q=0", ";;;,,,", "image/svg+xml, image/png;q=0.5", "\xff/\xfe")
	add("Accept-Encoding", "gzip;q=NaN", "gzip;q=-1", "*;q=0", "identity;q=0", "gzip, gzip, gzip", strings.Repeat("gzip,", 3000), "zstd, br")
	add("Last-Event-ID", mark, "-1", "99999999999999999999", "\xff", strings.Repeat("9", 4000), "0-0", "a-b", "1-1-1")
	add("Range", "bytes=0-0", "bytes=-1", "bytes=9223372036854775807-", "bytes="+strings.Repeat("0-1,", 1000))
	add("X-Forwarded-For", mark, strings.Repeat("127.0.0.1,", 2000), "::ffff:1.2.3.4%25eth0", "[", ", ,", "1.2.3.4:99999")
	add("X-Request-ID", mark+" "+mark, strings.Repeat("a", 4000), "\xff", "a\tb", "' OR 1=1")
	add("Traceparent", mark, "00-"+strings.Repeat("0", 32)+"-"+strings.Repeat("0", 16)+"-00", "ff-"+strings.Repeat("a", 32)+"-"+strings.Repeat("b", 16)+"-01", strings.Repeat("0", 5000))
	add("Baggage", strings.Repeat("a=b,", 3000), mark+"=%zz")
	add("Origin", "null", "https://"+mark, "\xff", strings.Repeat("a", 5000))
	add("User-Agent", mark+"\xff", strings.Repeat(mark, 1000), mark+"\tlevel=ERROR msg="+forged)
	add("Host", mark+".example", "127.0.0.1:99999", "[::1]", "a_b")
	add("Cookie", strings.Repeat("a=b; ", 2000))
	add("Expect", "200-ok", "100-continue", mark)
	add("Upgrade", "h2c", "websocket", "TLS/1.0")
	add("X-HTTP-Method-Override", "DELETE", mark)
	add("X-Original-URL", "/ctrl", "/metrics")
	add("Connection", "Authorization", "close, keep-alive, "+mark)
	add("Transfer-Encoding", "identity", "xchunked", "gzip, chunked", "chunked, chunked", "\x0bchunked")
	add("Content-Length", "-1", "+1", "1, 2", "0x10", "1e3", "99999999999999999999", mark)
	for _, a := range list {
		name, value, _ := strings.Cut(a.header[0], ": ")
		switch name {
		case "X-Request-ID", "Host", "Connection", "Upgrade", "Expect":
			a.elsewhere, a.mayClose = true, true
		case "Transfer-Encoding", "Content-Length":
			a.elsewhere, a.mayClose, a.body, a.want = true, true, nil, append(slices.Clone(refused), http.StatusOK)
			a.header = append(a.header, "Connection: close")
		}
		a.mayClose = a.mayClose || strings.ContainsAny(value, "\x0b")
	}
	return list
}
