package hostile

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"hash"
	"maps"
	"net/http"
	"strings"
	"testing"

	"nms.example/common/authn"
	"nms.example/common/authntest"
)

// credentials are what a caller might send in place of good ones, as header lines; none of them may be taken.
func credentials(t testing.TB, kit *authntest.Kit) map[string][]string {
	t.Helper()
	all := authn.AllPermissions
	f := forger{good: kit.Token(t, all), secret: []byte(kit.Secret)}
	tokens := map[string]string{
		"empty": "", "rubbish": mark, "dots": "..", "many dots": strings.Repeat(".", 5000), "five parts": "a.b.c.d.e", "no base64": "ä.ö.ü", "cut": f.good[:len(f.good)-1], "longer": f.good + "A",
		"no signature": f.good[:strings.LastIndexByte(f.good, '.')+1], "padded": f.good + "==", "two": f.good + " " + f.good, "with a comma": f.good + ",", "quoted": `"` + f.good + `"`,
		"expired": kit.Expired(t, all), "wrong key": kit.WrongKey(t, all), "other alg": kit.OtherAlg(t, all), "other audience": kit.OtherAudience(t, all), "other issuer": kit.OtherIssuer(t, all), "revoked": kit.Revoked(t, all),
		"60 KB": strings.Repeat("a", 60_000), "60 KB payload": f.sign(nil, map[string]any{"x": strings.Repeat("a", 40_000)}, sha256.New, f.secret),
		"payload no JSON": f.signText([]byte("{"), f.secret), "payload an array": f.signText([]byte("[]"), f.secret), "payload deep": f.signText([]byte(strings.Repeat("[", 20_000)), f.secret), "payload null": f.signText([]byte("null"), f.secret),
		"HS384 by the key": f.sign(map[string]any{"alg": "HS384"}, nil, sha512.New384, f.secret), "HS256 in name, SHA-512": f.sign(nil, nil, sha512.New, f.secret),
		"crit": f.sign(map[string]any{"crit": []string{"b64"}, "b64": false}, nil, sha256.New, []byte(mark)),
	}
	for _, alg := range []any{"none", "None", "nOnE", "NONE", "", nil, 1, []string{"HS256"}, "hs256", "RS256", "ES256", "EdDSA", "PS256", "dir", "A256KW", mark} {
		name, _ := json.Marshal(alg) //nolint:errchkjson // texts and numbers can be written
		signed := f.sign(map[string]any{"alg": alg}, nil, sha256.New, f.secret)
		tokens["alg "+string(name)] = signed
		tokens["alg "+string(name)+", unsigned"] = signed[:strings.LastIndexByte(signed, '.')+1]
	}
	own := []byte(mark)
	for name, header := range map[string]map[string]any{
		"kid path": {"kid": "../../../../dev/null"}, "kid SQL": {"kid": "x' UNION SELECT '" + mark + "'--"}, "kid NUL": {"kid": mark + "\x00"}, "kid long": {"kid": strings.Repeat("a", 9000)}, "kid number": {"kid": 1}, "kid null": {"kid": nil},
		"kid missing": {"kid": absent}, "kid command": {"kid": "|id"}, "jwk": {"jwk": map[string]any{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString(own)}}, "jku": {"jku": "http://127.0.0.1:1/" + mark},
		"x5u": {"x5u": "http://127.0.0.1:1/" + mark}, "x5c": {"x5c": []string{mark}}, "cty": {"cty": "JWT"}, "zip": {"zip": "DEF"}, "typ": {"typ": mark},
	} {
		tokens[name+", own key"] = f.sign(header, nil, sha256.New, own)
		tokens[name+", empty key"] = f.sign(header, nil, sha256.New, nil)
	}
	for name, claims := range map[string]map[string]any{
		"exp missing": {"exp": absent}, "exp text": {"exp": "9999999999"}, "exp past": {"exp": 1}, "exp 1e400": {"exp": json.RawMessage("1e400")}, "exp -1": {"exp": -1}, "nbf future": {"nbf": 99999999999}, "sid missing": {"sid": absent},
		"sid SQL": {"sid": "' OR 1=1--"}, "aud others": {"aud": []string{"a", "b"}}, "aud missing": {"aud": absent}, "iss array": {"iss": []string{"nms-auth"}}, "access text": {"access": "all"}, "access 1e30": {"access": json.RawMessage("1e30")},
		"access object": {"access": map[string]any{}},
	} {
		tokens[name] = f.sign(nil, claims, sha256.New, f.secret)
	}
	list := map[string][]string{}
	for name, token := range tokens {
		list["token "+name] = []string{"Authorization: Bearer " + token}
	}
	key := kit.Key(t, all)
	maps.Copy(list, map[string][]string{
		"nothing": {"Authorization: "}, "scheme only": {"Authorization: Bearer"}, "basic": {"Authorization: Basic YWRtaW5fbm1zOnVzZXJfc3VwZXI="}, "digest": {`Authorization: Digest username="a"`}, "no scheme": {"Authorization: " + f.good},
		"wrong scheme": {"Authorization: Token " + f.good}, "two tokens, bad first": {"Authorization: Bearer " + mark, "Authorization: Bearer " + f.good}, "two tokens, good first": {"Authorization: Bearer " + f.good, "Authorization: Bearer " + mark},
		"two schemes":         {"Authorization: Basic eA==", "Authorization: Bearer " + f.good},
		"bad token, good key": {"Authorization: Bearer " + mark, "X-API-Key: " + key}, "two keys": {"Authorization: ", "X-API-Key: " + key, "X-API-Key: " + mark}, "key in lower case": {"Authorization: ", "X-API-Key: " + strings.ToLower(key)},
		"key and more": {"Authorization: ", "X-API-Key: " + key + "A"}, "key cut": {"Authorization: ", "X-API-Key: " + key[:len(key)-1]}, "key SQL": {"Authorization: ", "X-API-Key: nms_' OR '1'='1"}, "key long": {"Authorization: ", "X-API-Key: nms_" + strings.Repeat("A", 50_000)},
		"key as token": {"Authorization: Bearer " + key}, "token as key": {"Authorization: ", "X-API-Key: " + f.good}, "key bytes": {"Authorization: ", "X-API-Key: nms_\xff\xfe"}, "token in a cookie": {"Authorization: ", "Cookie: access_token=" + f.good},
	})
	return list
}

