package hostile

import "strings"

// evilTexts are hostile as a string's content, wherever a string is taken.
var evilTexts = []string{
	"", " ", mark + "' OR '1'='1", mark + "'; DROP TABLE users; --", mark + `" OR ""="`, mark + "') UNION SELECT version()--",
	mark + "$1", mark + "%' OR name LIKE '%", mark + `\`, mark + "%", mark + "_", mark + "::uuid", mark + "{}", mark + "{a,b}",
	mark + "\r\nlevel=ERROR msg=" + forged, mark + "\n{\"level\":\"ERROR\",\"msg\":\"" + forged + "\"}",
	mark + "\x1b[2J\x1b[31m", mark + "\x00", "\x00" + mark, mark + "\u202e\u200b\ufeff", mark + "\u2028", mark + "\uffff\U0010ffff",
	mark + "../../../../etc/passwd", mark + "${jndi:ldap://127.0.0.1/a}", mark + "{{7*7}}", mark + "%s%s%n%x", mark + "<script>alert(1)</script>",
	mark + "\r\nX-Injected: 1", mark + "|| sleep 9", mark + "=cmd|' /C calc'!A0", "NaN", "null", "true", "-1", "9223372036854775808",
	mark + strings.Repeat("a", 300), mark + strings.Repeat("Ω", 5000), mark + strings.Repeat("e\u0301", 200), "İıſK" + mark,
}

// forged starts a line that only an injection can start.
const forged = "forged-" + mark

// evilJSON are hostile as a JSON value in place of any other, as they are written.
var evilJSON = []raw{
	`null`, `true`, `0`, `-0`, `-1`, `1.5`, `1E2`, `1e-400`, `1e400`, `-1e400`, `9223372036854775807`, `9223372036854775808`, `-9223372036854775809`,
	`18446744073709551616`, raw(strings.Repeat("9", 5000)), raw("0." + strings.Repeat("3", 5000)), `NaN`, `Infinity`, `-`, `01`, `+1`, `0x10`, `.5`, `1.`,
	`[]`, `{}`, `[[]]`, `[null]`, `{"":null}`, `{"` + mark + `":1}`, `"` + mark + `"`, `""`, `"` + mark + `\u0000"`, `"\ud800` + mark + `"`, `"` + mark + `\udc00\ud800"`,
	"\"" + mark + "\xff\xfe\"", "\"" + mark + "\xc0\xaf\"", "\"" + mark + "\xed\xa0\x80\"", "\"" + mark + "\n\"", "\"" + mark + "\x00\"", `"` + mark + `\x41"`, `"` + mark, `'` + mark + `'`,
	`tru`, `//`, `/**/1`, `{"__proto__":{"a":1}}`, `{"$ref":"#"}`, `{"$ref":"http://127.0.0.1:1/` + mark + `"}`, `{"$ref":"file:///etc/passwd"}`,
	`{"type":"object","pattern":"(a+)+$"}`, `[1,]`, `{"a":1,"a":2}`, `{,}`,
}

// deep returns values that go deep enough to exhaust a stack.
func deep() []raw {
	const depth = 100_000
	return []raw{
		raw(strings.Repeat("[", depth) + strings.Repeat("]", depth)),
		raw(strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)),
		raw(strings.Repeat("[", depth)),
		raw(strings.Repeat("[", 5000) + strings.Repeat("]", 5000)),
	}
}

// evilPaths are hostile in place of a path parameter, escaped as they are sent.
var evilPaths = []string{
	"0", "-1", "-0", "+1", "01", "1.0", "1.5", "1e3", "0x1", "1_0", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "99999999999999999999999",
	"NaN", "null", "undefined", "true", "%00", "1%00", mark + "%00", "%ff", mark + "%c0%af", mark + "%ed%a0%80", "..", "%2e%2e", "%2e%2e%2f%2e%2e%2fctrl", "..%2f..%2fctrl", ".",
	"%2f", "1%2f", "1%2fhistory", "%252f", "%252e%252e", "1;a=b", "1%3b", "1'--", "1%20OR%201=1", mark + "'%3b%20DROP%20TABLE%20users--", "1%0d%0aX-Injected:%201",
	mark + "%0a" + forged, "%0alevel=ERROR%20msg=" + forged, mark, "%EF%BC%91", "%20", "1%20", "*", "$", "{id}", ":id", "%7Bid%7D", "00000000-0000-0000-0000-000000000000",
	"00000000-0000-0000-0000-00000000000g", "%7B00000000-0000-0000-0000-000000000001%7D", "urn:uuid:00000000-0000-0000-0000-000000000001", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
	strings.Repeat("1", 300), mark + strings.Repeat("a", 5000), mark + strings.Repeat("%41", 3000),
}

// evilQueries are hostile as the value of a query parameter, escaped as they are sent.
var evilQueries = []string{
	"", "0", "-1", "-0", "%2B1", "1.5", "1e3", "1e400", "0x1", "NaN", "Inf", "-Infinity", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "2147483648", "99999999999999999999999",
	"null", "true", "%00", mark + "%00", "%ff", mark + "%c0%af", mark + "%ed%a0%80", "%", "%z", "%zz", "%4", mark + "'%20OR%20'1'='1", mark + "'%3b%20DROP%20TABLE%20users--", mark + "%25", mark + "_%25%5C",
	mark + "%0d%0aX-Injected:%201", mark + "%0alevel=ERROR%20msg=" + forged, mark + ";a=b", ",", ",,,,", strings.Repeat("1,", 2000), strings.Repeat(mark+",", 1000), mark, mark + "%E2%80%AE",
	mark + strings.Repeat("a", 8000), strings.Repeat("%25", 3000), "2026-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0000-01-01T00:00:00Z", "294277-01-01T00:00:00Z",
	"2026-01-01T00:00:00%2B23:59", "2026-02-30T00:00:00Z", "-0001-01-01T00:00:00Z", "0,0,0,0", "-180,-90,180,90", "1e308,1e308,1e308,1e308", "NaN,NaN,NaN,NaN", "[]", "{}", "..%2f..%2f", "eyJhIjoxfQ", "AAAA", "%3D%3D%3D",
}