// tokens calls the operation with each bad credential.
func (k *kit) tokens(op *operation) []*attempt {
	if op.public {
		return nil
	}
	var list []*attempt
	for name, lines := range k.bad {
		a := k.attempt(op, "credentials", name)
		a.header, a.want = lines, []int{http.StatusUnauthorized}
		list = append(list, a)
	}
	query := k.attempt(op, "credentials", "token in the query")
	query.anonymous, query.want = true, []int{http.StatusUnauthorized}
	query.target += "?access_token=" + k.sign() + "&api_key=" + mark
	return append(list, query)
}

// absent removes a member.
const absent = "\x00absent"

// forger signs a good token's parts anew.
type forger struct {
	good   string
	secret []byte
}

func (f forger) sign(header, claims map[string]any, algorithm func() hash.Hash, key []byte) string {
	parts := strings.Split(f.good, ".")
	return sealed(changed(parts[0], header), changed(parts[1], claims), algorithm, key)
}

func (f forger) signText(claims, key []byte) string {
	return sealed(changed(strings.Split(f.good, ".")[0], nil), claims, sha256.New, key)
}

func sealed(header, claims []byte, algorithm func() hash.Hash, key []byte) string {
	encoding := base64.RawURLEncoding
	text := encoding.EncodeToString(header) + "." + encoding.EncodeToString(claims)
	mac := hmac.New(algorithm, key)
	mac.Write([]byte(text))
	return text + "." + encoding.EncodeToString(mac.Sum(nil))
}

func changed(part string, replace map[string]any) []byte {
	text, _ := base64.RawURLEncoding.DecodeString(part) // a good token's
	members := map[string]json.RawMessage{}
	_ = json.Unmarshal(text, &members)
	all := map[string]any{}
	for name, value := range members {
		all[name] = value
	}
	maps.Copy(all, replace)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == absent })
	text, err := json.Marshal(all)
	if err != nil { // 1e400 is JSON all the same
		return encode(all)
	}
	return text
}
