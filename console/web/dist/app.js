// vendor/preact/dist/preact.mjs
var n;
var t;
var r;
var u;
var i;
var f;
var o;
var e;
var l;
var c;
var a;
var s;
var h = /* @__PURE__ */ Symbol.for("pv");
var p = {};
var y = [];
var v = /^m(i|n|o|s|text|space)$/;
var w = Array.isArray;
var d = y.slice;
var _ = Object.assign;
function g(n3) {
  n3 && n3.parentNode && n3.remove();
}
function k(n3, t5, r4) {
  var u4, i4, f5, o5 = {}, e4 = arguments.length;
  for (f5 in t5) "key" == f5 ? u4 = t5[f5] : "ref" == f5 && "function" != typeof n3 ? i4 = t5[f5] : o5[f5] = t5[f5];
  return e4 > 2 && (o5.children = e4 > 3 ? d.call(arguments, 2) : r4), m(n3, o5, u4, i4, null);
}
function m(r4, u4, i4, f5, o5) {
  var e4 = { type: r4, props: u4, key: i4, ref: f5, __k: null, __: null, __b: 0, __e: null, __c: null, constructor: h, __v: o5 || ++t, __i: -1, __u: 0 };
  return !o5 && n.vnode && n.vnode(e4), e4;
}
function $(n3) {
  return n3.children;
}
function x(n3, t5) {
  this.props = n3, this.context = t5, this.__g = 0;
}
function S(n3, t5) {
  if (null == t5) return n3.__ && S(n3.__, n3.__i + 1);
  for (var r4; t5 < n3.__k.length; t5++) if ((r4 = n3.__k[t5]) && r4.__e) return r4.__e;
  return "function" != typeof n3.type || n3.props.__P ? null : S(n3);
}
function C(t5) {
  var r4, u4 = t5.__v, i4 = u4.__e, f5 = [], o5 = [], e4 = t5.__P;
  e4 && ((r4 = _({ constructor: h }, u4)).__v = u4.__v + 1, n.vnode && n.vnode(r4), z(e4, r4, u4, t5.__n, e4.namespaceURI, 32 & u4.__u ? [i4] : null, f5, i4 || S(u4), 32 & u4.__u, o5), r4.__v = u4.__v, r4.__.__k[r4.__i] = r4, E(f5, r4, o5), u4.__ = u4.__e = null, r4.__e != i4 && j(r4));
}
function j(n3) {
  if ((n3 = n3.__) && n3.__c && !n3.props.__P) return n3.__e = null, n3.__k.some(function(t5) {
    return t5 && (n3.__e = t5.__e);
  }), j(n3);
}
function L(t5) {
  (8 & t5.__g || (t5.__g |= 8, u.push(t5), f++)) && i == n.debounceRendering || ((i = n.debounceRendering) || queueMicrotask)(H);
}
function H() {
  try {
    for (var n3, t5 = 1; u.length; ) u.length > t5 && u.sort(o), n3 = u.shift(), t5 = u.length, 8 & n3.__g && C(n3);
  } finally {
    (f = u.length) && (i || queueMicrotask)(H);
  }
}
function I(n3, t5, r4, u4, i4, f5, o5, e4, l4, c4, a5) {
  var s4, h5, v4, w5, d5, _5, g5 = u4.__k || y, k4 = t5.length;
  for (l4 = q(r4, t5, g5, l4, k4), s4 = 0; s4 < k4; s4++) null != (v4 = r4.__k[s4]) && (h5 = ~v4.__i && g5[v4.__i] || p, v4.__i = s4, _5 = z(n3, v4, h5, i4, f5, o5, e4, l4, c4, a5), w5 = v4.__e, (h5.ref != v4.ref || 8 & h5.__u) && (h5.ref && G(h5.ref, null, v4, h5), v4.ref && a5.push(v4.ref, v4.__c || w5, v4)), d5 = d5 || w5, 4 & v4.__u ? (l4 = A(v4, l4, n3, !h5.__v), h5.__e && (h5.__e = null)) : "function" == typeof v4.type && void 0 !== _5 ? l4 = _5 : w5 && (l4 = w5.nextSibling), v4.__u &= -21);
  return r4.__e = d5, l4;
}
function q(n3, t5, r4, u4, i4) {
  var f5, o5, e4, l4, c4, a5, s4, p5, y5, v4 = r4.length, d5 = v4, _5 = 0, g5 = 0, k4 = n3.__k = Array(i4);
  for (f5 = 0; f5 < i4; f5++) null != (o5 = t5[f5]) && "boolean" != typeof o5 && "function" != typeof o5 ? ("object" != typeof o5 || o5.constructor === String ? o5 = k4[f5] = m(null, o5) : w(o5) ? o5 = k4[f5] = m($, { children: o5 }) : o5.constructor === h && o5.__b ? o5 = k4[f5] = m(o5.type, o5.props, o5.key, o5.ref, o5.__v) : k4[f5] = o5, l4 = f5 + _5, o5.__ = n3, o5.__b = n3.__b + 1, e4 = null, ~(c4 = o5.__i = P(o5, r4, l4, d5)) && (d5--, (e4 = r4[c4]) && (e4.__u |= 2)), e4 && e4.__v ? (o5.__u |= 16, c4 == l4 - 1 ? _5-- : c4 == l4 + 1 ? _5++ : c4 != l4 && (c4 > l4 ? _5-- : _5++, g5 = 1)) : (~c4 || (i4 > v4 ? _5-- : i4 < v4 && _5++), "function" != typeof o5.type && (o5.__u |= 4))) : k4[f5] = null;
  if (g5) {
    for (a5 = [], s4 = [], f5 = 0; f5 < i4; f5++) if ((o5 = k4[f5]) && 16 & o5.__u) {
      for (_5 = 0, p5 = a5.length; _5 < p5; ) a5[y5 = _5 + p5 >> 1] < o5.__i ? _5 = y5 + 1 : p5 = y5;
      a5[_5] = o5.__i, s4[f5] = _5 + 1;
    }
    for (_5 = a5.length; f5--; ) s4[f5] && (s4[f5] == _5 ? _5-- : k4[f5].__u |= 4);
  }
  if (d5) for (f5 = 0; f5 < v4; f5++) !(e4 = r4[f5]) || 2 & e4.__u || (e4.__e == u4 && (u4 = S(e4)), J(e4, e4));
  return u4;
}
function A(n3, t5, r4, u4) {
  var i4, f5, o5, e4;
  if ("function" == typeof n3.type) {
    if (n3.props.__P) return t5;
    if (i4 = n3.__k) for (f5 = 0; f5 < i4.length; f5++) i4[f5] && (i4[f5].__ = n3, t5 = A(i4[f5], t5, r4, false));
    return t5;
  }
  for (t5 && !t5.parentNode && (t5 = S(n3)) && !t5.parentNode && (t5 = null), o5 = n3.__e, e4 = t5; e4 && 8 == e4.nodeType; ) e4 = e4.nextSibling;
  for (o5 != e4 && (!u4 && r4.moveBefore && o5.parentNode ? r4.moveBefore(o5, t5) : r4.insertBefore(o5, t5 || null)), t5 = o5; (t5 = t5 && t5.nextSibling) && 8 == t5.nodeType && !t5.data.startsWith("$s"); ) ;
  return t5;
}
function P(n3, t5, r4, u4) {
  var i4, f5 = n3.key, o5 = n3.type, e4 = t5[r4], l4 = e4 && !(2 & e4.__u);
  if (null === e4 && null == f5 || l4 && f5 == e4.key && o5 == e4.type) return r4;
  if (u4 > (l4 ? 1 : 0)) {
    for (i4 = r4 - 1; i4 >= 0; i4--) if ((e4 = t5[i4]) && !(2 & e4.__u) && f5 == e4.key && o5 == e4.type) return i4;
    for (i4 = r4 + 1; i4 < t5.length; i4++) if ((e4 = t5[i4]) && !(2 & e4.__u) && f5 == e4.key && o5 == e4.type) return i4;
  }
  return -1;
}
function T(n3, t5, r4) {
  null == r4 && (r4 = ""), "-" == t5[0] ? n3.setProperty(t5, r4) : n3[t5] = r4;
}
function N(n3, t5, r4, u4, i4) {
  var f5, o5;
  if ("style" == t5) if ("string" == typeof r4) n3.style.cssText = r4;
  else {
    if ("string" == typeof u4 && (n3.style.cssText = u4 = ""), u4) for (t5 in u4) r4 && t5 in r4 || T(n3.style, t5);
    if (r4) for (t5 in r4) u4 && r4[t5] == u4[t5] || T(n3.style, t5, r4[t5]);
  }
  else if ("o" == t5[0] && "n" == t5[1]) "function" != typeof r4 && (r4 = null), "function" != typeof u4 && (u4 = null), (n3.__e || (n3.__e = {}))[t5] = r4, r4 && u4 || (o5 = a[t5] || (a[t5] = V(t5)), (n3.__a || (n3.__a = {}))[t5] = c, f5 = t5 != (t5 = t5.replace(l, "$1")), (t5 = t5.slice(2))[0] < "a" && (t5 = t5.toLowerCase()), r4 ? n3.addEventListener(t5, o5, f5) : n3.removeEventListener(t5, o5, f5));
  else {
    if ("http://www.w3.org/2000/svg" == i4) t5 = t5.replace(/xlink(H|:h)/, "h").replace(/sName$/, "s");
    else if ("width" != t5 && "height" != t5 && "href" != t5 && "list" != t5 && "form" != t5 && "tabIndex" != t5 && "download" != t5 && "rowSpan" != t5 && "colSpan" != t5 && "role" != t5 && "popover" != t5 && t5 in n3) try {
      return void (n3[t5] = null == r4 ? "" : r4);
    } catch (n4) {
    }
    if ("function" == typeof r4) return;
    null == r4 || false === r4 && "-" != t5[4] ? n3.removeAttribute(t5) : n3.setAttribute(t5, "popover" == t5 && 1 == r4 ? "" : r4);
  }
}
function V(t5) {
  return function(r4) {
    var u4 = this.__e;
    if (u4) {
      if (u4 = u4[t5], null == r4[e]) r4[e] = c++;
      else if (r4[e] < this.__a[t5]) return;
      return u4(n.event ? n.event(r4) : r4);
    }
  };
}
function z(t5, r4, u4, i4, f5, o5, e4, l4, c4, a5) {
  var s4, p5, v4, d5, k4, b3, m5, M3, C3, j3, L2, H2, q2, A4, O2, P3, T4, N2, V2 = r4.type;
  if (r4.constructor !== h) return null;
  128 & u4.__u && (c4 = 32 & u4.__u, s4 = u4.__c.__z) && (r4.__u |= c4, p5 = o5 = [], 8 == s4.nodeType ? l4 = B(s4, o5) : o5.push(s4), l4 = o5[0] || l4), (s4 = n.__b) && s4(r4);
  n: if ("function" == typeof V2) {
    v4 = e4.length;
    try {
      if (M3 = r4.props, C3 = (s4 = V2.prototype) && s4.render, j3 = (s4 = V2.contextType) && i4[s4.__c], L2 = s4 ? j3 ? j3.props.value : s4.__ : i4, (d5 = u4.__c) ? (r4.__c = d5, 2 & d5.__g && (d5.__g |= 1)) : (C3 ? r4.__c = d5 = new V2(M3, L2) : (r4.__c = d5 = new x(M3, L2), d5.constructor = V2, d5.render = K), j3 && j3.sub(d5), d5.state || (d5.state = {}), d5.__n = i4, d5.__g |= 8, d5.__h = [], d5.__k = []), C3 && (d5.__s || (d5.__s = d5.state), V2.getDerivedStateFromProps && (d5.__s == d5.state && (d5.__s = _({}, d5.__s)), _(d5.__s, V2.getDerivedStateFromProps(M3, d5.__s)))), k4 = d5.props, b3 = d5.state, d5.__v = r4, u4.__c) {
        if (M3 !== k4 && C3 && !V2.getDerivedStateFromProps && d5.componentWillReceiveProps && d5.componentWillReceiveProps(M3, L2), r4.__v == u4.__v && !(8 & d5.__g) || !(4 & d5.__g) && d5.shouldComponentUpdate && false === d5.shouldComponentUpdate(M3, d5.__s, L2)) {
          r4.__v != u4.__v && (d5.props = M3, d5.state = d5.__s, d5.__g &= -9), r4.__e = u4.__e, r4.__k = u4.__k, r4.__k.some(function(n3) {
            n3 && (n3.__ = r4);
          }), y.push.apply(d5.__h, d5.__k), d5.__k = [], d5.__h.length && e4.push(d5), l4 = S(u4);
          break n;
        }
        d5.componentWillUpdate && d5.componentWillUpdate(M3, d5.__s, L2), C3 && d5.componentDidUpdate && d5.__h.push(function() {
          d5.componentDidUpdate(k4, b3, m5);
        });
      } else C3 && !V2.getDerivedStateFromProps && d5.componentWillMount && d5.componentWillMount(), C3 && d5.componentDidMount && d5.__h.push(d5.componentDidMount);
      d5.context = L2, d5.props = M3, d5.__P = t5, d5.__g &= -5, H2 = n.__r, q2 = C3 ? 25 : 0;
      do {
        d5.__g &= -9, H2 && H2(r4), s4 = d5.render(d5.props, d5.state = d5.__s, d5.context);
      } while (8 & d5.__g && ++q2 < 25);
      C3 && (y.push.apply(d5.__h, d5.__k), d5.__k = []), d5.state = d5.__s, d5.getChildContext && (i4 = _({}, i4, d5.getChildContext())), C3 && u4.__c && d5.getSnapshotBeforeUpdate && (m5 = d5.getSnapshotBeforeUpdate(k4, b3)), A4 = s4 && s4.type === $ && null == s4.key ? s4.props.children : s4, M3.__P && (s4 = l4, f5 = (t5 = M3.__P).namespaceURI, c4 = o5 = null, u4.props && u4.props.__P != t5 && (u4.__k.some(function(n3) {
        n3 && J(n3, n3);
      }), u4.__k = null), l4 = u4.__k ? S(u4, 0) : null), l4 = I(t5, w(A4) ? A4 : [A4], r4, u4, i4, f5, o5, e4, l4, c4, a5), M3.__P && (r4.__e = null, l4 = s4), r4.__u &= -161, p5 && p5.some(g), d5.__h.length && e4.push(d5), 1 & d5.__g && (d5.__g &= -4);
    } catch (t6) {
      if (e4.length = v4, r4.__v = null, c4 || o5) if (t6 && t6.then) {
        if (r4.__u |= 128 | c4, o5) {
          for (~(T4 = o5.indexOf(l4 || void 0)) || (T4 = o5.length); (N2 = o5[T4 - 1]) && 8 == N2.nodeType; ) T4--;
          for (; T4 < o5.length; T4++) if (N2 = o5[T4]) if (o5[T4] = null, O2) {
            if (N2 == P3) break;
          } else {
            if (8 != N2.nodeType) break;
            N2.data.startsWith("$s") && (P3 = B(O2 = N2));
          }
        }
        if (!O2) {
          for (; l4 && 8 == l4.nodeType && l4.nextSibling; ) l4 = l4.nextSibling;
          O2 = l4;
        }
        (s4 = B(O2 = r4.__c.__z || (r4.__c.__z = O2))) ? (r4.__e = O2, l4 = s4) : r4.__e = l4, l4 = l4 && l4.nextSibling;
      } else o5 && o5.some(g);
      else r4.__e = u4.__e;
      r4.__k || (r4.__k = u4.__k || []), t6 && t6.then || D(r4), n.__e(t6, r4, u4);
    }
  } else l4 = r4.__e = F(u4.__e, r4, u4, i4, f5, o5, e4, c4, a5, t5);
  return (s4 = n.diffed) && s4(r4), l4;
}
function B(n3, t5) {
  if (n3 && 8 == n3.nodeType && n3.data.startsWith("$s")) for (var r4 = 1; n3 = n3.nextSibling; ) {
    if (8 == n3.nodeType) {
      if (n3.data.startsWith("$s")) r4++;
      else if (n3.data.startsWith("/$s") && !--r4) return n3;
    }
    t5 && t5.push(n3);
  }
}
function D(n3) {
  n3 && (n3.__c && (n3.__c.__g |= 4), n3.__k && n3.__k.some(D));
}
function E(t5, r4, u4) {
  for (var i4 = 0; i4 < u4.length; ) G(u4[i4++], u4[i4++], u4[i4++]);
  n.__c && n.__c(r4, t5), t5.some(function(r5) {
    try {
      t5 = r5.__h, r5.__h = [], t5.some(function(n3) {
        n3.call(r5);
      });
    } catch (t6) {
      n.__e(t6, r5.__v);
    }
  });
}
function F(t5, r4, u4, i4, f5, o5, e4, l4, c4, a5) {
  var s4, h5, y5, _5, k4, b3, m5, M3, $2 = u4.props || p, x3 = r4.props, C3 = r4.type;
  if ("svg" == C3 ? f5 = "http://www.w3.org/2000/svg" : "math" == C3 ? f5 = "http://www.w3.org/1998/Math/MathML" : f5 || (f5 = "http://www.w3.org/1999/xhtml"), o5) {
    for (s4 = 0; s4 < o5.length; s4++) if ((k4 = o5[s4]) && (C3 ? k4.localName == C3 : 3 == k4.nodeType)) {
      t5 = k4, o5[s4] = null;
      break;
    }
  }
  if (!t5) {
    if (M3 = a5.ownerDocument || document, !C3) return M3.createTextNode(x3);
    t5 = M3.createElementNS(f5, C3, x3.is ? x3 : a5), l4 && (n.__m && n.__m(r4, o5), l4 = false), o5 = null;
  }
  if (C3) {
    if (a5 = "template" == C3 && t5.content || t5, o5 = "textarea" == C3 && null != x3.defaultValue ? null : o5 && d.call(a5.childNodes), !l4 && o5) for ($2 = {}, s4 = 0; s4 < t5.attributes.length; s4++) $2[(k4 = t5.attributes[s4]).name] = k4.value;
    for (s4 in $2) k4 = $2[s4], "dangerouslySetInnerHTML" == s4 ? y5 = k4 : "children" == s4 || s4 in x3 || "value" == s4 && "defaultValue" in x3 || "checked" == s4 && "defaultChecked" in x3 || N(t5, s4, null, k4, f5);
    for (s4 in x3) k4 = x3[s4], "children" == s4 ? _5 = k4 : "dangerouslySetInnerHTML" == s4 ? h5 = k4 : "value" == s4 ? b3 = k4 : "checked" == s4 ? m5 = k4 : l4 && "function" != typeof k4 || $2[s4] === k4 || N(t5, s4, k4, $2[s4], f5);
    h5 ? (l4 || y5 && (h5.__html == y5.__html || h5.__html == t5.innerHTML) || (t5.innerHTML = h5.__html), r4.__k = []) : (y5 && (t5.textContent = ""), ("foreignObject" == C3 || "http://www.w3.org/1998/Math/MathML" == f5 && v.test(C3)) && (f5 = "http://www.w3.org/1999/xhtml"), I(a5, w(_5) ? _5 : [_5], r4, u4, i4, f5, o5, e4, o5 ? o5[0] : u4.__k && S(u4, 0), l4, c4), o5 && o5.some(g)), l4 && "textarea" != C3 || (s4 = "value", "progress" == C3 && null == b3 ? t5.removeAttribute(s4) : null == b3 || b3 === t5[s4] && ("progress" != C3 || b3) || N(t5, s4, b3, $2[s4], f5), s4 = "checked", null != m5 && m5 != t5[s4] && N(t5, s4, m5, $2[s4], f5));
  } else $2 === x3 || l4 && t5.data == x3 || (t5.data = x3);
  return t5;
}
function G(t5, r4, u4, i4) {
  try {
    "function" == typeof t5 ? r4 ? r4.__x = t5(r4) || 1 : i4 && (i4 = i4.__c || i4.__e) && (r4 = i4.__x) && (i4.__x = null, "function" == typeof r4 ? r4() : t5(null)) : t5.current = r4;
  } catch (t6) {
    n.__e(t6, u4);
  }
}
function J(t5, r4, u4) {
  var i4, f5, o5, e4;
  if (n.unmount && n.unmount(t5), !(i4 = t5.ref) || i4.current && i4.current != t5.__e || G(i4, null, r4, t5), i4 = t5.__c) {
    if (i4.componentWillUnmount) try {
      i4.componentWillUnmount();
    } catch (t6) {
      n.__e(t6, r4);
    }
    i4.__P = i4.__n = null;
  }
  if (i4 = t5.__k) for (e4 = 0; e4 < i4.length; e4++) i4[e4] && J(i4[e4], r4, "function" != typeof t5.type || u4 && !t5.props.__P);
  !u4 && (i4 = t5.__c) && (i4 = i4.__z) && (f5 = B(i4, o5 = [])) && (i4 == t5.__e && o5.some(g), g(f5), g(i4)), u4 || g(t5.__e), t5.__e = t5.__c = t5.__ = null;
}
function K(n3, t5, r4) {
  return this.constructor(n3, r4);
}
function Q(t5, r4) {
  var u4, i4, f5, o5;
  n.__ && n.__(t5, r4), 9 == r4.nodeType && (r4 = r4.documentElement), i4 = (u4 = t5 && 32 & t5.__u) ? null : r4.__k, r4.__k = m($, { children: [t5] }), f5 = [], o5 = [], z(r4, r4.__k, i4 || p, p, r4.namespaceURI, i4 ? null : r4.firstChild ? d.call(r4.childNodes) : null, f5, i4 ? i4.__e : r4.firstChild, u4, o5), E(f5, r4.__k, o5), r4.__k.props.children = null;
}
n = { __e: function(n3, t5, r4, u4) {
  for (var i4, o5, e4; t5 = t5.__; ) if ((i4 = t5.__c) && !(1 & i4.__g)) {
    i4.__g |= 4;
    try {
      if ((e4 = (o5 = i4.constructor) && o5.getDerivedStateFromError) && i4.setState(o5.getDerivedStateFromError(n3)), i4.componentDidCatch && (i4.componentDidCatch(n3, u4 || {}), e4 = 1), e4 && 8 & i4.__g) return void (i4.__g |= 2);
    } catch (t6) {
      n3 = t6;
    }
  }
  throw f = 0, n3;
} }, t = 0, r = function(n3) {
  return null != n3 && n3.constructor === h;
}, x.prototype.setState = function(n3, t5) {
  var r4 = this.__s;
  r4 && r4 != this.state || (r4 = this.__s = _({}, this.state)), "function" == typeof n3 && (n3 = n3(_({}, r4), this.props)), n3 && (_(r4, n3), this.__v && (t5 && this.__k.push(t5), L(this)));
}, x.prototype.forceUpdate = function(n3) {
  this.__v && (this.__g |= 4, n3 && this.__h.push(n3), L(this));
}, x.prototype.render = $, u = [], f = 0, o = function(n3, t5) {
  return n3.__v.__b - t5.__v.__b;
}, e = /* @__PURE__ */ Symbol(), l = /(PointerCapture)$|Capture$/i, c = 0, a = {}, s = 0;

// vendor/preact/hooks/dist/hooks.mjs
var t2;
var r2;
var u2;
var i2;
var o2 = Object.is;
var f2 = 0;
var c2 = [];
var e2 = [];
var a2 = n;
var v2 = a2.__b;
var l2 = a2.__r;
var m2 = a2.diffed;
var h2 = a2.__c;
var s2 = a2.unmount;
var p2 = a2.__;
function y2(n3, t5) {
  a2.__h && a2.__h(r2, n3, f2 || t5), f2 = 0;
  var u4 = r2.__H || (r2.__H = { __: [], __h: [] });
  return n3 >= u4.__.length && u4.__.push({}), u4.__[n3];
}
function d2(n3) {
  return f2 = 1, _2(G2, n3);
}
function _2(n3, u4, i4) {
  var f5 = y2(t2++, 2);
  if (f5.t = n3, !f5.__c && (f5.__ = [i4 ? i4(u4) : G2(void 0, u4), function(n4) {
    var t5 = (f5.__N || f5.__)[0], r4 = f5.t(t5, n4);
    o2(t5, r4) || (f5.__N = [r4, f5.__[1]], f5.__c.setState({}));
  }], f5.__c = r2, !r2.__f)) {
    r2.__f = true;
    var c4 = r2.shouldComponentUpdate;
    r2.shouldComponentUpdate = function(n4, t5, r4) {
      var u5 = this.__H;
      if (!u5) return true;
      var i5 = false, f6 = this.props != n4;
      if (u5.__.some(function(n5) {
        n5.__N && (i5 = true, o2(n5.__[0], n5.__N[0]) || (f6 = true));
      }), c4) {
        var e4 = c4.call(this, n4, t5, r4);
        return i5 ? e4 || f6 : e4;
      }
      return !i5 || f6;
    };
  }
  return f5.__;
}
function A2(n3, u4) {
  var i4 = y2(t2++, 3);
  !a2.__s && E2(i4.__H, u4) && (i4.__P = true, i4.__ = n3, i4.u = u4, r2.__H.__h.push(i4));
}
function F2(n3, u4) {
  var i4 = y2(t2++, 4);
  !a2.__s && E2(i4.__H, u4) && (i4.__P = false, i4.__ = n3, i4.u = u4, r2.__h.push(i4));
}
function T2(n3) {
  return f2 = 5, w2(function() {
    return { current: n3 };
  }, []);
}
function w2(n3, r4) {
  var u4 = y2(t2++, 7);
  return E2(u4.__H, r4) && (u4.__ = n3(), u4.__H = r4), u4.__;
}
function P2() {
  var n3 = y2(t2++, 11);
  if (!n3.__) {
    for (var u4 = r2.__v; !u4.__m && u4.__; ) u4 = u4.__;
    var i4 = u4.__m || (u4.__m = [0, 0]);
    n3.__ = "P" + i4[0] + "-" + i4[1]++;
  }
  return n3.__;
}
function g2() {
  var n3;
  do {
    for (; n3 = e2.shift(); ) try {
      C2(n3);
    } catch (t6) {
      a2.__e(t6, { __: (n3 = n3.__P) && n3.__v });
    }
    for (; n3 = c2.shift(); ) {
      var t5 = n3.__H;
      if (n3.__P && t5) try {
        t5.__h.some(C2), t5.__h.some(D2), t5.__h = [];
      } catch (r4) {
        t5.__h = [], a2.__e(r4, n3.__v);
      }
    }
  } while (e2.length);
}
a2.__b = function(n3) {
  r2 = null, v2 && v2(n3);
}, a2.__ = function(n3, t5) {
  n3 && t5.__k && t5.__k.__m && (n3.__m = t5.__k.__m), p2 && p2(n3, t5);
}, a2.__r = function(n3) {
  l2 && l2(n3), t2 = 0;
  var i4 = (r2 = n3.__c).__H;
  i4 && (u2 == r2 ? r2.__h = [] : (i4.__h.some(C2), i4.__h.some(D2), t2 = 0), i4.__h = [], i4.__.some(function(n4) {
    n4.__N && (n4.__ = n4.__N), n4.u = n4.__N = void 0;
  })), u2 = r2;
}, a2.diffed = function(n3) {
  m2 && m2(n3);
  var t5 = n3.__c;
  t5 && t5.__H && (t5.__H.__h.length && B2(c2.push(t5)), t5.__H.__.some(function(n4) {
    n4.u && (n4.__H = n4.u);
  })), u2 = r2 = null;
}, a2.__c = function(n3, t5) {
  t5.some(function(n4) {
    try {
      n4.__h.some(C2), n4.__h = n4.__h.filter(function(n5) {
        return !n5.__ || D2(n5);
      });
    } catch (t6) {
      n4.__h = [function() {
        throw t6;
      }];
    }
  }), h2 && h2(n3, t5);
}, a2.unmount = function(n3) {
  s2 && s2(n3);
  var t5, r4, u4 = n3.__c;
  u4 && u4.__H && (u4.__H.__.some(function(u5) {
    try {
      if (u5.__P && u5.__c) {
        if (void 0 === r4) {
          for (r4 = n3.__; r4 && (!r4.__c || !r4.__c.__P); ) r4 = r4.__;
          r4 = r4 && r4.__c;
        }
        u5.__P = r4, B2(e2.push(u5));
      } else C2(u5);
    } catch (n4) {
      t5 = n4;
    }
  }), u4.__H = void 0, t5 && a2.__e(t5, u4.__v));
};
var k2 = "function" == typeof requestAnimationFrame;
function z2(n3) {
  var t5, r4 = function() {
    clearTimeout(u4), k2 && cancelAnimationFrame(t5), setTimeout(n3);
  }, u4 = setTimeout(r4, 35);
  k2 && (t5 = requestAnimationFrame(r4));
}
function B2(n3) {
  1 != n3 && i2 == a2.requestAnimationFrame || ((i2 = a2.requestAnimationFrame) || z2)(g2);
}
function C2(n3) {
  var t5 = r2, u4 = n3.__c;
  "function" == typeof u4 && (n3.__c = void 0, u4()), r2 = t5;
}
function D2(n3) {
  var t5 = r2;
  n3.__c = n3.__(), r2 = t5;
}
function E2(n3, t5) {
  return !n3 || n3.length != t5.length || t5.some(function(t6, r4) {
    return !o2(t6, n3[r4]);
  });
}
function G2(n3, t5) {
  return "function" == typeof t5 ? t5(n3) : t5;
}

// vendor/@preact/signals-core/dist/signals-core.module.js
var i3 = /* @__PURE__ */ Symbol.for("preact-signals");
function t3() {
  if (!(v3 > 1)) {
    var i4, t5 = false;
    !(function() {
      var i5 = c3;
      c3 = void 0;
      while (void 0 !== i5) {
        var t6 = i5.S;
        if (t6.v === i5.v) {
          for (var r5 = t6.t; void 0 !== r5; r5 = r5.x) if (r5.i === i5.i) r5.i = t6.i;
        }
        i5 = i5.o;
      }
    })();
    while (void 0 !== h3) {
      var r4 = h3;
      h3 = void 0;
      s3++;
      while (void 0 !== r4) {
        var n3 = r4.u;
        r4.u = void 0;
        r4.f &= -3;
        if (!(8 & r4.f) && w3(r4)) try {
          r4.c();
        } catch (r5) {
          if (!t5) {
            i4 = r5;
            t5 = true;
          }
        }
        r4 = n3;
      }
    }
    s3 = 0;
    v3--;
    if (t5) throw i4;
  } else v3--;
}
function r3(i4) {
  if (v3 > 0) return i4();
  u3 = ++e3;
  v3++;
  try {
    return i4();
  } finally {
    t3();
  }
}
var n2;
var o3 = void 0;
function f3(i4) {
  var t5 = o3, r4 = n2;
  o3 = void 0;
  n2 = void 0;
  try {
    return i4();
  } finally {
    o3 = t5;
    n2 = r4;
  }
}
var h3 = void 0;
var v3 = 0;
var s3 = 0;
var e3 = 0;
var u3 = 0;
var c3 = void 0;
var a3 = 0;
function d3(i4) {
  if (void 0 !== o3) {
    var t5 = i4.n;
    if (void 0 === t5 || t5.t !== o3) {
      t5 = { i: 0, S: i4, p: o3.s, n: void 0, t: o3, e: void 0, x: void 0, r: t5 };
      if (void 0 !== o3.s) o3.s.n = t5;
      o3.s = t5;
      i4.n = t5;
      if (32 & o3.f) i4.S(t5);
      return t5;
    } else if (-1 === t5.i) {
      t5.i = 0;
      if (void 0 !== t5.n) {
        t5.n.p = t5.p;
        if (void 0 !== t5.p) t5.p.n = t5.n;
        t5.p = o3.s;
        t5.n = void 0;
        o3.s.n = t5;
        o3.s = t5;
      }
      return t5;
    }
  }
}
function l3(i4, t5) {
  this.v = i4;
  this.i = 0;
  this.n = void 0;
  this.t = void 0;
  this.l = 0;
  this.W = null == t5 ? void 0 : t5.watched;
  this.Z = null == t5 ? void 0 : t5.unwatched;
  this.name = null == t5 ? void 0 : t5.name;
}
l3.prototype.brand = i3;
l3.prototype.h = function() {
  return true;
};
l3.prototype.S = function(i4) {
  var t5 = this, r4 = this.t;
  if (r4 !== i4 && void 0 === i4.e) {
    i4.x = r4;
    this.t = i4;
    if (void 0 !== r4) r4.e = i4;
    else f3(function() {
      var i5;
      null == (i5 = t5.W) || i5.call(t5);
    });
  }
};
l3.prototype.U = function(i4) {
  var t5 = this;
  if (void 0 !== this.t) {
    var r4 = i4.e, n3 = i4.x;
    if (void 0 !== r4) {
      r4.x = n3;
      i4.e = void 0;
    }
    if (void 0 !== n3) {
      n3.e = r4;
      i4.x = void 0;
    }
    if (i4 === this.t) {
      this.t = n3;
      if (void 0 === n3) f3(function() {
        var i5;
        null == (i5 = t5.Z) || i5.call(t5);
      });
    }
  }
};
l3.prototype.subscribe = function(i4) {
  var t5 = this;
  return x2(function() {
    var r4 = t5.value;
    f3(function() {
      return i4(r4);
    });
  }, { name: "sub" });
};
l3.prototype.valueOf = function() {
  return this.value;
};
l3.prototype.toString = function() {
  return this.value + "";
};
l3.prototype.toJSON = function() {
  return this.value;
};
l3.prototype.peek = function() {
  var i4 = this;
  return f3(function() {
    return i4.value;
  });
};
Object.defineProperty(l3.prototype, "value", { get: function() {
  var i4 = d3(this);
  if (void 0 !== i4) i4.i = this.i;
  return this.v;
}, set: function(i4) {
  if (i4 !== this.v) {
    if (s3 > 100) throw new Error("Cycle detected");
    !(function(i5) {
      if (0 !== v3 && 0 === s3) {
        if (i5.l !== u3) {
          i5.l = u3;
          c3 = { S: i5, v: i5.v, i: i5.i, o: c3 };
        }
      }
    })(this);
    this.v = i4;
    this.i++;
    a3++;
    v3++;
    try {
      for (var r4 = this.t; void 0 !== r4; r4 = r4.x) r4.t.N();
    } finally {
      t3();
    }
  }
} });
function y3(i4, t5) {
  return new l3(i4, t5);
}
function w3(i4) {
  for (var t5 = i4.s; void 0 !== t5; t5 = t5.n) if (t5.S.i !== t5.i || !t5.S.h() || t5.S.i !== t5.i) return true;
  return false;
}
function b(i4) {
  for (var t5 = i4.s; void 0 !== t5; t5 = t5.n) {
    var r4 = t5.S.n;
    if (void 0 !== r4) t5.r = r4;
    t5.S.n = t5;
    t5.i = -1;
    if (void 0 === t5.n) {
      i4.s = t5;
      break;
    }
  }
}
function _3(i4) {
  var t5 = i4.s, r4 = void 0;
  while (void 0 !== t5) {
    var n3 = t5.p;
    if (-1 === t5.i) {
      t5.S.U(t5);
      if (void 0 !== n3) n3.n = t5.n;
      if (void 0 !== t5.n) t5.n.p = n3;
    } else r4 = t5;
    t5.S.n = t5.r;
    if (void 0 !== t5.r) t5.r = void 0;
    t5 = n3;
  }
  i4.s = r4;
}
function j2(i4, t5) {
  l3.call(this, void 0, t5);
  this.x = i4;
  this.s = void 0;
  this.g = a3 - 1;
  this.f = 4;
}
j2.prototype = new l3();
j2.prototype.h = function() {
  this.f &= -3;
  if (1 & this.f) return false;
  if (32 == (36 & this.f)) return true;
  this.f &= -5;
  if (this.g === a3) return true;
  this.g = a3;
  this.f |= 1;
  if (this.i > 0 && !w3(this)) {
    this.f &= -2;
    return true;
  }
  var i4 = o3;
  try {
    b(this);
    o3 = this;
    var t5 = this.x();
    if (16 & this.f || this.v !== t5 || 0 === this.i) {
      this.v = t5;
      this.f &= -17;
      this.i++;
    }
  } catch (i5) {
    this.v = i5;
    this.f |= 16;
    this.i++;
  }
  o3 = i4;
  _3(this);
  this.f &= -2;
  return true;
};
j2.prototype.S = function(i4) {
  if (void 0 === this.t) {
    this.f |= 36;
    for (var t5 = this.s; void 0 !== t5; t5 = t5.n) t5.S.S(t5);
  }
  l3.prototype.S.call(this, i4);
};
j2.prototype.U = function(i4) {
  if (void 0 !== this.t) {
    l3.prototype.U.call(this, i4);
    if (void 0 === this.t) {
      this.f &= -33;
      for (var t5 = this.s; void 0 !== t5; t5 = t5.n) t5.S.U(t5);
    }
  }
};
j2.prototype.N = function() {
  if (!(2 & this.f)) {
    this.f |= 6;
    for (var i4 = this.t; void 0 !== i4; i4 = i4.x) i4.t.N();
  }
};
Object.defineProperty(j2.prototype, "value", { get: function() {
  if (1 & this.f) throw new Error("Cycle detected");
  var i4 = d3(this);
  this.h();
  if (void 0 !== i4) i4.i = this.i;
  if (16 & this.f) throw this.v;
  return this.v;
} });
function O(i4, t5) {
  return new j2(i4, t5);
}
function p3(i4) {
  var r4 = i4.j;
  i4.j = void 0;
  if ("function" == typeof r4) {
    v3++;
    var n3 = o3;
    o3 = void 0;
    try {
      r4();
    } catch (t5) {
      i4.f &= -2;
      i4.f |= 8;
      g3(i4);
      throw t5;
    } finally {
      o3 = n3;
      t3();
    }
  }
}
function g3(i4) {
  for (var t5 = i4.s; void 0 !== t5; t5 = t5.n) t5.S.U(t5);
  i4.x = void 0;
  i4.s = void 0;
  p3(i4);
}
function S2(i4) {
  if (o3 !== this) throw new Error("Out-of-order effect");
  _3(this);
  o3 = i4;
  this.f &= -2;
  try {
    if (8 & this.f) g3(this);
  } finally {
    t3();
  }
}
function m3(i4, t5) {
  this.x = i4;
  this.j = void 0;
  this.s = void 0;
  this.u = void 0;
  this.f = 32;
  this.name = null == t5 ? void 0 : t5.name;
  if (n2) n2.push(this);
}
m3.prototype.c = function() {
  var i4 = this.S();
  try {
    if (8 & this.f) return;
    if (void 0 === this.x) return;
    var t5 = this.x();
    if ("function" == typeof t5) this.j = t5;
  } finally {
    i4();
  }
};
m3.prototype.S = function() {
  if (1 & this.f) throw new Error("Cycle detected");
  this.f |= 1;
  this.f &= -9;
  p3(this);
  b(this);
  v3++;
  var i4 = o3;
  o3 = this;
  return S2.bind(this, i4);
};
m3.prototype.N = function() {
  if (!(2 & this.f)) {
    this.f |= 2;
    this.u = h3;
    h3 = this;
  }
};
m3.prototype.d = function() {
  this.f |= 8;
  if (!(1 & this.f)) g3(this);
};
m3.prototype.dispose = function() {
  this.d();
};
function x2(i4, t5) {
  var r4 = new m3(i4, t5);
  try {
    r4.c();
  } catch (i5) {
    r4.d();
    throw i5;
  }
  var n3 = r4.d.bind(r4);
  n3[Symbol.dispose] = n3;
  return n3;
}

// vendor/@preact/signals/dist/signals.module.js
var h4;
var d4;
var p4;
var m4 = "undefined" != typeof window && !!window.__PREACT_SIGNALS_DEVTOOLS__;
var g4 = [];
x2(function() {
  h4 = this.N;
})();
function b2(i4, n3) {
  n[i4] = n3.bind(null, n[i4] || function() {
  });
}
function y4(i4) {
  if (p4) {
    var n3 = p4;
    p4 = void 0;
    n3();
  }
  p4 = i4 && i4.S();
}
function w4(i4) {
  var n3 = this, r4 = i4.data, t5 = useSignal(r4);
  t5.name = "ReactiveDom";
  t5.value = r4;
  var e4 = w2(function() {
    var i5 = n3, r5 = n3.__v;
    while (r5 = r5.__) if (r5.__c) {
      r5.__c.__$f |= 4;
      break;
    }
    var o5 = O(function() {
      var i6 = t5.value.value;
      return 0 === i6 ? 0 : true === i6 ? "" : i6 || "";
    }), e5 = O(function() {
      return !Array.isArray(o5.value) && !r(o5.value);
    }), u5 = x2(function() {
      this.N = M;
      if (e5.value) {
        var n4 = o5.value;
        if (i5.__v && i5.__v.__e && 3 === i5.__v.__e.nodeType) i5.__v.__e.data = n4;
      }
    }), c5 = n3.__$u.d;
    n3.__$u.d = function() {
      u5();
      c5.call(this);
    };
    return [e5, o5];
  }, []), u4 = e4[0], c4 = e4[1];
  return u4.value ? c4.peek() : c4.value;
}
w4.displayName = "ReactiveTextNode";
Object.defineProperties(l3.prototype, { constructor: { configurable: true, value: k($, null).constructor }, type: { configurable: true, value: w4 }, props: { configurable: true, get: function() {
  var i4 = this;
  return { data: { get value() {
    return i4.value;
  } } };
} }, __b: { configurable: true, value: 1 } });
b2("__b", function(i4, n3) {
  y4();
  d4 = void 0;
  if ("string" == typeof n3.type) {
    var r4, t5 = n3.props;
    for (var f5 in t5) if ("children" !== f5) {
      var o5 = t5[f5];
      if (o5 instanceof l3) {
        if (!r4) n3.__np = r4 = {};
        r4[f5] = o5;
        t5[f5] = o5.peek();
      }
    }
  }
  i4(n3);
});
b2("__r", function(i4, r4) {
  i4(r4);
  if (r4.type !== $) {
    y4();
    var t5, f5 = r4.__c;
    if (f5) {
      f5.__$f &= -2;
      if (void 0 === (t5 = f5.__$u)) f5.__$u = t5 = (function(i5, n3) {
        var r5;
        x2(function() {
          r5 = this;
        }, { name: n3 });
        r5.c = i5;
        return r5;
      })(/* @__PURE__ */ (function(i5) {
        return function() {
          var n3;
          if (m4) null == (n3 = this.y) || n3.call(this);
          i5.__$f |= 1;
          i5.setState({});
        };
      })(f5), "function" == typeof r4.type ? r4.type.displayName || r4.type.name : "");
    }
    d4 = f5;
    y4(t5);
  }
});
b2("__e", function(i4, n3, r4, t5) {
  y4();
  d4 = void 0;
  i4(n3, r4, t5);
});
b2("diffed", function(i4, n3) {
  y4();
  d4 = void 0;
  var r4;
  if ("string" == typeof n3.type && (r4 = n3.__e)) {
    var t5 = n3.__np, f5 = n3.props, o5 = r4.U;
    if (o5) for (var e4 in o5) {
      var u4 = o5[e4];
      if (!(void 0 === u4 || t5 && e4 in t5)) {
        u4.d();
        o5[e4] = void 0;
      }
    }
    if (t5) {
      if (!o5) {
        o5 = {};
        r4.U = o5;
      }
      for (var a5 in t5) {
        var c4 = o5[a5], v4 = t5[a5];
        if (void 0 === c4) {
          c4 = k3(r4, a5, v4, f5);
          o5[a5] = c4;
        } else c4.o(v4, f5);
      }
    }
  }
  i4(n3);
});
function k3(i4, n3, r4, t5) {
  var f5 = n3 in i4 && void 0 === i4.ownerSVGElement, o5 = y3(r4);
  return { o: function(i5, n4) {
    o5.value = i5;
    t5 = n4;
  }, d: x2(function() {
    this.N = M;
    var r5 = o5.value.value;
    if (t5[n3] !== r5) {
      t5[n3] = r5;
      if (f5) i4[n3] = r5;
      else if (null != r5 && (false !== r5 || "-" === n3[4])) i4.setAttribute(n3, r5);
      else i4.removeAttribute(n3);
    }
  }) };
}
b2("unmount", function(i4, n3) {
  if ("string" == typeof n3.type) {
    var r4 = n3.__e;
    if (r4) {
      var t5 = r4.U;
      if (t5) {
        r4.U = void 0;
        for (var f5 in t5) {
          var o5 = t5[f5];
          if (o5) o5.d();
        }
      }
    }
    var e4 = n3.__np;
    if (e4) {
      var u4 = n3.props;
      for (var a5 in e4) u4[a5] = e4[a5];
    }
    n3.__np = void 0;
  } else {
    var c4 = n3.__c;
    if (c4) {
      c4.__$f |= 8;
      var v4 = c4.__$u;
      if (v4) {
        c4.__$u = void 0;
        v4.d();
      }
    }
  }
  i4(n3);
});
b2("__h", function(i4, n3, r4, t5) {
  if (t5 < 3) n3.__$f |= 2;
  i4(n3, r4, t5);
});
x.prototype.shouldComponentUpdate = function(i4, n3) {
  if (this.__R) return true;
  var r4 = this.__$u, t5 = r4 && void 0 !== r4.s;
  for (var f5 in n3) return true;
  if (this.__f || "boolean" == typeof this.u && true === this.u) {
    var o5 = 2 & this.__$f;
    if (!(t5 || o5 || 4 & this.__$f)) return true;
    if (1 & this.__$f) return true;
  } else {
    if (!(t5 || 4 & this.__$f)) return true;
    if (3 & this.__$f) return true;
  }
  for (var e4 in i4) if ("__source" !== e4 && i4[e4] !== this.props[e4]) return true;
  for (var u4 in this.props) if (!(u4 in i4)) return true;
  return false;
};
function useSignal(i4, n3) {
  return w2(function() {
    return y3(i4, n3);
  }, []);
}
var A3 = function(i4) {
  queueMicrotask(function() {
    queueMicrotask(i4);
  });
};
function F3() {
  r3(function() {
    var i4;
    while (i4 = g4.shift()) h4.call(i4);
  });
}
function M() {
  if (1 === g4.push(this)) (n.requestAnimationFrame || A3)(F3);
}

// src/core/http.ts
var Problem = class extends Error {
  constructor(status, reasons2, detail, requestId, retryAfter) {
    super(detail);
    this.status = status;
    this.reasons = reasons2;
    this.detail = detail;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
  status;
  reasons;
  detail;
  requestId;
  retryAfter;
  /** The code of the first reason. */
  get code() {
    return this.reasons[0]?.code ?? "internal";
  }
  has(code) {
    return this.reasons.some((r4) => r4.code === code);
  }
};
var events = { ended: (_5) => {
}, mustChangePassword: () => {
} };
var own = "/api/v1/console/";
var renewing = null;
function renew() {
  renewing ??= fetch(own + "refresh", { method: "POST" }).then((r4) => r4.ok || r4.status !== 401).catch(() => true).finally(() => {
    renewing = null;
  });
  return renewing;
}
async function once(r4) {
  const headers = new Headers(r4.headers);
  if (!headers.has("Accept")) headers.set("Accept", "application/json");
  let body = r4.raw;
  if (r4.json !== void 0) {
    headers.set("Content-Type", "application/json");
    body = JSON.stringify(r4.json);
  }
  const init = { method: r4.method, headers };
  if (body !== void 0) init.body = body;
  if (r4.signal) init.signal = r4.signal;
  try {
    return await fetch(r4.url, init);
  } catch (e4) {
    if (e4 instanceof DOMException && e4.name === "AbortError") throw e4;
    throw new Problem(0, [{ location: "request", message: "", code: "offline" }], "", "", 2);
  }
}
async function problemOf(answer) {
  const wait = Number(answer.headers.get("Retry-After"));
  let body = {};
  try {
    body = await answer.json();
  } catch {
  }
  return new Problem(
    answer.status,
    body.errors ?? [],
    body.detail ?? answer.statusText,
    body.request_id ?? answer.headers.get("X-Request-Id") ?? "",
    wait > 0 ? wait : null
  );
}
async function send(r4) {
  let answer = await once(r4);
  if (answer.status === 401 && !r4.url.startsWith(own) && await renew()) answer = await once(r4);
  if (answer.ok) return answer;
  const problem2 = await problemOf(answer);
  if (problem2.status === 401 && !r4.url.startsWith(own)) events.ended(problem2);
  if (problem2.has("password_change_required")) events.mustChangePassword();
  throw problem2;
}

// src/core/operation.ts
function address(template, input) {
  const path = template.replace(/\{(\w+)\}/g, (_5, name) => encodeURIComponent(String(input[name])));
  const query2 = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== void 0 && value !== null && value !== "") query2.set(name, String(value));
  }
  return query2.size > 0 ? `${path}?${query2}` : path;
}
function operation(method, template) {
  const call = async (given2, signal) => {
    const input = given2 ?? {};
    const headers = {};
    if (input.ifMatch) headers["If-Match"] = input.ifMatch;
    if (input.ifNoneMatch) headers["If-None-Match"] = input.ifNoneMatch;
    const request = { method, url: address(template, input), headers };
    if (signal) request.signal = signal;
    if (input.body instanceof Blob) request.raw = input.body;
    else if (input.body !== void 0) request.json = input.body;
    const answer = await send(request);
    const text = await answer.text();
    return { data: text ? JSON.parse(text) : void 0, etag: answer.headers.get("ETag") };
  };
  return Object.assign(call, { url: (input) => address(template, input ?? {}) });
}

// types/ctrl.ts
var alarmsList = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/alarms");
var alarmsStream = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/alarms/stream");
var alarmsGet = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/alarms/{id}");
var alarmsAck = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/alarms/{id}/ack");
var alarmsClose = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/alarms/{id}/close");
var alarmsComment = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/alarms/{id}/comment");
var alarmsUnack = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/alarms/{id}/unack");
var commandBindingsGet = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/command-bindings/{command_id}");
var commandsList = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/commands");
var commandsCreate = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/commands");
var commandsGet = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/commands/{id}");
var commandsApprove = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/commands/{id}/approve");
var commandsCancel = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/commands/{id}/cancel");
var commandsReject = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/commands/{id}/reject");
var commandsResolve = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/commands/{id}/resolve");
var commandsUndo = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/commands/{id}/undo");
var deliveriesList = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/deliveries");
var endpointsReplace = /* @__PURE__ */ operation("PUT", "/api/v1/ctrl/endpoints/{equipment_id}");
var endpointsDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/ctrl/endpoints/{equipment_id}");
var endpointsTest = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/endpoints/{equipment_id}/test");
var equipmentsGet = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/equipments/{equipment_id}");
var limitsList = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/limits");
var limitsCreate = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/limits");
var limitsSimulateCreate = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/limits/simulate");
var limitsGet = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/limits/{id}");
var limitsUpdate = /* @__PURE__ */ operation("PATCH", "/api/v1/ctrl/limits/{id}");
var limitsDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/ctrl/limits/{id}");
var queuesList = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/queues");
var queuesUpdate = /* @__PURE__ */ operation("PATCH", "/api/v1/ctrl/queues/{equipment_id}");
var receiversList = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/receivers");
var receiversCreate = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/receivers");
var receiversGet = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/receivers/{id}");
var receiversUpdate = /* @__PURE__ */ operation("PATCH", "/api/v1/ctrl/receivers/{id}");
var receiversDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/ctrl/receivers/{id}");
var receiversTest = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/receivers/{id}/test");
var routesList = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/routes");
var routesCreate = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/routes");
var routesGet = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/routes/{id}");
var routesUpdate = /* @__PURE__ */ operation("PATCH", "/api/v1/ctrl/routes/{id}");
var routesDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/ctrl/routes/{id}");
var shelvesCreate = /* @__PURE__ */ operation("POST", "/api/v1/ctrl/shelves");
var shelvesDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/ctrl/shelves/{alarm_id}");
var telemetryBindingsList = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/telemetry-bindings");
var telemetryStream = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/telemetry/stream");
var telemetryValues = /* @__PURE__ */ operation("GET", "/api/v1/ctrl/telemetry/values");

// types/auth.ts
var apiKeysList = /* @__PURE__ */ operation("GET", "/api/v1/auth/api-keys");
var apiKeysCreate = /* @__PURE__ */ operation("POST", "/api/v1/auth/api-keys");
var apiKeysDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/auth/api-keys/{id}");
var tokenLogoutAll = /* @__PURE__ */ operation("POST", "/api/v1/auth/logout-all");
var meGet = /* @__PURE__ */ operation("GET", "/api/v1/auth/me");
var meUpdate = /* @__PURE__ */ operation("PATCH", "/api/v1/auth/me");
var mePassword = /* @__PURE__ */ operation("POST", "/api/v1/auth/me/password");
var meSessions = /* @__PURE__ */ operation("GET", "/api/v1/auth/me/sessions");
var meSessionsDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/auth/me/sessions/{id}");
var rolesList = /* @__PURE__ */ operation("GET", "/api/v1/auth/roles");
var rolesCreate = /* @__PURE__ */ operation("POST", "/api/v1/auth/roles");
var rolesUpdate = /* @__PURE__ */ operation("PATCH", "/api/v1/auth/roles/{id}");
var rolesDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/auth/roles/{id}");
var usersList = /* @__PURE__ */ operation("GET", "/api/v1/auth/users");
var usersCreate = /* @__PURE__ */ operation("POST", "/api/v1/auth/users");
var usersGet = /* @__PURE__ */ operation("GET", "/api/v1/auth/users/{id}");
var usersUpdate = /* @__PURE__ */ operation("PATCH", "/api/v1/auth/users/{id}");
var usersDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/auth/users/{id}");
var usersBlock = /* @__PURE__ */ operation("POST", "/api/v1/auth/users/{id}/block");
var usersHistory = /* @__PURE__ */ operation("GET", "/api/v1/auth/users/{id}/history");
var usersLogoutAll = /* @__PURE__ */ operation("POST", "/api/v1/auth/users/{id}/logout-all");
var usersPassword = /* @__PURE__ */ operation("POST", "/api/v1/auth/users/{id}/password");
var usersSessions = /* @__PURE__ */ operation("GET", "/api/v1/auth/users/{id}/sessions");
var usersSessionsDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/auth/users/{id}/sessions/{sid}");
var usersUnblock = /* @__PURE__ */ operation("POST", "/api/v1/auth/users/{id}/unblock");

// types/console.ts
var sessionCreate = /* @__PURE__ */ operation("POST", "/api/v1/console/session");
var sessionDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/console/session");

// types/errors.ts
var meanings = {
  above_maximum: "The number is too large.",
  address_not_allowed: "The address lies outside the networks that the service may reach.",
  alarm_state: "The alarm is in a state in which this cannot be done: what is raised is not closed, what is shelved not shelved.",
  already_undone: "Another command undoes it, or is to; its id is in the message.",
  ambiguous_name: "Several items have the name; its path is needed.",
  api_key_invalid: "The API key is unknown, has ended, or is not allowed from this address.",
  archived: "The item is archived.",
  bad_address: "The driver cannot use the address.",
  bad_columns: "The first line does not name the catalogue's columns, each once.",
  bad_csv: "The file is not CSV, or a line has a value in a column without a name.",
  bad_cursor: "The cursor is damaged, or belongs to another list or to other filters.",
  bad_format: "The text does not have the form that it should: a time, an address, a UUID, a pattern.",
  bad_length: "The text has too few or too many characters.",
  bad_options: "The driver does not know the options, or needs others.",
  bad_read: "The driver cannot read by the template.",
  bad_receiver: "The address or the options of a receiver of notifications cannot be used.",
  bad_schema: "It is neither a JSON Schema (2020-12) nor {length, parser}.",
  bad_secret: "The driver cannot use the secret.",
  bad_template: "The driver cannot use the template, or its placeholders do not fit the arguments.",
  below_minimum: "The number is too small.",
  beyond_own_permissions: "The change concerns permissions that the caller does not hold.",
  body_timeout: "The body did not arrive in time.",
  busy: "Other calls got in the way, or more is to be done than can be taken; Retry-After says when to try again.",
  changed_meanwhile: "The item has changed since the version that the call names.",
  commands_active: "Commands are on their way that need it.",
  conflict: "The change clashes with existing data.",
  contradiction: "Two values say different things about the same.",
  credentials_required: "The call needs an access token or an API key.",
  crosses_180th_meridian: "The box must not cross the 180th meridian here.",
  cycle: "The item would become its own ancestor, or undo itself.",
  dependency_down: "The dependency that the location names does not work.",
  duplicates: "Two members of the list are equal.",
  endpoint_locked: "The equipment's endpoint is locked or shutting down.",
  excluded: "The value is one that is excluded.",
  expectation_failed: "The header Expect asks for something else than 100-continue.",
  forbidden: "The caller lacks the permission that the call needs.",
  forbidden_characters: "The text begins or ends with blanks, or holds NUL, control or invisible characters.",
  foreign_origin: "The call comes from a page of another origin.",
  given_up: "The client gave the request up; nobody receives this.",
  guid_taken: "The guid belongs to something with other content.",
  has_children: "There are items below the item.",
  has_commands: "Commands belong to the item.",
  hazard_unconfirmed: "The command is hazardous, and the call does not confirm it.",
  header_too_large: "The header is too large.",
  in_future: "The time lies too far in the future.",
  in_past: "The time must lie in the future.",
  in_use: "Other items refer to the item.",
  internal: "The service failed; its log says why, under the request_id.",
  invalid: "The value cannot be taken.",
  last_administrator: "No administrator would be left; another user must be made one first.",
  malformed: "The request, its path or its query string cannot be read.",
  meta_too_large: "meta and the fields that are not known take more room together than a trace has for them.",
  method_not_allowed: "The path does not know the method; the header Allow lists those that it knows.",
  mixed_units: "The values chosen are in several units, which cannot be put together.",
  more_errors: "There are more reasons than are listed.",
  name_taken: "Another item at this place has the name.",
  nests_too_deep: "Objects and lists nest too deep.",
  no_endpoint: "The equipment has no endpoint, or one of another driver than the command.",
  no_match: "The value fits none of the alternatives, or more than one of those that exclude each other.",
  no_power_unit: "The trace is in a unit that is no power.",
  no_reply: "The equipment does not answer.",
  no_route: "There is nothing at this path.",
  no_traces: "No trace lies in the range asked for.",
  no_undo: "The catalogue names no command that undoes it, or its binding no arguments for that.",
  not_a_multiple: "The number is not a multiple of what it should be.",
  not_allowed: "The value must not be given here.",
  not_archived: "The item is not archived, so that it cannot be restored.",
  not_bound: "The command has no binding, so that nobody knows how it is sent.",
  not_existing_then: "The item did not exist at the moment asked for.",
  not_finite: "The number is not finite (NaN, Infinity), or larger than any value can be.",
  not_found: "There is no such item, or it is archived.",
  not_json: "The body is not valid JSON, or goes on after its value.",
  not_null: "The value must not be null.",
  not_one_of: "The value is none of those that are known.",
  not_utf8: "The text is not valid UTF-8.",
  nothing_measured: "There are missing values alone.",
  offset_required: "The time must carry its offset from UTC.",
  out_of_range: "The number or the time lies outside its bounds.",
  outside_trace: "The signal, or the cut, lies outside its trace.",
  own_command: "Another person than the sender has to do this.",
  page_too_deep: "The page lies too deep; its cursor reaches it.",
  parameter_unknown: "There is no such telemetry parameter, or it is not said how it is read.",
  password_change_required: "The user must change the password before anything else.",
  password_common: "The password is one of those that are tried first.",
  password_is_name: "The password is the login or the name.",
  password_too_long: "The password may have at most 72 bytes in UTF-8.",
  password_too_short: "The password needs at least 12 characters.",
  password_unchanged: "The new password is the present one.",
  past_retention: "The time lies before what is kept: the trace would be removed at once.",
  person_needed: "A person has to do this, not an API key.",
  queue_gone: "The queue that the dead letter came from is gone; its service must run first.",
  range_too_long: "The time from the beginning to the end of the range is too long.",
  receiver_not_allowed: "The address lies outside the networks that notifications may go to.",
  reference_conflict: "Something that the change names does not exist, or what it removes is still in use.",
  reference_missing: "The item that the value names does not exist or is archived.",
  reference_outside: "The schema refers to something outside itself.",
  refresh_token_invalid: "The refresh token is unknown, has expired, was used before, or its session has ended.",
  repeated: "The value is given more than once.",
  required: "The value is missing.",
  second_source: "A parameter of a piece of equipment has one source: a binding, or the rate of one.",
  secret_unreadable: "There is no such secret, or the service cannot read it.",
  service_unreachable: "The service that the call is handed on to does not answer.",
  session_ended: "There is no session, or it has ended: log in.",
  stopping: "This instance is stopping; another one takes the call.",
  telemetry_unknown: "The catalogue has no live telemetry parameter of this name.",
  there_already: "If-None-Match excludes the present version, or any at all.",
  timeout: "The call took longer than it may.",
  token_expired: "The access token has expired; a refresh gets the next one.",
  token_invalid: "The access token is not one of this system's.",
  token_revoked: "The access token was revoked: its session has ended, or its user was changed or blocked.",
  too_complex: "The schema or the value is too large, too deep, or would take too long to check.",
  too_few: "The list or the object has too few members.",
  too_large: "The body, inflated, is larger than the call takes.",
  too_long: "The text has too many characters.",
  too_many: "The list or the object has too many members.",
  too_many_attempts: "Too many wrong passwords; Retry-After says when to try again.",
  too_many_requests: "More requests came than are taken; Retry-After says when to try again.",
  too_old: "The time lies before the window in which traces are accepted.",
  too_short: "The text has too few characters.",
  too_slow: "The events came faster than the client read them.",
  trace_missing: "The signal's trace has not arrived yet.",
  trace_withdrawn: "The trace was withdrawn; its guid stays taken.",
  tree_too_deep: "The tree would be deeper than 100 levels.",
  unavailable: "Something that the call needs does not work at present; Retry-After says when to try again.",
  undo_in_use: "Other commands name the command, or one of the item's, as their undo.",
  unknown_document: "The document does not have the form that export returns.",
  unknown_field: "The object has a member that is not known.",
  unknown_parameter: "The call does not know the query parameter.",
  unknown_permission: "There is no permission of this name.",
  unknown_role: "There is no such role.",
  unreadable_body: "The body did not arrive whole, or its compression is damaged.",
  unsupported_encoding: "Bodies may be compressed with gzip or zstd only.",
  unsupported_grant_type: "The grant is neither password nor refresh_token.",
  unsupported_media_type: "The call does not take bodies of this content type.",
  users_only: "The call is for users, not for API keys.",
  wrong_count: "The number is not that of the values.",
  wrong_credentials: "The login or the password is wrong; which of them is not said.",
  wrong_grid: "Start, stop, step and the number of values do not fit each other.",
  wrong_order: "Of two values that bound a range, the upper lies below the lower.",
  wrong_password: "It is not the present password.",
  wrong_state: "The command is in a state in which this cannot be done.",
  wrong_type: "The value is of another JSON type than it should be: a text for a number, a fraction for a whole number.",
  wrong_unit: "The value is given in another unit than the argument has; nothing is converted."
};

// src/lang/operations.en.ts
var operationsEn = {
  "page.alarms": "Alarms",
  "page.telemetry": "Telemetry",
  "severity.critical": "critical",
  "severity.major": "major",
  "severity.minor": "minor",
  "severity.warning": "warning",
  "severity.indeterminate": "indeterminate",
  "alarms.now": "Now",
  "alarms.past": "All there ever were",
  "alarms.notification": "Who is told",
  "alarms.deliveries": "What was told",
  "alarms.sound": "Sound",
  "alarms.title": "Number in the window's title",
  "alarms.bySeverity": "Alarms by severity",
  "alarms.waiting": "unacknowledged: {n}",
  "alarms.wait": "unacknowledged",
  "alarms.noneWaits": "none unacknowledged",
  "alarms.find": "Find in the list",
  "alarms.show": "Show",
  "alarms.toHandle": "to be handled",
  "alarms.none": "No alarms",
  "alarms.noneFound": "No alarms of this kind",
  "alarms.noneHere": "No alarms here",
  "alarms.never": "There was never an alarm here",
  "alarms.below": "With everything below it",
  "alarms.withPast": "Past ones too",
  "alarms.tooMany": "The {n} that were raised last are shown, of {total}. The rest is in the tab of all.",
  "alarms.ackAll": "Acknowledge all shown",
  "alarms.ackAll.help": "Alarms that count as seen by you then: {n}. One that changes meanwhile is left out.",
  "alarms.acked": "Acknowledged: {n}",
  "alarms.someFailed": "Not acknowledged, since they have changed or cannot be: {n}",
  "alarm.severity": "Severity",
  "alarm.what": "What",
  "alarm.state": "State",
  "alarm.raised": "Raised",
  "alarm.clearedAt": "Cleared",
  "alarm.value": "Value",
  "alarm.limit": "Limit",
  "alarm.kind": "Behaviour",
  "alarm.condition": "Condition",
  "alarm.present": "holds",
  "alarm.held": "has gone; the alarm stays raised",
  "alarm.cleared": "has gone",
  "alarm.operators": "Operators",
  "alarm.operator.none": "nobody has acknowledged it",
  "alarm.operator.ack": "acknowledged",
  "alarm.operator.closed": "closed",
  "alarm.operator.shelved": "shelved",
  "alarm.operator.un-shelved": "its shelf has ended; it waits again",
  "alarm.flapping": "flapping",
  "alarm.state.unack": "unacknowledged",
  "alarm.state.ack": "acknowledged",
  "alarm.state.rtn-unack": "cleared, unacknowledged",
  "alarm.state.normal": "normal",
  "alarm.state.shelved": "shelved",
  "alarm.state.suppressed": "suppressed",
  "alarm.state.out-of-service": "out of service",
  "alarm.state.unack.help": "The condition holds, and nobody has acknowledged it.",
  "alarm.state.ack.help": "The condition holds, and somebody knows.",
  "alarm.state.rtn-unack.help": "The condition has gone before anybody acknowledged it.",
  "alarm.state.normal.help": "The condition has gone, and that is known.",
  "alarm.state.shelved.help": "Somebody has put it aside until a moment; nobody is told of it meanwhile.",
  "alarm.state.suppressed.help": "An alarm above it in the tree explains it; nobody is told of it meanwhile.",
  "alarm.state.out-of-service.help": "The endpoint of its equipment is locked; nobody is told of it meanwhile.",
  "alarm.type.limit": "beyond a limit",
  "alarm.type.stale": "no values",
  "alarm.type.command-unknown": "command of unknown outcome",
  "alarm.say.limit": "{parameter} is {value}",
  "alarm.say.stale": "no values of {parameter}",
  "alarm.say.command-unknown": "a command may have been executed",
  "alarm.ack": "Acknowledge",
  "alarm.ackOne": "Acknowledge: {equipment}",
  "alarm.acked": "Acknowledged",
  "alarm.unack": "Take the acknowledgement back",
  "alarm.unacked": "It waits again",
  "alarm.close": "Close alarm",
  "alarm.closed": "Closed",
  "alarm.comment": "Comment",
  "alarm.comment.text": "What is to be said of it",
  "alarm.comment.help": "It goes along with an acknowledgement, too.",
  "alarm.comment.add": "Add the comment",
  "alarm.commented": "The comment is added",
  "alarm.shelf": "Shelved",
  "alarm.until": "until",
  "alarm.shelve": "Shelve",
  "alarm.shelve.help": "It leaves the list, and nobody is told of it, until the time is over. Then it waits for an acknowledgement again.",
  "alarm.shelve.for": "For how long",
  "alarm.shelve.hours": "{n} h",
  "alarm.shelve.days": "{n} d",
  "alarm.shelve.own": "until a moment of your choice",
  "alarm.shelve.until": "Until",
  "alarm.isShelved": "The alarm is shelved",
  "alarm.unshelve": "Take from the shelf",
  "alarm.unshelved": "Taken from the shelf, and acknowledged",
  "alarm.changed": "The alarm has changed meanwhile. Look at it again.",
  "alarm.event.raise": "raised",
  "alarm.event.worsen": "has got worse",
  "alarm.event.ease": "has got better",
  "alarm.event.subside": "the condition has gone; it stays raised",
  "alarm.event.return": "the condition is back",
  "alarm.event.clear": "cleared",
  "alarm.event.flap": "raised and cleared too often",
  "alarm.event.settle": "quiet again",
  "alarm.event.ack": "acknowledged",
  "alarm.event.unack": "acknowledgement taken back",
  "alarm.event.close": "closed",
  "alarm.event.comment": "commented",
  "alarm.event.shelve": "shelved",
  "alarm.event.unshelve": "taken from the shelf",
  "alarm.event.end_shelf": "its shelf has ended",
  "receivers.title": "Receivers",
  "receivers.none": "Nobody is told of alarms",
  "receiver.add": "Add a receiver",
  "receiver.name": "Name",
  "receiver.kind": "Kind",
  "receiver.kind.webhook": "webhook",
  "receiver.kind.smtp": "e-mail",
  "receiver.from": "Sender",
  "receiver.to": "To",
  "receiver.to.help": "Several are separated by commas",
  "receiver.security": "Encryption",
  "receiver.user": "Login at the mail server",
  "receiver.secret.smtp": "Name of a file in the service's directory of secrets, with the password",
  "receiver.secret.webhook": "Name of a file in the service's directory of secrets, with the key of the signatures",
  "receiver.heartbeat": "Sign of life every",
  "receiver.heartbeat.help": "A message that only says that the way works; empty: none",
  "receiver.state": "State",
  "receiver.enabled": "is told",
  "receiver.disabled": "is not told",
  "receiver.isEnabled": "It is told",
  "receiver.enabled.help": "What comes meanwhile is told when it is enabled again.",
  "receiver.test": "Test",
  "receiver.testOne": "Test: {name}",
  "receiver.remove": "Remove the receiver",
  "receiver.remove.help": "{name} is told nothing any more; the list of what it was told goes too.",
  "receiver.removed": "The receiver is removed",
  "routes.title": "Routes",
  "routes.none": "No alarm is told to anybody",
  "route.add": "Add a route",
  "route.receivers": "To whom",
  "route.severity": "From which severity on",
  "route.below": "Equipment",
  "route.everywhere": "all equipment",
  "route.types": "Kinds of alarms",
  "route.types.help": "None chosen: all",
  "route.group": "Told together within",
  "route.group.help": "What happens within this time is one message",
  "route.repeat": "Told again after",
  "route.repeat.help": "While nobody acknowledges it; empty: never",
  "route.remove": "Remove the route",
  "route.remove.help": "Nobody is told of anything by {name} any more.",
  "route.removed": "The route is removed",
  "deliveries.none": "Nothing was told yet",
  "delivery.state": "State",
  "delivery.state.waiting": "waiting",
  "delivery.state.delivered": "delivered",
  "delivery.state.failed": "failed",
  "delivery.kind": "Kind",
  "delivery.kind.alarms": "alarms",
  "delivery.kind.heartbeat": "sign of life",
  "delivery.kind.test": "test",
  "delivery.event.raised": "raised",
  "delivery.event.worse": "worse",
  "delivery.event.flapping": "flapping",
  "delivery.event.repeated": "still raised",
  "delivery.event.cleared": "cleared",
  "delivery.to": "To whom",
  "delivery.begun": "Begun",
  "delivery.ended": "Ended",
  "delivery.next": "Next attempt",
  "equipment.values": "Values",
  "telemetry.values": "Values",
  "telemetry.parameter": "Parameter",
  "telemetry.newest": "Newest values",
  "telemetry.none": "No values have come yet",
  "telemetry.noneThen": "No values in this time",
  "telemetry.waiting": "No values yet",
  "telemetry.polled": "All that is polled, as it comes. Choose equipment in the tree for everything of it.",
  "telemetry.quality": "Quality",
  "telemetry.age": "Age",
  "telemetry.mean": "Mean",
  "telemetry.range": "Lowest to highest",
  "telemetry.lowest": "Lowest",
  "telemetry.highest": "Highest",
  "telemetry.counted": "values: {n}",
  "telemetry.bad": "bad: {n}",
  "telemetry.changes": "Changes",
  "telemetry.since": "Since",
  "quality.good": "good",
  "quality.uncertain": "uncertain",
  "quality.bad": "bad",
  "quality.invalid": "invalid",
  "limits.title": "Limits",
  "limits.none": "No limits",
  "limit.add": "Add a limit",
  "limit.editOne": "Limit: {name}",
  "limit.name": "Name",
  "limit.whose": "Holds for",
  "limit.own": "this equipment",
  "limit.all": "all equipment",
  "limit.all.help": "all equipment that has no limit of its own for the parameter",
  "limit.levels": "Bounds",
  "limit.level": "Bound {n}",
  "limit.addLevel": "Add a bound",
  "limit.removeLevel": "Remove bound {n}",
  "limit.side": "Values",
  "limit.high": "above",
  "limit.low": "below",
  "limit.bound": "Bound",
  "limit.rearm": "Clears at",
  "limit.raiseAfter": "Raised after",
  "limit.clearAfter": "Cleared after",
  "limit.once": "one value",
  "limit.seconds": "some time",
  "limit.count": "several of the last values",
  "limit.secondsOf": "All values for",
  "limit.countOf": "So many",
  "limit.ofLast": "of the last",
  "limit.stale": "Stale after",
  "limit.stale.help": "Without a usable value; empty: never",
  "limit.staleSeverity": "Severity when stale",
  "limit.latched": "Stays raised until it is acknowledged",
  "limit.suppresses": "Suppresses alarms of equipment below while it is raised",
  "limit.tryOn": "Try it on the values of",
  "limit.tryNone": "nothing",
  "limit.past": "Tried on the last",
  "limit.notTried": "It cannot be tried so.",
  "limit.would": "It would have raised alarms: {n}; raised for {time} in all; values: {values}.",
  "limit.remove": "Remove the limit",
  "limit.remove.help": "{name} raises no alarms any more; those that it has raised are cleared.",
  "limit.removed": "The limit is removed",
  "span.30d": "30 days",
  "span.1y": "year",
  "span.own": "time of your choice",
  "event.ctrl.alarm.created": "An alarm was raised for the first time",
  "event.ctrl.alarm.updated": "An alarm has changed",
  "event.ctrl.limit.created": "A limit was made",
  "event.ctrl.limit.deleted": "A limit was removed",
  "event.ctrl.limit.updated": "A limit was changed",
  "event.ctrl.receiver.created": "A receiver of notifications was made",
  "event.ctrl.receiver.deleted": "A receiver of notifications was removed",
  "event.ctrl.receiver.updated": "A receiver of notifications was changed",
  "event.ctrl.route.created": "A route of notifications was made",
  "event.ctrl.route.deleted": "A route of notifications was removed",
  "event.ctrl.route.updated": "A route of notifications was changed",
  "event.ctrl.source.created": "A parameter is read",
  "event.ctrl.source.deleted": "A parameter is read no longer",
  "event.ctrl.source.updated": "How a parameter is read was changed"
};

// src/lang/en.ts
var en = {
  ...operationsEn,
  "app.name": "NMS console",
  "app.short": "NMS",
  "nav.label": "Main menu",
  "nav.side": "Side bar",
  "nav.menu": "Menu",
  "nav.skip": "Skip to the content",
  "nav.now": "Now",
  "nav.spectrum": "Spectrum",
  "nav.plant": "Network",
  "nav.administration": "Administration",
  "page.overview": "Overview",
  "page.live": "Live",
  "page.spectra": "Spectra",
  "page.equipment": "Equipment",
  "page.commands": "Commands",
  "page.catalogue": "Catalogues",
  "page.journal": "Journal",
  "page.people": "Users and access",
  "page.services": "Services",
  "page.profile": "Your profile",
  "action.all": "Show all",
  "action.apply": "Apply",
  "action.back": "Back",
  "action.cancel": "Cancel",
  "action.clear": "Clear",
  "action.close": "Close",
  "action.delete": "Delete",
  "action.edit": "Edit",
  "action.logout": "Log out",
  "action.measure": "Measure",
  "action.more": "Show more",
  "action.refresh": "Refresh",
  "action.retry": "Try again",
  "action.save": "Save",
  "action.search": "Search",
  "word.yes": "yes",
  "word.no": "no",
  "word.never": "never",
  "time.now": "just now",
  "theme.dark": "Dark theme",
  "theme.light": "Light theme",
  "toast.saved": "Saved",
  "toast.created": "Created",
  "login.title": "Log in",
  "login.name": "Login",
  "login.password": "Password",
  "login.enter": "Log in",
  "login.ended": "Your session has ended.",
  "login.insecure": "This address is not protected by TLS, so the browser cannot keep a session and login cannot work. Open the console by https, or on the machine itself at 127.0.0.1.",
  "password.title": "Change the password",
  "password.must": "The password was given to you by somebody else. Choose one that only you know; then you can go on.",
  "password.current": "Present password",
  "password.new": "New password",
  "password.again": "New password again",
  "password.rule": "At least 12 characters, at most 72 bytes, not a common one",
  "password.differs": "The two are not the same",
  "password.change": "Change",
  "password.changed": "The password is changed",
  "profile.you": "You",
  "profile.language": "Language",
  "profile.theme": "Theme",
  "profile.may": "What you may do",
  "session.title": "Sessions",
  "session.agent": "Browser or program",
  "session.address": "Address",
  "session.begun": "Begun",
  "session.seen": "Last seen",
  "session.this": "this one",
  "session.end": "End the session",
  "session.end.help": "Whoever uses it is logged out: {agent}",
  "session.ended": "The session has ended",
  "session.endAll": "Log out everywhere",
  "session.endAll.help": "All your sessions end, this one too.",
  "state.loading": "Loading",
  "state.forbidden": "You may not see this",
  "state.forbidden.help": "Ask an administrator for the permission",
  "state.noPage": "There is no such page",
  "state.request": "Request",
  "state.retryAfter": "Try again in {n} s.",
  "state.stale": "What you see may be out of date.",
  "state.unreadable": "cannot be read",
  "problem.offline": "The console does not answer; check the connection.",
  "problem.unknown": "It did not work.",
  "table.empty": "Nothing found",
  "table.actions": "Actions",
  "table.shown": "Shown: {n} of {total}",
  "tree.open": "Open",
  "tree.close": "Close",
  "form.notNumber": "This is not a number",
  "form.notJSON": "This is not valid JSON",
  "form.between": "From {a} to {b}",
  "form.atLeast": "At least {a}",
  "form.atMost": "At most {b}",
  "filter.title": "Filter",
  "filter.any": "Any",
  "filter.from": "From",
  "filter.to": "To",
  "diff.title": "What changed",
  "diff.field": "Field",
  "diff.before": "Before",
  "diff.after": "After",
  "diff.same": "No difference",
  "chart.in": "Zoom in",
  "chart.out": "Zoom out",
  "chart.all": "Show all",
  "chart.role": "chart",
  "chart.keys": "Arrow keys move the marker, plus and minus zoom, zero shows all",
  "unit.GHz": "GHz",
  "unit.MHz": "MHz",
  "unit.kHz": "kHz",
  "unit.Hz": "Hz",
  "unit.dB": "dB",
  "unit.B": "B",
  "unit.KiB": "KiB",
  "unit.MiB": "MiB",
  "unit.d": "d",
  "unit.h": "h",
  "unit.min": "min",
  "unit.s": "s",
  "unit.m": "m",
  "overview.healthy": "All dependencies work",
  "overview.intake": "Spectra coming in",
  "overview.perMinute": "per minute",
  "overview.lastTrace": "The newest {age}",
  "overview.noTraces": "No spectra yet",
  "overview.queues": "Queues that stand",
  "overview.awaiting": "Waiting for approval: {n}",
  "overview.queuesHeld": "Somebody has to look",
  "overview.queuesRun": "Commands go out",
  "overview.noLetters": "Every message was delivered",
  "overview.lettersWait": "Messages wait for a decision",
  "overview.commands": "Last commands",
  "overview.events": "Last changes",
  "overview.traces": "Newest spectra",
  "overview.nothing": "Your role may read nothing that is shown here",
  "health.good": "healthy",
  "health.auth": "users' database",
  "health.nms": "catalogues' database",
  "health.dwh": "spectra's database",
  "health.admin": "journal's database",
  "health.bus": "message bus",
  "health.cache": "cache (Redis)",
  "health.other": "code {code}",
  "services.instances": "Instances",
  "services.service": "Service",
  "services.health": "Health",
  "services.version": "Version",
  "services.address": "Address",
  "services.uptime": "Runs for",
  "services.lag": "Lag",
  "services.seen": "Seen",
  "letters.title": "Dead letters",
  "letters.one": "Dead letter {id}",
  "letters.none": "Every message was delivered",
  "letters.state": "State",
  "letters.dead": "Undelivered",
  "letters.replayedState": "Sent again",
  "letters.key": "Kind",
  "letters.queue": "Queue",
  "letters.reason": "Why",
  "letters.reason.permanent": "cannot be handled",
  "letters.reason.attempts": "failed too often",
  "letters.reason.unreadable": "cannot be read",
  "letters.reason.deliveries": "delivered too often",
  "letters.size": "Size",
  "letters.died": "Since",
  "letters.error": "Error",
  "letters.attempts": "Attempts",
  "letters.replays": "Sent again",
  "letters.replayedAt": "Sent again at",
  "letters.message": "Message",
  "letters.replay": "Send again",
  "letters.replayed": "It was sent again",
  "letters.allReplayed": "They were sent again",
  "letters.replayAll": "Send all again",
  "letters.replayAll.help": "Messages that go back to the queues that they came from: {n}.",
  "letters.someFailed": "Could not be sent again: {n}",
  "letters.delete": "Forget",
  "letters.delete.help": "The message is lost for good.",
  "letters.deleted": "The message is forgotten",
  "journal.none": "No events",
  "journal.time": "Time",
  "journal.what": "What",
  "journal.subject": "Of what",
  "journal.who": "Who",
  "journal.source": "Service",
  "journal.type": "Type",
  "journal.actor": "By whom",
  "journal.request": "Request",
  "equipment.filter": "Find by name",
  "equipment.view": "View",
  "equipment.at": "As it was at",
  "equipment.showArchived": "What was put away",
  "equipment.asOf": "The catalogue as it was at {moment}.",
  "equipment.archivedView": "What was put away.",
  "equipment.backToNow": "Back to now",
  "equipment.notThen": "It did not exist then",
  "equipment.choose": "Choose a node of the tree",
  "equipment.none": "No equipment yet",
  "equipment.noneArchived": "Nothing was put away",
  "equipment.tree": "Tree",
  "equipment.add": "Add equipment",
  "equipment.addBelow": "Add below",
  "equipment.under": "Below",
  "equipment.details": "Details",
  "equipment.control": "Control",
  "equipment.name": "Name",
  "equipment.nameFull": "Full name",
  "equipment.parent": "Belongs to",
  "equipment.root": "The root",
  "equipment.id": "Id",
  "equipment.editOne": "Edit {name}",
  "equipment.move": "Move",
  "equipment.moveOne": "Move {name}",
  "equipment.moved": "Moved",
  "equipment.archive": "Put away",
  "equipment.archiveOne": "Put {name} away",
  "equipment.archive.help": "It leaves the catalogue and can be brought back.",
  "equipment.archived": "Put away",
  "equipment.archivedAt": "Put away at",
  "equipment.unused": "Nothing depends on it.",
  "equipment.used": "This hangs on it:",
  "equipment.recursive": "Put all of it away together",
  "equipment.restore": "Bring back",
  "equipment.restoreAll": "Bring back with what went along",
  "equipment.restored": "Brought back",
  "equipment.noCommands": "The catalogue has no commands for it",
  "use.child": "Directly below",
  "use.descendant": "Everything below",
  "use.command": "Commands",
  "use.undo": "Is the undo of",
  "move.from": "From",
  "move.to": "To",
  "move.along": "Moves along",
  "move.below": "Nodes below it: {n}",
  "move.alone": "Nothing else",
  "move.choose": "New place",
  "move.choose.help": "Type a part of the name of what it shall belong to",
  "merge.changed": "Somebody has changed it meanwhile.",
  "merge.theirs": "Now there",
  "merge.yours": "Yours",
  "merge.takeTheirs": "Take theirs",
  "merge.keepYours": "Keep mine",
  "history.title": "History",
  "history.version": "Version {n}",
  "history.request": "Everything of this request",
  "history.then": "As it was then",
  "history.looked": "looked at",
  "history.created": "created",
  "history.updated": "changed",
  "history.archived": "put away",
  "history.restored": "brought back",
  "control.state": "Operational state",
  "control.enabled": "can be commanded",
  "control.disabled": "cannot be commanded",
  "endpoint.none": "Nobody has said how it is reached",
  "endpoint.admin": "Administrative state",
  "endpoint.unlocked": "unlocked",
  "endpoint.locked": "locked",
  "endpoint.shutting-down": "shutting down",
  "endpoint.driver": "Driver",
  "endpoint.address": "Address",
  "endpoint.address.help": "host:port; for http the base URL",
  "endpoint.options": "Options (JSON)",
  "endpoint.secret": "Secret",
  "endpoint.secret.help": "Name of a file in the service's directory of secrets",
  "endpoint.updated": "Changed",
  "endpoint.of": "How {name} is reached",
  "endpoint.add": "Say how it is reached",
  "endpoint.edit": "Edit the endpoint",
  "endpoint.remove": "Forget the endpoint",
  "endpoint.remove.help": "Commands can no longer be sent to it.",
  "endpoint.removed": "The endpoint is forgotten",
  "endpoint.test": "Test",
  "endpoint.answered": "answered in {ms} ms",
  "endpoint.lockedHelp": "Nothing is sent to it while it is not unlocked.",
  "queue.title": "Queue",
  "queue.queues": "Queues",
  "queue.none": "Nothing was ever commanded",
  "queue.state": "State",
  "queue.runs": "runs",
  "queue.held": "held",
  "queue.stands": "stands: an outcome is unknown",
  "queue.inFlight": "In flight",
  "queue.queued": "Wait",
  "queue.awaiting": "For approval",
  "queue.hold": "Hold",
  "queue.hold.help": "Nothing is sent to this equipment until the queue is let go on.",
  "queue.release": "Let go on",
  "queue.isHeld": "The queue is held",
  "queue.goesOn": "The queue goes on",
  "commands.sent": "Sent commands",
  "commands.none": "No commands yet",
  "command.name": "Command",
  "command.nameFull": "Full name",
  "command.description": "Description",
  "command.equipment": "Equipment",
  "command.section": "Section",
  "command.undo": "Undo",
  "command.state": "State",
  "command.sender": "Sender",
  "command.created": "Created",
  "command.sentAt": "Sent",
  "command.expires": "Expires",
  "command.approver": "Approved by",
  "command.arguments": "Arguments",
  "command.noArguments": "It takes no arguments.",
  "command.hazard": "Hazardous.",
  "command.hazardous": "hazardous",
  "command.isUndo": "undo",
  "command.undoOf": "Undoes",
  "command.wire": "What goes over the line",
  "command.reply": "Reply",
  "command.readBefore": "Values read before",
  "command.readback": "Values read since",
  "command.steps": "Steps",
  "command.moving": "This page follows by itself.",
  "command.which": "Which command",
  "command.choose": "Arguments",
  "command.choose.help": "Choose a command first",
  "command.filter": "Find by command or equipment",
  "command.send": "Send a command",
  "command.dryRun": "Try without sending",
  "command.driver": "Driver",
  "command.ttl": "May wait for",
  "command.before": "Must hold before",
  "command.after": "Must hold afterwards",
  "command.within": "within {n} s",
  "command.undoable": "Can be undone",
  "command.unbound": "Nobody has said how this command is spoken, so it cannot be sent.",
  "command.needsApproval": "Another person has to approve it before it is sent.",
  "command.confirm": "I know the harm it can do and want it",
  "command.mayNot": "You may not send hazardous commands.",
  "command.sentNow": "The command is on its way",
  "command.sentForApproval": "The command waits for approval",
  "command.approve": "Approve",
  "command.approve.help": "The command of {sender} will be sent.",
  "command.approved": "Approved",
  "command.ownApproval": "Another person has to approve it.",
  "command.reject": "Reject",
  "command.cancel": "Take back",
  "command.reason": "Reason",
  "command.resolve": "Say what became of it",
  "command.resolve.help": "Nobody knows whether it was executed. Look at the equipment first; then the queue goes on.",
  "command.outcome": "It was",
  "command.outcome.succeeded": "executed",
  "command.outcome.failed": "not executed",
  "command.howKnown": "How that is known",
  "command.unknown.help": "It may have been executed: the answer was lost. The queue of this equipment stands until somebody says what became of it.",
  "command.doUndo": "Undo",
  "command.undo.help": "Sends {name} with the arguments that undo it.",
  "command.undo.unknown": "Sends the command that undoes it, if the catalogue names one.",
  "command.undoSent": "The undo is on its way",
  "command.again": "Send again",
  "command.state.awaiting_approval": "awaiting approval",
  "command.state.queued": "queued",
  "command.state.sending": "being sent",
  "command.state.accepted": "accepted",
  "command.state.verifying": "being verified",
  "command.state.succeeded": "succeeded",
  "command.state.failed": "failed",
  "command.state.unverified": "unverified",
  "command.state.unknown": "outcome unknown",
  "command.state.rejected": "rejected",
  "command.state.expired": "expired",
  "command.state.cancelled": "cancelled",
  "command.event.create": "created",
  "command.event.approve": "approved",
  "command.event.reject": "rejected",
  "command.event.cancel": "taken back",
  "command.event.expire": "its time is over",
  "command.event.refuse_release": "refused before sending",
  "command.event.send": "sending begun",
  "command.event.not_sent": "nothing was sent",
  "command.event.repeat": "is repeated",
  "command.event.accept": "the equipment took it",
  "command.event.refuse": "the equipment refused it",
  "command.event.lose": "the answer was lost",
  "command.event.verify": "verification begun",
  "command.event.complete": "complete",
  "command.event.confirm": "every condition holds",
  "command.event.contradict": "a condition does not hold",
  "command.event.give_up": "could not be verified",
  "command.event.read_back": "values were read",
  "command.event.take_over": "another instance goes on",
  "command.event.resolve_succeeded": "somebody says it was executed",
  "command.event.resolve_failed": "somebody says it was not",
  "catalogue.commands": "Commands",
  "catalogue.sections": "Sections",
  "catalogue.parameters": "Parameters",
  "catalogue.transfer": "Import and export",
  "catalogue.addCommand": "Add a command",
  "catalogue.addSection": "Add a section",
  "catalogue.addParameter": "Add a parameter",
  "catalogue.archive": "Put {name} away?",
  "catalogue.archive.help": "It leaves the catalogue. Its history stays.",
  "parameter.validator": "Validator",
  "parameter.validator.help": "A JSON Schema (2020-12)",
  "parameter.try": "Try a value",
  "parameter.try.help": "Any JSON; what is none counts as text",
  "parameter.valid": "The value passes",
  "transfer.export": "Export",
  "transfer.export.help": "Whole catalogues, to be kept, edited in a spreadsheet or taken to another system.",
  "transfer.import": "Import",
  "transfer.import.help": "An import makes and changes; it puts nothing away. The difference is shown before anything is done.",
  "transfer.all": "everything",
  "transfer.equipments": "Equipment",
  "transfer.commands-toc": "Sections of commands",
  "transfer.commands": "Commands",
  "transfer.telemetry": "Telemetry parameters",
  "transfer.file": "File (JSON or CSV)",
  "transfer.catalogue": "Catalogue in the file",
  "transfer.preview": "Show the difference",
  "transfer.take": "Take it in",
  "transfer.taken": "The file was taken in",
  "transfer.nothing": "Nothing differs.",
  "transfer.created": "new: {n}",
  "transfer.updated": "changed: {n}",
  "transfer.unchanged": "unchanged: {n}",
  "transfer.op.create": "new",
  "transfer.op.update": "changed",
  "people.users": "Users",
  "people.roles": "Roles",
  "people.keys": "API keys",
  "user.login": "Login",
  "user.name": "Full name",
  "user.role": "Role",
  "user.status": "Status",
  "user.since": "Since",
  "user.changed": "Changed",
  "user.password": "Password",
  "user.about": "About",
  "user.enabled": "enabled",
  "user.blocked": "blocked",
  "user.archived": "archived",
  "user.mustChange": "must be changed at the next login",
  "user.add": "Add a user",
  "user.firstPassword": "First password",
  "user.setPassword": "Set a password",
  "user.setPassword.help": "{name} will have to change it at the next login, and all sessions end.",
  "user.logoutAll": "Log out everywhere",
  "user.logoutAll.help": "All sessions of {name} end.",
  "user.block": "Block",
  "user.block.help": "All sessions of {name} end at once, and no login is possible.",
  "user.isBlocked": "The user is blocked",
  "user.unblock": "Unblock",
  "user.isUnblocked": "The user can log in again",
  "user.archive.help": "{name} leaves the list; all sessions end.",
  "role.add": "Add a role",
  "role.id": "Name of the role",
  "role.permissions": "Permissions",
  "key.add": "Make a key",
  "key.make": "Make the key",
  "key.none": "No keys",
  "key.name": "What it is for",
  "key.expires": "Ends",
  "key.expires.help": "Empty: never",
  "key.networks": "Networks",
  "key.networks.help": "Where it is taken from; empty: anywhere",
  "key.anywhere": "anywhere",
  "key.used": "Last used",
  "key.created": "Made",
  "key.once": "This is the only time that the key is shown. Keep it now.",
  "key.copy": "Copy",
  "key.copied": "Copied",
  "key.notCopied": "The browser did not let the key be copied",
  "key.kept": "I have kept it",
  "key.revoke": "Revoke",
  "key.revoke.help": "Whoever uses {name} is refused within a second.",
  "key.revoked": "The key is revoked",
  "spectra.traces": "Traces",
  "spectra.trace": "Trace",
  "spectra.signals": "Signals",
  "spectra.span": "Over time",
  "spectra.start": "Frequency from",
  "spectra.stop": "Frequency to",
  "spectra.box": "Place",
  "spectra.south": "South",
  "spectra.west": "West",
  "spectra.north": "North",
  "spectra.east": "East",
  "spectra.none": "No traces in this selection",
  "spectra.noSignals": "No signals",
  "spectra.lastSpan": "The last",
  "spectra.threshold": "Threshold of occupancy",
  "spectra.sweeps": "Sweeps: {n}; receivers: {sources}",
  "spectra.max": "Maximum",
  "spectra.mean": "Mean",
  "spectra.min": "Minimum",
  "spectra.occupancy": "Occupancy",
  "spectra.waterfall": "Waterfall",
  "spectra.waterfall.alt": "Level over frequency, from left to right, and time, from top to bottom",
  "spectra.statistics": "Statistics",
  "spectra.compared": "compared",
  "spectra.compare": "Compare",
  "spectra.compareWith": "Lay over it",
  "spectra.nothing": "nothing",
  "spectra.selected": "selected",
  "spectra.noMarker": "Click on the chart, or use the arrow keys there, to set the marker.",
  "spectra.peak": "Peak",
  "spectra.setReference": "Reference",
  "spectra.clearMarkers": "Clear markers",
  "spectra.band": "Power of a band",
  "spectra.band.help": "Type a band, or drag over the chart with Shift held.",
  "spectra.band.none": "Nothing was measured there, or the unit is no power.",
  "spectra.about": "About the trace",
  "spectra.withdraw": "Withdraw",
  "spectra.withdraw.help": "The trace leaves every answer and its guid stays taken.",
  "spectra.withdrawn": "The trace is withdrawn",
  "spectra.cut": "The signal alone",
  "place.all": "All four edges are needed",
  "place.order": "Must not lie south of the southern edge",
  "place.crosses": "The box crosses the 180th meridian.",
  "place.none": "Remove the box",
  "place.box": "{south}° … {north}°, {west}° … {east}°",
  "place.receivers": "Receivers of the newest traces found: {n}",
  "map.title": "Map",
  "map.role": "map",
  "map.keys": "Arrow keys move it, plus and minus zoom, zero shows the whole world, Enter takes what is in sight as the box",
  "map.help": "Dragging draws the box; with Shift held it moves the map.",
  "map.all": "Whole world",
  "map.west": "Move west",
  "map.east": "Move east",
  "map.north": "Move north",
  "map.south": "Move south",
  "map.take": "Take what is in sight",
  "map.sight": "In sight: latitude {south} to {north}, longitude {west} to {east}.",
  "map.failed": "The map could not be loaded. The fields work without it.",
  "trace.time": "Time",
  "trace.band": "Band",
  "trace.source": "Receiver",
  "trace.points": "Points",
  "trace.thinned": "{n}, shown {shown} with every peak",
  "trace.step": "Step",
  "trace.noise": "Noise floor",
  "trace.overload": "overload",
  "trace.place": "Place",
  "trace.rbw": "RBW",
  "trace.enbw": "Noise bandwidth",
  "trace.detector": "Detector",
  "trace.mode": "Trace mode",
  "trace.sweep": "Sweep time",
  "trace.attenuation": "Attenuation",
  "trace.gain": "Gain",
  "trace.antenna": "Antenna",
  "trace.azimuth": "Azimuth",
  "trace.received": "Received",
  "trace.guid": "Guid",
  "trace.meta": "Further fields",
  "signal.f0": "Centre",
  "signal.width": "Width",
  "power.max": "Maximum",
  "power.mean": "Mean",
  "power.channel": "Channel power",
  "power.assumed": "bandwidth assumed",
  "power.obw": "Occupied bandwidth (99 %)",
  "power.snr": "Above noise",
  "span.15m": "15 minutes",
  "span.1h": "hour",
  "span.6h": "6 hours",
  "span.24h": "24 hours",
  "span.7d": "7 days",
  "live.pause": "Pause",
  "live.resume": "Go on",
  "live.receiver": "Receiver and band",
  "live.unnamed": "unnamed receiver",
  "live.waiting": "Waiting for a trace",
  "live.waiting.help": "The next one that a receiver sends appears here at once.",
  "live.ended": "The stream has ended.",
  "live.lost": "Some traces came while the connection was away and can no longer be shown here; the search has them.",
  "live.now": "Newest",
  "live.maxHold": "Maximum hold",
  "live.average": "Average",
  "live.reset": "Begin anew",
  "live.sweeps": "Sweeps: {n}",
  "live.bottom": "Bottom of the scale",
  "live.top": "Top of the scale",
  "live.badRange": "The bottom must lie below the top",
  "stream.connecting": "connecting",
  "stream.open": "live",
  "stream.waiting": "reconnecting",
  "stream.ended": "ended",
  "event.admin.deadletter.deleted": "A dead letter was forgotten",
  "event.admin.deadletter.replayed": "A dead letter was sent again",
  "event.auth.apikey.created": "An API key was made",
  "event.auth.apikey.deleted": "An API key was revoked",
  "event.auth.login.failed": "A login failed",
  "event.auth.login.succeeded": "Somebody logged in",
  "event.auth.login.throttled": "Logins are slowed down",
  "event.auth.role.created": "A role was created",
  "event.auth.role.deleted": "A role was deleted",
  "event.auth.role.updated": "A role was changed",
  "event.auth.session.ended": "A session ended",
  "event.auth.session.reused": "A session ended as stolen",
  "event.auth.user.archived": "A user was archived",
  "event.auth.user.blocked": "A user was blocked",
  "event.auth.user.created": "A user was created",
  "event.auth.user.logged_out": "A user was logged out everywhere",
  "event.auth.user.password_changed": "A password was changed",
  "event.auth.user.unblocked": "A user was unblocked",
  "event.auth.user.updated": "A user was changed",
  "event.cfg.command.archived": "A command was put away",
  "event.cfg.command.created": "A command was created",
  "event.cfg.command.restored": "A command was brought back",
  "event.cfg.command.updated": "A command was changed",
  "event.cfg.command_toc.archived": "A section was put away",
  "event.cfg.command_toc.created": "A section was created",
  "event.cfg.command_toc.restored": "A section was brought back",
  "event.cfg.command_toc.updated": "A section was changed",
  "event.cfg.equipment.archived": "Equipment was put away",
  "event.cfg.equipment.created": "Equipment was added",
  "event.cfg.equipment.restored": "Equipment was brought back",
  "event.cfg.equipment.updated": "Equipment was changed",
  "event.cfg.telemetry.archived": "A parameter was put away",
  "event.cfg.telemetry.created": "A parameter was created",
  "event.cfg.telemetry.restored": "A parameter was brought back",
  "event.cfg.telemetry.updated": "A parameter was changed",
  "event.ctrl.binding.created": "A command was bound",
  "event.ctrl.binding.deleted": "A binding was removed",
  "event.ctrl.binding.updated": "A binding was changed",
  "event.ctrl.command.created": "A command was sent",
  "event.ctrl.command.updated": "A command went on",
  "event.ctrl.endpoint.created": "An endpoint was set",
  "event.ctrl.endpoint.deleted": "An endpoint was removed",
  "event.ctrl.endpoint.updated": "An endpoint was changed",
  "event.ctrl.queue.updated": "A queue was held or let go on",
  "event.inbox.signal.received": "A signal came in",
  "event.inbox.trace.received": "A trace came in",
  "event.inbox.trace.withdrawn": "A trace was withdrawn"
};

// src/lang/operations.ru.ts
var operationsRu = {
  "page.alarms": "Аварии",
  "page.telemetry": "Телеметрия",
  "severity.critical": "критическая",
  "severity.major": "значительная",
  "severity.minor": "незначительная",
  "severity.warning": "предупреждение",
  "severity.indeterminate": "неопределённая",
  "alarms.now": "Сейчас",
  "alarms.past": "Все за всё время",
  "alarms.notification": "Кого оповещать",
  "alarms.deliveries": "Оповещения",
  "alarms.sound": "Звук",
  "alarms.title": "Число в заголовке окна",
  "alarms.bySeverity": "Аварии по важности",
  "alarms.waiting": "не квитировано: {n}",
  "alarms.wait": "не квитировано",
  "alarms.noneWaits": "все квитированы",
  "alarms.find": "Найти в списке",
  "alarms.show": "Показать",
  "alarms.toHandle": "требующие внимания",
  "alarms.none": "Аварий нет",
  "alarms.noneFound": "Таких аварий нет",
  "alarms.noneHere": "Здесь аварий нет",
  "alarms.never": "Аварий здесь не было",
  "alarms.below": "Вместе со всем нижестоящим",
  "alarms.withPast": "И прошлые",
  "alarms.tooMany": "Показаны последние {n} из {total}. Остальные — на вкладке всех аварий.",
  "alarms.ackAll": "Квитировать показанные",
  "alarms.ackAll.help": "Аварий, которые будут считаться увиденными вами: {n}. Изменившиеся за это время останутся.",
  "alarms.acked": "Квитировано: {n}",
  "alarms.someFailed": "Не квитировано, поскольку изменились или нельзя: {n}",
  "alarm.severity": "Важность",
  "alarm.what": "Что",
  "alarm.state": "Состояние",
  "alarm.raised": "Возникла",
  "alarm.clearedAt": "Снята",
  "alarm.value": "Значение",
  "alarm.limit": "Предел",
  "alarm.kind": "Поведение",
  "alarm.condition": "Причина",
  "alarm.present": "сохраняется",
  "alarm.held": "исчезла; авария остаётся",
  "alarm.cleared": "исчезла",
  "alarm.operators": "Операторы",
  "alarm.operator.none": "никто не квитировал",
  "alarm.operator.ack": "квитирована",
  "alarm.operator.closed": "закрыта",
  "alarm.operator.shelved": "отложена",
  "alarm.operator.un-shelved": "срок откладывания истёк, ждёт снова",
  "alarm.flapping": "дребезг",
  "alarm.state.unack": "не квитирована",
  "alarm.state.ack": "квитирована",
  "alarm.state.rtn-unack": "снята, не квитирована",
  "alarm.state.normal": "норма",
  "alarm.state.shelved": "отложена",
  "alarm.state.suppressed": "подавлена",
  "alarm.state.out-of-service": "выведено из работы",
  "alarm.state.unack.help": "Причина сохраняется, и никто её не квитировал.",
  "alarm.state.ack.help": "Причина сохраняется, о ней знают.",
  "alarm.state.rtn-unack.help": "Причина исчезла раньше, чем её квитировали.",
  "alarm.state.normal.help": "Причина исчезла, об этом знают.",
  "alarm.state.shelved.help": "Отложена до срока; до него о ней не оповещают.",
  "alarm.state.suppressed.help": "Её объясняет авария выше по дереву; пока о ней не оповещают.",
  "alarm.state.out-of-service.help": "Подключение оборудования заблокировано; пока о ней не оповещают.",
  "alarm.type.limit": "выход за предел",
  "alarm.type.stale": "нет значений",
  "alarm.type.command-unknown": "исход команды неизвестен",
  "alarm.say.limit": "{parameter}: {value}",
  "alarm.say.stale": "нет значений {parameter}",
  "alarm.say.command-unknown": "команда, возможно, выполнена",
  "alarm.ack": "Квитировать",
  "alarm.ackOne": "Квитировать: {equipment}",
  "alarm.acked": "Квитировано",
  "alarm.unack": "Отозвать квитирование",
  "alarm.unacked": "Снова ждёт",
  "alarm.close": "Закрыть аварию",
  "alarm.closed": "Авария закрыта",
  "alarm.comment": "Комментарий",
  "alarm.comment.text": "Что о ней сказать",
  "alarm.comment.help": "Может сопровождать и квитирование.",
  "alarm.comment.add": "Добавить комментарий",
  "alarm.commented": "Комментарий добавлен",
  "alarm.shelf": "Отложена",
  "alarm.until": "до",
  "alarm.shelve": "Отложить",
  "alarm.shelve.help": "До срока её нет в списке и о ней не оповещают. Потом она снова ждёт квитирования.",
  "alarm.shelve.for": "На сколько",
  "alarm.shelve.hours": "{n} ч",
  "alarm.shelve.days": "{n} сут",
  "alarm.shelve.own": "до выбранного времени",
  "alarm.shelve.until": "До",
  "alarm.isShelved": "Авария отложена",
  "alarm.unshelve": "Вернуть в список",
  "alarm.unshelved": "Возвращена и квитирована",
  "alarm.changed": "Авария за это время изменилась. Посмотрите ещё раз.",
  "alarm.event.raise": "возникла",
  "alarm.event.worsen": "стала важнее",
  "alarm.event.ease": "стала менее важной",
  "alarm.event.subside": "причина исчезла, авария остаётся",
  "alarm.event.return": "причина вернулась",
  "alarm.event.clear": "снята",
  "alarm.event.flap": "слишком часто возникала и снималась",
  "alarm.event.settle": "дребезг прекратился",
  "alarm.event.ack": "квитирована",
  "alarm.event.unack": "квитирование отозвано",
  "alarm.event.close": "закрыта",
  "alarm.event.comment": "комментарий",
  "alarm.event.shelve": "отложена",
  "alarm.event.unshelve": "возвращена в список",
  "alarm.event.end_shelf": "срок откладывания истёк",
  "receivers.title": "Получатели",
  "receivers.none": "Об авариях никого не оповещают",
  "receiver.add": "Добавить получателя",
  "receiver.name": "Название",
  "receiver.kind": "Вид",
  "receiver.kind.webhook": "вебхук",
  "receiver.kind.smtp": "почта",
  "receiver.from": "Отправитель",
  "receiver.to": "Кому",
  "receiver.to.help": "Несколько — через запятую",
  "receiver.security": "Шифрование",
  "receiver.user": "Имя на почтовом сервере",
  "receiver.secret.smtp": "Имя файла с паролем в каталоге секретов службы",
  "receiver.secret.webhook": "Имя файла с ключом подписей в каталоге секретов службы",
  "receiver.heartbeat": "Признак жизни каждые",
  "receiver.heartbeat.help": "Сообщение лишь о том, что путь работает; пусто — без него",
  "receiver.state": "Состояние",
  "receiver.enabled": "оповещается",
  "receiver.disabled": "не оповещается",
  "receiver.isEnabled": "Оповещать",
  "receiver.enabled.help": "О случившемся за это время будет сообщено, когда получателя снова включат.",
  "receiver.test": "Проверить",
  "receiver.testOne": "Проверить: {name}",
  "receiver.remove": "Удалить получателя",
  "receiver.remove.help": "Получателя «{name}» больше не будут оповещать; список его оповещений тоже исчезнет.",
  "receiver.removed": "Получатель удалён",
  "routes.title": "Правила",
  "routes.none": "Ни об одной аварии никого не оповещают",
  "route.add": "Добавить правило",
  "route.receivers": "Кого",
  "route.severity": "Начиная с важности",
  "route.below": "Оборудование",
  "route.everywhere": "всё оборудование",
  "route.types": "Виды аварий",
  "route.types.help": "Не выбрано — все",
  "route.group": "Вместе в течение",
  "route.group.help": "Случившееся за это время — одно сообщение",
  "route.repeat": "Повторять через",
  "route.repeat.help": "Пока никто не квитировал; пусто — никогда",
  "route.remove": "Удалить правило",
  "route.remove.help": "По правилу «{name}» больше никого не будут оповещать.",
  "route.removed": "Правило удалено",
  "deliveries.none": "Оповещений ещё не было",
  "delivery.state": "Состояние",
  "delivery.state.waiting": "ожидает",
  "delivery.state.delivered": "доставлено",
  "delivery.state.failed": "не доставлено",
  "delivery.kind": "Вид",
  "delivery.kind.alarms": "аварии",
  "delivery.kind.heartbeat": "признак жизни",
  "delivery.kind.test": "проверка",
  "delivery.event.raised": "возникла",
  "delivery.event.worse": "стала важнее",
  "delivery.event.flapping": "дребезг",
  "delivery.event.repeated": "всё ещё длится",
  "delivery.event.cleared": "снята",
  "delivery.to": "Кому",
  "delivery.begun": "Начато",
  "delivery.ended": "Завершено",
  "delivery.next": "Следующая попытка",
  "equipment.values": "Значения",
  "telemetry.values": "Значения",
  "telemetry.parameter": "Параметр",
  "telemetry.newest": "Последние значения",
  "telemetry.none": "Значений ещё не было",
  "telemetry.noneThen": "За это время значений нет",
  "telemetry.waiting": "Значений ещё нет",
  "telemetry.polled": "Всё опрашиваемое, по мере поступления. Выберите оборудование в дереве, чтобы увидеть всё о нём.",
  "telemetry.quality": "Качество",
  "telemetry.age": "Давность",
  "telemetry.mean": "Среднее",
  "telemetry.range": "От наименьшего до наибольшего",
  "telemetry.lowest": "Наименьшее",
  "telemetry.highest": "Наибольшее",
  "telemetry.counted": "значений: {n}",
  "telemetry.bad": "негодных: {n}",
  "telemetry.changes": "Изменения",
  "telemetry.since": "С какого времени",
  "quality.good": "годное",
  "quality.uncertain": "сомнительное",
  "quality.bad": "негодное",
  "quality.invalid": "недопустимое",
  "limits.title": "Пределы",
  "limits.none": "Пределов нет",
  "limit.add": "Добавить предел",
  "limit.editOne": "Предел: {name}",
  "limit.name": "Название",
  "limit.whose": "Действует для",
  "limit.own": "этого оборудования",
  "limit.all": "всё оборудование",
  "limit.all.help": "всего оборудования без своего предела для этого параметра",
  "limit.levels": "Границы",
  "limit.level": "Граница {n}",
  "limit.addLevel": "Добавить границу",
  "limit.removeLevel": "Удалить границу {n}",
  "limit.side": "Значения",
  "limit.high": "выше",
  "limit.low": "ниже",
  "limit.bound": "Граница",
  "limit.rearm": "Снимается при",
  "limit.raiseAfter": "Возникает после",
  "limit.clearAfter": "Снимается после",
  "limit.once": "одного значения",
  "limit.seconds": "некоторого времени",
  "limit.count": "нескольких из последних значений",
  "limit.secondsOf": "Все значения в течение",
  "limit.countOf": "Сколько",
  "limit.ofLast": "из последних",
  "limit.stale": "Устаревает через",
  "limit.stale.help": "Без годного значения; пусто — никогда",
  "limit.staleSeverity": "Важность устаревания",
  "limit.latched": "Остаётся до квитирования",
  "limit.suppresses": "Пока длится, подавляет аварии нижестоящего оборудования",
  "limit.tryOn": "Проверить на значениях",
  "limit.tryNone": "ничего",
  "limit.past": "Проверка на прошлом",
  "limit.notTried": "Так его не проверить.",
  "limit.would": "Аварий возникло бы: {n}; всего длились бы {time}; значений: {values}.",
  "limit.remove": "Удалить предел",
  "limit.remove.help": "Предел «{name}» больше не вызовет аварий; вызванные им будут сняты.",
  "limit.removed": "Предел удалён",
  "span.30d": "30 суток",
  "span.1y": "год",
  "span.own": "выбранное время",
  "event.ctrl.alarm.created": "Впервые возникла авария",
  "event.ctrl.alarm.updated": "Авария изменилась",
  "event.ctrl.limit.created": "Создан предел",
  "event.ctrl.limit.deleted": "Удалён предел",
  "event.ctrl.limit.updated": "Изменён предел",
  "event.ctrl.receiver.created": "Создан получатель оповещений",
  "event.ctrl.receiver.deleted": "Удалён получатель оповещений",
  "event.ctrl.receiver.updated": "Изменён получатель оповещений",
  "event.ctrl.route.created": "Создано правило оповещений",
  "event.ctrl.route.deleted": "Удалено правило оповещений",
  "event.ctrl.route.updated": "Изменено правило оповещений",
  "event.ctrl.source.created": "Параметр начали считывать",
  "event.ctrl.source.deleted": "Параметр больше не считывают",
  "event.ctrl.source.updated": "Изменено считывание параметра"
};

// src/lang/ru.ts
var ru = {
  ...operationsRu,
  "app.name": "Консоль СУС",
  "app.short": "СУС",
  "nav.label": "Главное меню",
  "nav.side": "Боковая панель",
  "nav.menu": "Меню",
  "nav.skip": "К содержимому",
  "nav.now": "Сейчас",
  "nav.spectrum": "Спектр",
  "nav.plant": "Сеть",
  "nav.administration": "Управление",
  "page.overview": "Обзор",
  "page.live": "Прямой эфир",
  "page.spectra": "Спектры",
  "page.equipment": "Оборудование",
  "page.commands": "Команды",
  "page.catalogue": "Каталоги",
  "page.journal": "Журнал",
  "page.people": "Пользователи и доступ",
  "page.services": "Службы",
  "page.profile": "Ваш профиль",
  "action.all": "Показать все",
  "action.apply": "Применить",
  "action.back": "Назад",
  "action.cancel": "Отмена",
  "action.clear": "Сбросить",
  "action.close": "Закрыть",
  "action.delete": "Удалить",
  "action.edit": "Изменить",
  "action.logout": "Выйти",
  "action.measure": "Измерить",
  "action.more": "Показать ещё",
  "action.refresh": "Обновить",
  "action.retry": "Повторить",
  "action.save": "Сохранить",
  "action.search": "Найти",
  "word.yes": "да",
  "word.no": "нет",
  "word.never": "никогда",
  "time.now": "только что",
  "theme.dark": "Тёмная тема",
  "theme.light": "Светлая тема",
  "toast.saved": "Сохранено",
  "toast.created": "Создано",
  "login.title": "Вход",
  "login.name": "Имя для входа",
  "login.password": "Пароль",
  "login.enter": "Войти",
  "login.ended": "Ваш сеанс завершён.",
  "login.insecure": "Адрес не защищён TLS: браузер не сохранит сеанс, вход невозможен. Откройте консоль по https или на самой машине по адресу 127.0.0.1.",
  "password.title": "Смена пароля",
  "password.must": "Пароль вам выдал другой человек. Придумайте свой, который знаете только вы, и продолжайте.",
  "password.current": "Текущий пароль",
  "password.new": "Новый пароль",
  "password.again": "Новый пароль ещё раз",
  "password.rule": "Не менее 12 знаков, не более 72 байт, не из распространённых",
  "password.differs": "Пароли не совпадают",
  "password.change": "Сменить",
  "password.changed": "Пароль изменён",
  "profile.you": "Вы",
  "profile.language": "Язык",
  "profile.theme": "Тема",
  "profile.may": "Что вам разрешено",
  "session.title": "Сеансы",
  "session.agent": "Браузер или программа",
  "session.address": "Адрес",
  "session.begun": "Начат",
  "session.seen": "Активность",
  "session.this": "этот",
  "session.end": "Завершить сеанс",
  "session.end.help": "Кто им пользуется, выйдет из системы: {agent}",
  "session.ended": "Сеанс завершён",
  "session.endAll": "Выйти везде",
  "session.endAll.help": "Завершатся все ваши сеансы, и этот тоже.",
  "state.loading": "Загрузка",
  "state.forbidden": "Просмотр не разрешён",
  "state.forbidden.help": "Попросите у администратора разрешение",
  "state.noPage": "Такой страницы нет",
  "state.request": "Запрос",
  "state.retryAfter": "Повторите через {n} с.",
  "state.stale": "Показанное могло устареть.",
  "state.unreadable": "не читается",
  "problem.offline": "Консоль не отвечает, проверьте связь.",
  "problem.unknown": "Не получилось.",
  "table.empty": "Ничего не найдено",
  "table.actions": "Действия",
  "table.shown": "Показано: {n} из {total}",
  "tree.open": "Раскрыть",
  "tree.close": "Свернуть",
  "form.notNumber": "Это не число",
  "form.notJSON": "Это не JSON",
  "form.between": "От {a} до {b}",
  "form.atLeast": "Не менее {a}",
  "form.atMost": "Не более {b}",
  "filter.title": "Отбор",
  "filter.any": "Любые",
  "filter.from": "С",
  "filter.to": "По",
  "diff.title": "Что изменилось",
  "diff.field": "Поле",
  "diff.before": "Было",
  "diff.after": "Стало",
  "diff.same": "Различий нет",
  "chart.in": "Приблизить",
  "chart.out": "Отдалить",
  "chart.all": "Показать всё",
  "chart.role": "график",
  "chart.keys": "Стрелки двигают маркер, плюс и минус меняют масштаб, ноль показывает всё",
  "unit.GHz": "ГГц",
  "unit.MHz": "МГц",
  "unit.kHz": "кГц",
  "unit.Hz": "Гц",
  "unit.dB": "дБ",
  "unit.B": "Б",
  "unit.KiB": "КиБ",
  "unit.MiB": "МиБ",
  "unit.d": "д",
  "unit.h": "ч",
  "unit.min": "мин",
  "unit.s": "с",
  "unit.m": "м",
  "overview.healthy": "Все зависимости в порядке",
  "overview.intake": "Поступление спектров",
  "overview.perMinute": "в минуту",
  "overview.lastTrace": "Последний {age}",
  "overview.noTraces": "Спектров пока нет",
  "overview.queues": "Очереди стоят",
  "overview.awaiting": "Ждут одобрения: {n}",
  "overview.queuesHeld": "Нужно посмотреть",
  "overview.queuesRun": "Команды идут",
  "overview.noLetters": "Все сообщения доставлены",
  "overview.lettersWait": "Сообщения ждут решения",
  "overview.commands": "Последние команды",
  "overview.events": "Последние изменения",
  "overview.traces": "Новые спектры",
  "overview.nothing": "Ваша роль не разрешает читать то, что показано здесь",
  "health.good": "исправна",
  "health.auth": "база пользователей",
  "health.nms": "база каталогов",
  "health.dwh": "база спектров",
  "health.admin": "база журнала",
  "health.bus": "шина сообщений",
  "health.cache": "кеш (Redis)",
  "health.other": "код {code}",
  "services.instances": "Экземпляры",
  "services.service": "Служба",
  "services.health": "Состояние",
  "services.version": "Версия",
  "services.address": "Адрес",
  "services.uptime": "Работает",
  "services.lag": "Отставание",
  "services.seen": "На связи",
  "letters.title": "Недоставленные сообщения",
  "letters.one": "Недоставленное сообщение {id}",
  "letters.none": "Все сообщения доставлены",
  "letters.state": "Состояние",
  "letters.dead": "Недоставленные",
  "letters.replayedState": "Повторённые",
  "letters.key": "Вид",
  "letters.queue": "Очередь",
  "letters.reason": "Причина",
  "letters.reason.permanent": "не обрабатывается",
  "letters.reason.attempts": "слишком много неудач",
  "letters.reason.unreadable": "не читается",
  "letters.reason.deliveries": "слишком много доставок",
  "letters.size": "Размер",
  "letters.died": "С",
  "letters.error": "Ошибка",
  "letters.attempts": "Попытки",
  "letters.replays": "Повторено",
  "letters.replayedAt": "Повторено в",
  "letters.message": "Сообщение",
  "letters.replay": "Повторить",
  "letters.replayed": "Сообщение повторено",
  "letters.allReplayed": "Сообщения повторены",
  "letters.replayAll": "Повторить все",
  "letters.replayAll.help": "Сообщений вернётся в свои очереди: {n}.",
  "letters.someFailed": "Не удалось повторить: {n}",
  "letters.delete": "Удалить",
  "letters.delete.help": "Сообщение будет потеряно навсегда.",
  "letters.deleted": "Сообщение удалено",
  "journal.none": "Событий нет",
  "journal.time": "Время",
  "journal.what": "Что",
  "journal.subject": "Над чем",
  "journal.who": "Кто",
  "journal.source": "Служба",
  "journal.type": "Тип",
  "journal.actor": "Кем",
  "journal.request": "Запрос",
  "equipment.filter": "Найти по имени",
  "equipment.view": "Вид",
  "equipment.at": "Как было в",
  "equipment.showArchived": "То, что в архиве",
  "equipment.asOf": "Каталог на {moment}.",
  "equipment.archivedView": "Содержимое архива.",
  "equipment.backToNow": "К настоящему",
  "equipment.notThen": "Тогда этого не было",
  "equipment.choose": "Выберите узел дерева",
  "equipment.none": "Оборудования пока нет",
  "equipment.noneArchived": "Архив пуст",
  "equipment.tree": "Дерево",
  "equipment.add": "Добавить оборудование",
  "equipment.addBelow": "Добавить под этим",
  "equipment.under": "Под",
  "equipment.details": "Сведения",
  "equipment.control": "Управление",
  "equipment.name": "Имя",
  "equipment.nameFull": "Полное имя",
  "equipment.parent": "Входит в",
  "equipment.root": "Корень",
  "equipment.id": "Номер",
  "equipment.editOne": "Изменить {name}",
  "equipment.move": "Переместить",
  "equipment.moveOne": "Переместить {name}",
  "equipment.moved": "Перемещено",
  "equipment.archive": "В архив",
  "equipment.archiveOne": "{name} в архив",
  "equipment.archive.help": "Оно уйдёт из каталога, его можно будет вернуть.",
  "equipment.archived": "Убрано в архив",
  "equipment.archivedAt": "В архиве с",
  "equipment.unused": "От него ничего не зависит.",
  "equipment.used": "От него зависит:",
  "equipment.recursive": "Убрать всё это вместе",
  "equipment.restore": "Вернуть",
  "equipment.restoreAll": "Вернуть со всем, что ушло вместе",
  "equipment.restored": "Возвращено",
  "equipment.noCommands": "Команд для него в каталоге нет",
  "use.child": "Непосредственно под ним",
  "use.descendant": "Всё под ним",
  "use.command": "Команды",
  "use.undo": "Отменяет команды",
  "move.from": "Откуда",
  "move.to": "Куда",
  "move.along": "Вместе с ним",
  "move.below": "Узлов под ним: {n}",
  "move.alone": "Больше ничего",
  "move.choose": "Новое место",
  "move.choose.help": "Наберите часть имени узла, в который оно войдёт",
  "merge.changed": "Тем временем это изменил кто-то другой.",
  "merge.theirs": "Сейчас там",
  "merge.yours": "Ваше",
  "merge.takeTheirs": "Взять чужое",
  "merge.keepYours": "Оставить моё",
  "history.title": "История",
  "history.version": "Версия {n}",
  "history.request": "Всё об этом запросе",
  "history.then": "Как было тогда",
  "history.looked": "на экране",
  "history.created": "создано",
  "history.updated": "изменено",
  "history.archived": "в архив",
  "history.restored": "возвращено",
  "control.state": "Рабочее состояние",
  "control.enabled": "управляется",
  "control.disabled": "не управляется",
  "endpoint.none": "Подключение не задано",
  "endpoint.admin": "Административное состояние",
  "endpoint.unlocked": "разрешено",
  "endpoint.locked": "заблокировано",
  "endpoint.shutting-down": "завершается",
  "endpoint.driver": "Драйвер",
  "endpoint.address": "Адрес",
  "endpoint.address.help": "узел:порт, для http – базовый URL",
  "endpoint.options": "Параметры (JSON)",
  "endpoint.secret": "Секрет",
  "endpoint.secret.help": "Имя файла в каталоге секретов службы",
  "endpoint.updated": "Изменено",
  "endpoint.of": "Подключение {name}",
  "endpoint.add": "Задать подключение",
  "endpoint.edit": "Изменить подключение",
  "endpoint.remove": "Удалить подключение",
  "endpoint.remove.help": "Команды ему больше нельзя будет отправить.",
  "endpoint.removed": "Подключение удалено",
  "endpoint.test": "Проверить",
  "endpoint.answered": "ответ за {ms} мс",
  "endpoint.lockedHelp": "Пока оно не разрешено, ему ничего не отправляется.",
  "queue.title": "Очередь",
  "queue.queues": "Очереди",
  "queue.none": "Команд ещё не было",
  "queue.state": "Состояние",
  "queue.runs": "идёт",
  "queue.held": "остановлена",
  "queue.stands": "стоит: исход неизвестен",
  "queue.inFlight": "В пути",
  "queue.queued": "Ждут",
  "queue.awaiting": "На одобрении",
  "queue.hold": "Остановить",
  "queue.hold.help": "Этому оборудованию ничего не отправляется, пока очередь не продолжат.",
  "queue.release": "Продолжить",
  "queue.isHeld": "Очередь остановлена",
  "queue.goesOn": "Очередь продолжена",
  "commands.sent": "Отправленные команды",
  "commands.none": "Команд пока нет",
  "command.name": "Команда",
  "command.nameFull": "Полное имя",
  "command.description": "Описание",
  "command.equipment": "Оборудование",
  "command.section": "Раздел",
  "command.undo": "Отмена",
  "command.state": "Состояние",
  "command.sender": "Отправитель",
  "command.created": "Создана",
  "command.sentAt": "Отправлена",
  "command.expires": "Истекает",
  "command.approver": "Одобрил",
  "command.arguments": "Аргументы",
  "command.noArguments": "Аргументов нет.",
  "command.hazard": "Опасная.",
  "command.hazardous": "опасная",
  "command.isUndo": "отмена",
  "command.undoOf": "Отменяет",
  "command.wire": "Что уходит по линии",
  "command.reply": "Ответ",
  "command.readBefore": "Прочитано до отправки",
  "command.readback": "Прочитанные значения",
  "command.steps": "Шаги",
  "command.moving": "Страница обновляется сама.",
  "command.which": "Какая команда",
  "command.choose": "Аргументы",
  "command.choose.help": "Сначала выберите команду",
  "command.filter": "Найти по команде или оборудованию",
  "command.send": "Отправить команду",
  "command.dryRun": "Проверить без отправки",
  "command.driver": "Драйвер",
  "command.ttl": "Может ждать",
  "command.before": "Условия до",
  "command.after": "Условия после",
  "command.within": "за {n} с",
  "command.undoable": "Можно отменить",
  "command.unbound": "Не задано, как передаётся эта команда, отправить её нельзя.",
  "command.needsApproval": "Перед отправкой её должен одобрить другой человек.",
  "command.confirm": "Я знаю, чем это грозит, и хочу этого",
  "command.mayNot": "Вам не разрешены опасные команды.",
  "command.sentNow": "Команда отправляется",
  "command.sentForApproval": "Команда ждёт одобрения",
  "command.approve": "Одобрить",
  "command.approve.help": "Команда пользователя {sender} будет отправлена.",
  "command.approved": "Одобрено",
  "command.ownApproval": "Одобрить должен другой человек.",
  "command.reject": "Отклонить",
  "command.cancel": "Отозвать",
  "command.reason": "Причина",
  "command.resolve": "Указать исход",
  "command.resolve.help": "Неизвестно, выполнена ли она. Сначала проверьте оборудование, затем очередь продолжится.",
  "command.outcome": "Она",
  "command.outcome.succeeded": "выполнена",
  "command.outcome.failed": "не выполнена",
  "command.howKnown": "Откуда это известно",
  "command.unknown.help": "Возможно, она выполнена: ответ потерян. Очередь этого оборудования стоит, пока не укажут исход.",
  "command.doUndo": "Отменить",
  "command.undo.help": "Отправит {name} с аргументами, которые отменяют эту команду.",
  "command.undo.unknown": "Отправит отменяющую команду, если она указана в каталоге.",
  "command.undoSent": "Отмена отправляется",
  "command.again": "Отправить ещё раз",
  "command.state.awaiting_approval": "ждёт одобрения",
  "command.state.queued": "в очереди",
  "command.state.sending": "отправляется",
  "command.state.accepted": "принята",
  "command.state.verifying": "проверяется",
  "command.state.succeeded": "выполнена",
  "command.state.failed": "не выполнена",
  "command.state.unverified": "не проверена",
  "command.state.unknown": "исход неизвестен",
  "command.state.rejected": "отклонена",
  "command.state.expired": "истекла",
  "command.state.cancelled": "отозвана",
  "command.event.create": "создана",
  "command.event.approve": "одобрена",
  "command.event.reject": "отклонена",
  "command.event.cancel": "отозвана",
  "command.event.expire": "время вышло",
  "command.event.refuse_release": "отказ перед отправкой",
  "command.event.send": "отправка начата",
  "command.event.not_sent": "ничего не ушло",
  "command.event.repeat": "повторяется",
  "command.event.accept": "оборудование приняло",
  "command.event.refuse": "оборудование отказало",
  "command.event.lose": "ответ потерян",
  "command.event.verify": "проверка начата",
  "command.event.complete": "завершена",
  "command.event.confirm": "все условия выполнены",
  "command.event.contradict": "условие не выполнено",
  "command.event.give_up": "проверить не удалось",
  "command.event.read_back": "значения прочитаны",
  "command.event.take_over": "продолжает другой экземпляр",
  "command.event.resolve_succeeded": "указано: выполнена",
  "command.event.resolve_failed": "указано: не выполнена",
  "catalogue.commands": "Команды",
  "catalogue.sections": "Разделы",
  "catalogue.parameters": "Параметры",
  "catalogue.transfer": "Обмен",
  "catalogue.addCommand": "Добавить команду",
  "catalogue.addSection": "Добавить раздел",
  "catalogue.addParameter": "Добавить параметр",
  "catalogue.archive": "Убрать {name} в архив?",
  "catalogue.archive.help": "Запись уйдёт из каталога. История останется.",
  "parameter.validator": "Проверка значений",
  "parameter.validator.help": "JSON Schema (2020-12)",
  "parameter.try": "Проверить значение",
  "parameter.try.help": "Любой JSON, иначе текст",
  "parameter.valid": "Значение подходит",
  "transfer.export": "Выгрузка",
  "transfer.export.help": "Каталоги целиком: сохранить, править в таблице или перенести в другую систему.",
  "transfer.import": "Загрузка",
  "transfer.import.help": "Загрузка создаёт и изменяет, но ничего не убирает в архив. Сначала показываются различия.",
  "transfer.all": "всё",
  "transfer.equipments": "Оборудование",
  "transfer.commands-toc": "Разделы команд",
  "transfer.commands": "Команды",
  "transfer.telemetry": "Параметры телеметрии",
  "transfer.file": "Файл (JSON или CSV)",
  "transfer.catalogue": "Каталог в файле",
  "transfer.preview": "Показать различия",
  "transfer.take": "Загрузить",
  "transfer.taken": "Файл загружен",
  "transfer.nothing": "Различий нет.",
  "transfer.created": "новых: {n}",
  "transfer.updated": "изменено: {n}",
  "transfer.unchanged": "без изменений: {n}",
  "transfer.op.create": "новое",
  "transfer.op.update": "изменено",
  "people.users": "Пользователи",
  "people.roles": "Роли",
  "people.keys": "Ключи API",
  "user.login": "Имя для входа",
  "user.name": "Полное имя",
  "user.role": "Роль",
  "user.status": "Состояние",
  "user.since": "С",
  "user.changed": "Изменён",
  "user.password": "Пароль",
  "user.about": "Сведения",
  "user.enabled": "включён",
  "user.blocked": "заблокирован",
  "user.archived": "в архиве",
  "user.mustChange": "нужно сменить при входе",
  "user.add": "Добавить пользователя",
  "user.firstPassword": "Первый пароль",
  "user.setPassword": "Задать пароль",
  "user.setPassword.help": "{name} должен будет сменить его при входе, все сеансы завершатся.",
  "user.logoutAll": "Завершить все сеансы",
  "user.logoutAll.help": "Все сеансы {name} завершатся.",
  "user.block": "Заблокировать",
  "user.block.help": "Все сеансы {name} завершатся сразу, вход станет невозможен.",
  "user.isBlocked": "Пользователь заблокирован",
  "user.unblock": "Разблокировать",
  "user.isUnblocked": "Пользователь снова может входить",
  "user.archive.help": "{name} уйдёт из списка, все сеансы завершатся.",
  "role.add": "Добавить роль",
  "role.id": "Имя роли",
  "role.permissions": "Разрешения",
  "key.add": "Создать ключ",
  "key.make": "Создать ключ",
  "key.none": "Ключей нет",
  "key.name": "Для чего он",
  "key.expires": "Истекает",
  "key.expires.help": "Пусто: никогда",
  "key.networks": "Сети",
  "key.networks.help": "Откуда принимается, пусто: отовсюду",
  "key.anywhere": "отовсюду",
  "key.used": "Использован",
  "key.created": "Создан",
  "key.once": "Ключ показывается только сейчас. Сохраните его.",
  "key.copy": "Копировать",
  "key.copied": "Скопировано",
  "key.notCopied": "Браузер не дал скопировать ключ",
  "key.kept": "Ключ сохранён",
  "key.revoke": "Отозвать",
  "key.revoke.help": "Кто пользуется ключом {name}, получит отказ в течение секунды.",
  "key.revoked": "Ключ отозван",
  "spectra.traces": "Спектры",
  "spectra.trace": "Спектр",
  "spectra.signals": "Сигналы",
  "spectra.span": "За время",
  "spectra.start": "Частота от",
  "spectra.stop": "Частота до",
  "spectra.box": "Место",
  "spectra.south": "Юг",
  "spectra.west": "Запад",
  "spectra.north": "Север",
  "spectra.east": "Восток",
  "spectra.none": "По этому отбору спектров нет",
  "spectra.noSignals": "Сигналов нет",
  "spectra.lastSpan": "Последние",
  "spectra.threshold": "Порог занятости",
  "spectra.sweeps": "Проходов: {n}; приёмников: {sources}",
  "spectra.max": "Максимум",
  "spectra.mean": "Среднее",
  "spectra.min": "Минимум",
  "spectra.occupancy": "Занятость",
  "spectra.waterfall": "Водопад",
  "spectra.waterfall.alt": "Уровень по частоте слева направо и по времени сверху вниз",
  "spectra.statistics": "Статистика",
  "spectra.compared": "для сравнения",
  "spectra.compare": "Сравнение",
  "spectra.compareWith": "Наложить",
  "spectra.nothing": "ничего",
  "spectra.selected": "выбрано",
  "spectra.noMarker": "Маркер ставится щелчком по графику или стрелками на нём.",
  "spectra.peak": "Пик",
  "spectra.setReference": "Опора",
  "spectra.clearMarkers": "Убрать маркеры",
  "spectra.band": "Мощность полосы",
  "spectra.band.help": "Введите полосу или выделите её на графике с нажатой Shift.",
  "spectra.band.none": "Там ничего не измерено, или единица не мощность.",
  "spectra.about": "О спектре",
  "spectra.withdraw": "Отозвать",
  "spectra.withdraw.help": "Спектр исчезнет из всех ответов, его guid останется занят.",
  "spectra.withdrawn": "Спектр отозван",
  "spectra.cut": "Только сигнал",
  "place.all": "Нужны все четыре границы",
  "place.order": "Не может быть южнее южной границы",
  "place.crosses": "Границы пересекают 180-й меридиан.",
  "place.none": "Убрать границы",
  "place.box": "{south}° … {north}°, {west}° … {east}°",
  "place.receivers": "Приёмников в последних найденных спектрах: {n}",
  "map.title": "Карта",
  "map.role": "карта",
  "map.keys": "Стрелки сдвигают её, плюс и минус меняют масштаб, ноль показывает весь мир, Enter берёт видимую часть как границы",
  "map.help": "Мышью обводят границы, с нажатой Shift карта сдвигается.",
  "map.all": "Весь мир",
  "map.west": "Сдвинуть на запад",
  "map.east": "Сдвинуть на восток",
  "map.north": "Сдвинуть на север",
  "map.south": "Сдвинуть на юг",
  "map.take": "Взять видимую часть",
  "map.sight": "Видно: широта от {south} до {north}, долгота от {west} до {east}.",
  "map.failed": "Карту не удалось загрузить. Поля работают и без неё.",
  "trace.time": "Время",
  "trace.band": "Полоса",
  "trace.source": "Приёмник",
  "trace.points": "Точек",
  "trace.thinned": "{n}, показано {shown} со всеми пиками",
  "trace.step": "Шаг",
  "trace.noise": "Шум",
  "trace.overload": "перегрузка",
  "trace.place": "Место",
  "trace.rbw": "Полоса разрешения",
  "trace.enbw": "Шумовая полоса",
  "trace.detector": "Детектор",
  "trace.mode": "Режим",
  "trace.sweep": "Время прохода",
  "trace.attenuation": "Ослабление",
  "trace.gain": "Усиление",
  "trace.antenna": "Антенна",
  "trace.azimuth": "Азимут",
  "trace.received": "Получен",
  "trace.guid": "Guid",
  "trace.meta": "Прочие поля",
  "signal.f0": "Центр",
  "signal.width": "Ширина",
  "power.max": "Максимум",
  "power.mean": "Среднее",
  "power.channel": "Мощность в полосе",
  "power.assumed": "полоса предположена",
  "power.obw": "Занимаемая полоса (99 %)",
  "power.snr": "Над шумом",
  "span.15m": "15 минут",
  "span.1h": "час",
  "span.6h": "6 часов",
  "span.24h": "24 часа",
  "span.7d": "7 дней",
  "live.pause": "Пауза",
  "live.resume": "Продолжить",
  "live.receiver": "Приёмник и полоса",
  "live.unnamed": "приёмник без имени",
  "live.waiting": "Ожидание спектра",
  "live.waiting.help": "Следующий спектр от приёмника сразу появится здесь.",
  "live.ended": "Поток завершён.",
  "live.lost": "Часть спектров пришла без связи и здесь уже не появится; они есть в поиске.",
  "live.now": "Последний",
  "live.maxHold": "Удержание максимума",
  "live.average": "Среднее",
  "live.reset": "Начать заново",
  "live.sweeps": "Проходов: {n}",
  "live.bottom": "Низ шкалы",
  "live.top": "Верх шкалы",
  "live.badRange": "Низ должен быть ниже верха",
  "stream.connecting": "соединение",
  "stream.open": "в эфире",
  "stream.waiting": "переподключение",
  "stream.ended": "завершён",
  "event.admin.deadletter.deleted": "Недоставленное сообщение удалено",
  "event.admin.deadletter.replayed": "Недоставленное сообщение повторено",
  "event.auth.apikey.created": "Создан ключ API",
  "event.auth.apikey.deleted": "Отозван ключ API",
  "event.auth.login.failed": "Неудачный вход",
  "event.auth.login.succeeded": "Вход в систему",
  "event.auth.login.throttled": "Входы замедлены",
  "event.auth.role.created": "Создана роль",
  "event.auth.role.deleted": "Удалена роль",
  "event.auth.role.updated": "Изменена роль",
  "event.auth.session.ended": "Сеанс завершён",
  "event.auth.session.reused": "Сеанс завершён как украденный",
  "event.auth.user.archived": "Пользователь в архиве",
  "event.auth.user.blocked": "Пользователь заблокирован",
  "event.auth.user.created": "Создан пользователь",
  "event.auth.user.logged_out": "Завершены все сеансы пользователя",
  "event.auth.user.password_changed": "Изменён пароль",
  "event.auth.user.unblocked": "Пользователь разблокирован",
  "event.auth.user.updated": "Изменён пользователь",
  "event.cfg.command.archived": "Команда в архиве",
  "event.cfg.command.created": "Создана команда",
  "event.cfg.command.restored": "Команда возвращена",
  "event.cfg.command.updated": "Изменена команда",
  "event.cfg.command_toc.archived": "Раздел в архиве",
  "event.cfg.command_toc.created": "Создан раздел",
  "event.cfg.command_toc.restored": "Раздел возвращён",
  "event.cfg.command_toc.updated": "Изменён раздел",
  "event.cfg.equipment.archived": "Оборудование в архиве",
  "event.cfg.equipment.created": "Добавлено оборудование",
  "event.cfg.equipment.restored": "Оборудование возвращено",
  "event.cfg.equipment.updated": "Изменено оборудование",
  "event.cfg.telemetry.archived": "Параметр в архиве",
  "event.cfg.telemetry.created": "Создан параметр",
  "event.cfg.telemetry.restored": "Параметр возвращён",
  "event.cfg.telemetry.updated": "Изменён параметр",
  "event.ctrl.binding.created": "Задана привязка команды",
  "event.ctrl.binding.deleted": "Удалена привязка",
  "event.ctrl.binding.updated": "Изменена привязка",
  "event.ctrl.command.created": "Отправлена команда",
  "event.ctrl.command.updated": "Ход команды",
  "event.ctrl.endpoint.created": "Задано подключение",
  "event.ctrl.endpoint.deleted": "Удалено подключение",
  "event.ctrl.endpoint.updated": "Изменено подключение",
  "event.ctrl.queue.updated": "Очередь остановлена или продолжена",
  "event.inbox.signal.received": "Получен сигнал",
  "event.inbox.trace.received": "Получен спектр",
  "event.inbox.trace.withdrawn": "Спектр отозван"
};

// src/lang/errors.ru.ts
var meaningsRu = {
  above_maximum: "Число слишком велико.",
  address_not_allowed: "Адрес вне сетей, доступных службе.",
  alarm_state: "Авария в состоянии, в котором этого сделать нельзя: действующую не закрыть, отложенную не отложить.",
  already_undone: "Её уже отменяет другая команда.",
  ambiguous_name: "Имя есть у нескольких записей, нужен путь.",
  api_key_invalid: "Ключ API неизвестен, истёк или не принимается с этого адреса.",
  archived: "Запись в архиве.",
  bad_address: "Драйвер не понимает адрес.",
  bad_columns: "Первая строка не называет столбцы каталога по одному разу.",
  bad_csv: "Файл не CSV, или в строке есть значение в столбце без имени.",
  bad_cursor: "Курсор повреждён или относится к другому списку либо отбору.",
  bad_format: "У текста не та форма: время, адрес, UUID, образец.",
  bad_length: "В тексте слишком мало или слишком много знаков.",
  bad_options: "Драйвер не знает этих параметров, или нужны другие.",
  bad_read: "Драйвер не может читать по этому шаблону.",
  bad_receiver: "Адрес или параметры получателя оповещений не подходят.",
  bad_schema: "Это не JSON Schema (2020-12) и не {length, parser}.",
  bad_template: "Драйвер не понимает шаблон, или заполнители не подходят к аргументам.",
  below_minimum: "Число слишком мало.",
  beyond_own_permissions: "Изменение касается разрешений, которых у вас нет.",
  bad_secret: "Драйвер не может использовать секрет.",
  body_timeout: "Тело запроса не пришло вовремя.",
  busy: "Помешали другие вызовы, или работы слишком много; повторите позже.",
  changed_meanwhile: "Запись изменилась с той версии, которую вы видели.",
  commands_active: "В пути команды, которым это нужно.",
  conflict: "Изменение противоречит имеющимся данным.",
  contradiction: "Два значения противоречат друг другу.",
  credentials_required: "Нужен вход в систему.",
  crosses_180th_meridian: "Область здесь не должна пересекать 180-й меридиан.",
  cycle: "Запись стала бы своим же предком или отменяла бы саму себя.",
  dependency_down: "Не работает зависимость, названная в месте ошибки.",
  duplicates: "Два элемента списка одинаковы.",
  endpoint_locked: "Подключение оборудования заблокировано или завершается.",
  excluded: "Это значение исключено.",
  expectation_failed: "Заголовок Expect требует неизвестного.",
  forbidden: "Не хватает разрешения.",
  forbidden_characters: "Пробелы по краям, управляющие или невидимые знаки недопустимы.",
  foreign_origin: "Вызов пришёл со страницы другого источника.",
  given_up: "Клиент отказался от запроса.",
  guid_taken: "Этот guid занят записью с другим содержанием.",
  has_children: "Под записью есть другие.",
  has_commands: "К записи относятся команды.",
  hazard_unconfirmed: "Команда опасна, а подтверждения нет.",
  header_too_large: "Заголовок слишком велик.",
  in_future: "Время слишком далеко в будущем.",
  in_past: "Время должно быть в будущем.",
  in_use: "На запись ссылаются другие.",
  internal: "Ошибка службы; причина в её журнале по номеру запроса.",
  invalid: "Значение не принимается.",
  last_administrator: "Не осталось бы ни одного администратора; сначала назначьте другого.",
  malformed: "Запрос, его путь или параметры не читаются.",
  meta_too_large: "meta и неизвестные поля вместе занимают больше места, чем отведено спектру.",
  method_not_allowed: "Этот путь не знает такого метода.",
  mixed_units: "Выбранные значения в разных единицах, вместе их не показать.",
  more_errors: "Причин больше, чем перечислено.",
  name_taken: "Такое имя здесь уже есть.",
  nests_too_deep: "Вложенность слишком велика.",
  no_endpoint: "У оборудования нет подключения, или оно с другим драйвером.",
  no_match: "Значение не подходит ни к одному варианту или подходит к нескольким сразу.",
  no_power_unit: "Единица спектра не является мощностью.",
  no_reply: "Оборудование не отвечает.",
  no_route: "По этому пути ничего нет.",
  no_traces: "В этом диапазоне нет спектров.",
  no_undo: "В каталоге нет отменяющей команды, или для неё не заданы аргументы.",
  not_a_multiple: "Число не кратно нужному.",
  not_allowed: "Здесь это значение задавать нельзя.",
  not_archived: "Запись не в архиве, возвращать нечего.",
  not_bound: "У команды нет привязки: неизвестно, как её отправить.",
  not_existing_then: "В тот момент записи не было.",
  not_finite: "Число не конечно или слишком велико.",
  not_found: "Такой записи нет, или она в архиве.",
  not_json: "Тело не является правильным JSON.",
  not_null: "Значение не может быть null.",
  not_one_of: "Значение не из числа известных.",
  not_utf8: "Текст не в UTF-8.",
  nothing_measured: "Одни пропуски, значений нет.",
  offset_required: "Нужно указать смещение от UTC.",
  out_of_range: "Число или время вне границ.",
  outside_trace: "Сигнал или вырезка вне своего спектра.",
  own_command: "Это должен сделать не отправитель, а другой человек.",
  page_too_deep: "Страница слишком далеко, до неё ведёт курсор.",
  parameter_unknown: "Такого параметра нет, или не задано, как его читать.",
  password_change_required: "Сначала смените пароль.",
  password_common: "Этот пароль пробуют одним из первых.",
  password_is_name: "Пароль совпадает с именем.",
  password_too_long: "В пароле не более 72 байт.",
  password_too_short: "В пароле не менее 12 знаков.",
  password_unchanged: "Новый пароль совпадает с текущим.",
  past_retention: "Время раньше срока хранения: спектр сразу был бы удалён.",
  person_needed: "Это должен сделать человек, а не ключ API.",
  queue_gone: "Очереди этого сообщения больше нет; сначала нужно запустить её службу.",
  range_too_long: "Промежуток времени слишком велик.",
  receiver_not_allowed: "Адрес вне сетей, куда разрешены оповещения.",
  reference_conflict: "Упомянутого нет, или удаляемое ещё используется.",
  reference_missing: "Упомянутой записи нет, или она в архиве.",
  reference_outside: "Схема ссылается на внешнее.",
  refresh_token_invalid: "Сеанс завершён.",
  repeated: "Значение дано дважды.",
  required: "Значение не задано.",
  second_source: "У параметра оборудования один источник: привязка или его темп.",
  secret_unreadable: "Такого секрета нет, или служба не может его прочитать.",
  service_unreachable: "Служба, которой передан вызов, не отвечает.",
  session_ended: "Сеанса нет, или он завершён: войдите снова.",
  stopping: "Этот экземпляр останавливается, вызов примет другой.",
  there_already: "Запись уже есть.",
  telemetry_unknown: "В каталоге нет действующего параметра телеметрии с таким именем.",
  timeout: "Вызов занял слишком много времени.",
  token_expired: "Время сеанса вышло.",
  token_invalid: "Сеанс не из этой системы.",
  token_revoked: "Сеанс отозван: завершён, или пользователя изменили либо заблокировали.",
  too_complex: "Схема или значение слишком велики, глубоки или долги для проверки.",
  too_few: "Слишком мало элементов.",
  too_large: "Тело больше допустимого.",
  too_long: "В тексте слишком много знаков.",
  too_many: "Слишком много элементов.",
  too_many_attempts: "Слишком много неверных паролей; повторите позже.",
  too_many_requests: "Слишком много запросов; повторите позже.",
  too_old: "Время раньше, чем принимаются спектры.",
  too_short: "В тексте слишком мало знаков.",
  too_slow: "События приходили быстрее, чем их читали.",
  trace_missing: "Спектр этого сигнала ещё не пришёл.",
  trace_withdrawn: "Спектр отозван, его guid занят.",
  tree_too_deep: "Дерево стало бы глубже 100 уровней.",
  unavailable: "Нужное сейчас не работает; повторите позже.",
  undo_in_use: "Другие команды отменяются этой.",
  unknown_document: "Документ не такой, какой даёт выгрузка.",
  unknown_field: "В объекте неизвестное поле.",
  unknown_parameter: "Вызов не знает этого параметра.",
  unknown_permission: "Такого разрешения нет.",
  unknown_role: "Такой роли нет.",
  unreadable_body: "Тело пришло не целиком, или его сжатие повреждено.",
  unsupported_encoding: "Тело может быть сжато только gzip или zstd.",
  unsupported_grant_type: "Такой способ входа не поддерживается.",
  unsupported_media_type: "Вызов не принимает такой тип содержимого.",
  users_only: "Вызов для пользователей, а не для ключей API.",
  wrong_count: "Число не равно количеству значений.",
  wrong_credentials: "Неверное имя или пароль.",
  wrong_grid: "Начало, конец, шаг и число значений не согласуются.",
  wrong_order: "Верхняя граница ниже нижней.",
  wrong_password: "Это не текущий пароль.",
  wrong_state: "В этом состоянии команды так нельзя.",
  wrong_type: "Значение другого типа: текст вместо числа, дробь вместо целого.",
  wrong_unit: "Единица не та, что у аргумента; пересчёта нет."
};

// src/core/i18n.ts
var languages = ["en", "ru"];
var dictionaries = { en, ru };
function first() {
  const kept2 = localStorage.getItem("nms.language");
  return languages.find((l4) => l4 === kept2) ?? (navigator.language.startsWith("ru") ? "ru" : "en");
}
var language = y3(first());
function t4(key, values) {
  const text = dictionaries[language.value][key];
  return values ? text.replace(/\{(\w+)\}/g, (_5, name) => String(values[name] ?? "")) : text;
}
function tOr(key, fallback) {
  return dictionaries[language.value][key] ?? fallback;
}
function sayReason(reason) {
  if (reason.code === "offline") return t4("problem.offline");
  if (language.value === "ru") return meaningsRu[reason.code] ?? reason.message;
  return reason.message || (meanings[reason.code] ?? reason.code);
}
function sayProblem(problem2) {
  const reason = problem2.reasons[0];
  return reason ? sayReason(reason) : problem2.detail || t4("problem.unknown");
}

// src/core/router.ts
function here() {
  const [section = "", ...rest] = location.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  return { section: section || "overview", rest, query: new URLSearchParams(location.search) };
}
var place = y3(here());
addEventListener("popstate", () => {
  place.value = here();
});
function go(path, options3 = {}) {
  if (path === location.pathname + location.search) return;
  history[options3.replace ? "replaceState" : "pushState"](null, "", path);
  const before = place.value.section;
  place.value = here();
  if (place.value.section !== before) scrollTo(0, 0);
}
function withQuery(changes) {
  const query2 = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === void 0 || value === "" || value === false) query2.delete(name);
    else query2.set(name, String(value));
  }
  return location.pathname + (query2.size > 0 ? "?" + query2 : "");
}

// src/core/session.ts
var me = y3(void 0);
var endedBy = y3(null);
var theme = y3(stored("theme", ["dark", "light"]) ?? system());
function system() {
  return matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}
function stored(name, values) {
  const value = localStorage.getItem("nms." + name);
  return values.find((v4) => v4 === value) ?? null;
}
function setTheme(value) {
  localStorage.setItem("nms.theme", value);
  theme.value = value;
  if (me.value) void meUpdate({ body: { dark_theme: value === "dark" } }).then((r4) => me.value = r4.data, () => {
  });
}
function setLanguage(value) {
  localStorage.setItem("nms.language", value);
  language.value = value;
  if (me.value) void meUpdate({ body: { language: value } }).then((r4) => me.value = r4.data, () => {
  });
}
x2(() => {
  document.documentElement.dataset.theme = theme.value;
  document.documentElement.lang = language.value;
});
function can(permission) {
  return me.value?.permissions.includes(permission) ?? false;
}
async function load() {
  try {
    await read();
  } catch (e4) {
    if (e4 instanceof Problem && e4.status === 401) return;
    throw e4;
  }
}
async function read() {
  const { data: data2 } = await meGet();
  if (!stored("theme", ["dark", "light"])) theme.value = data2.dark_theme ? "dark" : "light";
  if (!stored("language", languages) && data2.language) language.value = languages.find((l4) => l4 === data2.language) ?? language.value;
  me.value = data2;
}
async function login(name, password) {
  await sessionCreate({ body: { login: name, password } });
  endedBy.value = null;
  await read();
}
async function reload() {
  await renew();
  await read();
}
async function logout() {
  await sessionDelete();
  endedBy.value = null;
  me.value = null;
  go("/login");
}
events.ended = (problem2) => {
  if (me.value) endedBy.value = problem2;
  me.value = null;
};
events.mustChangePassword = () => {
  if (me.value && !me.value.password_change_required) me.value = { ...me.value, password_change_required: true };
};
function wanted() {
  const to = place.value.query.get("to") ?? "/overview";
  return to.startsWith("/") && !to.startsWith("//") && !to.startsWith("/login") ? to : "/overview";
}

// src/core/stream.ts
var pauses = [500, 1e3, 2e3, 5e3, 1e4];
function follow(url, listener, { hidden } = {}) {
  let stopped = false;
  let lastId = "";
  let failures = 0;
  let abort = null;
  let timer = 0;
  const away = () => document.hidden && !hidden?.();
  async function connect() {
    if (stopped || abort || away()) return;
    const mine = new AbortController();
    abort = mine;
    listener.state("connecting", null);
    let problem2 = null;
    try {
      problem2 = await read6(mine.signal);
    } catch {
      problem2 = null;
    }
    if (abort === mine) abort = null;
    if (stopped || mine.signal.aborted) return;
    if (problem2?.status === 401 && !await renew()) return end(problem2);
    if (problem2?.status === 403 || problem2?.status === 422) return end(problem2);
    listener.state("waiting", problem2);
    const pause = problem2?.retryAfter ? problem2.retryAfter * 1e3 : pauses[Math.min(failures++, pauses.length - 1)];
    timer = window.setTimeout(connect, pause);
  }
  async function read6(signal) {
    const headers = { Accept: "text/event-stream" };
    if (lastId) headers["Last-Event-ID"] = lastId;
    const answer = await fetch(url, { headers, signal });
    if (!answer.ok || !answer.body) return problemOf(answer);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (; ; ) {
      const { done, value } = await reader.read();
      if (done) return null;
      if (failures >= 0 && text === "") {
        failures = 0;
        listener.state("open", null);
      }
      text += value;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const last = handle(block);
        if (last) return last;
      }
    }
  }
  function handle(block) {
    let name = "message";
    const data2 = [];
    for (const line of block.split("\n")) {
      if (line.startsWith("event:")) name = line.slice(6).trim();
      else if (line.startsWith("data:")) data2.push(line.slice(5).trimStart());
      else if (line.startsWith("id:")) lastId = line.slice(3).trim();
    }
    if (data2.length === 0) return null;
    const body = JSON.parse(data2.join("\n"));
    if (name === "end") {
      const p5 = body;
      return new Problem(p5.status, p5.errors, p5.detail, p5.request_id, null);
    }
    listener.event({ name, data: body });
    return null;
  }
  function end(problem2) {
    stopped = true;
    listener.state("ended", problem2);
    if (problem2.status === 401) events.ended(problem2);
  }
  function visibility() {
    if (away()) {
      window.clearTimeout(timer);
      abort?.abort();
      abort = null;
      if (!stopped) listener.state("waiting", null);
    } else void connect();
  }
  document.addEventListener("visibilitychange", visibility);
  void connect();
  return {
    stop() {
      stopped = true;
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", visibility);
      abort?.abort();
    }
  };
}

// src/core/sound.ts
var context = null;
var tones = { critical: [880, 5], major: [740, 3], minor: [587, 2], warning: [440, 1], indeterminate: [440, 1] };
function beep(severity) {
  context ??= new AudioContext();
  const [hz, times] = tones[severity];
  void context.resume();
  for (let i4 = 0; i4 < times; i4++) {
    const begin = context.currentTime + i4 * 0.22;
    const tone = context.createOscillator(), level2 = context.createGain();
    tone.frequency.value = hz;
    level2.gain.setValueAtTime(0, begin);
    level2.gain.linearRampToValueAtTime(0.25, begin + 0.02);
    level2.gain.setValueAtTime(0.25, begin + 0.12);
    level2.gain.linearRampToValueAtTime(0, begin + 0.16);
    tone.connect(level2).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + 0.17);
  }
}

// src/core/alarms.ts
var severities = ["critical", "major", "minor", "warning", "indeterminate"];
var most = 1e3;
var active = y3(void 0);
var problem = y3(null);
var connection = y3({ state: "connecting", problem: null });
var turn = y3(0);
var fresh = y3(/* @__PURE__ */ new Set());
function aside(a5) {
  return a5.state === "shelved" || a5.state === "suppressed" || a5.state === "out-of-service";
}
function waits(a5) {
  return a5.state === "unack" || a5.state === "rtn-unack";
}
var waiting = O(() => active.value?.alarms.filter(waits).length ?? 0);
function kept(name) {
  return localStorage.getItem(`nms.alarms.${name}`) === "1";
}
var choices = { sound: y3(kept("sound")), title: y3(kept("title")) };
function choose(name, value) {
  if (value) localStorage.setItem(`nms.alarms.${name}`, "1");
  else localStorage.removeItem(`nms.alarms.${name}`);
  choices[name].value = value;
  if (name === "sound" && value) beep("warning");
}
var gather = 250;
var reading = null;
var next = null;
function refresh() {
  if (!reading) return reading = read2().finally(() => reading = null);
  return next ??= reading.catch(() => {
  }).then(() => {
    next = null;
    return refresh();
  });
}
async function read2() {
  try {
    const { data: data2 } = await alarmsList({ query: { active: true, limit: most } });
    active.value = { alarms: data2.content, total: data2.total };
    problem.value = null;
  } catch (e4) {
    if (!(e4 instanceof Problem)) throw e4;
    problem.value = e4;
  }
}
function watch() {
  let timer = 0;
  const stream = follow(alarmsStream.url(), {
    event({ name, data: data2 }) {
      if (name === "alarms") heard(data2);
      else if (name !== "lost") return;
      turn.value++;
      timer ||= window.setTimeout(() => {
        timer = 0;
        void refresh();
      }, gather);
    },
    state(state, why) {
      connection.value = { state, problem: why };
      if (state === "open") void refresh();
    }
  }, { hidden: () => holder && (choices.sound.peek() || choices.title.peek()) });
  return () => {
    window.clearTimeout(timer);
    stream.stop();
  };
}
function heard(steps2) {
  const raised = steps2.filter((s4) => (s4.event === "raise" || s4.event === "worsen" || s4.event === "end_shelf") && s4.operator_state !== "shelved");
  if (raised.length === 0) return;
  fresh.value = /* @__PURE__ */ new Set([...fresh.value, ...raised.map((s4) => s4.alarm_id)]);
  const worst = severities.find((s4) => raised.some((r4) => r4.severity === s4));
  if (worst && holder && choices.sound.value) beep(worst);
}
var holder = false;
var allowed = O(() => can("ctrl:read"));
x2(() => {
  if (!allowed.value) {
    active.value = void 0;
    return;
  }
  const stop = watch();
  const release = new AbortController();
  void navigator.locks?.request("nms.alarms", { signal: release.signal }, () => {
    holder = true;
    return new Promise((done) => release.signal.addEventListener("abort", () => done()));
  }).catch(() => {
  });
  return () => {
    stop();
    holder = false;
    release.abort();
  };
});

// src/core/format.ts
var now = y3(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1e4);
var cache = /* @__PURE__ */ new Map();
function formatter(key, make) {
  const full = `${language.value} ${key}`;
  let f5 = cache.get(full);
  if (!f5) {
    f5 = make(language.value === "ru" ? "ru-RU" : "en-GB");
    cache.set(full, f5);
  }
  return f5;
}
function number(value, digits = 0) {
  return formatter(`n${digits}`, (l4) => new Intl.NumberFormat(l4, { minimumFractionDigits: digits, maximumFractionDigits: digits })).format(value);
}
function plain(value) {
  return formatter("p", (l4) => new Intl.NumberFormat(l4, { maximumFractionDigits: 6, useGrouping: true })).format(value);
}
function moment(value) {
  return formatter("m", (l4) => new Intl.DateTimeFormat(l4, {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short"
  })).format(new Date(value));
}
function clock(value) {
  return formatter("c", (l4) => new Intl.DateTimeFormat(l4, { hour: "2-digit", minute: "2-digit", second: "2-digit" })).format(new Date(value));
}
function tick(value, span) {
  const [key, options3] = span > 2 * 86400 ? ["t1", { day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit" }] : span > 600 ? ["t2", { hour: "2-digit", minute: "2-digit" }] : ["t3", { hour: "2-digit", minute: "2-digit", second: "2-digit" }];
  return formatter(key, (l4) => new Intl.DateTimeFormat(l4, options3)).format(new Date(value * 1e3));
}
var steps = [
  ["year", 31557600],
  ["month", 2629800],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1]
];
function age(value) {
  const seconds = (new Date(value).getTime() - now.value) / 1e3;
  if (Math.abs(seconds) < 10) return t4("time.now");
  const [unit, size] = steps.find(([, s4]) => Math.abs(seconds) >= s4) ?? ["second", 1];
  return formatter("r", (l4) => new Intl.RelativeTimeFormat(l4, { numeric: "always", style: "short" })).format(Math.round(seconds / size), unit);
}
function duration(seconds) {
  const parts = [
    [Math.floor(seconds / 86400), "unit.d"],
    [Math.floor(seconds / 3600) % 24, "unit.h"],
    [Math.floor(seconds / 60) % 60, "unit.min"],
    [Math.floor(seconds) % 60, "unit.s"]
  ];
  const from = parts.findIndex(([n3]) => n3 > 0);
  if (from < 0) return `0 ${t4("unit.s")}`;
  return parts.slice(from, from + 2).map(([n3, unit]) => `${n3} ${t4(unit)}`).join(" ");
}
var scales = [[1e9, "unit.GHz"], [1e6, "unit.MHz"], [1e3, "unit.kHz"], [1, "unit.Hz"]];
function frequency(hz, step = Math.abs(hz) / 1e6) {
  const [size, unit] = scales.find(([s4]) => Math.abs(hz) >= s4) ?? [1, "unit.Hz"];
  const digits = step > 0 ? Math.min(9, Math.max(0, Math.ceil(-Math.log10(step / size)))) : 0;
  const text = formatter(`f${digits}`, (l4) => new Intl.NumberFormat(l4, { maximumFractionDigits: digits })).format(hz / size);
  return `${text} ${t4(unit)}`;
}
function band(from, to) {
  const [size, unit] = scales.find(([s4]) => Math.abs(to) >= s4) ?? [1, "unit.Hz"];
  const f5 = formatter("b", (l4) => new Intl.NumberFormat(l4, { maximumFractionDigits: 4 }));
  return `${f5.format(from / size)}–${f5.format(to / size)} ${t4(unit)}`;
}
function level(value, unit = "dBm") {
  return value === null || value === void 0 ? "–" : `${number(value, 1)} ${unitName(unit)}`;
}
function unitName(unit) {
  return unit.replace("uV", "µV");
}
function bytes(n3) {
  if (n3 < 1024) return `${n3} ${t4("unit.B")}`;
  return n3 < 1 << 20 ? `${number(n3 / 1024, 1)} ${t4("unit.KiB")}` : `${number(n3 / (1 << 20), 1)} ${t4("unit.MiB")}`;
}
function readNumber(text) {
  const cleaned = text.trim().replace(/\s/g, "").replace(",", ".");
  return cleaned !== "" && Number.isFinite(Number(cleaned)) ? Number(cleaned) : null;
}
function agent(text) {
  const browser = /(Edg|OPR|YaBrowser|Firefox|HeadlessChrome|Chrome|Version)\/(\d+)/.exec(text);
  if (!text.startsWith("Mozilla/") || !browser) return text || "–";
  const names3 = { Edg: "Edge", OPR: "Opera", YaBrowser: "Yandex", HeadlessChrome: "Chrome", Version: "Safari" };
  const name = names3[browser[1] ?? ""] ?? browser[1];
  const system2 = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(text)?.[1];
  return `${name} ${browser[2]}${system2 ? `, ${system2.replace(" OS X", "")}` : ""}`;
}

// src/core/title.ts
var heading = y3("");
x2(() => {
  const count = choices.title.value && waiting.value > 0 ? `(${waiting.value}) ` : "";
  document.title = `${count}${heading.value ? `${heading.value} · ` : ""}${t4("app.short")}`;
});

// vendor/preact/jsx-runtime/dist/jsxRuntime.mjs
var f4 = /* @__PURE__ */ Symbol.for("pv");
var o4 = 0;
function a4(t5, e4, n3, u4, a5, i4) {
  e4 || (e4 = {});
  var c4, l4, p5 = e4;
  if ("ref" in p5 && "function" != typeof t5) for (l4 in p5 = {}, e4) "ref" == l4 ? c4 = e4[l4] : p5[l4] = e4[l4];
  var s4 = { type: t5, props: p5, key: n3, ref: c4, __k: null, __: null, __b: 0, __e: null, __c: null, constructor: f4, __v: --o4, __i: -1, __u: 0 };
  return (a5 || i4) && (s4.__source = a5, s4.__self = i4), n.vnode && n.vnode(s4), s4;
}

// src/parts/icon.tsx
var shapes = {
  overview: "M3 3h7v9H3zM14 3h7v5h-7zM14 12h7v9h-7zM3 16h7v5H3z",
  alarms: "M6 16v-5a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
  telemetry: "M4 18a9 9 0 1 1 16 0M12 15l4-6M12 15h.01",
  live: "M2 12h3l2-6 4 14 3-10 2 4h6",
  spectra: "M3 21h18M3 17l3-2 2 1 3-11 3 12 2-4 2 2 3 1",
  equipment: "M12 3v4M6 21v-4M18 21v-4M6 17h12M12 7a2 2 0 1 1 0 .01M12 9v8",
  commands: "M4 12l16-8-6 16-3-6z",
  catalogue: "M5 4h14v16H5zM9 8h6M9 12h6M9 16h4",
  journal: "M12 7v5l3 2M3.5 9a9 9 0 1 1-.5 3M3 4v5h5",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5a6.5 6.5 0 0 1 3.5 5.5",
  services: "M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01",
  profile: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0",
  menu: "M4 6h16M4 12h16M4 18h16",
  close: "M6 6l12 12M18 6L6 18",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  up: "M5 15l7-7 7 7",
  down: "M5 9l7 7 7-7",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  logout: "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
  plus: "M12 5v14M5 12h14",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  archive: "M3 5h18v4H3zM5 9v10h14V9M10 13h4",
  restore: "M4 10h10a5 5 0 0 1 0 10H9M4 10l4-4M4 10l4 4",
  move: "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3",
  refresh: "M20 11a8 8 0 1 0-1 5M20 4v7h-7",
  pause: "M8 5v14M16 5v14",
  play: "M7 4l13 8-13 8z",
  check: "M4 12l5 6L20 6",
  warning: "M12 3l10 18H2zM12 10v5M12 18h.01",
  error: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v6M12 16.5h.01",
  lock: "M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3",
  empty: "M3 12l3-8h12l3 8v8H3zM3 12h6l1 3h4l1-3h6",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21",
  copy: "M8 8h12v12H8zM4 16V4h12",
  download: "M12 3v12M7 11l5 5 5-5M4 21h16",
  zoomIn: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21M7.5 10.5h6M10.5 7.5v6",
  zoomOut: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5L21 21M7.5 10.5h6",
  undo: "M4 9h11a5 5 0 0 1 0 10H8M4 9l5-5M4 9l5 5",
  key: "M15 4a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM11.5 12.5L3 21M6 18l2 2"
};
function Icon({ name, size = 18 }) {
  return /* @__PURE__ */ a4(
    "svg",
    {
      class: "icon",
      width: size,
      height: size,
      viewBox: "0 0 24 24",
      fill: "none",
      stroke: "currentColor",
      "stroke-width": "1.7",
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
      "aria-hidden": "true",
      children: /* @__PURE__ */ a4("path", { d: shapes[name] })
    }
  );
}

// src/parts/basics.tsx
function Link({ to, children, class: name, current, label }) {
  return /* @__PURE__ */ a4(
    "a",
    {
      href: to,
      class: name,
      "aria-current": current ? "page" : void 0,
      "aria-label": label,
      onClick: (e4) => {
        if (e4.button !== 0 || e4.metaKey || e4.ctrlKey || e4.shiftKey || e4.altKey) return;
        e4.preventDefault();
        go(to);
      },
      children
    }
  );
}
function Button({ children, kind = "plain", icon, busy, disabled, onClick, type = "button", label, pressed, small }) {
  return /* @__PURE__ */ a4(
    "button",
    {
      type,
      class: `button ${kind}${small ? " small" : ""}${children ? "" : " bare"}`,
      disabled: disabled || busy,
      "aria-label": label,
      title: label,
      "aria-pressed": pressed,
      "aria-busy": busy || void 0,
      onClick,
      children: [
        icon && /* @__PURE__ */ a4(Icon, { name: icon, size: small ? 15 : 17 }),
        children && /* @__PURE__ */ a4("span", { children })
      ]
    }
  );
}
function Badge({ tone, children }) {
  return /* @__PURE__ */ a4("span", { class: `badge ${tone}`, children: [
    /* @__PURE__ */ a4("i", { "aria-hidden": "true" }),
    children
  ] });
}
function Time({ at, only }) {
  if (!at) return /* @__PURE__ */ a4("span", { class: "muted", children: "–" });
  const full = moment(at);
  return /* @__PURE__ */ a4("time", { dateTime: at, title: only === "age" ? full : age(at), class: "time", children: [
    only === "age" ? age(at) : full,
    !only && /* @__PURE__ */ a4("small", { class: "muted", children: [
      " ",
      age(at)
    ] })
  ] });
}
function Page({ title, actions, children, wide, back }) {
  heading.value = title;
  return /* @__PURE__ */ a4("div", { class: wide ? "page wide" : "page", children: [
    /* @__PURE__ */ a4("header", { class: "page-head", children: [
      /* @__PURE__ */ a4("div", { children: [
        back && /* @__PURE__ */ a4(Link, { to: back.to, class: "back", children: back.title }),
        /* @__PURE__ */ a4("h1", { tabIndex: -1, children: title })
      ] }),
      actions && /* @__PURE__ */ a4("div", { class: "actions", children: actions })
    ] }),
    children
  ] });
}
function Card({ title, actions, children, class: name }) {
  return /* @__PURE__ */ a4("section", { class: `card ${name ?? ""}`, children: [
    title && /* @__PURE__ */ a4("header", { class: "card-head", children: [
      /* @__PURE__ */ a4("h2", { children: title }),
      actions && /* @__PURE__ */ a4("div", { class: "actions", children: actions })
    ] }),
    children
  ] });
}
function Facts({ items }) {
  return /* @__PURE__ */ a4("dl", { class: "facts", children: items.map((item) => item && /* @__PURE__ */ a4("div", { children: [
    /* @__PURE__ */ a4("dt", { children: item[0] }),
    /* @__PURE__ */ a4("dd", { children: item[1] ?? "–" })
  ] }, item[0])) });
}
function Tabs({ items, current, label }) {
  return /* @__PURE__ */ a4("nav", { class: "tabs", "aria-label": label, children: items.map((i4) => /* @__PURE__ */ a4(Link, { to: i4.to, current: i4.id === current, children: i4.title }, i4.id)) });
}
function Mono({ children }) {
  return /* @__PURE__ */ a4("code", { class: "mono", children });
}
function Json({ value }) {
  return /* @__PURE__ */ a4("pre", { class: "json", tabIndex: 0, children: JSON.stringify(value, null, 2) });
}
function Download({ href, children, name }) {
  return /* @__PURE__ */ a4("a", { class: "button plain small", href, download: name ?? "", children: [
    /* @__PURE__ */ a4(Icon, { name: "download", size: 15 }),
    /* @__PURE__ */ a4("span", { children })
  ] });
}
function Connection({ state }) {
  const tone = state === "open" ? "ok" : state === "ended" ? "bad" : "warn";
  return /* @__PURE__ */ a4("span", { role: "status", children: /* @__PURE__ */ a4(Badge, { tone, children: t4(`stream.${state}`) }) });
}

// src/parts/overlay.tsx
function Drawer({ title, onClose, children, footer, modal }) {
  const dialog = T2(null);
  F2(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return /* @__PURE__ */ a4(
    "dialog",
    {
      ref: dialog,
      class: modal ?? "drawer",
      "aria-label": title,
      onCancel: (e4) => {
        e4.preventDefault();
        onClose();
      },
      onMouseDown: (e4) => e4.target === e4.currentTarget && onClose(),
      children: /* @__PURE__ */ a4("div", { class: "sheet", children: [
        /* @__PURE__ */ a4("header", { class: "sheet-head", children: [
          /* @__PURE__ */ a4("h2", { children: title }),
          /* @__PURE__ */ a4(Button, { kind: "quiet", icon: "close", label: t4("action.close"), onClick: onClose })
        ] }),
        /* @__PURE__ */ a4("div", { class: "sheet-body", children }),
        footer && /* @__PURE__ */ a4("footer", { class: "sheet-foot", children: footer })
      ] })
    }
  );
}
var question = y3(null);
function ask(q2) {
  return new Promise((resolve) => {
    question.value = { ...q2, answer: (yes) => {
      question.value = null;
      resolve(yes);
    } };
  });
}
var messages = y3([]);
var next2 = 0;
function toast(text, tone = "ok") {
  const id = ++next2;
  messages.value = [...messages.value, { id, tone, text }];
  setTimeout(() => {
    messages.value = messages.value.filter((m5) => m5.id !== id);
  }, tone === "ok" ? 5e3 : 12e3);
}
function Overlays() {
  const q2 = question.value;
  return /* @__PURE__ */ a4($, { children: [
    q2 && /* @__PURE__ */ a4(Drawer, { title: q2.title, modal: "dialog", onClose: () => q2.answer(false), footer: /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(Button, { onClick: () => q2.answer(false), children: t4("action.cancel") }),
      /* @__PURE__ */ a4(Button, { kind: q2.danger ? "danger" : "primary", onClick: () => q2.answer(true), children: q2.action })
    ] }), children: q2.body }),
    /* @__PURE__ */ a4("div", { class: "toasts", role: "status", "aria-live": "polite", children: messages.value.map((m5) => /* @__PURE__ */ a4("div", { class: `toast ${m5.tone}`, children: [
      /* @__PURE__ */ a4(Icon, { name: m5.tone === "ok" ? "check" : "error", size: 17 }),
      m5.text
    ] }, m5.id)) })
  ] });
}

// src/parts/states.tsx
function State({ icon, title, children, role }) {
  return /* @__PURE__ */ a4("div", { class: "state", role, children: [
    /* @__PURE__ */ a4(Icon, { name: icon, size: 28 }),
    /* @__PURE__ */ a4("p", { class: "state-title", children: title }),
    children
  ] });
}
function Empty({ title, children }) {
  return /* @__PURE__ */ a4(State, { icon: "empty", title, children });
}
function Forbidden({ permission }) {
  return /* @__PURE__ */ a4(State, { icon: "lock", title: t4("state.forbidden"), children: /* @__PURE__ */ a4("p", { class: "muted", children: [
    t4("state.forbidden.help"),
    permission && /* @__PURE__ */ a4($, { children: [
      " ",
      /* @__PURE__ */ a4("code", { class: "mono", children: permission })
    ] })
  ] }) });
}
function Failure({ problem: problem2, retry }) {
  if (problem2.status === 403) return /* @__PURE__ */ a4(Forbidden, {});
  return /* @__PURE__ */ a4(State, { icon: "error", title: sayProblem(problem2), role: "alert", children: [
    problem2.requestId && /* @__PURE__ */ a4("p", { class: "muted small", children: [
      t4("state.request"),
      " ",
      /* @__PURE__ */ a4("code", { class: "mono", children: problem2.requestId })
    ] }),
    retry && /* @__PURE__ */ a4(Button, { icon: "refresh", onClick: retry, children: t4("action.retry") })
  ] });
}
function Loading({ lines = 5 }) {
  return /* @__PURE__ */ a4("div", { class: "loading", role: "status", "aria-label": t4("state.loading"), children: Array.from({ length: lines }, (_5, i4) => /* @__PURE__ */ a4("span", { class: `bar w${i4 % 4}` }, i4)) });
}
function Shown({ of, lines, children }) {
  if (of.data !== void 0) {
    return /* @__PURE__ */ a4($, { children: [
      of.problem && /* @__PURE__ */ a4(Notice, { tone: "bad", children: [
        t4("state.stale"),
        " ",
        sayProblem(of.problem)
      ] }),
      children(of.data)
    ] });
  }
  if (of.problem) return /* @__PURE__ */ a4(Failure, { problem: of.problem, retry: of.reload });
  return /* @__PURE__ */ a4(Loading, { lines: lines ?? 5 });
}
function Notice({ tone, children }) {
  const icon = tone === "bad" ? "error" : tone === "ok" ? "check" : "warning";
  return /* @__PURE__ */ a4("div", { class: `notice ${tone}`, role: tone === "bad" ? "alert" : "status", children: [
    /* @__PURE__ */ a4(Icon, { name: icon, size: 17 }),
    /* @__PURE__ */ a4("div", { children })
  ] });
}
function Refusal({ problem: problem2, shown: shown2 = [] }) {
  if (!problem2) return null;
  const rest = problem2.reasons.filter((r4) => !shown2.some((s4) => matches(r4.location, s4)));
  if (rest.length === 0 && problem2.reasons.length > 0) return null;
  return /* @__PURE__ */ a4(Notice, { tone: "bad", children: [
    rest.length <= 1 ? /* @__PURE__ */ a4("span", { children: sayProblem(rest.length ? new Problem(problem2.status, rest, problem2.detail, "", null) : problem2) }) : /* @__PURE__ */ a4("ul", { children: rest.map((r4, i4) => /* @__PURE__ */ a4("li", { children: [
      /* @__PURE__ */ a4("code", { class: "mono", children: r4.location.replace(/^body\./, "") }),
      " ",
      sayReason(r4)
    ] }, i4)) }),
    problem2.retryAfter !== null && /* @__PURE__ */ a4("p", { children: t4("state.retryAfter", { n: problem2.retryAfter }) }),
    problem2.status >= 500 && problem2.requestId && /* @__PURE__ */ a4("p", { class: "small", children: [
      t4("state.request"),
      " ",
      /* @__PURE__ */ a4("code", { class: "mono", children: problem2.requestId })
    ] })
  ] });
}
function matches(location2, field) {
  return location2 === `body.${field}` || location2.startsWith(`body.${field}.`) || location2 === field;
}
function reasonAt(problem2, field) {
  const reason = problem2?.reasons.find((r4) => matches(r4.location, field));
  return reason && sayReason(reason);
}

// src/core/resource.ts
function useResource(read6, deps, every3 = 0) {
  const [state, setState] = d2({
    data: void 0,
    problem: null,
    loading: true
  });
  const [turn2, setTurn] = d2(0);
  const latest = T2(read6);
  latest.current = read6;
  A2(() => {
    const abort = new AbortController();
    setState((s4) => ({ ...s4, loading: true }));
    latest.current(abort.signal).then(
      (data2) => {
        if (!abort.signal.aborted) setState({ data: data2, problem: null, loading: false });
      },
      (e4) => {
        if (abort.signal.aborted) return;
        if (e4 instanceof Problem) setState((s4) => ({ data: s4.data, problem: e4, loading: false }));
        else throw e4;
      }
    );
    return () => abort.abort();
  }, [...deps, turn2]);
  A2(() => {
    if (every3 <= 0) return;
    const timer = setInterval(() => {
      if (!document.hidden) setTurn((n3) => n3 + 1);
    }, every3);
    return () => clearInterval(timer);
  }, [every3]);
  return {
    ...state,
    reload: () => setTurn((n3) => n3 + 1),
    set: (data2) => setState({ data: data2, problem: null, loading: false })
  };
}
function usePages(read6, deps) {
  const first2 = useResource((s4) => read6({}, s4), deps);
  const [rest, setRest] = d2(null);
  const page = first2.data;
  const known = rest && rest.behind === page ? rest : null;
  const next3 = known ? known.next : page?.next;
  const act = useAction(async () => {
    if (!page || !next3) return;
    const { content, next: after } = await read6({ cursor: next3 }, new AbortController().signal);
    setRest({ behind: page, content: [...known?.content ?? [], ...content], ...after ? { next: after } : {} });
  });
  return {
    ...first2,
    loading: first2.loading || act.busy,
    data: page && [...page.content, ...known?.content ?? []],
    total: page?.total ?? 0,
    more: next3 !== void 0,
    stuck: act.problem,
    further: () => void act.run(),
    set: (content) => first2.set({ content, total: content.length })
  };
}
function useAction(act) {
  const [state, setState] = d2({ busy: false, problem: null });
  const busy = T2(false);
  const alive = T2(true);
  A2(() => () => void (alive.current = false), []);
  return {
    ...state,
    clear: () => setState({ busy: false, problem: null }),
    async run(...args) {
      if (busy.current) return false;
      busy.current = true;
      setState({ busy: true, problem: null });
      let problem2 = null;
      try {
        await act(...args);
      } catch (e4) {
        if (!(e4 instanceof Problem)) throw e4;
        problem2 = e4;
      } finally {
        busy.current = false;
        if (alive.current) setState({ busy: false, problem: problem2 });
      }
      return problem2 === null;
    }
  };
}

// src/parts/form.tsx
function Field({ id, label, error, help, required, children }) {
  return /* @__PURE__ */ a4("div", { class: error ? "field wrong" : "field", children: [
    /* @__PURE__ */ a4("label", { for: id, children: [
      label,
      required && /* @__PURE__ */ a4("span", { class: "must", "aria-hidden": "true", children: " *" })
    ] }),
    children,
    help && /* @__PURE__ */ a4("p", { class: "help", id: `${id}-help`, children: help }),
    error && /* @__PURE__ */ a4("p", { class: "error", id: `${id}-error`, children: error })
  ] });
}
function described(id, error, help) {
  return [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(" ") || void 0;
}
function TextField({ value, onChange, type = "text", autoComplete, autoFocus, lines, placeholder, mono, maxLength, ...common }) {
  const id = P2();
  const shared = {
    id,
    value,
    disabled: common.disabled,
    required: common.required,
    placeholder,
    maxLength,
    class: mono ? "mono" : void 0,
    "aria-invalid": common.error ? true : void 0,
    "aria-describedby": described(id, common.error, common.help)
  };
  return /* @__PURE__ */ a4(Field, { id, ...common, children: lines ? /* @__PURE__ */ a4("textarea", { ...shared, rows: lines, spellcheck: !mono, onInput: (e4) => onChange(e4.currentTarget.value) }) : /* @__PURE__ */ a4(
    "input",
    {
      ...shared,
      ...{ type },
      step: type === "datetime-local" ? 1 : void 0,
      autoComplete: autoComplete ?? "off",
      autofocus: autoFocus,
      ref: (e4) => void (autoFocus && e4 && !e4.dataset.focused && (e4.dataset.focused = "1", e4.focus())),
      onInput: (e4) => onChange(e4.currentTarget.value)
    }
  ) });
}
function NumberField({ value, onChange, unit, ...common }) {
  const id = P2();
  const error = common.error ?? (value.trim() !== "" && readNumber(value) === null ? t4("form.notNumber") : void 0);
  return /* @__PURE__ */ a4(Field, { id, ...common, error, children: /* @__PURE__ */ a4("div", { class: "with-unit", children: [
    /* @__PURE__ */ a4(
      "input",
      {
        id,
        class: "num",
        inputMode: "decimal",
        value,
        disabled: common.disabled,
        required: common.required,
        autoComplete: "off",
        "aria-invalid": error ? true : void 0,
        "aria-describedby": described(id, error, common.help),
        onInput: (e4) => onChange(e4.currentTarget.value)
      }
    ),
    unit && /* @__PURE__ */ a4("span", { class: "unit", children: unit })
  ] }) });
}
function SelectField({ value, onChange, options: options3, ...common }) {
  const id = P2();
  return /* @__PURE__ */ a4(Field, { id, ...common, children: /* @__PURE__ */ a4(
    "select",
    {
      id,
      value,
      disabled: common.disabled,
      "aria-invalid": common.error ? true : void 0,
      "aria-describedby": described(id, common.error, common.help),
      onChange: (e4) => onChange(e4.currentTarget.value),
      children: options3.map((o5) => /* @__PURE__ */ a4("option", { value: o5.value, children: o5.title }, o5.value))
    }
  ) });
}
function CheckField({ value, onChange, label, help, disabled, error }) {
  const id = P2();
  return /* @__PURE__ */ a4("div", { class: error ? "check wrong" : "check", children: [
    /* @__PURE__ */ a4(
      "input",
      {
        type: "checkbox",
        id,
        checked: value,
        disabled,
        "aria-describedby": described(id, error, help),
        onChange: (e4) => onChange(e4.currentTarget.checked)
      }
    ),
    /* @__PURE__ */ a4("label", { for: id, children: [
      label,
      help && /* @__PURE__ */ a4("span", { class: "help", id: `${id}-help`, children: help }),
      error && /* @__PURE__ */ a4("span", { class: "error", id: `${id}-error`, children: error })
    ] })
  ] });
}
function Form({ onSubmit, children, label }) {
  return /* @__PURE__ */ a4("form", { class: "form", "aria-label": label, noValidate: true, onSubmit: (e4) => {
    e4.preventDefault();
    onSubmit();
  }, children });
}

// src/parts/table.tsx
var rowHeight = 37;
var many = 100;
function Table({ label, columns, rows, rowKey, onOpen, selected, empty, mark }) {
  const box = T2(null);
  const [top, setTop] = d2(0);
  useKeptFocus(box);
  if (rows.length === 0) return /* @__PURE__ */ a4(Empty, { title: empty ?? t4("table.empty") });
  const virtual = rows.length > many;
  const first2 = virtual ? Math.max(0, Math.floor(top / rowHeight) - 10) : 0;
  const last = virtual ? Math.min(rows.length, first2 + 60) : rows.length;
  const move = (e4, row) => {
    if (e4.target !== e4.currentTarget) return;
    const at = e4.currentTarget;
    if (e4.key === "Enter" || e4.key === " ") onOpen?.(row);
    else if (e4.key === "ArrowDown") at.nextElementSibling?.focus();
    else if (e4.key === "ArrowUp") at.previousElementSibling?.focus();
    else return;
    e4.preventDefault();
  };
  return /* @__PURE__ */ a4(
    "div",
    {
      class: virtual ? "table-box virtual" : "table-box",
      ref: box,
      tabIndex: 0,
      role: "region",
      "aria-label": label,
      onScroll: virtual ? (e4) => setTop(e4.currentTarget.scrollTop) : void 0,
      children: /* @__PURE__ */ a4("table", { "aria-rowcount": virtual ? rows.length : void 0, children: [
        /* @__PURE__ */ a4("thead", { children: /* @__PURE__ */ a4("tr", { children: columns.map((c4) => /* @__PURE__ */ a4("th", { scope: "col", class: classes(c4), children: c4.title || /* @__PURE__ */ a4("span", { class: "hidden", children: t4("table.actions") }) }, c4.id)) }) }),
        /* @__PURE__ */ a4("tbody", { children: [
          first2 > 0 && /* @__PURE__ */ a4("tr", { class: "space", "aria-hidden": "true", children: /* @__PURE__ */ a4("td", { colSpan: columns.length, style: { height: first2 * rowHeight } }) }),
          rows.slice(first2, last).map((row, i4) => {
            const id = rowKey(row);
            return /* @__PURE__ */ a4(
              "tr",
              {
                "data-key": id,
                class: [onOpen && "open", mark?.(row)].filter(Boolean).join(" ") || void 0,
                tabIndex: onOpen ? 0 : void 0,
                "aria-selected": selected === id || void 0,
                "aria-rowindex": virtual ? first2 + i4 + 1 : void 0,
                onClick: onOpen && ((e4) => !e4.target.closest("a, button, input, label") && onOpen(row)),
                onKeyDown: onOpen && ((e4) => move(e4, row)),
                children: columns.map((c4) => /* @__PURE__ */ a4("td", { class: classes(c4), children: c4.cell(row) }, c4.id))
              },
              id
            );
          }),
          last < rows.length && /* @__PURE__ */ a4("tr", { class: "space", "aria-hidden": "true", children: /* @__PURE__ */ a4("td", { colSpan: columns.length, style: { height: (rows.length - last) * rowHeight } }) })
        ] })
      ] })
    }
  );
}
function useKeptFocus(box) {
  const at = document.activeElement;
  const row = at && box.current?.contains(at) ? at.closest("tr") : null;
  const key = row?.dataset["key"], inside = at !== row;
  F2(() => {
    if (key === void 0 || box.current?.contains(document.activeElement)) return;
    const now2 = [...box.current?.querySelectorAll("tr[data-key]") ?? []].find((r4) => r4.dataset["key"] === key);
    (inside && now2?.querySelector("button:not(:disabled), a") || now2)?.focus({ preventScroll: true });
  });
}
function classes(c4) {
  return [c4.num && "num", c4.wide && "wide", c4.grow && "grow"].filter(Boolean).join(" ") || void 0;
}
function Pager({ shown: shown2, total, more, busy, onMore }) {
  return /* @__PURE__ */ a4("div", { class: "pager", children: [
    /* @__PURE__ */ a4("span", { class: "muted", role: "status", children: t4("table.shown", { n: shown2, total }) }),
    more && /* @__PURE__ */ a4(Button, { small: true, busy: busy ?? false, onClick: onMore, children: t4("action.more") })
  ] });
}
function Further({ of }) {
  if (!of.data?.length) return null;
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Refusal, { problem: of.stuck }),
    /* @__PURE__ */ a4(Pager, { shown: of.data.length, total: of.total, more: of.more, busy: of.loading, onMore: of.further })
  ] });
}

// types/cfg.ts
var commandsList2 = /* @__PURE__ */ operation("GET", "/api/v1/cfg/commands");
var commandsCreate2 = /* @__PURE__ */ operation("POST", "/api/v1/cfg/commands");
var commandsTocList = /* @__PURE__ */ operation("GET", "/api/v1/cfg/commands-toc");
var commandsTocCreate = /* @__PURE__ */ operation("POST", "/api/v1/cfg/commands-toc");
var commandsTocGet = /* @__PURE__ */ operation("GET", "/api/v1/cfg/commands-toc/{id}");
var commandsTocUpdate = /* @__PURE__ */ operation("PATCH", "/api/v1/cfg/commands-toc/{id}");
var commandsTocDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/cfg/commands-toc/{id}");
var commandsGet2 = /* @__PURE__ */ operation("GET", "/api/v1/cfg/commands/{id}");
var commandsUpdate = /* @__PURE__ */ operation("PATCH", "/api/v1/cfg/commands/{id}");
var commandsDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/cfg/commands/{id}");
var commandsHistory = /* @__PURE__ */ operation("GET", "/api/v1/cfg/commands/{id}/history");
var commandsRestore = /* @__PURE__ */ operation("POST", "/api/v1/cfg/commands/{id}/restore");
var equipmentsList = /* @__PURE__ */ operation("GET", "/api/v1/cfg/equipments");
var equipmentsCreate = /* @__PURE__ */ operation("POST", "/api/v1/cfg/equipments");
var equipmentsGet2 = /* @__PURE__ */ operation("GET", "/api/v1/cfg/equipments/{id}");
var equipmentsUpdate = /* @__PURE__ */ operation("PATCH", "/api/v1/cfg/equipments/{id}");
var equipmentsDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/cfg/equipments/{id}");
var equipmentsHistory = /* @__PURE__ */ operation("GET", "/api/v1/cfg/equipments/{id}/history");
var equipmentsRestore = /* @__PURE__ */ operation("POST", "/api/v1/cfg/equipments/{id}/restore");
var equipmentsUsage = /* @__PURE__ */ operation("GET", "/api/v1/cfg/equipments/{id}/usage");
var cataloguesExport = /* @__PURE__ */ operation("GET", "/api/v1/cfg/export");
var telemetryList = /* @__PURE__ */ operation("GET", "/api/v1/cfg/telemetry");
var telemetryCreate = /* @__PURE__ */ operation("POST", "/api/v1/cfg/telemetry");
var telemetryGet = /* @__PURE__ */ operation("GET", "/api/v1/cfg/telemetry/{id}");
var telemetryUpdate = /* @__PURE__ */ operation("PATCH", "/api/v1/cfg/telemetry/{id}");
var telemetryDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/cfg/telemetry/{id}");
var telemetryHistory = /* @__PURE__ */ operation("GET", "/api/v1/cfg/telemetry/{id}/history");
var telemetryValidate = /* @__PURE__ */ operation("POST", "/api/v1/cfg/telemetry/{id}/validate");

// src/pages/telemetry/parameters.ts
var catalogue = y3(null);
var reading2 = false;
async function read3() {
  if (reading2) return;
  reading2 = true;
  try {
    const { data: data2 } = await telemetryList({ query: { limit: 5e3 } });
    catalogue.value = { byId: new Map(data2.content.map((p5) => [p5.id, p5])), byName: new Map(data2.content.map((p5) => [p5.name.toLowerCase(), p5])) };
  } catch (e4) {
    if (!(e4 instanceof Problem)) throw e4;
  } finally {
    reading2 = false;
  }
}
var written = { Cel: "°C", "dB[mW]": "dBm", deg: "°", "1": "" };
function useParameters() {
  const known = catalogue.value;
  A2(() => {
    if (catalogue.value === null && can("cfg:read")) void read3();
  }, [known]);
  const get = (key) => key === null ? void 0 : typeof key === "number" ? known?.byId.get(key) : known?.byName.get(key.toLowerCase());
  return {
    get,
    unit(key) {
      const unit = get(key)?.value_validator?.["x-unit"];
      return typeof unit === "string" ? written[unit] ?? unit : "";
    },
    all: known ? [...known.byId.values()] : []
  };
}
function sayValue(value, unit) {
  if (value === null || value === void 0) return "–";
  if (typeof value === "number") return unit ? `${plain(value)} ${unit}` : plain(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

// types/admin.ts
var deadLettersList = /* @__PURE__ */ operation("GET", "/api/v1/admin/dead-letters");
var deadLettersGet = /* @__PURE__ */ operation("GET", "/api/v1/admin/dead-letters/{id}");
var deadLettersDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/admin/dead-letters/{id}");
var deadLettersReplay = /* @__PURE__ */ operation("POST", "/api/v1/admin/dead-letters/{id}/replay");
var eventsList = /* @__PURE__ */ operation("GET", "/api/v1/admin/events");
var servicesList = /* @__PURE__ */ operation("GET", "/api/v1/admin/services");

// src/parts/diff.tsx
function differences(before, after, path = "") {
  if (isObject(before) && isObject(after)) {
    const names3 = [.../* @__PURE__ */ new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names3.flatMap((n3) => differences(before[n3], after[n3], path ? `${path}.${n3}` : n3));
  }
  if (isObject(before) && (after === null || after === void 0)) return Object.keys(before).flatMap((n3) => differences(before[n3], void 0, path ? `${path}.${n3}` : n3));
  if (isObject(after) && (before === null || before === void 0)) return Object.keys(after).flatMap((n3) => differences(void 0, after[n3], path ? `${path}.${n3}` : n3));
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}
function isObject(v4) {
  return typeof v4 === "object" && v4 !== null && !Array.isArray(v4);
}
function show(v4) {
  if (v4 === void 0) return "–";
  return typeof v4 === "string" ? v4 : JSON.stringify(v4);
}
function Diff({ before, after, titles: titles2 }) {
  const rows = differences(before ?? {}, after ?? {});
  if (rows.length === 0) return /* @__PURE__ */ a4("p", { class: "muted", children: t4("diff.same") });
  return /* @__PURE__ */ a4("div", { class: "table-box", tabIndex: 0, role: "region", "aria-label": t4("diff.title"), children: /* @__PURE__ */ a4("table", { class: "diff", children: [
    /* @__PURE__ */ a4("thead", { children: /* @__PURE__ */ a4("tr", { children: [
      /* @__PURE__ */ a4("th", { scope: "col", children: t4("diff.field") }),
      /* @__PURE__ */ a4("th", { scope: "col", children: titles2?.[0] ?? t4("diff.before") }),
      /* @__PURE__ */ a4("th", { scope: "col", children: titles2?.[1] ?? t4("diff.after") })
    ] }) }),
    /* @__PURE__ */ a4("tbody", { children: rows.map((r4) => /* @__PURE__ */ a4("tr", { children: [
      /* @__PURE__ */ a4("th", { scope: "row", children: /* @__PURE__ */ a4("code", { class: "mono", children: r4.path || "·" }) }),
      /* @__PURE__ */ a4("td", { class: r4.before === void 0 ? "muted" : "was", children: show(r4.before) }),
      /* @__PURE__ */ a4("td", { class: r4.after === void 0 ? "muted" : "is", children: show(r4.after) })
    ] }, r4.path)) })
  ] }) });
}

// src/pages/journal.tsx
var pageSize = 100;
var sources = ["auth", "cfg", "inbox", "ctrl", "admin"];
function sayEvent(type) {
  return tOr(`event.${type}`, type);
}
function momentOf(text) {
  const time = new Date(text);
  if (!text || Number.isNaN(time.getTime())) return void 0;
  return zoned.test(text) ? text : time.toISOString();
}
var zoned = /(Z|[+-]\d\d:\d\d)$/;
function localOf(text) {
  const time = new Date(text);
  if (!zoned.test(text) || Number.isNaN(time.getTime())) return text;
  return new Date(time.getTime() - time.getTimezoneOffset() * 6e4).toISOString().slice(0, 19);
}
function Journal() {
  const { query: query2 } = place.value;
  const filters = {
    type: query2.get("type") ?? "",
    source: query2.get("source") ?? "",
    actor: query2.get("actor") ?? "",
    subject: query2.get("subject") ?? "",
    "request-id": query2.get("request-id") ?? "",
    from: query2.get("from") ?? "",
    to: query2.get("to") ?? ""
  };
  const [limit, setLimit] = d2(pageSize);
  const asked2 = JSON.stringify(filters);
  const r4 = useResource(async (s4) => (await eventsList({
    query: { ...filters, source: filters.source && `/nms/${filters.source}`, from: momentOf(filters.from) ?? "", to: momentOf(filters.to) ?? "", limit }
  }, s4)).data, [asked2, limit]);
  const opened = query2.get("event");
  const shown2 = r4.data?.content.find((e4) => e4.id === opened);
  return /* @__PURE__ */ a4(Page, { title: t4("page.journal"), actions: /* @__PURE__ */ a4(Button, { icon: "refresh", busy: r4.loading, onClick: r4.reload, children: t4("action.refresh") }), children: [
    /* @__PURE__ */ a4(Card, { children: [
      /* @__PURE__ */ a4(Filters, { filters }, asked2),
      /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: (page) => /* @__PURE__ */ a4($, { children: [
        /* @__PURE__ */ a4(
          Table,
          {
            label: t4("page.journal"),
            rows: page.content,
            rowKey: (e4) => e4.id,
            selected: opened,
            empty: t4("journal.none"),
            onOpen: (e4) => go(withQuery({ event: e4.id })),
            columns: [
              { id: "time", title: t4("journal.time"), cell: (e4) => /* @__PURE__ */ a4(Time, { at: e4.time }) },
              { id: "type", title: t4("journal.what"), grow: true, cell: (e4) => sayEvent(e4.type) },
              { id: "subject", title: t4("journal.subject"), wide: true, cell: (e4) => /* @__PURE__ */ a4(Mono, { children: e4.subject }) },
              { id: "actor", title: t4("journal.who"), cell: (e4) => e4.actor_login || /* @__PURE__ */ a4(Mono, { children: e4.actor }) }
            ]
          }
        ),
        page.content.length > 0 && /* @__PURE__ */ a4(Pager, { shown: page.content.length, total: page.total, more: page.content.length < page.total && limit < 1e3, busy: r4.loading, onMore: () => setLimit(limit + pageSize) })
      ] }) })
    ] }),
    opened && shown2 && /* @__PURE__ */ a4(EventDrawer, { event: shown2, close: () => go(withQuery({ event: null })) })
  ] });
}
function Filters({ filters }) {
  const [draft, setDraft] = d2(filters);
  const set = (name) => (value) => setDraft({ ...draft, [name]: value });
  return /* @__PURE__ */ a4(Form, { label: t4("filter.title"), onSubmit: () => go(withQuery({ ...draft, event: null })), children: /* @__PURE__ */ a4("div", { class: "filters", children: [
    /* @__PURE__ */ a4(
      SelectField,
      {
        label: t4("journal.source"),
        value: draft.source,
        onChange: set("source"),
        options: [{ value: "", title: t4("filter.any") }, ...sources.map((s4) => ({ value: s4, title: s4 }))]
      }
    ),
    /* @__PURE__ */ a4(TextField, { label: t4("journal.type"), value: draft.type, onChange: set("type"), placeholder: "cfg.equipment.updated", mono: true }),
    /* @__PURE__ */ a4(TextField, { label: t4("journal.actor"), value: draft.actor, onChange: set("actor"), placeholder: "user:1", mono: true }),
    /* @__PURE__ */ a4(TextField, { label: t4("journal.subject"), value: draft.subject, onChange: set("subject"), mono: true }),
    /* @__PURE__ */ a4(TextField, { label: t4("journal.request"), value: draft["request-id"], onChange: set("request-id"), mono: true }),
    /* @__PURE__ */ a4(TextField, { label: t4("filter.from"), value: draft.from, onChange: set("from"), type: "datetime-local" }),
    /* @__PURE__ */ a4(TextField, { label: t4("filter.to"), value: draft.to, onChange: set("to"), type: "datetime-local" }),
    /* @__PURE__ */ a4("div", { class: "filter-actions", children: [
      /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", icon: "search", children: t4("action.search") }),
      /* @__PURE__ */ a4(Button, { onClick: () => go("/journal"), children: t4("action.clear") })
    ] })
  ] }) });
}
function EventDrawer({ event: e4, close }) {
  const change2 = e4.before !== void 0 || e4.after !== void 0;
  return /* @__PURE__ */ a4(Drawer, { title: sayEvent(e4.type), onClose: close, children: [
    /* @__PURE__ */ a4(Facts, { items: [
      [t4("journal.time"), /* @__PURE__ */ a4(Time, { at: e4.time })],
      [t4("journal.who"), /* @__PURE__ */ a4($, { children: [
        e4.actor_login,
        " ",
        /* @__PURE__ */ a4(Mono, { children: e4.actor })
      ] })],
      [t4("journal.type"), /* @__PURE__ */ a4(Mono, { children: e4.type })],
      [t4("journal.subject"), /* @__PURE__ */ a4(Mono, { children: e4.subject })],
      [t4("journal.request"), e4.request_id ? /* @__PURE__ */ a4(Link, { to: `/journal?request-id=${encodeURIComponent(e4.request_id)}`, children: /* @__PURE__ */ a4(Mono, { children: e4.request_id }) }) : "–"]
    ] }),
    /* @__PURE__ */ a4("h3", { children: t4("diff.title") }),
    change2 && (e4.before !== null || e4.after !== null) ? /* @__PURE__ */ a4(Diff, { before: e4.before, after: e4.after }) : /* @__PURE__ */ a4(Json, { value: e4.data })
  ] });
}

// src/pages/alarms/shared.tsx
function SeverityBadge({ severity, quiet }) {
  return /* @__PURE__ */ a4("span", { class: `badge severity ${severity}${quiet ? " quiet" : ""}`, children: [
    /* @__PURE__ */ a4("i", { "aria-hidden": "true" }),
    t4(`severity.${severity}`)
  ] });
}
var tones2 = {
  unack: "bad",
  ack: "info",
  "rtn-unack": "warn",
  normal: "ok",
  shelved: "idle",
  suppressed: "idle",
  "out-of-service": "idle"
};
function AlarmState({ alarm }) {
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Badge, { tone: tones2[alarm.state], children: t4(`alarm.state.${alarm.state}`) }),
    alarm.flapping && /* @__PURE__ */ a4($, { children: [
      " ",
      /* @__PURE__ */ a4(Badge, { tone: "warn", children: t4("alarm.flapping") })
    ] })
  ] });
}
function sayAlarm(a5, parameters) {
  const name = a5.parameter ?? "–";
  switch (a5.type) {
    case "limit":
      return a5.value === null ? `${name}: ${t4("alarm.type.limit")}` : t4("alarm.say.limit", { parameter: name, value: sayValue(a5.value, parameters.unit(a5.parameter)) });
    case "stale":
      return t4("alarm.say.stale", { parameter: name });
    default:
      return t4("alarm.say.command-unknown");
  }
}
function SeverityTiles({ chosen }) {
  const alarms = active.value?.alarms.filter((a5) => !a5.is_cleared || waits(a5)).filter((a5) => a5.state !== "shelved" && a5.state !== "suppressed" && a5.state !== "out-of-service");
  return /* @__PURE__ */ a4("ul", { class: "severities", "aria-label": t4("alarms.bySeverity"), children: severities.map((s4) => {
    const of = alarms?.filter((a5) => a5.severity === s4);
    const n3 = of?.filter(waits).length ?? 0;
    return /* @__PURE__ */ a4("li", { children: /* @__PURE__ */ a4(Link, { to: s4 === chosen ? "/alarms" : `/alarms?severity=${s4}`, current: s4 === chosen, class: `tile severity ${s4}${of && of.length > 0 ? "" : " none"}`, children: [
      /* @__PURE__ */ a4("span", { class: "tile-title", children: t4(`severity.${s4}`) }),
      /* @__PURE__ */ a4("strong", { class: "tile-value", children: of ? of.length : "–" }),
      /* @__PURE__ */ a4("span", { class: "tile-detail", children: n3 > 0 ? t4("alarms.waiting", { n: n3 }) : t4("alarms.noneWaits") })
    ] }) }, s4);
  }) });
}

// src/pages/alarms/one.tsx
function AlarmDrawer({ id, close }) {
  const r4 = useResource(async (s4) => {
    const { data: data2, etag } = await alarmsGet({ id }, s4);
    const limit = data2.limit_id === null ? null : await limitsGet({ id: data2.limit_id }, s4).then((l4) => l4.data.name, () => null);
    return { alarm: data2, etag, limit };
  }, [id, turn.value]);
  const parameters = useParameters();
  return /* @__PURE__ */ a4(Drawer, { title: r4.data ? `${r4.data.alarm.equipment_name} · ${sayAlarm(r4.data.alarm, parameters)}` : "…", onClose: close, children: /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: ({ alarm: a5, etag, limit }) => /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("p", { class: "row tight", children: [
      /* @__PURE__ */ a4(SeverityBadge, { severity: a5.severity, quiet: a5.is_cleared }),
      " ",
      /* @__PURE__ */ a4(AlarmState, { alarm: a5 })
    ] }),
    /* @__PURE__ */ a4("p", { class: "muted", children: t4(`alarm.state.${a5.state}.help`) }),
    can("alarms:write") && /* @__PURE__ */ a4(Actions, { alarm: a5, etag, done: () => {
      r4.reload();
      void refresh();
    } }),
    /* @__PURE__ */ a4(Facts, { items: [
      [t4("command.equipment"), /* @__PURE__ */ a4(Link, { to: `/equipment/${a5.equipment_id}/alarms`, children: a5.equipment_name })],
      [t4("alarm.condition"), /* @__PURE__ */ a4(Badge, { tone: a5.is_cleared ? "ok" : "bad", children: t4(a5.is_cleared ? "alarm.cleared" : a5.present ? "alarm.present" : "alarm.held") })],
      [t4("alarm.operators"), t4(`alarm.operator.${a5.operator_state}`)],
      a5.shelf && [t4("alarm.shelf"), /* @__PURE__ */ a4($, { children: [
        a5.shelf.reason,
        " ",
        /* @__PURE__ */ a4("span", { class: "muted", children: [
          t4("alarm.until"),
          " ",
          /* @__PURE__ */ a4(Time, { at: a5.shelf.until }),
          " · ",
          /* @__PURE__ */ a4(Mono, { children: a5.shelf.actor })
        ] })
      ] })],
      a5.parameter && [t4("telemetry.parameter"), /* @__PURE__ */ a4(Link, { to: `/telemetry/${a5.equipment_id}?parameter=${encodeURIComponent(a5.parameter)}`, children: a5.parameter })],
      a5.value !== null && [t4("alarm.value"), sayValue(a5.value, parameters.unit(a5.parameter))],
      limit !== null && [t4("alarm.limit"), /* @__PURE__ */ a4(Link, { to: `/telemetry/limits?limit=${a5.limit_id}`, children: limit })],
      [t4("alarm.raised"), /* @__PURE__ */ a4(Time, { at: a5.raised_at })],
      a5.cleared_at && [t4("alarm.clearedAt"), /* @__PURE__ */ a4(Time, { at: a5.cleared_at })],
      a5.type === "command-unknown" && [t4("page.commands"), /* @__PURE__ */ a4(Link, { to: "/commands?state=unknown", children: t4("command.state.unknown") })],
      (a5.latched || a5.suppresses) && [t4("alarm.kind"), [a5.latched && t4("limit.latched"), a5.suppresses && t4("limit.suppresses")].filter(Boolean).join("; ")]
    ] }),
    /* @__PURE__ */ a4("h3", { children: t4("history.title") }),
    /* @__PURE__ */ a4(Steps, { alarm: a5 })
  ] }) }) });
}
function Steps({ alarm: a5 }) {
  const parameters = useParameters();
  return /* @__PURE__ */ a4("ol", { class: "steps", children: [...a5.steps].reverse().map((s4) => /* @__PURE__ */ a4("li", { class: s4.is_cleared ? "succeeded" : s4.event === "raise" || s4.event === "worsen" ? "failed" : void 0, children: [
    /* @__PURE__ */ a4("strong", { children: tOr(`alarm.event.${s4.event}`, s4.event) }),
    " ",
    /* @__PURE__ */ a4(SeverityBadge, { severity: s4.severity, quiet: s4.is_cleared }),
    s4.value !== null && /* @__PURE__ */ a4("span", { class: "muted", children: [
      " ",
      sayValue(s4.value, parameters.unit(a5.parameter))
    ] }),
    s4.detail && /* @__PURE__ */ a4("p", { children: s4.detail }),
    /* @__PURE__ */ a4("p", { class: "muted small", children: [
      /* @__PURE__ */ a4(Time, { at: s4.at }),
      " · ",
      s4.actor
    ] })
  ] }, s4.version)) });
}
function Actions({ alarm: a5, etag, done }) {
  const [panel, setPanel] = d2(null);
  const [comment, setComment] = d2("");
  const match = etag ? { ifMatch: etag } : {};
  const said = comment.trim() ? { body: { comment: comment.trim() } } : {};
  const act = useAction(async (what, text) => {
    try {
      await what();
      toast(text);
      setPanel(null);
      setComment("");
    } catch (e4) {
      if (e4 instanceof Problem && e4.status === 412) done();
      throw e4;
    }
    done();
  });
  const shelved = a5.operator_state === "shelved";
  return /* @__PURE__ */ a4("div", { class: "handle", children: [
    /* @__PURE__ */ a4("div", { class: "row tight", children: [
      (a5.operator_state === "none" || a5.operator_state === "un-shelved") && /* @__PURE__ */ a4(Button, { kind: "primary", icon: "check", busy: act.busy, onClick: () => void act.run(() => alarmsAck({ id: a5.id, ...match, ...said }), t4("alarm.acked")), children: t4("alarm.ack") }),
      a5.operator_state === "ack" && /* @__PURE__ */ a4(Button, { icon: "undo", busy: act.busy, onClick: () => void act.run(() => alarmsUnack({ id: a5.id, ...match }), t4("alarm.unacked")), children: t4("alarm.unack") }),
      a5.is_cleared && !shelved && a5.operator_state !== "closed" && /* @__PURE__ */ a4(Button, { icon: "archive", busy: act.busy, onClick: () => void act.run(() => alarmsClose({ id: a5.id, ...match, ...said }), t4("alarm.closed")), children: t4("alarm.close") }),
      shelved ? /* @__PURE__ */ a4(Button, { icon: "restore", busy: act.busy, onClick: () => void act.run(() => shelvesDelete({ alarm_id: a5.id, ...match }), t4("alarm.unshelved")), children: t4("alarm.unshelve") }) : a5.operator_state !== "closed" && /* @__PURE__ */ a4(Button, { icon: "pause", pressed: panel === "shelve", onClick: () => setPanel(panel === "shelve" ? null : "shelve"), children: t4("alarm.shelve") }),
      /* @__PURE__ */ a4(Button, { icon: "edit", pressed: panel === "comment", onClick: () => setPanel(panel === "comment" ? null : "comment"), children: t4("alarm.comment") })
    ] }),
    act.problem?.status === 412 ? /* @__PURE__ */ a4(Notice, { tone: "warn", children: t4("alarm.changed") }) : /* @__PURE__ */ a4(Refusal, { problem: act.problem }),
    panel === "comment" && /* @__PURE__ */ a4(Form, { label: t4("alarm.comment"), onSubmit: () => void act.run(() => alarmsComment({ id: a5.id, body: { comment: comment.trim() } }), t4("alarm.commented")), children: [
      /* @__PURE__ */ a4(TextField, { label: t4("alarm.comment.text"), value: comment, onChange: setComment, lines: 2, maxLength: 500, autoFocus: true, help: waits(a5) ? t4("alarm.comment.help") : void 0 }),
      /* @__PURE__ */ a4("div", { class: "form-actions", children: /* @__PURE__ */ a4(Button, { type: "submit", busy: act.busy, disabled: !comment.trim(), children: t4("alarm.comment.add") }) })
    ] }),
    panel === "shelve" && /* @__PURE__ */ a4(Shelve, { id: a5.id, done: () => {
      setPanel(null);
      done();
    } })
  ] });
}
var spans = [1, 4, 8, 24, 72, 168];
function Shelve({ id, done }) {
  const [span, setSpan] = d2("8");
  const [until, setUntil] = d2("");
  const [reason, setReason] = d2("");
  const end = span ? new Date(Date.now() + Number(span) * 36e5).toISOString() : momentOf(until);
  const save = useAction(async () => {
    if (!end) return;
    await shelvesCreate({ body: { alarm_id: id, until: end, reason: reason.trim() } });
    toast(t4("alarm.isShelved"));
    done();
  });
  return /* @__PURE__ */ a4(Form, { label: t4("alarm.shelve"), onSubmit: () => void save.run(), children: [
    /* @__PURE__ */ a4("p", { class: "muted", children: t4("alarm.shelve.help") }),
    /* @__PURE__ */ a4(SelectField, { label: t4("alarm.shelve.for"), value: span, onChange: setSpan, error: span ? reasonAt(save.problem, "until") : void 0, options: [
      ...spans.map((h5) => ({ value: String(h5), title: h5 < 24 ? t4("alarm.shelve.hours", { n: h5 }) : t4("alarm.shelve.days", { n: h5 / 24 }) })),
      { value: "", title: t4("alarm.shelve.own") }
    ] }),
    !span && /* @__PURE__ */ a4(TextField, { label: t4("alarm.shelve.until"), type: "datetime-local", value: until, onChange: setUntil, required: true, error: reasonAt(save.problem, "until") }),
    /* @__PURE__ */ a4(TextField, { label: t4("command.reason"), value: reason, onChange: setReason, required: true, maxLength: 300, autoFocus: true, error: reasonAt(save.problem, "reason") }),
    /* @__PURE__ */ a4(Refusal, { problem: save.problem, shown: ["until", "reason"] }),
    /* @__PURE__ */ a4("div", { class: "form-actions", children: /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !reason.trim() || !end, children: t4("alarm.shelve") }) })
  ] });
}

// src/pages/alarms/deliveries.tsx
var tones3 = { waiting: "info", delivered: "ok", failed: "bad" };
var states = ["waiting", "delivered", "failed"];
var kinds = ["alarms", "heartbeat", "test"];
var pageSize2 = 100;
function Deliveries() {
  const { query: query2 } = place.value;
  const state = states.find((s4) => s4 === query2.get("state")), kind = kinds.find((k4) => k4 === query2.get("kind"));
  const receiver2 = Number(query2.get("receiver")) || null;
  const [limit, setLimit] = d2(pageSize2);
  const receivers = useResource(async (s4) => (await receiversList({ query: { limit: 1e3 } }, s4)).data.content, []);
  const r4 = useResource(async (s4) => (await deliveriesList({
    query: { limit, ...state ? { state } : {}, ...kind ? { kind } : {}, ...receiver2 ? { "receiver-id": receiver2 } : {} }
  }, s4)).data, [state, kind, receiver2, limit], 5e3);
  const named = (id) => receivers.data?.find((x3) => x3.id === id)?.name ?? `#${id}`;
  const opened = r4.data?.content.find((d5) => d5.id === query2.get("delivery"));
  const any = { value: "", title: t4("filter.any") };
  return /* @__PURE__ */ a4(Card, { children: [
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4(SelectField, { label: t4("delivery.state"), value: state ?? "", onChange: (v4) => go(withQuery({ state: v4 })), options: [any, ...states.map((s4) => ({ value: s4, title: t4(`delivery.state.${s4}`) }))] }),
      /* @__PURE__ */ a4(SelectField, { label: t4("delivery.kind"), value: kind ?? "", onChange: (v4) => go(withQuery({ kind: v4 })), options: [any, ...kinds.map((k4) => ({ value: k4, title: t4(`delivery.kind.${k4}`) }))] }),
      /* @__PURE__ */ a4(
        SelectField,
        {
          label: t4("route.receivers"),
          value: receiver2 ? String(receiver2) : "",
          onChange: (v4) => go(withQuery({ receiver: v4 })),
          options: [any, ...(receivers.data ?? []).map((x3) => ({ value: String(x3.id), title: x3.name }))]
        }
      )
    ] }),
    /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: (page) => /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(Table, { label: t4("alarms.deliveries"), rows: page.content, rowKey: (d5) => d5.id, empty: t4("deliveries.none"), selected: opened?.id, onOpen: (d5) => go(withQuery({ delivery: d5.id })), columns: [
        { id: "state", title: t4("delivery.state"), cell: (d5) => /* @__PURE__ */ a4(Badge, { tone: tones3[d5.state], children: t4(`delivery.state.${d5.state}`) }) },
        { id: "to", title: t4("delivery.to"), cell: (d5) => /* @__PURE__ */ a4("strong", { children: named(d5.receiver_id) }) },
        { id: "what", title: t4("alarm.what"), grow: true, cell: (d5) => d5.kind === "alarms" ? d5.alarms.slice(0, 3).map((i4) => `${i4.equipment_name} ${t4(`delivery.event.${i4.event}`)}`).join(", ") + (d5.alarms.length > 3 ? " …" : "") : t4(`delivery.kind.${d5.kind}`) },
        { id: "attempts", title: t4("letters.attempts"), num: true, wide: true, cell: (d5) => d5.attempts },
        { id: "time", title: t4("delivery.begun"), num: true, cell: (d5) => /* @__PURE__ */ a4(Time, { at: d5.created_at, only: "age" }) }
      ] }),
      page.content.length > 0 && /* @__PURE__ */ a4(Pager, { shown: page.content.length, total: page.total, more: page.content.length < page.total && limit < 1e3, busy: r4.loading, onMore: () => setLimit(limit + pageSize2) })
    ] }) }),
    opened && /* @__PURE__ */ a4(One, { delivery: opened, to: named(opened.receiver_id), close: () => go(withQuery({ delivery: null })) })
  ] });
}
function One({ delivery: d5, to, close }) {
  return /* @__PURE__ */ a4(Drawer, { title: `${to} · ${t4(`delivery.kind.${d5.kind}`)}`, onClose: close, children: [
    /* @__PURE__ */ a4(Facts, { items: [
      [t4("delivery.state"), /* @__PURE__ */ a4(Badge, { tone: tones3[d5.state], children: t4(`delivery.state.${d5.state}`) })],
      d5.problem && [t4("letters.error"), d5.problem],
      [t4("letters.attempts"), d5.attempts],
      [t4("delivery.begun"), /* @__PURE__ */ a4(Time, { at: d5.created_at })],
      d5.ended_at ? [t4("delivery.ended"), /* @__PURE__ */ a4(Time, { at: d5.ended_at })] : [t4("delivery.next"), /* @__PURE__ */ a4(Time, { at: d5.due_at })],
      [t4("equipment.id"), /* @__PURE__ */ a4(Mono, { children: d5.id })]
    ] }),
    d5.alarms.length > 0 && /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4("h3", { children: t4("page.alarms") }),
      /* @__PURE__ */ a4("ul", { class: "lines", children: d5.alarms.map((i4) => /* @__PURE__ */ a4("li", { children: [
        /* @__PURE__ */ a4(SeverityBadge, { severity: i4.severity, quiet: i4.event === "cleared" }),
        /* @__PURE__ */ a4(Link, { to: `/alarms?alarm=${i4.alarm_id}`, class: "grow", children: [
          i4.equipment_name,
          ": ",
          i4.text
        ] }),
        /* @__PURE__ */ a4("span", { class: "muted", children: t4(`delivery.event.${i4.event}`) })
      ] }, `${i4.alarm_id} ${i4.version} ${i4.event}`)) })
    ] })
  ] });
}

// src/pages/telemetry/names.ts
var names = y3(/* @__PURE__ */ new Map());
var asked = /* @__PURE__ */ new Set();
var lanes = Array.from({ length: 4 }, () => Promise.resolve());
async function read4(id) {
  try {
    const { data: data2 } = await equipmentsGet2({ id, query: { fields: ["name"] } });
    names.value = new Map(names.value).set(id, data2.name);
  } catch (e4) {
    if (!(e4 instanceof Problem)) throw e4;
  }
}
function useEquipmentName(id) {
  A2(() => {
    if (!can("cfg:read") || asked.has(id)) return;
    asked.add(id);
    const lane = asked.size % lanes.length;
    lanes[lane] = (lanes[lane] ?? Promise.resolve()).then(() => read4(id));
  }, [id]);
  return names.value.get(id) ?? `#${id}`;
}
function EquipmentName({ id }) {
  return useEquipmentName(id);
}

// src/parts/merge.tsx
function useMerge(first2, read6) {
  const [base, setBase] = d2(first2);
  const [theirs, setTheirs] = d2(null);
  return {
    base,
    theirs,
    async save(write) {
      try {
        await write(base?.etag ? { ifMatch: base.etag } : {}, base?.data);
      } catch (e4) {
        if (!(e4 instanceof Problem) || e4.status !== 412) throw e4;
        setTheirs(await read6());
      }
    },
    decided() {
      setBase(theirs);
      setTheirs(null);
    }
  };
}
function Merge({ of, look, mine, take }) {
  const theirs = of.theirs;
  if (!theirs) return null;
  return /* @__PURE__ */ a4("div", { class: "merge", children: [
    /* @__PURE__ */ a4(Notice, { tone: "warn", children: t4("merge.changed") }),
    /* @__PURE__ */ a4(Diff, { before: look(theirs.data), after: mine, titles: [t4("merge.theirs"), t4("merge.yours")] }),
    /* @__PURE__ */ a4("div", { class: "row", children: [
      /* @__PURE__ */ a4(Button, { onClick: () => {
        take(theirs.data);
        of.decided();
      }, children: t4("merge.takeTheirs") }),
      /* @__PURE__ */ a4(Button, { kind: "primary", onClick: of.decided, children: t4("merge.keepYours") })
    ] })
  ] });
}

// src/pages/alarms/receiver.tsx
function draftOf(r4) {
  const mail = r4?.options ?? {};
  return {
    name: r4?.name ?? "",
    kind: r4?.kind ?? "webhook",
    address: r4?.address ?? "",
    secret: r4?.secret ?? "",
    heartbeat: r4?.heartbeat ? String(r4.heartbeat) : "",
    enabled: r4?.enabled ?? true,
    from: mail.from ?? "",
    to: mail.to?.join(", ") ?? "",
    user: mail.user ?? "",
    security: mail.security ?? "starttls"
  };
}
function bodyOf(d5) {
  const options3 = { from: d5.from, to: d5.to.split(/[\s,;]+/).filter(Boolean), security: d5.security, ...d5.user ? { user: d5.user } : {} };
  return {
    name: d5.name,
    address: d5.address,
    secret: d5.secret || null,
    heartbeat: readNumber(d5.heartbeat),
    enabled: d5.enabled,
    ...d5.kind === "smtp" ? { options: options3 } : {}
  };
}
function given(body) {
  return Object.fromEntries(Object.entries(body).filter(([, v4]) => v4 !== null));
}
function ReceiverDrawer({ receiver: old, close, saved }) {
  const [d5, setDraft] = d2(() => draftOf(old));
  const set = (name) => (value) => setDraft((x3) => ({ ...x3, [name]: value }));
  const merge = useMerge(old && { data: old, etag: `"${old.revision}"` }, () => receiversGet({ id: old?.id ?? 0 }));
  const save = useAction(() => merge.save(async (match, base) => {
    if (base) await receiversUpdate({ id: base.id, body: bodyOf(d5), ...match });
    else await receiversCreate({ body: { kind: d5.kind, ...given(bodyOf(d5)) } });
    toast(t4(base ? "toast.saved" : "toast.created"));
    saved();
  }));
  const remove = useAction(async () => {
    if (!old || !await ask({ title: t4("receiver.remove"), body: /* @__PURE__ */ a4("p", { children: t4("receiver.remove.help", { name: old.name }) }), action: t4("receiver.remove"), danger: true })) return;
    await receiversDelete({ id: old.id });
    toast(t4("receiver.removed"));
    saved();
  });
  const p5 = save.problem;
  const mail = d5.kind === "smtp";
  return /* @__PURE__ */ a4(Drawer, { title: old ? old.name : t4("receiver.add"), onClose: close, children: /* @__PURE__ */ a4(Form, { label: old ? t4("action.edit") : t4("receiver.add"), onSubmit: () => void save.run(), children: [
    /* @__PURE__ */ a4(TextField, { label: t4("receiver.name"), value: d5.name, onChange: set("name"), required: true, autoFocus: true, maxLength: 80, error: reasonAt(p5, "name") }),
    !old && /* @__PURE__ */ a4(SelectField, { label: t4("receiver.kind"), value: d5.kind, onChange: (v4) => set("kind")(v4 === "smtp" ? "smtp" : "webhook"), options: [
      { value: "webhook", title: t4("receiver.kind.webhook") },
      { value: "smtp", title: t4("receiver.kind.smtp") }
    ] }),
    /* @__PURE__ */ a4(TextField, { label: t4("endpoint.address"), value: d5.address, onChange: set("address"), required: true, mono: true, error: reasonAt(p5, "address"), placeholder: mail ? "mail.example.org:587" : "https://example.org/alarms" }),
    mail && /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(TextField, { label: t4("receiver.from"), value: d5.from, onChange: set("from"), required: true, error: reasonAt(p5, "options.from") }),
      /* @__PURE__ */ a4(TextField, { label: t4("receiver.to"), value: d5.to, onChange: set("to"), required: true, help: t4("receiver.to.help"), error: reasonAt(p5, "options.to") }),
      /* @__PURE__ */ a4(SelectField, { label: t4("receiver.security"), value: d5.security, onChange: set("security"), options: ["starttls", "tls", "none"].map((s4) => ({ value: s4, title: s4 })) }),
      /* @__PURE__ */ a4(TextField, { label: t4("receiver.user"), value: d5.user, onChange: set("user"), error: reasonAt(p5, "options.user") })
    ] }),
    /* @__PURE__ */ a4(TextField, { label: t4("endpoint.secret"), value: d5.secret, onChange: set("secret"), mono: true, required: !mail, error: reasonAt(p5, "secret"), help: t4(mail ? "receiver.secret.smtp" : "receiver.secret.webhook") }),
    /* @__PURE__ */ a4(NumberField, { label: t4("receiver.heartbeat"), value: d5.heartbeat, onChange: set("heartbeat"), unit: t4("unit.s"), help: t4("receiver.heartbeat.help"), error: reasonAt(p5, "heartbeat") }),
    /* @__PURE__ */ a4(CheckField, { label: t4("receiver.isEnabled"), value: d5.enabled, onChange: set("enabled"), help: t4("receiver.enabled.help") }),
    /* @__PURE__ */ a4(Refusal, { problem: p5, shown: ["name", "address", "secret", "heartbeat", "options.from", "options.to", "options.user"] }),
    /* @__PURE__ */ a4(Refusal, { problem: remove.problem }),
    /* @__PURE__ */ a4(Merge, { of: merge, look: (r4) => bodyOf(draftOf(r4)), mine: bodyOf(d5), take: (r4) => setDraft(draftOf(r4)) }),
    /* @__PURE__ */ a4("div", { class: "form-actions", children: [
      old && /* @__PURE__ */ a4($, { children: [
        /* @__PURE__ */ a4(Button, { kind: "danger", icon: "archive", busy: remove.busy, onClick: () => void remove.run(), children: t4("receiver.remove") }),
        /* @__PURE__ */ a4("span", { class: "spring" })
      ] }),
      /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
      /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !d5.name || !d5.address || merge.theirs !== null, children: t4("action.save") })
    ] })
  ] }) });
}

// src/pages/equipment/find.tsx
async function findEquipment(q2, view, signal) {
  const flat = [];
  const walk = (list) => list.forEach((b3) => {
    flat.push(b3);
    walk(b3.content ?? []);
  });
  walk((await equipmentsList({ query: { ...view, q: q2 } }, signal)).data);
  return flat;
}
function useFound(q2) {
  const [asked2, setAsked] = d2("");
  A2(() => {
    const timer = setTimeout(() => setAsked(q2.trim()), 250);
    return () => clearTimeout(timer);
  }, [q2]);
  return useResource(async (s4) => asked2 ? findEquipment(asked2, {}, s4) : [], [asked2]);
}
function FoundOne({ name, path, chosen, choose: choose2 }) {
  return /* @__PURE__ */ a4("li", { children: /* @__PURE__ */ a4("button", { type: "button", class: chosen ? "found-one current" : "found-one", onClick: choose2, children: [
    /* @__PURE__ */ a4("strong", { children: name }),
    /* @__PURE__ */ a4("small", { children: path })
  ] }) });
}
function EquipmentField({ label, none, value, onChange }) {
  const [q2, setQ] = d2("");
  const found = useFound(q2);
  const present = useResource(async (s4) => value === null ? null : (await equipmentsGet2({ id: value }, s4)).data, [value]);
  return /* @__PURE__ */ a4("div", { children: [
    /* @__PURE__ */ a4(TextField, { label, value: q2, onChange: setQ, type: "search", help: t4("move.choose.help") }),
    /* @__PURE__ */ a4("ul", { class: "found short", children: [
      /* @__PURE__ */ a4(FoundOne, { name: none, path: "", chosen: value === null, choose: () => onChange(null) }),
      present.data && value !== null && /* @__PURE__ */ a4(FoundOne, { name: present.data.name, path: present.data.parent_path_name, chosen: true, choose: () => {
      } }),
      (found.data ?? []).filter((b3) => b3.id !== value).slice(0, 12).map((b3) => /* @__PURE__ */ a4(FoundOne, { name: b3.name, path: b3.parent_path_name, chosen: false, choose: () => onChange(b3.id) }, b3.id))
    ] })
  ] });
}

// src/pages/alarms/route.tsx
var types = ["limit", "stale", "command-unknown"];
function draftOf2(r4, only) {
  return {
    name: r4?.name ?? "",
    receivers: r4?.receivers ?? only,
    severity: r4?.severity ?? "warning",
    below: r4?.below ?? null,
    types: types.filter((x3) => r4?.types.includes(x3)),
    group: String(r4?.group ?? 5),
    repeat: r4?.repeat ? String(r4.repeat) : ""
  };
}
function bodyOf2(d5) {
  return { name: d5.name, receivers: d5.receivers, severity: d5.severity, below: d5.below, types: d5.types, group: readNumber(d5.group) ?? 5, repeat: readNumber(d5.repeat) };
}
function toggled(list, item, on2) {
  return on2 ? [...list, item] : list.filter((x3) => x3 !== item);
}
function RouteDrawer({ route: old, receivers, close, saved }) {
  const only = receivers.length === 1 ? receivers.map((r4) => r4.id) : [];
  const [d5, setDraft] = d2(() => draftOf2(old, only));
  const set = (name) => (value) => setDraft((x3) => ({ ...x3, [name]: value }));
  const merge = useMerge(old && { data: old, etag: `"${old.revision}"` }, () => routesGet({ id: old?.id ?? 0 }));
  const save = useAction(() => merge.save(async (match, base) => {
    if (base) await routesUpdate({ id: base.id, body: bodyOf2(d5), ...match });
    else await routesCreate({ body: given(bodyOf2(d5)) });
    toast(t4(base ? "toast.saved" : "toast.created"));
    saved();
  }));
  const remove = useAction(async () => {
    if (!old || !await ask({ title: t4("route.remove"), body: /* @__PURE__ */ a4("p", { children: t4("route.remove.help", { name: old.name }) }), action: t4("route.remove"), danger: true })) return;
    await routesDelete({ id: old.id });
    toast(t4("route.removed"));
    saved();
  });
  const p5 = save.problem;
  return /* @__PURE__ */ a4(Drawer, { title: old ? old.name : t4("route.add"), onClose: close, children: /* @__PURE__ */ a4(Form, { label: old ? t4("action.edit") : t4("route.add"), onSubmit: () => void save.run(), children: [
    /* @__PURE__ */ a4(TextField, { label: t4("receiver.name"), value: d5.name, onChange: set("name"), required: true, autoFocus: true, maxLength: 80, error: reasonAt(p5, "name") }),
    /* @__PURE__ */ a4("fieldset", { class: "checks", children: [
      /* @__PURE__ */ a4("legend", { children: t4("route.receivers") }),
      receivers.map((r4) => /* @__PURE__ */ a4(CheckField, { label: r4.name, value: d5.receivers.includes(r4.id), onChange: (on2) => set("receivers")(toggled(d5.receivers, r4.id, on2)) }, r4.id)),
      reasonAt(p5, "receivers") && /* @__PURE__ */ a4("p", { class: "error", children: reasonAt(p5, "receivers") })
    ] }),
    /* @__PURE__ */ a4(
      SelectField,
      {
        label: t4("route.severity"),
        value: d5.severity,
        onChange: (v4) => set("severity")(severities.find((s4) => s4 === v4) ?? "warning"),
        options: severities.map((s4) => ({ value: s4, title: t4(`severity.${s4}`) })),
        error: reasonAt(p5, "severity")
      }
    ),
    /* @__PURE__ */ a4(EquipmentField, { label: t4("route.below"), none: t4("route.everywhere"), value: d5.below, onChange: set("below") }),
    reasonAt(p5, "below") && /* @__PURE__ */ a4("p", { class: "error", children: reasonAt(p5, "below") }),
    /* @__PURE__ */ a4("fieldset", { class: "checks", children: [
      /* @__PURE__ */ a4("legend", { children: t4("route.types") }),
      /* @__PURE__ */ a4("p", { class: "help", children: t4("route.types.help") }),
      types.map((x3) => /* @__PURE__ */ a4(CheckField, { label: t4(`alarm.type.${x3}`), value: d5.types.includes(x3), onChange: (on2) => set("types")(toggled(d5.types, x3, on2)) }, x3))
    ] }),
    /* @__PURE__ */ a4(NumberField, { label: t4("route.group"), value: d5.group, onChange: set("group"), unit: t4("unit.s"), help: t4("route.group.help"), error: reasonAt(p5, "group") }),
    /* @__PURE__ */ a4(NumberField, { label: t4("route.repeat"), value: d5.repeat, onChange: set("repeat"), unit: t4("unit.s"), help: t4("route.repeat.help"), error: reasonAt(p5, "repeat") }),
    /* @__PURE__ */ a4(Refusal, { problem: p5, shown: ["name", "receivers", "severity", "below", "group", "repeat"] }),
    /* @__PURE__ */ a4(Refusal, { problem: remove.problem }),
    /* @__PURE__ */ a4(Merge, { of: merge, look: (r4) => bodyOf2(draftOf2(r4, [])), mine: bodyOf2(d5), take: (r4) => setDraft(draftOf2(r4, [])) }),
    /* @__PURE__ */ a4("div", { class: "form-actions", children: [
      old && /* @__PURE__ */ a4($, { children: [
        /* @__PURE__ */ a4(Button, { kind: "danger", icon: "archive", busy: remove.busy, onClick: () => void remove.run(), children: t4("route.remove") }),
        /* @__PURE__ */ a4("span", { class: "spring" })
      ] }),
      /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
      /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !d5.name || d5.receivers.length === 0 || merge.theirs !== null, children: t4("action.save") })
    ] })
  ] }) });
}

// src/pages/alarms/notification.tsx
function Notification() {
  const receivers = useResource(async (s4) => (await receiversList({ query: { limit: 1e3 } }, s4)).data.content, []);
  const routes = useResource(async (s4) => (await routesList({ query: { limit: 1e3 } }, s4)).data.content, []);
  const [panel, setPanel] = d2(null);
  const writable = can("ctrl:write");
  const saved = () => {
    setPanel(null);
    receivers.reload();
    routes.reload();
  };
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Card, { title: t4("receivers.title"), actions: writable && /* @__PURE__ */ a4(Button, { icon: "plus", onClick: () => setPanel({ receiver: null }), children: t4("receiver.add") }), children: /* @__PURE__ */ a4(Shown, { of: receivers, lines: 3, children: (rows) => /* @__PURE__ */ a4(Table, { label: t4("receivers.title"), rows, rowKey: (r4) => r4.id, empty: t4("receivers.none"), ...writable ? { onOpen: (r4) => setPanel({ receiver: r4 }) } : {}, columns: [
      { id: "name", title: t4("receiver.name"), cell: (r4) => /* @__PURE__ */ a4("strong", { children: r4.name }) },
      { id: "kind", title: t4("receiver.kind"), cell: (r4) => t4(`receiver.kind.${r4.kind}`) },
      { id: "address", title: t4("endpoint.address"), grow: true, cell: (r4) => /* @__PURE__ */ a4(Mono, { children: r4.address }) },
      { id: "heartbeat", title: t4("receiver.heartbeat"), wide: true, num: true, cell: (r4) => r4.heartbeat === null ? "–" : duration(r4.heartbeat) },
      { id: "enabled", title: t4("receiver.state"), cell: (r4) => /* @__PURE__ */ a4(Badge, { tone: r4.enabled ? "ok" : "idle", children: t4(r4.enabled ? "receiver.enabled" : "receiver.disabled") }) },
      ...writable ? [{ id: "test", title: "", cell: (r4) => /* @__PURE__ */ a4(Test, { receiver: r4 }) }] : []
    ] }) }) }),
    /* @__PURE__ */ a4(Card, { title: t4("routes.title"), actions: writable && /* @__PURE__ */ a4(Button, { icon: "plus", disabled: !receivers.data?.length, onClick: () => setPanel({ route: null }), children: t4("route.add") }), children: /* @__PURE__ */ a4(Shown, { of: routes, lines: 3, children: (rows) => /* @__PURE__ */ a4(Routes, { rows, receivers: receivers.data ?? [], ...writable ? { open: (route) => setPanel({ route }) } : {} }) }) }),
    panel && "receiver" in panel && /* @__PURE__ */ a4(ReceiverDrawer, { receiver: panel.receiver, close: () => setPanel(null), saved }),
    panel && "route" in panel && /* @__PURE__ */ a4(RouteDrawer, { route: panel.route, receivers: receivers.data ?? [], close: () => setPanel(null), saved })
  ] });
}
function Routes({ rows, receivers, open: open2 }) {
  const named = (id) => receivers.find((r4) => r4.id === id)?.name ?? `#${id}`;
  return /* @__PURE__ */ a4(Table, { label: t4("routes.title"), rows, rowKey: (r4) => r4.id, empty: t4("routes.none"), ...open2 ? { onOpen: open2 } : {}, columns: [
    { id: "name", title: t4("receiver.name"), cell: (r4) => /* @__PURE__ */ a4("strong", { children: r4.name }) },
    { id: "severity", title: t4("route.severity"), cell: (r4) => /* @__PURE__ */ a4(SeverityBadge, { severity: r4.severity, quiet: true }) },
    { id: "below", title: t4("route.below"), grow: true, cell: (r4) => r4.below === null ? t4("route.everywhere") : /* @__PURE__ */ a4(EquipmentName, { id: r4.below }) },
    { id: "types", title: t4("route.types"), wide: true, cell: (r4) => r4.types.length === 0 ? t4("filter.any") : r4.types.map((x3) => t4(`alarm.type.${x3}`)).join(", ") },
    { id: "to", title: t4("route.receivers"), cell: (r4) => r4.receivers.map(named).join(", ") },
    { id: "repeat", title: t4("route.repeat"), wide: true, num: true, cell: (r4) => r4.repeat === null ? t4("word.never") : duration(r4.repeat) }
  ] });
}
function Test({ receiver: receiver2 }) {
  const [told, setTold] = d2(null);
  const test = useAction(async () => {
    setTold(null);
    setTold((await receiversTest({ id: receiver2.id })).data);
  });
  return /* @__PURE__ */ a4("div", { class: "row tight", onClick: (e4) => e4.stopPropagation(), children: [
    told && /* @__PURE__ */ a4(Badge, { tone: told.state === "delivered" ? "ok" : "bad", children: t4(`delivery.state.${told.state}`) }),
    told?.problem && /* @__PURE__ */ a4(Notice, { tone: "bad", children: told.problem }),
    /* @__PURE__ */ a4(Refusal, { problem: test.problem }),
    /* @__PURE__ */ a4(Button, { small: true, icon: "check", busy: test.busy, label: t4("receiver.testOne", { name: receiver2.name }), onClick: () => void test.run(), children: t4("receiver.test") })
  ] });
}

// src/pages/alarms.tsx
function Alarms() {
  const [first2 = ""] = place.value.rest;
  const tab = first2 === "past" || first2 === "notification" || first2 === "deliveries" ? first2 : "now";
  const opened = Number(place.value.query.get("alarm")) || null;
  return /* @__PURE__ */ a4(Page, { title: t4("page.alarms"), actions: /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Watching, {}),
    /* @__PURE__ */ a4(Connection, { state: connection.value.state })
  ] }), children: [
    /* @__PURE__ */ a4(Tabs, { label: t4("page.alarms"), current: tab, items: [
      { id: "now", title: t4("alarms.now"), to: "/alarms" },
      { id: "past", title: t4("alarms.past"), to: "/alarms/past" },
      { id: "notification", title: t4("alarms.notification"), to: "/alarms/notification" },
      { id: "deliveries", title: t4("alarms.deliveries"), to: "/alarms/deliveries" }
    ] }),
    tab === "now" ? /* @__PURE__ */ a4(Now, {}) : tab === "past" ? /* @__PURE__ */ a4(Past, {}) : tab === "notification" ? /* @__PURE__ */ a4(Notification, {}) : /* @__PURE__ */ a4(Deliveries, {}),
    opened !== null && /* @__PURE__ */ a4(AlarmDrawer, { id: opened, close: () => go(withQuery({ alarm: null })) }, opened)
  ] });
}
function Watching() {
  return /* @__PURE__ */ a4("div", { class: "row tight", children: [
    /* @__PURE__ */ a4(CheckField, { label: t4("alarms.sound"), value: choices.sound.value, onChange: (v4) => choose("sound", v4) }),
    /* @__PURE__ */ a4(CheckField, { label: t4("alarms.title"), value: choices.title.value, onChange: (v4) => choose("title", v4) })
  ] });
}
var shelves = ["shelved", "suppressed", "out-of-service"];
function order(a5, b3) {
  return Number(waits(b3)) - Number(waits(a5)) || severities.indexOf(a5.severity) - severities.indexOf(b3.severity) || b3.raised_at.localeCompare(a5.raised_at);
}
function Now() {
  const { query: query2 } = place.value;
  const severity = severities.find((s4) => s4 === query2.get("severity"));
  const shelf = shelves.find((s4) => s4 === query2.get("state"));
  const [text, setText] = d2("");
  const parameters = useParameters();
  const all = active.value;
  if (!all) return problem.value ? /* @__PURE__ */ a4(Failure, { problem: problem.value, retry: () => void refresh() }) : /* @__PURE__ */ a4(Card, { children: /* @__PURE__ */ a4(Loading, { lines: 8 }) });
  const words = text.trim().toLowerCase();
  const rows = all.alarms.filter((a5) => (shelf ? a5.state === shelf : !aside(a5)) && (!severity || a5.severity === severity) && (words === "" || `${a5.equipment_name} ${a5.parameter ?? ""} ${a5.text}`.toLowerCase().includes(words))).sort(order);
  const unseen = rows.filter(waits);
  return /* @__PURE__ */ a4($, { children: [
    connection.value.state === "ended" && connection.value.problem && /* @__PURE__ */ a4(Notice, { tone: "bad", children: [
      t4("live.ended"),
      " ",
      sayProblem(connection.value.problem)
    ] }),
    problem.value && /* @__PURE__ */ a4(Notice, { tone: "bad", children: [
      t4("state.stale"),
      " ",
      sayProblem(problem.value)
    ] }),
    all.total > most && /* @__PURE__ */ a4(Notice, { tone: "warn", children: t4("alarms.tooMany", { n: most, total: all.total }) }),
    /* @__PURE__ */ a4(SeverityTiles, { chosen: severity }),
    /* @__PURE__ */ a4(Card, { children: [
      /* @__PURE__ */ a4("div", { class: "filters", children: [
        /* @__PURE__ */ a4(TextField, { label: t4("alarms.find"), value: text, onChange: setText, type: "search" }),
        /* @__PURE__ */ a4(SelectField, { label: t4("alarms.show"), value: shelf ?? "", onChange: (v4) => go(withQuery({ state: v4 })), options: [
          { value: "", title: t4("alarms.toHandle") },
          ...shelves.map((s4) => ({ value: s4, title: `${t4(`alarm.state.${s4}`)} (${all.alarms.filter((a5) => a5.state === s4).length})` }))
        ] }),
        /* @__PURE__ */ a4("span", { class: "spring" }),
        can("alarms:write") && unseen.length > 1 && /* @__PURE__ */ a4(AcknowledgeAll, { alarms: unseen })
      ] }),
      /* @__PURE__ */ a4(List, { rows, parameters, empty: t4(shelf || severity || words ? "alarms.noneFound" : "alarms.none") }),
      /* @__PURE__ */ a4("p", { class: "muted small", role: "status", children: t4("table.shown", { n: rows.length, total: all.total }) })
    ] })
  ] });
}
function List({ rows, parameters, empty, of }) {
  const opened = Number(place.value.query.get("alarm")) || null;
  return /* @__PURE__ */ a4(
    Table,
    {
      label: t4("page.alarms"),
      rows,
      rowKey: (a5) => a5.id,
      selected: opened,
      empty,
      onOpen: (a5) => go(withQuery({ alarm: a5.id })),
      mark: (a5) => waits(a5) ? fresh.value.has(a5.id) ? "waits fresh" : "waits" : void 0,
      columns: [
        { id: "severity", title: t4("alarm.severity"), cell: (a5) => /* @__PURE__ */ a4(SeverityBadge, { severity: a5.severity, quiet: a5.is_cleared }) },
        ...of === void 0 ? [{ id: "equipment", title: t4("command.equipment"), cell: (a5) => /* @__PURE__ */ a4("strong", { children: a5.equipment_name }) }] : [],
        { id: "what", title: t4("alarm.what"), grow: true, cell: (a5) => sayAlarm(a5, parameters) },
        { id: "state", title: t4("alarm.state"), wide: true, cell: (a5) => /* @__PURE__ */ a4(AlarmState, { alarm: a5 }) },
        { id: "raised", title: t4("alarm.raised"), num: true, wide: true, cell: (a5) => /* @__PURE__ */ a4(Time, { at: a5.raised_at, only: "age" }) },
        ...can("alarms:write") ? [{ id: "act", title: "", cell: (a5) => waits(a5) ? /* @__PURE__ */ a4(Acknowledge, { alarm: a5 }) : null }] : []
      ]
    }
  );
}
async function acknowledge(a5) {
  try {
    await alarmsAck({ id: a5.id, ifMatch: `"${a5.version}"` });
    return null;
  } catch (e4) {
    if (!(e4 instanceof Problem)) throw e4;
    return e4;
  }
}
function Acknowledge({ alarm: a5 }) {
  const [busy, setBusy] = d2(false);
  return /* @__PURE__ */ a4(Button, { small: true, icon: "check", busy, label: t4("alarm.ackOne", { equipment: a5.equipment_name }), onClick: () => {
    setBusy(true);
    void acknowledge(a5).then(async (refused) => {
      if (refused) toast(refused.status === 412 ? t4("alarm.changed") : sayProblem(refused), "bad");
      await refresh();
      setBusy(false);
    });
  }, children: t4("alarm.ack") });
}
var together = 4;
function AcknowledgeAll({ alarms }) {
  const [busy, setBusy] = d2(false);
  const all = async () => {
    if (!await ask({ title: t4("alarms.ackAll"), body: /* @__PURE__ */ a4("p", { children: t4("alarms.ackAll.help", { n: alarms.length }) }), action: t4("alarms.ackAll") })) return;
    setBusy(true);
    const left = [...alarms];
    let failed = 0;
    await Promise.all(Array.from({ length: together }, async () => {
      for (let a5 = left.shift(); a5; a5 = left.shift()) if (await acknowledge(a5)) failed++;
    }));
    toast(failed ? t4("alarms.someFailed", { n: failed }) : t4("alarms.acked", { n: alarms.length }), failed ? "bad" : "ok");
    await refresh();
    setBusy(false);
  };
  return /* @__PURE__ */ a4(Button, { icon: "check", busy, onClick: () => void all(), children: t4("alarms.ackAll") });
}
var pageSize3 = 100;
var states2 = ["normal", "unack", "ack", "rtn-unack", "shelved", "suppressed", "out-of-service"];
function Past() {
  const { query: query2 } = place.value;
  const severity = severities.find((s4) => s4 === query2.get("severity"));
  const state = states2.find((s4) => s4 === query2.get("state"));
  const [limit, setLimit] = d2(pageSize3);
  const r4 = useResource(async (s4) => (await alarmsList({ query: { limit, ...severity ? { severity: [severity] } : {}, ...state ? { state } : {} } }, s4)).data, [severity, state, limit, turn.value]);
  const parameters = useParameters();
  return /* @__PURE__ */ a4(Card, { children: [
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4(
        SelectField,
        {
          label: t4("alarm.severity"),
          value: severity ?? "",
          onChange: (v4) => go(withQuery({ severity: v4 })),
          options: [{ value: "", title: t4("filter.any") }, ...severities.map((s4) => ({ value: s4, title: t4(`severity.${s4}`) }))]
        }
      ),
      /* @__PURE__ */ a4(
        SelectField,
        {
          label: t4("alarm.state"),
          value: state ?? "",
          onChange: (v4) => go(withQuery({ state: v4 })),
          options: [{ value: "", title: t4("filter.any") }, ...states2.map((s4) => ({ value: s4, title: t4(`alarm.state.${s4}`) }))]
        }
      )
    ] }),
    /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: (page) => page.content.length === 0 ? /* @__PURE__ */ a4(Empty, { title: t4("alarms.noneFound"), children: /* @__PURE__ */ a4(Link, { to: "/alarms/past", children: t4("action.clear") }) }) : /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(List, { rows: page.content, parameters, empty: "" }),
      /* @__PURE__ */ a4(Pager, { shown: page.content.length, total: page.total, more: page.content.length < page.total && limit < 1e3, busy: r4.loading, onMore: () => setLimit(limit + pageSize3) })
    ] }) })
  ] });
}

// src/pages/commands/names.tsx
var catalogue2 = y3(null);
var reading3 = false;
async function read5() {
  if (reading3) return;
  reading3 = true;
  try {
    const { data: data2 } = await commandsList2({ query: { limit: 5e3 } });
    catalogue2.value = new Map(data2.content.map((c4) => [c4.id, c4]));
  } catch (e4) {
    if (!(e4 instanceof Problem)) throw e4;
  } finally {
    reading3 = false;
  }
}
function useNames() {
  A2(() => {
    if (catalogue2.value === null && can("cfg:read")) void read5();
  }, []);
  const known = catalogue2.value;
  return {
    command: (id) => {
      const c4 = known?.get(id);
      return c4 ? c4.name : `#${id}`;
    },
    equipment: (id) => known?.get(id)?.equipment_name ?? "",
    get: (id) => known?.get(id),
    all: known ? [...known.values()] : [],
    loaded: known !== null || !can("cfg:read")
  };
}
function forgetNames() {
  catalogue2.value = null;
  void read5();
}
var tones4 = {
  awaiting_approval: "warn",
  queued: "info",
  sending: "info",
  accepted: "info",
  verifying: "info",
  succeeded: "ok",
  failed: "bad",
  unverified: "warn",
  unknown: "bad",
  rejected: "idle",
  expired: "idle",
  cancelled: "idle"
};
function CommandState({ state }) {
  return /* @__PURE__ */ a4(Badge, { tone: tones4[state], children: t4(`command.state.${state}`) });
}
function moving(state) {
  return state === "awaiting_approval" || state === "queued" || state === "sending" || state === "accepted" || state === "verifying";
}

// src/pages/equipment/history.tsx
var tones5 = { created: "ok", updated: "info", archived: "idle", restored: "ok" };
var some = 50;
function History({ of, id, then, at }) {
  const r4 = usePages(async (cursor, s4) => (await of({ id, query: { limit: some, ...cursor } }, s4)).data, [id]);
  const looked = at ? Date.parse(at) : NaN;
  return /* @__PURE__ */ a4(Shown, { of: r4, children: (versions) => /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("ol", { class: "versions", children: versions.map((v4, i4) => /* @__PURE__ */ a4("li", { children: [
      /* @__PURE__ */ a4("header", { children: [
        /* @__PURE__ */ a4(Badge, { tone: tones5[v4.op], children: t4(`history.${v4.op}`) }),
        /* @__PURE__ */ a4("strong", { children: t4("history.version", { n: v4.version }) }),
        /* @__PURE__ */ a4(Time, { at: v4.valid_from }),
        /* @__PURE__ */ a4("span", { class: "muted", children: /* @__PURE__ */ a4(Mono, { children: v4.actor }) }),
        can("admin:read") && v4.request_id && /* @__PURE__ */ a4(Link, { to: `/journal?request-id=${encodeURIComponent(v4.request_id)}`, children: t4("history.request") }),
        then && !v4.archived && v4.valid_until && /* @__PURE__ */ a4(Link, { to: then(v4.valid_from), label: `${t4("history.version", { n: v4.version })}: ${t4("history.then")}`, children: t4("history.then") }),
        Date.parse(v4.valid_from) <= looked && !(v4.valid_until && Date.parse(v4.valid_until) <= looked) && /* @__PURE__ */ a4(Badge, { tone: "warn", children: t4("history.looked") })
      ] }),
      v4.op === "updated" && versions[i4 + 1] && /* @__PURE__ */ a4(Diff, { before: versions[i4 + 1]?.item, after: v4.item })
    ] }, v4.version)) }),
    /* @__PURE__ */ a4(Further, { of: r4 })
  ] }) });
}
function ItemHistory({ id, at }) {
  return /* @__PURE__ */ a4(History, { of: equipmentsHistory, id, at, then: (moment2) => `/equipment/${id}?at=${encodeURIComponent(moment2)}` });
}

// src/pages/catalogue/shared.tsx
async function archive(name, act) {
  if (!await ask({ title: t4("catalogue.archive", { name }), body: /* @__PURE__ */ a4("p", { children: t4("catalogue.archive.help") }), action: t4("equipment.archive"), danger: true })) return false;
  return attempt(act, t4("equipment.archived"));
}
async function attempt(act, done) {
  try {
    await act();
    toast(done);
    return true;
  } catch (e4) {
    if (!(e4 instanceof Problem)) throw e4;
    toast(sayProblem(e4), "bad");
    return false;
  }
}

// src/pages/catalogue/commands.tsx
function options(list, level2 = 0) {
  return list.flatMap((b3) => [{ value: String(b3.id), title: `${"  ".repeat(level2)}${b3.name}` }, ...options(b3.content ?? [], level2 + 1)]);
}
function CatalogueCommands() {
  const { query: query2 } = place.value;
  const q2 = query2.get("q") ?? "", archived = query2.get("archived") !== null;
  const [text, setText] = d2(q2);
  A2(() => {
    const timer = setTimeout(() => text !== q2 && go(withQuery({ q: text }), { replace: true }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  const r4 = useResource(async (s4) => (await commandsList2({ query: { limit: 5e3, ...q2 ? { q: q2 } : {}, ...archived ? { archived } : {} } }, s4)).data, [q2, archived]);
  const opened = query2.get("item");
  const changed = () => {
    r4.reload();
    forgetNames();
  };
  const close = () => go(withQuery({ item: null }), { replace: true });
  return /* @__PURE__ */ a4(Card, { children: [
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4(TextField, { label: t4("action.search"), value: text, onChange: setText, type: "search" }),
      /* @__PURE__ */ a4(CheckField, { label: t4("equipment.showArchived"), value: archived, onChange: (v4) => go(withQuery({ archived: v4 ? 1 : null })) }),
      /* @__PURE__ */ a4("span", { class: "spring" }),
      can("cfg:write") && !archived && /* @__PURE__ */ a4(Button, { kind: "primary", icon: "plus", onClick: () => go(withQuery({ item: "new" })), children: t4("catalogue.addCommand") })
    ] }),
    /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: (page) => /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(Table, { label: t4("catalogue.commands"), rows: page.content, rowKey: (c4) => c4.id, selected: Number(opened), onOpen: (c4) => go(withQuery({ item: c4.id })), columns: [
        { id: "name", title: t4("command.name"), cell: (c4) => /* @__PURE__ */ a4("strong", { children: c4.name }) },
        { id: "equipment", title: t4("command.equipment"), cell: (c4) => c4.equipment_name },
        { id: "full", title: t4("command.nameFull"), grow: true, wide: true, cell: (c4) => /* @__PURE__ */ a4("span", { class: "clip", children: c4.name_full }) },
        { id: "undo", title: t4("command.undo"), wide: true, cell: (c4) => c4.undo_cmd_name ?? "–" }
      ] }),
      page.content.length > 0 && /* @__PURE__ */ a4(Pager, { shown: page.content.length, total: page.total, more: false, onMore: () => {
      } })
    ] }) }),
    opened && (opened === "new" ? /* @__PURE__ */ a4(CommandDrawer, { close, saved: () => {
      close();
      changed();
    } }) : archived ? /* @__PURE__ */ a4(ArchivedDrawer, { command: r4.data?.content.find((c4) => String(c4.id) === opened), close, changed }) : /* @__PURE__ */ a4(Existing, { id: Number(opened), close, changed }))
  ] });
}
function ArchivedDrawer({ command: c4, close, changed }) {
  if (!c4) return null;
  return /* @__PURE__ */ a4(Drawer, { title: c4.name, onClose: close, footer: can("cfg:write") && /* @__PURE__ */ a4(Button, { kind: "primary", icon: "restore", onClick: () => void attempt(() => commandsRestore({ id: c4.id }), t4("equipment.restored")).then((done) => {
    if (done) {
      close();
      changed();
    }
  }), children: t4("equipment.restore") }), children: /* @__PURE__ */ a4(Facts, { items: [[t4("command.equipment"), c4.equipment_name], [t4("command.nameFull"), c4.name_full], [t4("command.description"), c4.description]] }) });
}
function Existing({ id, close, changed }) {
  const [mode, setMode] = d2("show");
  const r4 = useResource(async (s4) => commandsGet2({ id }, s4), [id]);
  const c4 = r4.data?.data;
  if (mode === "edit" && r4.data) {
    return /* @__PURE__ */ a4(CommandDrawer, { command: r4.data.data, etag: r4.data.etag, close: () => setMode("show"), saved: () => {
      setMode("show");
      r4.reload();
      changed();
    } });
  }
  return /* @__PURE__ */ a4(Drawer, { title: c4 ? `${c4.name} · ${c4.equipment_name}` : "…", onClose: close, footer: c4 && /* @__PURE__ */ a4($, { children: [
    can("cfg:write") && /* @__PURE__ */ a4(Button, { kind: "danger", icon: "archive", onClick: () => void archive(c4.name, () => commandsDelete({ id })).then((done) => {
      if (done) {
        close();
        changed();
      }
    }), children: t4("equipment.archive") }),
    /* @__PURE__ */ a4("span", { class: "spring" }),
    can("commands:send") && /* @__PURE__ */ a4(Button, { icon: "commands", onClick: () => go(`/commands/send/${id}`), children: t4("command.send") }),
    can("cfg:write") && /* @__PURE__ */ a4(Button, { kind: "primary", icon: "edit", onClick: () => setMode("edit"), children: t4("action.edit") })
  ] }), children: /* @__PURE__ */ a4(Shown, { of: r4, children: ({ data: data2 }) => /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Facts, { items: [
      [t4("command.equipment"), /* @__PURE__ */ a4(Link, { to: `/equipment/${data2.equipment_id}`, children: data2.equipment_name })],
      [t4("command.nameFull"), data2.name_full],
      [t4("command.description"), data2.description],
      [t4("command.undo"), data2.undo_cmd_name ?? "–"],
      [t4("equipment.id"), /* @__PURE__ */ a4(Mono, { children: data2.id })]
    ] }),
    mode === "history" ? /* @__PURE__ */ a4(History, { of: commandsHistory, id }) : /* @__PURE__ */ a4(Button, { small: true, onClick: () => setMode("history"), children: t4("history.title") })
  ] }) }) });
}
function CommandDrawer({ command: old, etag, close, saved }) {
  const trees = useResource(async (s4) => {
    const [equipment, sections2, commands] = await Promise.all([equipmentsList(void 0, s4), commandsTocList(void 0, s4), commandsList2({ query: { limit: 5e3 } }, s4)]);
    return { equipment: options(equipment.data), sections: options(sections2.data), commands: commands.data.content };
  }, []);
  return /* @__PURE__ */ a4(Drawer, { title: old ? old.name : t4("catalogue.addCommand"), onClose: close, children: !trees.data ? trees.problem ? /* @__PURE__ */ a4(Refusal, { problem: trees.problem }) : /* @__PURE__ */ a4(Loading, {}) : /* @__PURE__ */ a4(CommandForm, { old, etag: etag ?? null, trees: trees.data, close, saved }) });
}
function CommandForm({ old, etag, trees, close, saved }) {
  const [name, setName] = d2(old?.name ?? "");
  const [full, setFull] = d2(old?.name_full ?? "");
  const [description, setDescription] = d2(old?.description ?? "");
  const [equipment, setEquipment] = d2(String(old?.equipment_id ?? trees.equipment[0]?.value ?? ""));
  const [section, setSection] = d2(String(old?.toc_id ?? trees.sections[0]?.value ?? ""));
  const [undo, setUndo] = d2(String(old?.undo_cmd_id ?? ""));
  const save = useAction(async () => {
    const body = { name, name_full: full, description, equipment_id: Number(equipment), toc_id: Number(section), undo_cmd_id: undo ? Number(undo) : null };
    if (old) await commandsUpdate({ id: old.id, body, ...etag ? { ifMatch: etag } : {} });
    else await commandsCreate2({ body });
    toast(t4(old ? "toast.saved" : "toast.created"));
    saved();
  });
  const p5 = save.problem;
  return /* @__PURE__ */ a4(Form, { label: t4("action.edit"), onSubmit: () => void save.run(), children: [
    /* @__PURE__ */ a4(TextField, { label: t4("command.name"), value: name, onChange: setName, required: true, autoFocus: true, maxLength: 10, error: reasonAt(p5, "name") }),
    /* @__PURE__ */ a4(TextField, { label: t4("command.nameFull"), value: full, onChange: setFull, required: true, maxLength: 150, error: reasonAt(p5, "name_full") }),
    /* @__PURE__ */ a4(TextField, { label: t4("command.description"), value: description, onChange: setDescription, required: true, lines: 3, maxLength: 300, error: reasonAt(p5, "description") }),
    /* @__PURE__ */ a4(SelectField, { label: t4("command.equipment"), value: equipment, onChange: setEquipment, options: trees.equipment, error: reasonAt(p5, "equipment_id") }),
    /* @__PURE__ */ a4(SelectField, { label: t4("command.section"), value: section, onChange: setSection, options: trees.sections, error: reasonAt(p5, "toc_id") }),
    /* @__PURE__ */ a4(SelectField, { label: t4("command.undo"), value: undo, onChange: setUndo, error: reasonAt(p5, "undo_cmd_id"), options: [
      { value: "", title: "–" },
      ...trees.commands.filter((c4) => c4.id !== old?.id && String(c4.equipment_id) === equipment).map((c4) => ({ value: String(c4.id), title: `${c4.name} · ${c4.name_full}` }))
    ] }),
    p5?.status === 412 && /* @__PURE__ */ a4(Notice, { tone: "warn", children: t4("merge.changed") }),
    /* @__PURE__ */ a4(Refusal, { problem: p5, shown: ["name", "name_full", "description", "equipment_id", "toc_id", "undo_cmd_id"] }),
    /* @__PURE__ */ a4("div", { class: "form-actions", children: [
      /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
      /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !name || !full || !description, children: t4("action.save") })
    ] })
  ] });
}

// src/pages/catalogue/parameters.tsx
function Parameters() {
  const { query: query2 } = place.value;
  const q2 = query2.get("q") ?? "";
  const [text, setText] = d2(q2);
  A2(() => {
    const timer = setTimeout(() => text !== q2 && go(withQuery({ q: text }), { replace: true }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  const r4 = useResource(async (s4) => (await telemetryList({ query: { limit: 5e3, ...q2 ? { q: q2 } : {} } }, s4)).data, [q2]);
  const opened = query2.get("item");
  const close = () => go(withQuery({ item: null }), { replace: true });
  return /* @__PURE__ */ a4(Card, { children: [
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4(TextField, { label: t4("action.search"), value: text, onChange: setText, type: "search" }),
      /* @__PURE__ */ a4("span", { class: "spring" }),
      can("cfg:write") && /* @__PURE__ */ a4(Button, { kind: "primary", icon: "plus", onClick: () => go(withQuery({ item: "new" })), children: t4("catalogue.addParameter") })
    ] }),
    /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: (page) => /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(Table, { label: t4("catalogue.parameters"), rows: page.content, rowKey: (p5) => p5.id, selected: Number(opened), onOpen: (p5) => go(withQuery({ item: p5.id })), columns: [
        { id: "name", title: t4("equipment.name"), cell: (p5) => /* @__PURE__ */ a4("strong", { children: p5.name }) },
        { id: "full", title: t4("equipment.nameFull"), cell: (p5) => p5.name_full },
        { id: "description", title: t4("command.description"), grow: true, wide: true, cell: (p5) => /* @__PURE__ */ a4("span", { class: "clip", children: p5.description }) },
        { id: "validator", title: t4("parameter.validator"), wide: true, cell: (p5) => /* @__PURE__ */ a4("span", { class: "clip", children: /* @__PURE__ */ a4(Mono, { children: JSON.stringify(p5.value_validator) }) }) }
      ] }),
      page.content.length > 0 && /* @__PURE__ */ a4(Pager, { shown: page.content.length, total: page.total, more: false, onMore: () => {
      } })
    ] }) }),
    opened && (opened === "new" ? /* @__PURE__ */ a4(ParameterDrawer, { close, saved: () => {
      close();
      r4.reload();
    } }) : /* @__PURE__ */ a4(Existing2, { id: Number(opened), close, changed: r4.reload }))
  ] });
}
function Existing2({ id, close, changed }) {
  const [edit, setEdit] = d2(false);
  const [history2, setHistory] = d2(false);
  const r4 = useResource((s4) => telemetryGet({ id }, s4), [id]);
  if (edit && r4.data) {
    return /* @__PURE__ */ a4(ParameterDrawer, { parameter: r4.data.data, etag: r4.data.etag, close: () => setEdit(false), saved: () => {
      setEdit(false);
      r4.reload();
      changed();
    } });
  }
  return /* @__PURE__ */ a4(Drawer, { title: r4.data?.data.name ?? "…", onClose: close, footer: can("cfg:write") && /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Button, { kind: "danger", icon: "archive", onClick: () => void archive(r4.data?.data.name ?? "", () => telemetryDelete({ id })).then((done) => {
      if (done) {
        close();
        changed();
      }
    }), children: t4("equipment.archive") }),
    /* @__PURE__ */ a4("span", { class: "spring" }),
    /* @__PURE__ */ a4(Button, { kind: "primary", icon: "edit", onClick: () => setEdit(true), children: t4("action.edit") })
  ] }), children: /* @__PURE__ */ a4(Shown, { of: r4, children: ({ data: p5 }) => /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Facts, { items: [[t4("equipment.nameFull"), p5.name_full], [t4("command.description"), p5.description], [t4("equipment.id"), /* @__PURE__ */ a4(Mono, { children: p5.id })]] }),
    /* @__PURE__ */ a4("h3", { children: t4("parameter.validator") }),
    /* @__PURE__ */ a4(Json, { value: p5.value_validator }),
    /* @__PURE__ */ a4(TryValue, { id }),
    history2 ? /* @__PURE__ */ a4(History, { of: telemetryHistory, id }) : /* @__PURE__ */ a4(Button, { small: true, onClick: () => setHistory(true), children: t4("history.title") })
  ] }) }) });
}
function TryValue({ id }) {
  const [text, setText] = d2("");
  const [verdict, setVerdict] = d2(null);
  const check = useAction(async (value) => setVerdict((await telemetryValidate({ id, body: { value } })).data));
  A2(() => {
    setVerdict(null);
    if (text.trim() === "") return;
    const timer = setTimeout(() => {
      let value = text;
      try {
        value = JSON.parse(text);
      } catch {
      }
      void check.run(value);
    }, 300);
    return () => clearTimeout(timer);
  }, [text]);
  return /* @__PURE__ */ a4(Form, { label: t4("parameter.try"), onSubmit: () => {
  }, children: [
    /* @__PURE__ */ a4(TextField, { label: t4("parameter.try"), value: text, onChange: setText, mono: true, help: t4("parameter.try.help") }),
    verdict && (verdict.valid ? /* @__PURE__ */ a4(Notice, { tone: "ok", children: t4("parameter.valid") }) : /* @__PURE__ */ a4(Notice, { tone: "warn", children: /* @__PURE__ */ a4("ul", { children: verdict.errors.map((e4, i4) => /* @__PURE__ */ a4("li", { children: [
      /* @__PURE__ */ a4(Mono, { children: e4.location }),
      " ",
      sayReason(e4)
    ] }, i4)) }) })),
    /* @__PURE__ */ a4(Refusal, { problem: check.problem })
  ] });
}
function ParameterDrawer({ parameter: old, etag, close, saved }) {
  const [name, setName] = d2(old?.name ?? "");
  const [full, setFull] = d2(old?.name_full ?? "");
  const [description, setDescription] = d2(old?.description ?? "");
  const [validator, setValidator] = d2(JSON.stringify(old?.value_validator ?? { type: "number" }, null, 2));
  let parsed = null;
  try {
    parsed = JSON.parse(validator);
  } catch {
    parsed = null;
  }
  const save = useAction(async () => {
    if (!parsed) return;
    const body = { name, name_full: full, description, value_validator: parsed };
    if (old) await telemetryUpdate({ id: old.id, body, ...etag ? { ifMatch: etag } : {} });
    else await telemetryCreate({ body });
    toast(t4(old ? "toast.saved" : "toast.created"));
    saved();
  });
  const p5 = save.problem;
  return /* @__PURE__ */ a4(Drawer, { title: old ? old.name : t4("catalogue.addParameter"), onClose: close, children: /* @__PURE__ */ a4(Form, { label: t4("action.edit"), onSubmit: () => void save.run(), children: [
    /* @__PURE__ */ a4(TextField, { label: t4("equipment.name"), value: name, onChange: setName, required: true, autoFocus: true, maxLength: 50, error: reasonAt(p5, "name") }),
    /* @__PURE__ */ a4(TextField, { label: t4("equipment.nameFull"), value: full, onChange: setFull, required: true, maxLength: 200, error: reasonAt(p5, "name_full") }),
    /* @__PURE__ */ a4(TextField, { label: t4("command.description"), value: description, onChange: setDescription, required: true, lines: 2, maxLength: 300, error: reasonAt(p5, "description") }),
    /* @__PURE__ */ a4(
      TextField,
      {
        label: t4("parameter.validator"),
        value: validator,
        onChange: setValidator,
        lines: 8,
        mono: true,
        help: t4("parameter.validator.help"),
        error: reasonAt(p5, "value_validator") ?? (parsed ? void 0 : t4("form.notJSON"))
      }
    ),
    /* @__PURE__ */ a4(Refusal, { problem: p5, shown: ["name", "name_full", "description", "value_validator"] }),
    /* @__PURE__ */ a4("div", { class: "form-actions", children: [
      /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
      /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !name || !full || !description || !parsed, children: t4("action.save") })
    ] })
  ] }) });
}

// src/pages/catalogue/sections.tsx
function Sections() {
  const r4 = useResource(async (s4) => (await commandsTocList(void 0, s4)).data, []);
  const [edit, setEdit] = d2(null);
  const flat = [];
  const walk = (list, level2) => list.forEach((b3) => {
    flat.push({ ...b3, level: level2 });
    walk(b3.content ?? [], level2 + 1);
  });
  walk(r4.data ?? [], 0);
  const close = () => setEdit(null);
  return /* @__PURE__ */ a4(Card, { children: [
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4("span", { class: "spring" }),
      can("cfg:write") && /* @__PURE__ */ a4(Button, { kind: "primary", icon: "plus", onClick: () => setEdit("new"), children: t4("catalogue.addSection") })
    ] }),
    /* @__PURE__ */ a4(Shown, { of: r4, children: (tree) => flat.length === 0 ? /* @__PURE__ */ a4(Empty, { title: t4("table.empty") }) : /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4("ul", { class: "lines", children: flat.map((b3) => /* @__PURE__ */ a4("li", { children: [
        /* @__PURE__ */ a4("span", { class: "grow", style: { paddingInlineStart: b3.level * 20 }, children: [
          /* @__PURE__ */ a4("strong", { children: b3.name }),
          " ",
          /* @__PURE__ */ a4("span", { class: "muted", children: b3.name_full !== b3.name && b3.name_full })
        ] }),
        can("cfg:write") && /* @__PURE__ */ a4($, { children: [
          /* @__PURE__ */ a4(Button, { small: true, kind: "quiet", icon: "edit", label: `${t4("action.edit")}: ${b3.name}`, onClick: () => setEdit(b3) }),
          /* @__PURE__ */ a4(Button, { small: true, kind: "quiet", icon: "archive", label: `${t4("equipment.archive")}: ${b3.name}`, onClick: () => void archive(b3.name, () => commandsTocDelete({ id: b3.id })).then((done) => done && r4.reload()) })
        ] })
      ] }, b3.id)) }),
      edit && /* @__PURE__ */ a4(SectionDrawer, { section: edit === "new" ? null : edit, tree, close, saved: () => {
        close();
        r4.reload();
      } })
    ] }) })
  ] });
}
function SectionDrawer({ section, tree, close, saved }) {
  const [name, setName] = d2(section?.name ?? "");
  const [full, setFull] = d2(section?.name_full ?? "");
  const [parent, setParent] = d2(String(section?.parent_id ?? ""));
  const save = useAction(async () => {
    const body = { name, name_full: full || null, parent_id: parent ? Number(parent) : null };
    if (section) {
      const { etag } = await commandsTocGet({ id: section.id });
      await commandsTocUpdate({ id: section.id, body, ...etag ? { ifMatch: etag } : {} });
    } else await commandsTocCreate({ body });
    toast(t4(section ? "toast.saved" : "toast.created"));
    saved();
  });
  return /* @__PURE__ */ a4(Drawer, { title: section ? section.name : t4("catalogue.addSection"), onClose: close, children: /* @__PURE__ */ a4(Form, { label: t4("action.edit"), onSubmit: () => void save.run(), children: [
    /* @__PURE__ */ a4(TextField, { label: t4("equipment.name"), value: name, onChange: setName, required: true, autoFocus: true, maxLength: 100, error: reasonAt(save.problem, "name") }),
    /* @__PURE__ */ a4(TextField, { label: t4("equipment.nameFull"), value: full, onChange: setFull, error: reasonAt(save.problem, "name_full") }),
    /* @__PURE__ */ a4(
      SelectField,
      {
        label: t4("equipment.parent"),
        value: parent,
        onChange: setParent,
        error: reasonAt(save.problem, "parent_id"),
        options: [{ value: "", title: t4("equipment.root") }, ...options(tree).filter((o5) => o5.value !== String(section?.id))]
      }
    ),
    /* @__PURE__ */ a4(Refusal, { problem: save.problem, shown: ["name", "name_full", "parent_id"] }),
    /* @__PURE__ */ a4("div", { class: "form-actions", children: [
      /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
      /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !name, children: t4("action.save") })
    ] })
  ] }) });
}

// src/pages/catalogue/transfer.tsx
var catalogues = ["equipments", "commands-toc", "commands", "telemetry"];
function Transfer() {
  return /* @__PURE__ */ a4("div", { class: "grid two", children: [
    /* @__PURE__ */ a4(Card, { title: t4("transfer.export"), children: [
      /* @__PURE__ */ a4("p", { class: "muted", children: t4("transfer.export.help") }),
      /* @__PURE__ */ a4("div", { class: "row", children: /* @__PURE__ */ a4(Download, { href: cataloguesExport.url({}), name: "catalogue.json", children: [
        "JSON, ",
        t4("transfer.all")
      ] }) }),
      /* @__PURE__ */ a4("ul", { class: "lines", children: catalogues.map((c4) => /* @__PURE__ */ a4("li", { children: [
        /* @__PURE__ */ a4("span", { class: "grow", children: t4(`transfer.${c4}`) }),
        /* @__PURE__ */ a4(Download, { href: cataloguesExport.url({ query: { catalogue: c4 } }), name: `${c4}.json`, children: "JSON" }),
        /* @__PURE__ */ a4(Download, { href: cataloguesExport.url({ query: { catalogue: c4, format: "csv", bom: true } }), name: `${c4}.csv`, children: "CSV" })
      ] }, c4)) })
    ] }),
    can("cfg:write") && /* @__PURE__ */ a4(Import, {})
  ] });
}
function Import() {
  const [file, setFile] = d2(null);
  const [catalogue3, setCatalogue] = d2("equipments");
  const [report, setReport] = d2(null);
  const csv = file?.name.toLowerCase().endsWith(".csv") ?? false;
  const call = async (dry) => {
    const query2 = new URLSearchParams({ "dry-run": String(dry), ...csv ? { catalogue: catalogue3 } : {} });
    const answer = await send({ method: "POST", url: `/api/v1/cfg/import?${query2}`, ...file ? { raw: file } : {}, headers: { "Content-Type": csv ? "text/csv" : "application/json" } });
    return await answer.json();
  };
  const preview = useAction(async () => setReport(await call(true)));
  const take = useAction(async () => {
    setReport(await call(false));
    forgetNames();
    toast(t4("transfer.taken"));
  });
  const changes = report?.catalogues.reduce((n3, c4) => n3 + c4.created + c4.updated, 0) ?? 0;
  return /* @__PURE__ */ a4(Card, { title: t4("transfer.import"), children: [
    /* @__PURE__ */ a4("p", { class: "muted", children: t4("transfer.import.help") }),
    /* @__PURE__ */ a4("div", { class: "field", children: [
      /* @__PURE__ */ a4("label", { for: "import-file", children: t4("transfer.file") }),
      /* @__PURE__ */ a4("input", { id: "import-file", type: "file", accept: ".json,.csv", onChange: (e4) => {
        setFile(e4.currentTarget.files?.[0] ?? null);
        setReport(null);
      } }),
      file && /* @__PURE__ */ a4("p", { class: "help", children: bytes(file.size) })
    ] }),
    csv && /* @__PURE__ */ a4(SelectField, { label: t4("transfer.catalogue"), value: catalogue3, onChange: setCatalogue, options: catalogues.map((c4) => ({ value: c4, title: t4(`transfer.${c4}`) })) }),
    /* @__PURE__ */ a4("div", { class: "row", children: [
      /* @__PURE__ */ a4(Button, { icon: "search", busy: preview.busy, disabled: !file, onClick: () => void preview.run(), children: t4("transfer.preview") }),
      /* @__PURE__ */ a4(Button, { kind: "primary", busy: take.busy, disabled: !report?.dry_run || changes === 0, onClick: () => void take.run(), children: t4("transfer.take") })
    ] }),
    /* @__PURE__ */ a4(Refusal, { problem: preview.problem ?? take.problem }),
    report && (changes === 0 ? /* @__PURE__ */ a4(Notice, { tone: "ok", children: t4("transfer.nothing") }) : report.catalogues.map((c4) => /* @__PURE__ */ a4("section", { children: [
      /* @__PURE__ */ a4("h3", { children: t4(`transfer.${c4.catalogue}`) }),
      /* @__PURE__ */ a4("p", { children: [
        /* @__PURE__ */ a4(Badge, { tone: "ok", children: t4("transfer.created", { n: c4.created }) }),
        " ",
        /* @__PURE__ */ a4(Badge, { tone: "info", children: t4("transfer.updated", { n: c4.updated }) }),
        " ",
        /* @__PURE__ */ a4("span", { class: "muted", children: t4("transfer.unchanged", { n: c4.unchanged }) })
      ] }),
      c4.changes.slice(0, 50).map((x3) => /* @__PURE__ */ a4("details", { children: [
        /* @__PURE__ */ a4("summary", { children: [
          /* @__PURE__ */ a4(Mono, { children: x3.key }),
          " ",
          /* @__PURE__ */ a4(Badge, { tone: x3.op === "create" ? "ok" : "info", children: t4(`transfer.op.${x3.op}`) })
        ] }),
        /* @__PURE__ */ a4(Diff, { before: x3.before, after: x3.after })
      ] }, x3.key)),
      (c4.truncated || c4.changes.length > 50) && /* @__PURE__ */ a4("p", { class: "muted", children: "…" })
    ] }, c4.catalogue)))
  ] });
}

// src/pages/catalogue.tsx
var tabs = ["commands", "sections", "parameters", "transfer"];
function Catalogue() {
  const tab = tabs.find((x3) => x3 === place.value.rest[0]) ?? "commands";
  return /* @__PURE__ */ a4(Page, { title: t4("page.catalogue"), children: [
    /* @__PURE__ */ a4(Tabs, { label: t4("page.catalogue"), current: tab, items: tabs.map((id) => ({ id, title: t4(`catalogue.${id}`), to: id === "commands" ? "/catalogue" : `/catalogue/${id}` })) }),
    tab === "commands" && /* @__PURE__ */ a4(CatalogueCommands, {}),
    tab === "sections" && /* @__PURE__ */ a4(Sections, {}),
    tab === "parameters" && /* @__PURE__ */ a4(Parameters, {}),
    tab === "transfer" && /* @__PURE__ */ a4(Transfer, {})
  ] });
}

// src/pages/commands/queues.tsx
function QueueState({ queue: q2 }) {
  if (q2.held) return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Badge, { tone: "bad", children: t4("queue.held") }),
    " ",
    q2.reason
  ] });
  if (q2.in_flight_state === "unknown") return /* @__PURE__ */ a4(Badge, { tone: "bad", children: t4("queue.stands") });
  return /* @__PURE__ */ a4(Badge, { tone: "ok", children: t4("queue.runs") });
}
function QueueActions({ queue: q2, done }) {
  const [asking, setAsking] = d2(false);
  const [reason, setReason] = d2("");
  const set = useAction(async (held) => {
    await queuesUpdate({ equipment_id: q2.equipment_id, body: { held, ...held && reason ? { reason } : {} } });
    toast(t4(held ? "queue.isHeld" : "queue.goesOn"));
    setAsking(false);
    done();
  });
  if (!can("ctrl:write")) return null;
  return /* @__PURE__ */ a4($, { children: [
    q2.held ? /* @__PURE__ */ a4(Button, { small: true, icon: "play", busy: set.busy, onClick: () => void set.run(false), children: t4("queue.release") }) : /* @__PURE__ */ a4(Button, { small: true, icon: "pause", onClick: () => setAsking(true), children: t4("queue.hold") }),
    asking && /* @__PURE__ */ a4(Drawer, { title: t4("queue.hold"), modal: "dialog", onClose: () => setAsking(false), children: [
      /* @__PURE__ */ a4("p", { children: t4("queue.hold.help") }),
      /* @__PURE__ */ a4(Form, { label: t4("queue.hold"), onSubmit: () => void set.run(true), children: [
        /* @__PURE__ */ a4(TextField, { label: t4("command.reason"), value: reason, onChange: setReason, autoFocus: true }),
        /* @__PURE__ */ a4(Refusal, { problem: set.problem }),
        /* @__PURE__ */ a4("div", { class: "form-actions", children: [
          /* @__PURE__ */ a4(Button, { onClick: () => setAsking(false), children: t4("action.cancel") }),
          /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: set.busy, children: t4("queue.hold") })
        ] })
      ] })
    ] })
  ] });
}
function Queues() {
  const r4 = useResource(async (s4) => (await queuesList({ query: { limit: 1e3 } }, s4)).data.content, [], 3e3);
  return /* @__PURE__ */ a4(Card, { children: /* @__PURE__ */ a4(Shown, { of: r4, children: (rows) => /* @__PURE__ */ a4(Table, { label: t4("queue.queues"), rows, rowKey: (q2) => q2.equipment_id, empty: t4("queue.none"), columns: [
    { id: "equipment", title: t4("command.equipment"), grow: true, cell: (q2) => /* @__PURE__ */ a4(Link, { to: `/equipment/${q2.equipment_id}/control`, children: /* @__PURE__ */ a4(EquipmentName, { id: q2.equipment_id }) }) },
    { id: "state", title: t4("queue.state"), cell: (q2) => /* @__PURE__ */ a4(QueueState, { queue: q2 }) },
    { id: "flight", title: t4("queue.inFlight"), cell: (q2) => q2.in_flight ? /* @__PURE__ */ a4(Link, { to: `/commands/sent/${q2.in_flight}`, children: /* @__PURE__ */ a4(CommandState, { state: q2.in_flight_state }) }) : /* @__PURE__ */ a4("span", { class: "muted", children: "–" }) },
    { id: "queued", title: t4("queue.queued"), num: true, cell: (q2) => q2.queued },
    { id: "awaiting", title: t4("queue.awaiting"), num: true, wide: true, cell: (q2) => q2.awaiting_approval },
    { id: "act", title: "", cell: (q2) => /* @__PURE__ */ a4(QueueActions, { queue: q2, done: r4.reload }) }
  ] }) }) });
}

// src/pages/commands/schema.ts
function fieldsOf(schema) {
  const s4 = schema ?? {};
  return Object.entries(s4.properties ?? {}).map(([name, p5]) => ({ name, kind: kindOf(p5), schema: p5, required: s4.required?.includes(name) ?? false }));
}
function kindOf(p5) {
  if (p5.enum) return "choice";
  const type = Array.isArray(p5.type) ? p5.type.find((x3) => x3 !== "null") : p5.type;
  if (type === "number" || type === "integer") return "number";
  if (type === "boolean") return "boolean";
  return type === "string" ? "text" : "json";
}
function startValue(f5) {
  const d5 = f5.schema.default;
  if (d5 === void 0) return f5.kind === "boolean" ? "false" : f5.kind === "choice" && f5.required ? JSON.stringify(f5.schema.enum?.[0]) : "";
  return f5.kind === "choice" || f5.kind === "json" ? JSON.stringify(d5) : String(d5);
}
function readField(f5, text) {
  if (f5.kind === "boolean") return { value: text === "true" };
  if (text.trim() === "") return void 0;
  if (f5.kind === "text") return { value: text };
  if (f5.kind === "number") {
    const n3 = Number(text.trim().replace(/\s/g, "").replace(",", "."));
    return Number.isFinite(n3) ? { value: n3 } : null;
  }
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

// src/pages/commands/send.tsx
function Send({ command }) {
  const names3 = useNames();
  const chosen = command ? names3.get(command) : void 0;
  return /* @__PURE__ */ a4("div", { class: "grid send", children: [
    /* @__PURE__ */ a4(Choose, { chosen }),
    /* @__PURE__ */ a4(Card, { title: chosen ? `${chosen.name} · ${chosen.equipment_name}` : t4("command.choose"), children: !command ? /* @__PURE__ */ a4(Empty, { title: t4("command.choose.help") }) : /* @__PURE__ */ a4(SendForm, { id: command, listed: chosen }, command) })
  ] });
}
function Choose({ chosen }) {
  const names3 = useNames();
  const [q2, setQ] = d2("");
  const [section, setSection] = d2("");
  const sections2 = useResource(async (s4) => (await commandsTocList(void 0, s4)).data, []);
  const inside = /* @__PURE__ */ new Set();
  const titles2 = [];
  const walk = (list, level2, taken) => list.forEach((b3) => {
    const here2 = taken || String(b3.id) === section;
    if (here2) inside.add(b3.id);
    titles2.push({ value: String(b3.id), title: `${"  ".repeat(level2)}${b3.name}` });
    walk(b3.content ?? [], level2 + 1, here2);
  });
  walk(sections2.data ?? [], 0, false);
  const text = q2.trim().toLowerCase();
  const rows = names3.all.filter((c4) => (section === "" || inside.has(c4.toc_id)) && (text === "" || `${c4.name} ${c4.name_full} ${c4.equipment_name}`.toLowerCase().includes(text))).sort((a5, b3) => a5.equipment_name.localeCompare(b3.equipment_name) || a5.name.localeCompare(b3.name));
  return /* @__PURE__ */ a4(Card, { title: t4("command.which"), class: "chooser", children: [
    /* @__PURE__ */ a4(TextField, { label: t4("command.filter"), value: q2, onChange: setQ, type: "search" }),
    /* @__PURE__ */ a4(SelectField, { label: t4("command.section"), value: section, onChange: setSection, options: [{ value: "", title: t4("filter.any") }, ...titles2] }),
    !names3.loaded ? /* @__PURE__ */ a4("p", { class: "muted", children: "…" }) : rows.length === 0 ? /* @__PURE__ */ a4(Empty, { title: t4("table.empty") }) : /* @__PURE__ */ a4("ul", { class: "found scroll", tabIndex: 0, "aria-label": t4("command.which"), children: [
      rows.slice(0, 300).map((c4) => /* @__PURE__ */ a4("li", { children: /* @__PURE__ */ a4("button", { type: "button", class: c4.id === chosen?.id ? "found-one current" : "found-one", "aria-current": c4.id === chosen?.id, onClick: () => go(`/commands/send/${c4.id}`), children: [
        /* @__PURE__ */ a4("strong", { children: c4.name }),
        /* @__PURE__ */ a4("small", { children: [
          c4.equipment_name,
          " · ",
          c4.name_full
        ] })
      ] }) }, c4.id)),
      rows.length > 300 && /* @__PURE__ */ a4("li", { class: "muted small", children: t4("table.shown", { n: 300, total: rows.length }) })
    ] })
  ] });
}
function SendForm({ id, listed }) {
  const binding = useResource(async (s4) => {
    try {
      return (await commandBindingsGet({ command_id: id }, s4)).data;
    } catch (e4) {
      if (e4 instanceof Problem && e4.status === 404) return null;
      throw e4;
    }
  }, [id]);
  return /* @__PURE__ */ a4($, { children: [
    listed && /* @__PURE__ */ a4("p", { class: "muted", children: [
      listed.name_full,
      ". ",
      listed.description
    ] }),
    /* @__PURE__ */ a4(Shown, { of: binding, lines: 4, children: (b3) => b3 ? /* @__PURE__ */ a4(Arguments, { id, binding: b3 }) : /* @__PURE__ */ a4(Notice, { tone: "warn", children: t4("command.unbound") }) })
  ] });
}
function Arguments({ id, binding: b3 }) {
  const fields = fieldsOf(b3.args_schema);
  const [texts, setTexts] = d2(() => Object.fromEntries(fields.map((f5) => [f5.name, startValue(f5)])));
  const [confirmed, setConfirmed] = d2(false);
  const [preview, setPreview] = d2(null);
  const [own2, setOwn] = d2(() => crypto.randomUUID());
  A2(() => {
    setOwn(crypto.randomUUID());
    setPreview(null);
  }, [JSON.stringify(texts), confirmed]);
  const unread = [];
  const args = {};
  for (const f5 of fields) {
    const read6 = readField(f5, texts[f5.name] ?? "");
    if (read6 === null || read6 === void 0 && f5.required) unread.push(f5.name);
    else if (read6) args[f5.name] = read6.value;
  }
  const body = { id: own2, command_id: id, args, ...b3.hazardous ? { confirm_hazard: confirmed } : {} };
  const dry = useAction(async () => setPreview((await commandsCreate({ query: { "dry-run": true }, body })).data));
  const send2 = useAction(async () => {
    await commandsCreate({ body });
    toast(t4(b3.approvals > 0 ? "command.sentForApproval" : "command.sentNow"));
    go(`/commands/sent/${own2}`);
  });
  const problem2 = send2.problem ?? dry.problem;
  const may = !b3.hazardous || can("commands:hazardous");
  return /* @__PURE__ */ a4(Form, { label: t4("command.arguments"), onSubmit: () => void send2.run(), children: [
    fields.length === 0 && /* @__PURE__ */ a4("p", { class: "muted", children: t4("command.noArguments") }),
    fields.map((f5) => /* @__PURE__ */ a4(
      Argument,
      {
        field: f5,
        text: texts[f5.name] ?? "",
        error: reasonAt(problem2, `args.${f5.name}`),
        onChange: (v4) => setTexts({ ...texts, [f5.name]: v4 })
      },
      f5.name
    )),
    /* @__PURE__ */ a4(Facts, { items: [
      [t4("command.driver"), /* @__PURE__ */ a4(Mono, { children: b3.driver })],
      [t4("command.ttl"), `${plain(b3.ttl)} ${t4("unit.s")}`],
      b3.preconditions.length > 0 && [t4("command.before"), /* @__PURE__ */ a4(Conditions, { list: b3.preconditions })],
      b3.verifiers.length > 0 && [t4("command.after"), /* @__PURE__ */ a4(Conditions, { list: b3.verifiers })],
      [t4("command.undoable"), b3.undo_args ? t4("word.yes") : t4("word.no")]
    ] }),
    b3.approvals > 0 && /* @__PURE__ */ a4(Notice, { tone: "info", children: t4("command.needsApproval") }),
    b3.hazardous && /* @__PURE__ */ a4("div", { class: "hazard", children: [
      /* @__PURE__ */ a4(Notice, { tone: "warn", children: [
        /* @__PURE__ */ a4("strong", { children: t4("command.hazard") }),
        " ",
        b3.hazard_reason
      ] }),
      may ? /* @__PURE__ */ a4(CheckField, { label: t4("command.confirm"), value: confirmed, onChange: setConfirmed, error: reasonAt(problem2, "confirm_hazard") }) : /* @__PURE__ */ a4(Notice, { tone: "bad", children: t4("command.mayNot") })
    ] }),
    /* @__PURE__ */ a4(Refusal, { problem: problem2, shown: [...fields.map((f5) => `args.${f5.name}`), "confirm_hazard"] }),
    preview && /* @__PURE__ */ a4("div", { class: "preview", role: "status", children: [
      /* @__PURE__ */ a4("h3", { children: t4("command.wire") }),
      /* @__PURE__ */ a4("pre", { class: "json", tabIndex: 0, children: preview.wire })
    ] }),
    /* @__PURE__ */ a4("div", { class: "form-actions", children: [
      /* @__PURE__ */ a4(Button, { icon: "search", busy: dry.busy, disabled: unread.length > 0 || b3.hazardous && !confirmed, onClick: () => void dry.run(), children: t4("command.dryRun") }),
      /* @__PURE__ */ a4(
        Button,
        {
          kind: b3.hazardous ? "danger" : "primary",
          icon: "commands",
          type: "submit",
          busy: send2.busy,
          disabled: unread.length > 0 || !may || b3.hazardous && !confirmed,
          children: t4("command.send")
        }
      )
    ] })
  ] });
}
function Conditions({ list }) {
  const ops = { eq: "=", ne: "≠", lt: "<", le: "≤", gt: ">", ge: "≥" };
  return /* @__PURE__ */ a4($, { children: list.map((c4, i4) => /* @__PURE__ */ a4("span", { class: "condition", children: [
    /* @__PURE__ */ a4(Mono, { children: [
      c4.parameter,
      " ",
      ops[c4.op],
      " ",
      c4.arg ? `{${c4.arg}}` : JSON.stringify(c4.value)
    ] }),
    c4.within ? ` ${t4("command.within", { n: c4.within })}` : "",
    " "
  ] }, i4)) });
}
function Argument({ field: f5, text, error, onChange }) {
  const s4 = f5.schema;
  const bounds = s4.minimum !== void 0 && s4.maximum !== void 0 ? t4("form.between", { a: plain(s4.minimum), b: plain(s4.maximum) }) : s4.minimum !== void 0 ? t4("form.atLeast", { a: plain(s4.minimum) }) : s4.maximum !== void 0 ? t4("form.atMost", { b: plain(s4.maximum) }) : "";
  const help = [s4.description, bounds && `${bounds}${s4["x-unit"] ? ` ${s4["x-unit"]}` : ""}`].filter(Boolean).join(". ") || void 0;
  const shared = { label: s4.title ?? f5.name, value: text, onChange, required: f5.required, help, error };
  if (f5.kind === "number") return /* @__PURE__ */ a4(NumberField, { ...shared, unit: s4["x-unit"] });
  if (f5.kind === "choice") {
    return /* @__PURE__ */ a4(SelectField, { ...shared, options: [...f5.required ? [] : [{ value: "", title: "–" }], ...(s4.enum ?? []).map((v4) => ({ value: JSON.stringify(v4), title: String(v4) }))] });
  }
  if (f5.kind === "boolean") return /* @__PURE__ */ a4(CheckField, { label: shared.label, help, error, value: text === "true", onChange: (v4) => onChange(String(v4)) });
  return /* @__PURE__ */ a4(TextField, { ...shared, ...f5.kind === "json" ? { lines: 3, mono: true } : {} });
}
function Args({ value }) {
  const entries = Object.entries(value ?? {});
  if (entries.length === 0) return /* @__PURE__ */ a4("span", { class: "muted", children: "–" });
  if (entries.some(([, v4]) => typeof v4 === "object")) return /* @__PURE__ */ a4(Json, { value });
  return /* @__PURE__ */ a4($, { children: entries.map(([k4, v4]) => /* @__PURE__ */ a4("span", { class: "condition", children: [
    /* @__PURE__ */ a4(Badge, { tone: "idle", children: k4 }),
    " ",
    /* @__PURE__ */ a4(Mono, { children: String(v4) }),
    " "
  ] }, k4)) });
}

// src/pages/commands/sent.tsx
function Sent({ id }) {
  const [live, setLive] = d2(true);
  const r4 = useResource(async (s4) => {
    const { data: data2, etag } = await commandsGet({ id }, s4);
    setLive(moving(data2.state) || data2.state === "unknown");
    return { command: data2, etag };
  }, [id], live ? 700 : 0);
  const names3 = useNames();
  return /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: ({ command: c4, etag }) => /* @__PURE__ */ a4("div", { class: "grid two", children: [
    /* @__PURE__ */ a4(Card, { title: /* @__PURE__ */ a4($, { children: [
      names3.command(c4.command_id),
      " ",
      /* @__PURE__ */ a4(CommandState, { state: c4.state })
    ] }), children: [
      c4.state === "unknown" && /* @__PURE__ */ a4(Notice, { tone: "bad", children: t4("command.unknown.help") }),
      c4.reason && /* @__PURE__ */ a4(Notice, { tone: c4.state === "succeeded" ? "info" : "warn", children: c4.reason }),
      /* @__PURE__ */ a4(Facts, { items: [
        [t4("command.equipment"), /* @__PURE__ */ a4(Link, { to: `/equipment/${c4.equipment_id}/control`, children: names3.equipment(c4.command_id) || `#${c4.equipment_id}` })],
        [t4("command.arguments"), /* @__PURE__ */ a4(Args, { value: c4.args })],
        [t4("command.sender"), /* @__PURE__ */ a4($, { children: [
          c4.sender_login,
          " ",
          /* @__PURE__ */ a4(Mono, { children: c4.sender })
        ] })],
        c4.approver && [t4("command.approver"), /* @__PURE__ */ a4(Mono, { children: c4.approver })],
        [t4("command.created"), /* @__PURE__ */ a4(Time, { at: c4.created_at })],
        c4.sent_at && [t4("command.sentAt"), /* @__PURE__ */ a4(Time, { at: c4.sent_at })],
        moving(c4.state) && [t4("command.expires"), /* @__PURE__ */ a4(Time, { at: c4.expires_at })],
        c4.hazardous && [t4("command.hazard"), /* @__PURE__ */ a4(Badge, { tone: "warn", children: t4("command.hazardous") })],
        c4.undo_of && [t4("command.undoOf"), /* @__PURE__ */ a4(Link, { to: `/commands/sent/${c4.undo_of}`, children: /* @__PURE__ */ a4(Mono, { children: c4.undo_of }) })],
        [t4("command.wire"), /* @__PURE__ */ a4("pre", { class: "json", tabIndex: 0, children: c4.wire })],
        c4.reply && [t4("command.reply"), /* @__PURE__ */ a4("pre", { class: "json", tabIndex: 0, children: c4.reply })],
        c4.read_before.length > 0 && [t4("command.readBefore"), /* @__PURE__ */ a4(Readings, { list: c4.read_before })],
        c4.readback.length > 0 && [t4("command.readback"), /* @__PURE__ */ a4(Readings, { list: c4.readback })]
      ] }),
      /* @__PURE__ */ a4(Actions2, { command: c4, etag, done: r4.reload })
    ] }),
    /* @__PURE__ */ a4(Card, { title: t4("command.steps"), children: [
      /* @__PURE__ */ a4("ol", { class: "steps", children: c4.steps.map((s4) => /* @__PURE__ */ a4("li", { class: s4.state, children: [
        /* @__PURE__ */ a4("strong", { children: tOr(`command.state.${s4.state}`, s4.state) }),
        " ",
        /* @__PURE__ */ a4("span", { class: "muted", children: tOr(`command.event.${s4.event}`, s4.event) }),
        s4.detail && /* @__PURE__ */ a4("p", { children: s4.detail }),
        /* @__PURE__ */ a4("p", { class: "muted small", children: [
          /* @__PURE__ */ a4(Time, { at: s4.at }),
          " · ",
          s4.actor
        ] })
      ] }, s4.version)) }),
      moving(c4.state) && /* @__PURE__ */ a4("p", { class: "muted small", role: "status", children: [
        /* @__PURE__ */ a4("span", { class: "pulse", "aria-hidden": "true" }),
        " ",
        t4("command.moving")
      ] })
    ] })
  ] }) });
}
function Readings({ list }) {
  return /* @__PURE__ */ a4($, { children: list.map((b3, i4) => /* @__PURE__ */ a4("span", { class: "condition", children: [
    /* @__PURE__ */ a4(Mono, { children: b3.parameter }),
    " ",
    b3.problem ?? JSON.stringify(b3.value),
    " "
  ] }, i4)) });
}
function Actions2({ command: c4, etag, done }) {
  const [panel, setPanel] = d2(null);
  const match = etag ? { ifMatch: etag } : {};
  const approve = useAction(async () => {
    if (!await ask({ title: t4("command.approve"), body: /* @__PURE__ */ a4("p", { children: t4("command.approve.help", { sender: c4.sender_login }) }), action: t4("command.approve") })) return;
    await commandsApprove({ id: c4.id, ...match });
    toast(t4("command.approved"));
    done();
  });
  const waiting2 = c4.state === "awaiting_approval" || c4.state === "queued";
  const own2 = c4.sender === `user:${me.value?.id}`;
  const close = (changed) => {
    setPanel(null);
    if (changed) done();
  };
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("div", { class: "row", children: [
      c4.state === "awaiting_approval" && can("commands:approve") && !own2 && /* @__PURE__ */ a4($, { children: [
        /* @__PURE__ */ a4(Button, { kind: "primary", icon: "check", busy: approve.busy, onClick: () => void approve.run(), children: t4("command.approve") }),
        /* @__PURE__ */ a4(Button, { icon: "close", onClick: () => setPanel("reject"), children: t4("command.reject") })
      ] }),
      c4.state === "awaiting_approval" && own2 && /* @__PURE__ */ a4("p", { class: "muted", children: t4("command.ownApproval") }),
      waiting2 && can("commands:send") && /* @__PURE__ */ a4(Button, { icon: "close", onClick: () => setPanel("cancel"), children: t4("command.cancel") }),
      c4.state === "unknown" && can("commands:send") && /* @__PURE__ */ a4(Button, { kind: "primary", icon: "check", onClick: () => setPanel("resolve"), children: t4("command.resolve") }),
      (c4.state === "succeeded" || c4.state === "unverified") && can("commands:send") && /* @__PURE__ */ a4(Button, { icon: "undo", onClick: () => setPanel("undo"), children: t4("command.doUndo") }),
      can("commands:send") && !moving(c4.state) && /* @__PURE__ */ a4(Button, { icon: "refresh", onClick: () => go(`/commands/send/${c4.command_id}`), children: t4("command.again") })
    ] }),
    /* @__PURE__ */ a4(Refusal, { problem: approve.problem }),
    (panel === "cancel" || panel === "reject") && /* @__PURE__ */ a4(ReasonDrawer, { kind: panel, close, act: async (reason) => {
      await (panel === "cancel" ? commandsCancel : commandsReject)({ id: c4.id, ...match, body: reason ? { reason } : {} });
    } }),
    panel === "resolve" && /* @__PURE__ */ a4(ResolveDrawer, { close, act: async (outcome, reason) => void await commandsResolve({ id: c4.id, ...match, body: { outcome, reason } }) }),
    panel === "undo" && /* @__PURE__ */ a4(UndoDrawer, { command: c4, match, close: () => close(false) })
  ] });
}
function ReasonDrawer({ kind, act, close }) {
  const [reason, setReason] = d2("");
  const save = useAction(async () => {
    await act(reason);
    close(true);
  });
  return /* @__PURE__ */ a4(Drawer, { title: t4(`command.${kind}`), modal: "dialog", onClose: () => close(false), children: /* @__PURE__ */ a4(Form, { label: t4(`command.${kind}`), onSubmit: () => void save.run(), children: [
    /* @__PURE__ */ a4(TextField, { label: t4("command.reason"), value: reason, onChange: setReason, autoFocus: true, error: reasonAt(save.problem, "reason") }),
    /* @__PURE__ */ a4(Refusal, { problem: save.problem, shown: ["reason"] }),
    /* @__PURE__ */ a4("div", { class: "form-actions", children: [
      /* @__PURE__ */ a4(Button, { onClick: () => close(false), children: t4("action.back") }),
      /* @__PURE__ */ a4(Button, { kind: "danger", type: "submit", busy: save.busy, children: t4(`command.${kind}`) })
    ] })
  ] }) });
}
function ResolveDrawer({ act, close }) {
  const [outcome, setOutcome] = d2("succeeded");
  const [reason, setReason] = d2("");
  const save = useAction(async () => {
    await act(outcome, reason);
    close(true);
  });
  return /* @__PURE__ */ a4(Drawer, { title: t4("command.resolve"), modal: "dialog", onClose: () => close(false), children: [
    /* @__PURE__ */ a4("p", { children: t4("command.resolve.help") }),
    /* @__PURE__ */ a4(Form, { label: t4("command.resolve"), onSubmit: () => void save.run(), children: [
      /* @__PURE__ */ a4(
        SelectField,
        {
          label: t4("command.outcome"),
          value: outcome,
          onChange: (v4) => setOutcome(v4 === "failed" ? "failed" : "succeeded"),
          options: [{ value: "succeeded", title: t4("command.outcome.succeeded") }, { value: "failed", title: t4("command.outcome.failed") }]
        }
      ),
      /* @__PURE__ */ a4(TextField, { label: t4("command.howKnown"), value: reason, onChange: setReason, required: true, error: reasonAt(save.problem, "reason") }),
      /* @__PURE__ */ a4(Refusal, { problem: save.problem, shown: ["reason"] }),
      /* @__PURE__ */ a4("div", { class: "form-actions", children: [
        /* @__PURE__ */ a4(Button, { onClick: () => close(false), children: t4("action.cancel") }),
        /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !reason, children: t4("command.resolve") })
      ] })
    ] })
  ] });
}
function UndoDrawer({ command: c4, match, close }) {
  const names3 = useNames();
  const undoId = names3.get(c4.command_id)?.undo_cmd_id ?? null;
  const [own2] = d2(() => crypto.randomUUID());
  const [confirmed, setConfirmed] = d2(false);
  const binding = useResource(async (s4) => undoId ? (await commandBindingsGet({ command_id: undoId }, s4)).data : null, [undoId]);
  const undo = useAction(async () => {
    await commandsUndo({ id: c4.id, ...match, body: { id: own2, ...confirmed ? { confirm_hazard: true } : {} } });
    toast(t4("command.undoSent"));
    go(`/commands/sent/${own2}`);
  });
  const hazardous = binding.data?.hazardous ?? false;
  return /* @__PURE__ */ a4(Drawer, { title: t4("command.doUndo"), modal: "dialog", onClose: close, footer: /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
    /* @__PURE__ */ a4(Button, { kind: hazardous ? "danger" : "primary", icon: "undo", busy: undo.busy, disabled: hazardous && !confirmed, onClick: () => void undo.run(), children: t4("command.doUndo") })
  ] }), children: [
    /* @__PURE__ */ a4("p", { children: undoId ? t4("command.undo.help", { name: names3.command(undoId) }) : t4("command.undo.unknown") }),
    hazardous && /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(Notice, { tone: "warn", children: [
        /* @__PURE__ */ a4("strong", { children: t4("command.hazard") }),
        " ",
        binding.data?.hazard_reason
      ] }),
      /* @__PURE__ */ a4(CheckField, { label: t4("command.confirm"), value: confirmed, onChange: setConfirmed })
    ] }),
    /* @__PURE__ */ a4(Refusal, { problem: undo.problem })
  ] });
}

// src/pages/commands.tsx
function Commands() {
  const [part = "list", id = ""] = place.value.rest;
  const tab = part === "send" || part === "queues" ? part : "list";
  return /* @__PURE__ */ a4(Page, { title: t4("page.commands"), actions: part !== "send" && can("commands:send") && /* @__PURE__ */ a4(Button, { kind: "primary", icon: "commands", onClick: () => go("/commands/send"), children: t4("command.send") }), children: [
    /* @__PURE__ */ a4(Tabs, { label: t4("page.commands"), current: tab, items: [
      { id: "list", title: t4("commands.sent"), to: "/commands" },
      ...can("commands:send") ? [{ id: "send", title: t4("command.send"), to: "/commands/send" }] : [],
      { id: "queues", title: t4("queue.queues"), to: "/commands/queues" }
    ] }),
    part === "send" ? /* @__PURE__ */ a4(Send, { command: Number(id) || null }) : part === "queues" ? /* @__PURE__ */ a4(Queues, {}) : part === "sent" && id ? /* @__PURE__ */ a4(Sent, { id }, id) : /* @__PURE__ */ a4(List2, {})
  ] });
}
var states3 = ["awaiting_approval", "queued", "sending", "accepted", "verifying", "succeeded", "failed", "unverified", "unknown", "rejected", "expired", "cancelled"];
var pageSize4 = 100;
function List2() {
  const wanted2 = place.value.query.get("state");
  const state = states3.find((s4) => s4 === wanted2);
  const [limit, setLimit] = d2(pageSize4);
  const r4 = useResource(async (s4) => (await commandsList({ query: { limit, ...state ? { state } : {} } }, s4)).data, [state, limit], 3e3);
  const names3 = useNames();
  return /* @__PURE__ */ a4(Card, { children: [
    /* @__PURE__ */ a4("div", { class: "filters", children: /* @__PURE__ */ a4(
      SelectField,
      {
        label: t4("command.state"),
        value: state ?? "",
        onChange: (v4) => go(withQuery({ state: v4 })),
        options: [{ value: "", title: t4("filter.any") }, ...states3.map((s4) => ({ value: s4, title: t4(`command.state.${s4}`) }))]
      }
    ) }),
    /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: (page) => /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(Table, { label: t4("commands.sent"), rows: page.content, rowKey: (c4) => c4.id, empty: t4("commands.none"), onOpen: (c4) => go(`/commands/sent/${c4.id}`), columns: [
        { id: "state", title: t4("command.state"), cell: (c4) => /* @__PURE__ */ a4($, { children: [
          /* @__PURE__ */ a4(CommandState, { state: c4.state }),
          moving(c4.state) && /* @__PURE__ */ a4("span", { class: "pulse", "aria-hidden": "true" })
        ] }) },
        { id: "name", title: t4("command.name"), grow: true, cell: (c4) => /* @__PURE__ */ a4($, { children: [
          /* @__PURE__ */ a4("strong", { children: names3.command(c4.command_id) }),
          " ",
          c4.hazardous && /* @__PURE__ */ a4(Badge, { tone: "warn", children: t4("command.hazardous") }),
          " ",
          c4.undo_of && /* @__PURE__ */ a4(Badge, { tone: "idle", children: t4("command.isUndo") })
        ] }) },
        { id: "equipment", title: t4("command.equipment"), cell: (c4) => names3.equipment(c4.command_id) || `#${c4.equipment_id}` },
        { id: "sender", title: t4("command.sender"), wide: true, cell: (c4) => c4.sender_login },
        { id: "time", title: t4("command.created"), cell: (c4) => /* @__PURE__ */ a4(Time, { at: c4.created_at, only: "age" }) }
      ] }),
      page.content.length > 0 && /* @__PURE__ */ a4(Pager, { shown: page.content.length, total: page.total, more: page.content.length < page.total && limit < 1e3, busy: r4.loading, onMore: () => setLimit(limit + pageSize4) })
    ] }) })
  ] });
}

// src/parts/tree.tsx
var rowHeight2 = 32;
function Tree({ label, nodes, selected, onSelect, onToggle, onMove, mark }) {
  const box = T2(null);
  const [top, setTop] = d2(0);
  const [cursor, setCursor] = d2(null);
  const [over, setOver] = d2(null);
  const at = nodes.findIndex((n3) => n3.id === (cursor ?? selected));
  const height = box.current?.clientHeight || 640;
  const first2 = Math.max(0, Math.floor(top / rowHeight2) - 8);
  const last = Math.min(nodes.length, first2 + Math.ceil(height / rowHeight2) + 16);
  function focus(index) {
    const node = nodes[Math.max(0, Math.min(nodes.length - 1, index))];
    const element = box.current;
    if (!node || !element) return;
    setCursor(node.id);
    const y5 = nodes.indexOf(node) * rowHeight2;
    if (y5 < element.scrollTop) element.scrollTop = y5;
    else if (y5 + rowHeight2 > element.scrollTop + element.clientHeight) element.scrollTop = y5 + rowHeight2 - element.clientHeight;
  }
  function key(e4) {
    const index = at < 0 ? 0 : at;
    const node = nodes[index];
    if (!node) return;
    switch (e4.key) {
      case "ArrowDown":
        focus(index + 1);
        break;
      case "ArrowUp":
        focus(index - 1);
        break;
      case "Home":
        focus(0);
        break;
      case "End":
        focus(nodes.length - 1);
        break;
      case "PageDown":
        focus(index + Math.floor(height / rowHeight2));
        break;
      case "PageUp":
        focus(index - Math.floor(height / rowHeight2));
        break;
      case "ArrowRight":
        if (node.branch && !node.open) onToggle(node.id, true);
        else if (node.branch) focus(index + 1);
        break;
      case "ArrowLeft":
        if (node.branch && node.open) onToggle(node.id, false);
        else focus(nodes.slice(0, index).findLastIndex((n3) => n3.level < node.level));
        break;
      case "Enter":
      case " ":
        onSelect(node.id);
        break;
      default:
        return;
    }
    e4.preventDefault();
  }
  const active2 = at >= 0 ? `node-${nodes[at]?.id}` : void 0;
  const inSight = at >= first2 && at < last;
  return /* @__PURE__ */ a4(
    "div",
    {
      class: "tree",
      role: "tree",
      "aria-label": label,
      tabIndex: 0,
      ref: box,
      "aria-activedescendant": inSight ? active2 : void 0,
      onKeyDown: key,
      onScroll: (e4) => setTop(e4.currentTarget.scrollTop),
      children: /* @__PURE__ */ a4("div", { style: { height: nodes.length * rowHeight2 }, role: "none", children: /* @__PURE__ */ a4("div", { style: { transform: `translateY(${first2 * rowHeight2}px)` }, role: "none", children: nodes.slice(first2, last).map((n3, i4) => /* @__PURE__ */ a4(
        "div",
        {
          id: `node-${n3.id}`,
          role: "treeitem",
          "aria-level": n3.level + 1,
          "aria-expanded": n3.branch ? n3.open : void 0,
          "aria-selected": n3.id === selected,
          "aria-setsize": -1,
          "aria-posinset": first2 + i4 + 1,
          class: `node${nodes[at]?.id === n3.id ? " at" : ""}${over === n3.id ? " over" : ""}`,
          style: { paddingInlineStart: 8 + n3.level * 18 },
          draggable: onMove !== void 0,
          onDragStart: (e4) => e4.dataTransfer?.setData("text/plain", String(n3.id)),
          onDragOver: (e4) => {
            if (!onMove) return;
            e4.preventDefault();
            setOver(n3.id);
          },
          onDragLeave: () => setOver(null),
          onDrop: (e4) => {
            e4.preventDefault();
            setOver(null);
            const id = Number(e4.dataTransfer?.getData("text/plain"));
            if (id && id !== n3.id) onMove?.(id, n3.id);
          },
          onClick: () => {
            setCursor(n3.id);
            onSelect(n3.id);
          },
          children: [
            /* @__PURE__ */ a4(
              "span",
              {
                class: "twist",
                title: n3.branch ? n3.open ? t4("tree.close") : t4("tree.open") : void 0,
                onClick: (e4) => {
                  if (!n3.branch) return;
                  e4.stopPropagation();
                  onToggle(n3.id, !n3.open);
                },
                children: n3.branch && /* @__PURE__ */ a4(Icon, { name: n3.open ? "down" : "right", size: 13 })
              }
            ),
            /* @__PURE__ */ a4("span", { class: "name", children: n3.name }),
            n3.loading && /* @__PURE__ */ a4("span", { class: "muted small", children: "…" }),
            mark?.(n3.id)
          ]
        },
        n3.id
      )) }) })
    }
  );
}

// src/pages/equipment/alarms.tsx
function ItemAlarms({ id }) {
  const { query: query2 } = place.value;
  const below = query2.get("below") !== null, past = query2.get("past") !== null;
  const opened = Number(query2.get("alarm")) || null;
  const r4 = useResource(
    async (s4) => (await alarmsList({ query: { ...below ? { below: id } : { "equipment-id": id }, ...past ? {} : { active: true }, limit: 200 } }, s4)).data,
    [id, below, past, turn.value]
  );
  const parameters = useParameters();
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("div", { class: "row", children: [
      /* @__PURE__ */ a4(CheckField, { label: t4("alarms.below"), value: below, onChange: (v4) => go(withQuery({ below: v4 ? 1 : null }), { replace: true }) }),
      /* @__PURE__ */ a4(CheckField, { label: t4("alarms.withPast"), value: past, onChange: (v4) => go(withQuery({ past: v4 ? 1 : null }), { replace: true }) })
    ] }),
    /* @__PURE__ */ a4(Shown, { of: r4, lines: 3, children: (page) => /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(List, { rows: page.content, parameters, empty: t4(past ? "alarms.never" : "alarms.noneHere"), ...below ? {} : { of: id } }),
      page.total > page.content.length && /* @__PURE__ */ a4("p", { class: "muted small", children: t4("table.shown", { n: page.content.length, total: page.total }) })
    ] }) }),
    opened !== null && /* @__PURE__ */ a4(AlarmDrawer, { id: opened, close: () => go(withQuery({ alarm: null })) }, opened)
  ] });
}

// src/pages/equipment/commands.tsx
function ItemCommands({ id }) {
  const known = useResource(async (s4) => (await commandsList2({ query: { "equipment-id": id, limit: 1e3 } }, s4)).data.content, [id]);
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("h3", { children: t4("catalogue.commands") }),
    /* @__PURE__ */ a4(Shown, { of: known, lines: 3, children: (rows) => /* @__PURE__ */ a4(Table, { label: t4("catalogue.commands"), rows, rowKey: (c4) => c4.id, empty: t4("equipment.noCommands"), columns: [
      { id: "name", title: t4("command.name"), cell: (c4) => /* @__PURE__ */ a4("strong", { children: c4.name }) },
      { id: "full", title: t4("command.nameFull"), grow: true, cell: (c4) => c4.name_full },
      { id: "undo", title: t4("command.undo"), wide: true, cell: (c4) => c4.undo_cmd_name ?? "–" },
      ...can("commands:send") ? [{ id: "send", title: "", cell: (c4) => /* @__PURE__ */ a4(Button, { small: true, icon: "commands", onClick: () => go(`/commands/send/${c4.id}`), children: t4("command.send") }) }] : []
    ] }) }),
    can("ctrl:read") && /* @__PURE__ */ a4(Sent2, { id })
  ] });
}
function Sent2({ id }) {
  const sent = useResource(async (s4) => (await commandsList({ query: { "equipment-id": id, limit: 20 } }, s4)).data.content, [id], 3e3);
  const names3 = useNames();
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("h3", { children: t4("commands.sent") }),
    /* @__PURE__ */ a4(Shown, { of: sent, lines: 3, children: (rows) => /* @__PURE__ */ a4(Table, { label: t4("commands.sent"), rows, rowKey: (c4) => c4.id, empty: t4("commands.none"), onOpen: (c4) => go(`/commands/sent/${c4.id}`), columns: [
      { id: "state", title: t4("command.state"), cell: (c4) => /* @__PURE__ */ a4(CommandState, { state: c4.state }) },
      { id: "name", title: t4("command.name"), grow: true, cell: (c4) => names3.command(c4.command_id) },
      { id: "sender", title: t4("command.sender"), wide: true, cell: (c4) => c4.sender_login },
      { id: "time", title: t4("command.created"), cell: (c4) => /* @__PURE__ */ a4(Time, { at: c4.created_at, only: "age" }) }
    ] }) })
  ] });
}

// src/pages/equipment/control.tsx
function ItemControl({ id }) {
  const r4 = useResource(async (s4) => (await equipmentsGet({ equipment_id: id }, s4)).data, [id], 5e3);
  const [edit, setEdit] = d2(false);
  return /* @__PURE__ */ a4(Shown, { of: r4, children: (e4) => /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Facts, { items: [
      [t4("control.state"), /* @__PURE__ */ a4(Badge, { tone: e4.operational_state === "enabled" ? "ok" : "idle", children: t4(`control.${e4.operational_state}`) })],
      e4.endpoint && [t4("endpoint.admin"), t4(`endpoint.${e4.endpoint.admin_state}`)],
      e4.endpoint && [t4("endpoint.driver"), /* @__PURE__ */ a4(Mono, { children: e4.endpoint.driver })],
      e4.endpoint && [t4("endpoint.address"), /* @__PURE__ */ a4(Mono, { children: e4.endpoint.address })],
      e4.endpoint && [t4("endpoint.options"), /* @__PURE__ */ a4(Mono, { children: JSON.stringify(e4.endpoint.options) })],
      e4.endpoint && [t4("endpoint.secret"), e4.endpoint.secret ?? "–"],
      e4.endpoint && [t4("endpoint.updated"), /* @__PURE__ */ a4(Time, { at: e4.endpoint.updated_at })],
      e4.queue && [t4("queue.title"), /* @__PURE__ */ a4(QueueState, { queue: e4.queue })]
    ] }),
    !e4.endpoint && /* @__PURE__ */ a4(Empty, { title: t4("endpoint.none") }),
    /* @__PURE__ */ a4("div", { class: "row", children: [
      e4.endpoint && can("ctrl:write") && /* @__PURE__ */ a4(TestButton, { id }),
      can("ctrl:write") && /* @__PURE__ */ a4(Button, { icon: "edit", onClick: () => setEdit(true), children: t4(e4.endpoint ? "endpoint.edit" : "endpoint.add") }),
      e4.endpoint && can("ctrl:write") && /* @__PURE__ */ a4(RemoveButton, { endpoint: e4.endpoint, done: r4.reload }),
      e4.queue && /* @__PURE__ */ a4(QueueActions, { queue: e4.queue, done: r4.reload })
    ] }),
    edit && /* @__PURE__ */ a4(EndpointDrawer, { equipment: e4, close: () => setEdit(false), saved: () => {
      setEdit(false);
      r4.reload();
    } })
  ] }) });
}
function TestButton({ id }) {
  const [answered, setAnswered] = d2(null);
  const test = useAction(async () => {
    setAnswered(null);
    setAnswered((await endpointsTest({ equipment_id: id })).data.answered_ms);
  });
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Button, { icon: "check", busy: test.busy, onClick: () => void test.run(), children: t4("endpoint.test") }),
    answered !== null && /* @__PURE__ */ a4(Badge, { tone: "ok", children: t4("endpoint.answered", { ms: number(answered, 1) }) }),
    /* @__PURE__ */ a4(Refusal, { problem: test.problem })
  ] });
}
function RemoveButton({ endpoint, done }) {
  const remove = useAction(async () => {
    if (!await ask({ title: t4("endpoint.remove"), body: /* @__PURE__ */ a4("p", { children: t4("endpoint.remove.help") }), action: t4("endpoint.remove"), danger: true })) return;
    await endpointsDelete({ equipment_id: endpoint.equipment_id });
    toast(t4("endpoint.removed"));
    done();
  });
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Button, { icon: "archive", kind: "danger", busy: remove.busy, onClick: () => void remove.run(), children: t4("endpoint.remove") }),
    /* @__PURE__ */ a4(Refusal, { problem: remove.problem })
  ] });
}
var drivers = ["simulator", "scpi", "http", "snmp"];
var states4 = ["unlocked", "locked", "shutting-down"];
function EndpointDrawer({ equipment, close, saved }) {
  const old = equipment.endpoint;
  const [driver, setDriver] = d2(old?.driver ?? "scpi");
  const [address2, setAddress] = d2(old?.address ?? "");
  const [options3, setOptions] = d2(JSON.stringify(old?.options ?? {}, null, 2));
  const [secret, setSecret] = d2(old?.secret ?? "");
  const [state, setState] = d2(old?.admin_state ?? "unlocked");
  let parsed;
  try {
    parsed = JSON.parse(options3);
  } catch {
    parsed = void 0;
  }
  const save = useAction(async () => {
    if (parsed === void 0) throw new Problem(422, [{ location: "body.options", code: "not_json", message: "" }], "", "", null);
    await endpointsReplace({ equipment_id: equipment.id, body: { driver, address: address2, options: parsed, admin_state: state, ...secret ? { secret } : {} } });
    toast(t4("toast.saved"));
    saved();
  });
  return /* @__PURE__ */ a4(Drawer, { title: t4("endpoint.of", { name: equipment.name }), onClose: close, children: /* @__PURE__ */ a4(Form, { label: t4("endpoint.edit"), onSubmit: () => void save.run(), children: [
    /* @__PURE__ */ a4(SelectField, { label: t4("endpoint.driver"), value: driver, onChange: setDriver, error: reasonAt(save.problem, "driver"), options: drivers.map((d5) => ({ value: d5, title: d5 })) }),
    /* @__PURE__ */ a4(TextField, { label: t4("endpoint.address"), value: address2, onChange: setAddress, required: true, mono: true, autoFocus: true, error: reasonAt(save.problem, "address"), help: t4("endpoint.address.help") }),
    /* @__PURE__ */ a4(TextField, { label: t4("endpoint.options"), value: options3, onChange: setOptions, lines: 4, mono: true, error: reasonAt(save.problem, "options") ?? (parsed === void 0 ? t4("form.notJSON") : void 0) }),
    /* @__PURE__ */ a4(TextField, { label: t4("endpoint.secret"), value: secret, onChange: setSecret, mono: true, error: reasonAt(save.problem, "secret"), help: t4("endpoint.secret.help") }),
    /* @__PURE__ */ a4(SelectField, { label: t4("endpoint.admin"), value: state, onChange: (v4) => setState(states4.find((s4) => s4 === v4) ?? "locked"), options: states4.map((s4) => ({ value: s4, title: t4(`endpoint.${s4}`) })) }),
    state !== "unlocked" && /* @__PURE__ */ a4(Notice, { tone: "warn", children: t4("endpoint.lockedHelp") }),
    /* @__PURE__ */ a4(Refusal, { problem: save.problem, shown: ["driver", "address", "options", "secret"] }),
    /* @__PURE__ */ a4("div", { class: "form-actions", children: [
      /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
      /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !address2 || parsed === void 0, children: t4("action.save") })
    ] })
  ] }) });
}

// src/pages/equipment/edit.tsx
function EditDrawer({ node, etag, parent, close, saved }) {
  const [name, setName] = d2(node?.name ?? "");
  const [full, setFull] = d2(node?.name_full ?? "");
  const merge = useMerge(node ? { data: node, etag: etag ?? null } : null, () => equipmentsGet2({ id: node?.id ?? 0 }));
  const above = useResource(async (s4) => parent ? (await equipmentsGet2({ id: parent }, s4)).data : null, [parent]);
  const save = useAction(() => merge.save(async (match, base2) => {
    if (!base2) {
      const { data: data3 } = await equipmentsCreate({ body: { name, name_full: full, parent_id: parent } });
      toast(t4("toast.created"));
      return saved(data3);
    }
    const { data: data2 } = await equipmentsUpdate({ id: base2.id, body: { ...name !== base2.name ? { name } : {}, ...full !== base2.name_full ? { name_full: full } : {} }, ...match });
    toast(t4("toast.saved"));
    saved(data2);
  }));
  const base = merge.base?.data;
  const unchanged = base && name === base.name && full === base.name_full;
  return /* @__PURE__ */ a4(Drawer, { title: node ? t4("equipment.editOne", { name: node.name }) : t4("equipment.add"), onClose: close, children: [
    !node && /* @__PURE__ */ a4("p", { class: "muted", children: [
      t4("equipment.under"),
      " ",
      /* @__PURE__ */ a4("strong", { children: above.data ? above.data.parent_path_name.replace(/\/?$/, "/") + above.data.name : "/" })
    ] }),
    /* @__PURE__ */ a4(Form, { label: node ? t4("action.edit") : t4("equipment.add"), onSubmit: () => void save.run(), children: [
      /* @__PURE__ */ a4(TextField, { label: t4("equipment.name"), value: name, onChange: setName, required: true, autoFocus: true, maxLength: 50, error: reasonAt(save.problem, "name") }),
      /* @__PURE__ */ a4(TextField, { label: t4("equipment.nameFull"), value: full, onChange: setFull, required: true, maxLength: 150, error: reasonAt(save.problem, "name_full") }),
      /* @__PURE__ */ a4(Refusal, { problem: save.problem, shown: ["name", "name_full"] }),
      /* @__PURE__ */ a4(Merge, { of: merge, look: (n3) => ({ name: n3.name, name_full: n3.name_full }), mine: { name, name_full: full }, take: (n3) => {
        setName(n3.name);
        setFull(n3.name_full);
      } }),
      /* @__PURE__ */ a4("div", { class: "form-actions", children: [
        /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
        /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !name || !full || Boolean(unchanged) || merge.theirs !== null, children: t4("action.save") })
      ] })
    ] })
  ] });
}

// src/pages/equipment/move.tsx
function MoveDrawer({ id, target, close, moved }) {
  const [onto, setOnto] = d2(target);
  const [q2, setQ] = d2("");
  const found = useFound(q2);
  const item = useResource(async (s4) => {
    const [node, usage] = await Promise.all([equipmentsGet2({ id }, s4), equipmentsUsage({ id }, s4)]);
    const below = usage.data.uses.filter((u4) => u4.relation === "descendant" || u4.relation === "child").reduce((n3, u4) => Math.max(n3, u4.total), 0);
    return { node: node.data, etag: node.etag, below };
  }, [id]);
  const parent = useResource(async (s4) => onto ? (await equipmentsGet2({ id: onto }, s4)).data : null, [onto]);
  const move = useAction(async () => {
    await equipmentsUpdate({ id, body: { parent_id: onto }, ...item.data?.etag ? { ifMatch: item.data.etag } : {} });
    toast(t4("equipment.moved"));
    moved();
  });
  const path = parent.data ? `${parent.data.parent_path_name.replace(/\/?$/, "/")}${parent.data.name}` : "/";
  return /* @__PURE__ */ a4(Drawer, { title: t4("equipment.moveOne", { name: item.data?.node.name ?? "…" }), onClose: close, footer: /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
    /* @__PURE__ */ a4(Button, { kind: "primary", icon: "move", busy: move.busy, disabled: !item.data || parent.loading || onto === item.data.node.parent_id || onto === id, onClick: () => void move.run(), children: t4("equipment.move") })
  ] }), children: [
    /* @__PURE__ */ a4(Shown, { of: item, lines: 3, children: ({ node, below }) => /* @__PURE__ */ a4(Facts, { items: [
      [t4("move.from"), `${node.parent_path_name.replace(/\/?$/, "/")}${node.name}`],
      [t4("move.to"), /* @__PURE__ */ a4("strong", { children: `${path.replace(/\/?$/, "/")}${node.name}` })],
      [t4("move.along"), below > 0 ? t4("move.below", { n: below }) : t4("move.alone")]
    ] }) }),
    /* @__PURE__ */ a4(Form, { label: t4("move.choose"), onSubmit: () => {
    }, children: [
      /* @__PURE__ */ a4(TextField, { label: t4("move.choose"), value: q2, onChange: setQ, type: "search", autoFocus: true, help: t4("move.choose.help") }),
      /* @__PURE__ */ a4("ul", { class: "found", children: [
        /* @__PURE__ */ a4(FoundOne, { name: "/", path: t4("equipment.root"), chosen: onto === null, choose: () => setOnto(null) }),
        (found.data ?? []).filter((b3) => b3.id !== id).slice(0, 12).map((b3) => /* @__PURE__ */ a4(FoundOne, { name: b3.name, path: b3.parent_path_name, chosen: b3.id === onto, choose: () => setOnto(b3.id) }, b3.id))
      ] }),
      /* @__PURE__ */ a4(Refusal, { problem: move.problem })
    ] })
  ] });
}

// src/pages/equipment/details.tsx
function Details({ node, etag, view, changed }) {
  const [panel, setPanel] = d2(null);
  const close = () => setPanel(null);
  const writable = can("cfg:write") && !view.at;
  const restore = async (recursive) => {
    try {
      await equipmentsRestore({ id: node.id, query: recursive ? { recursive } : {} });
      toast(t4("equipment.restored"));
      go(`/equipment/${node.id}`);
    } catch (e4) {
      if (!(e4 instanceof Problem)) throw e4;
      toast(sayProblem(e4), "bad");
    }
  };
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Facts, { items: [
      [t4("equipment.name"), node.name],
      [t4("equipment.nameFull"), node.name_full],
      [t4("equipment.parent"), node.parent_id ? /* @__PURE__ */ a4(Link, { to: `/equipment/${node.parent_id}${place.value.query.size > 0 ? `?${place.value.query}` : ""}`, children: node.parent_path_name }) : t4("equipment.root")],
      [t4("equipment.id"), /* @__PURE__ */ a4(Mono, { children: node.id })],
      node.archived_at ? [t4("equipment.archivedAt"), /* @__PURE__ */ a4(Time, { at: node.archived_at })] : null
    ] }),
    writable && /* @__PURE__ */ a4("div", { class: "row", children: view.archived ? /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(Button, { icon: "restore", onClick: () => void restore(false), children: t4("equipment.restore") }),
      /* @__PURE__ */ a4(Button, { icon: "restore", onClick: () => void restore(true), children: t4("equipment.restoreAll") })
    ] }) : /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(Button, { icon: "edit", onClick: () => setPanel("edit"), children: t4("action.edit") }),
      /* @__PURE__ */ a4(Button, { icon: "move", onClick: () => setPanel("move"), children: t4("equipment.move") }),
      /* @__PURE__ */ a4(Button, { icon: "archive", kind: "danger", onClick: () => setPanel("archive"), children: t4("equipment.archive") })
    ] }) }),
    panel === "edit" && /* @__PURE__ */ a4(EditDrawer, { node, etag, parent: node.parent_id, close, saved: () => {
      close();
      changed();
    } }),
    panel === "move" && /* @__PURE__ */ a4(MoveDrawer, { id: node.id, target: node.parent_id, close, moved: () => {
      close();
      changed();
    } }),
    panel === "archive" && /* @__PURE__ */ a4(ArchiveDrawer, { node, close, archived: () => {
      close();
      changed();
      go(node.parent_id ? `/equipment/${node.parent_id}` : "/equipment");
    } })
  ] });
}
function ArchiveDrawer({ node, close, archived }) {
  const usage = useResource(async (s4) => (await equipmentsUsage({ id: node.id }, s4)).data, [node.id]);
  const [recursive, setRecursive] = d2(false);
  const [problem2, setProblem] = d2(null);
  const go2 = async () => {
    try {
      await equipmentsDelete({ id: node.id, query: recursive ? { recursive } : {} });
      toast(t4("equipment.archived"));
      archived();
    } catch (e4) {
      if (!(e4 instanceof Problem)) throw e4;
      setProblem(e4);
    }
  };
  const used = usage.data?.in_use ?? true;
  return /* @__PURE__ */ a4(Drawer, { title: t4("equipment.archiveOne", { name: node.name }), onClose: close, footer: /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
    /* @__PURE__ */ a4(Button, { kind: "danger", icon: "archive", disabled: !usage.data || used && !recursive, onClick: () => void go2(), children: t4("equipment.archive") })
  ] }), children: [
    /* @__PURE__ */ a4("p", { children: t4("equipment.archive.help") }),
    /* @__PURE__ */ a4(Shown, { of: usage, lines: 2, children: (u4) => u4.uses.length === 0 ? /* @__PURE__ */ a4(Notice, { tone: "ok", children: t4("equipment.unused") }) : /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(Notice, { tone: "warn", children: t4("equipment.used") }),
      u4.uses.map((use) => /* @__PURE__ */ a4("div", { children: [
        /* @__PURE__ */ a4("h3", { children: [
          t4(`use.${use.relation}`),
          " ",
          /* @__PURE__ */ a4("span", { class: "muted", children: use.total })
        ] }),
        /* @__PURE__ */ a4("ul", { class: "plain-list", children: [
          use.items.map((i4) => /* @__PURE__ */ a4("li", { children: i4.name }, i4.id)),
          use.total > use.items.length && /* @__PURE__ */ a4("li", { class: "muted", children: "…" })
        ] })
      ] }, use.relation + use.resource)),
      /* @__PURE__ */ a4(CheckField, { label: t4("equipment.recursive"), value: recursive, onChange: setRecursive })
    ] }) }),
    problem2 && /* @__PURE__ */ a4(Notice, { tone: "bad", children: sayProblem(problem2) })
  ] });
}

// src/pages/telemetry/draft.ts
function severityOf(text) {
  return severities.find((s4) => s4 === text) ?? "warning";
}
function typed(n3) {
  return n3 === null || n3 === void 0 ? "" : String(n3);
}
function delayDraft(d5) {
  return { kind: !d5 ? "once" : d5.seconds !== void 0 ? "seconds" : "count", seconds: typed(d5?.seconds ?? 60), count: typed(d5?.count ?? 2), of: typed(d5?.of ?? 3) };
}
function draftOf3(l4) {
  return {
    name: l4?.name ?? "",
    levels: (l4?.levels ?? []).map((x3) => ({ severity: x3.severity, side: x3.high !== void 0 ? "high" : "low", bound: typed(x3.high ?? x3.low), rearm: typed(x3.clear) })),
    raise: delayDraft(l4?.raise_after),
    clear: delayDraft(l4?.clear_after),
    stale: typed(l4?.stale_after),
    staleSeverity: l4?.stale_severity ?? "warning",
    latched: l4?.latched ?? false,
    suppresses: l4?.suppresses ?? false
  };
}
function levelOf(l4) {
  const bound = readNumber(l4.bound), clear = readNumber(l4.rearm);
  return { severity: l4.severity, ...bound === null ? {} : { [l4.side]: bound }, ...clear === null ? {} : { clear } };
}
function delayOf(d5) {
  if (d5.kind === "once") return null;
  return d5.kind === "seconds" ? { seconds: readNumber(d5.seconds) ?? 0 } : { count: readNumber(d5.count) ?? 1, of: readNumber(d5.of) ?? 1 };
}
function bodyOf3(d5) {
  return {
    name: d5.name,
    levels: d5.levels.map(levelOf),
    raise_after: delayOf(d5.raise),
    clear_after: delayOf(d5.clear),
    stale_after: readNumber(d5.stale),
    stale_severity: d5.staleSeverity,
    latched: d5.latched,
    suppresses: d5.suppresses
  };
}

// vendor/uplot/dist/uPlot.esm.js
var FEAT_TIME = true;
var pre = "u-";
var UPLOT = "uplot";
var ORI_HZ = pre + "hz";
var ORI_VT = pre + "vt";
var TITLE = pre + "title";
var WRAP = pre + "wrap";
var UNDER = pre + "under";
var OVER = pre + "over";
var AXIS = pre + "axis";
var OFF = pre + "off";
var SELECT = pre + "select";
var CURSOR_X = pre + "cursor-x";
var CURSOR_Y = pre + "cursor-y";
var CURSOR_PT = pre + "cursor-pt";
var LEGEND = pre + "legend";
var LEGEND_LIVE = pre + "live";
var LEGEND_INLINE = pre + "inline";
var LEGEND_SERIES = pre + "series";
var LEGEND_MARKER = pre + "marker";
var LEGEND_LABEL = pre + "label";
var LEGEND_VALUE = pre + "value";
var WIDTH = "width";
var HEIGHT = "height";
var TOP = "top";
var BOTTOM = "bottom";
var LEFT = "left";
var RIGHT = "right";
var hexBlack = "#000";
var transparent = hexBlack + "0";
var mousemove = "mousemove";
var mousedown = "mousedown";
var mouseup = "mouseup";
var mouseenter = "mouseenter";
var mouseleave = "mouseleave";
var dblclick = "dblclick";
var resize = "resize";
var scroll = "scroll";
var change = "change";
var dppxchange = "dppxchange";
var LEGEND_DISP = "--";
var domEnv = typeof window != "undefined";
var doc = domEnv ? document : null;
var win = domEnv ? window : null;
var nav = domEnv ? navigator : null;
var pxRatio;
var query;
function setPxRatio() {
  let _pxRatio = devicePixelRatio;
  if (pxRatio != _pxRatio) {
    pxRatio = _pxRatio;
    query && off(change, query, setPxRatio);
    query = matchMedia(`(min-resolution: ${pxRatio - 1e-3}dppx) and (max-resolution: ${pxRatio + 1e-3}dppx)`);
    on(change, query, setPxRatio);
    win.dispatchEvent(new CustomEvent(dppxchange));
  }
}
function addClass(el, c4) {
  if (c4 != null) {
    let cl = el.classList;
    !cl.contains(c4) && cl.add(c4);
  }
}
function remClass(el, c4) {
  let cl = el.classList;
  cl.contains(c4) && cl.remove(c4);
}
function setStylePx(el, name, value) {
  el.style[name] = value + "px";
}
function placeTag(tag, cls, targ, refEl) {
  let el = doc.createElement(tag);
  if (cls != null)
    addClass(el, cls);
  if (targ != null)
    targ.insertBefore(el, refEl);
  return el;
}
function placeDiv(cls, targ) {
  return placeTag("div", cls, targ);
}
var xformCache = /* @__PURE__ */ new WeakMap();
function elTrans(el, xPos, yPos, xMax, yMax) {
  let xform = "translate(" + xPos + "px," + yPos + "px)";
  let xformOld = xformCache.get(el);
  if (xform != xformOld) {
    el.style.transform = xform;
    xformCache.set(el, xform);
    if (xPos < 0 || yPos < 0 || xPos > xMax || yPos > yMax)
      addClass(el, OFF);
    else
      remClass(el, OFF);
  }
}
var colorCache = /* @__PURE__ */ new WeakMap();
function elColor(el, background, borderColor) {
  let newColor = background + borderColor;
  let oldColor = colorCache.get(el);
  if (newColor != oldColor) {
    colorCache.set(el, newColor);
    el.style.background = background;
    el.style.borderColor = borderColor;
  }
}
var sizeCache = /* @__PURE__ */ new WeakMap();
function elSize(el, newWid, newHgt, centered) {
  let newSize = newWid + "" + newHgt;
  let oldSize = sizeCache.get(el);
  if (newSize != oldSize) {
    sizeCache.set(el, newSize);
    el.style.height = newHgt + "px";
    el.style.width = newWid + "px";
    el.style.marginLeft = centered ? -newWid / 2 + "px" : 0;
    el.style.marginTop = centered ? -newHgt / 2 + "px" : 0;
  }
}
var evOpts = { passive: true };
var evOpts2 = { ...evOpts, capture: true };
function on(ev, el, cb, capt) {
  el.addEventListener(ev, cb, capt ? evOpts2 : evOpts);
}
function off(ev, el, cb, capt) {
  el.removeEventListener(ev, cb, evOpts);
}
domEnv && setPxRatio();
function closestIdx(num, arr, lo, hi) {
  let mid;
  lo = lo || 0;
  hi = hi || arr.length - 1;
  let bitwise = hi <= 2147483647;
  while (hi - lo > 1) {
    mid = bitwise ? lo + hi >> 1 : floor((lo + hi) / 2);
    if (arr[mid] < num)
      lo = mid;
    else
      hi = mid;
  }
  if (num - arr[lo] <= arr[hi] - num)
    return lo;
  return hi;
}
function makeIndexOfs(predicate) {
  let indexOfs = (data2, _i0, _i1) => {
    let i0 = -1;
    let i1 = -1;
    for (let i4 = _i0; i4 <= _i1; i4++) {
      if (predicate(data2[i4])) {
        i0 = i4;
        break;
      }
    }
    for (let i4 = _i1; i4 >= _i0; i4--) {
      if (predicate(data2[i4])) {
        i1 = i4;
        break;
      }
    }
    return [i0, i1];
  };
  return indexOfs;
}
var notNullish = (v4) => v4 != null;
var isPositive = (v4) => v4 != null && v4 > 0;
var nonNullIdxs = makeIndexOfs(notNullish);
var positiveIdxs = makeIndexOfs(isPositive);
function getMinMax(data2, _i0, _i1, sorted = 0, log = false) {
  let getEdgeIdxs = log ? positiveIdxs : nonNullIdxs;
  let predicate = log ? isPositive : notNullish;
  [_i0, _i1] = getEdgeIdxs(data2, _i0, _i1);
  let _min = data2[_i0];
  let _max = data2[_i0];
  if (_i0 > -1) {
    if (sorted == 1) {
      _min = data2[_i0];
      _max = data2[_i1];
    } else if (sorted == -1) {
      _min = data2[_i1];
      _max = data2[_i0];
    } else {
      for (let i4 = _i0; i4 <= _i1; i4++) {
        let v4 = data2[i4];
        if (predicate(v4)) {
          if (v4 < _min)
            _min = v4;
          else if (v4 > _max)
            _max = v4;
        }
      }
    }
  }
  return [_min ?? inf, _max ?? -inf];
}
function rangeLog(min2, max2, base, fullMags) {
  let minSign = sign(min2);
  let maxSign = sign(max2);
  if (min2 == max2) {
    if (minSign == -1) {
      min2 *= base;
      max2 /= base;
    } else {
      min2 /= base;
      max2 *= base;
    }
  }
  let logFn = base == 10 ? log10 : log2;
  let growMinAbs = minSign == 1 ? floor : ceil;
  let growMaxAbs = maxSign == 1 ? ceil : floor;
  let minExp = growMinAbs(logFn(abs(min2)));
  let maxExp = growMaxAbs(logFn(abs(max2)));
  let minIncr = pow(base, minExp);
  let maxIncr = pow(base, maxExp);
  if (base == 10) {
    if (minExp < 0)
      minIncr = roundDec(minIncr, -minExp);
    if (maxExp < 0)
      maxIncr = roundDec(maxIncr, -maxExp);
  }
  if (fullMags || base == 2) {
    min2 = minIncr * minSign;
    max2 = maxIncr * maxSign;
  } else {
    min2 = incrRoundDn(min2, minIncr);
    max2 = incrRoundUp(max2, maxIncr);
  }
  return [min2, max2];
}
function rangeAsinh(min2, max2, base, fullMags) {
  let minMax = rangeLog(min2, max2, base, fullMags);
  if (min2 == 0)
    minMax[0] = 0;
  if (max2 == 0)
    minMax[1] = 0;
  return minMax;
}
var rangePad = 0.1;
var autoRangePart = {
  mode: 3,
  pad: rangePad
};
var _eqRangePart = {
  pad: 0,
  soft: null,
  mode: 0
};
var _eqRange = {
  min: _eqRangePart,
  max: _eqRangePart
};
function rangeNum(_min, _max, mult, extra) {
  if (isObj(mult))
    return _rangeNum(_min, _max, mult);
  _eqRangePart.pad = mult;
  _eqRangePart.soft = extra ? 0 : null;
  _eqRangePart.mode = extra ? 3 : 0;
  return _rangeNum(_min, _max, _eqRange);
}
function ifNull(lh, rh) {
  return lh == null ? rh : lh;
}
function hasData(data2, idx0, idx1) {
  idx0 = ifNull(idx0, 0);
  idx1 = ifNull(idx1, data2.length - 1);
  while (idx0 <= idx1) {
    if (data2[idx0] != null)
      return true;
    idx0++;
  }
  return false;
}
function _rangeNum(_min, _max, cfg) {
  let cmin = cfg.min;
  let cmax = cfg.max;
  let padMin = ifNull(cmin.pad, 0);
  let padMax = ifNull(cmax.pad, 0);
  let hardMin = ifNull(cmin.hard, -inf);
  let hardMax = ifNull(cmax.hard, inf);
  let softMin = ifNull(cmin.soft, inf);
  let softMax = ifNull(cmax.soft, -inf);
  let softMinMode = ifNull(cmin.mode, 0);
  let softMaxMode = ifNull(cmax.mode, 0);
  let delta2 = _max - _min;
  let deltaMag = log10(delta2);
  let scalarMax = max(abs(_min), abs(_max));
  let scalarMag = log10(scalarMax);
  let scalarMagDelta = abs(scalarMag - deltaMag);
  if (delta2 < 1e-24 || scalarMagDelta > 10) {
    delta2 = 0;
    if (_min == 0 || _max == 0) {
      delta2 = 1e-24;
      if (softMinMode == 2 && softMin != inf)
        padMin = 0;
      if (softMaxMode == 2 && softMax != -inf)
        padMax = 0;
    }
  }
  let nonZeroDelta = delta2 || scalarMax || 1e3;
  let mag = log10(nonZeroDelta);
  let base = pow(10, floor(mag));
  let _padMin = nonZeroDelta * (delta2 == 0 ? _min == 0 ? 0.1 : 1 : padMin);
  let _newMin = roundDec(incrRoundDn(_min - _padMin, base / 10), 24);
  let _softMin = _min >= softMin && (softMinMode == 1 || softMinMode == 3 && _newMin <= softMin || softMinMode == 2 && _newMin >= softMin) ? softMin : inf;
  let minLim = max(hardMin, _newMin < _softMin && _min >= _softMin ? _softMin : min(_softMin, _newMin));
  let _padMax = nonZeroDelta * (delta2 == 0 ? _max == 0 ? 0.1 : 1 : padMax);
  let _newMax = roundDec(incrRoundUp(_max + _padMax, base / 10), 24);
  let _softMax = _max <= softMax && (softMaxMode == 1 || softMaxMode == 3 && _newMax >= softMax || softMaxMode == 2 && _newMax <= softMax) ? softMax : -inf;
  let maxLim = min(hardMax, _newMax > _softMax && _max <= _softMax ? _softMax : max(_softMax, _newMax));
  if (minLim == maxLim && minLim == 0)
    maxLim = 100;
  return [minLim, maxLim];
}
var numFormatter = new Intl.NumberFormat(domEnv ? nav.language : "en-US");
var fmtNum = (val) => numFormatter.format(val);
var M2 = Math;
var PI = M2.PI;
var abs = M2.abs;
var floor = M2.floor;
var round = M2.round;
var ceil = M2.ceil;
var min = M2.min;
var max = M2.max;
var pow = M2.pow;
var sign = M2.sign;
var log10 = M2.log10;
var log2 = M2.log2;
var sinh = (v4, linthresh = 1) => M2.sinh(v4) * linthresh;
var asinh = (v4, linthresh = 1) => M2.asinh(v4 / linthresh);
var inf = Infinity;
function numIntDigits(x3) {
  return (log10((x3 ^ x3 >> 31) - (x3 >> 31)) | 0) + 1;
}
function clamp(num, _min, _max) {
  return min(max(num, _min), _max);
}
function isFn(v4) {
  return typeof v4 == "function";
}
function fnOrSelf(v4) {
  return isFn(v4) ? v4 : () => v4;
}
var noop = () => {
};
var retArg0 = (_0) => _0;
var retArg1 = (_0, _1) => _1;
var retNull = (_5) => null;
var retTrue = (_5) => true;
var retEq = (a5, b3) => a5 == b3;
var regex6 = /\.\d*?(?=9{6,}|0{6,})/gm;
var fixFloat = (val) => {
  if (isInt(val) || fixedDec.has(val))
    return val;
  const str = `${val}`;
  const match = str.match(regex6);
  if (match == null)
    return val;
  let len = match[0].length - 1;
  if (str.indexOf("e-") != -1) {
    let [num, exp] = str.split("e");
    return +`${fixFloat(num)}e${exp}`;
  }
  return roundDec(val, len);
};
function incrRound(num, incr) {
  return fixFloat(roundDec(fixFloat(num / incr)) * incr);
}
function incrRoundUp(num, incr) {
  return fixFloat(ceil(fixFloat(num / incr)) * incr);
}
function incrRoundDn(num, incr) {
  return fixFloat(floor(fixFloat(num / incr)) * incr);
}
function roundDec(val, dec = 0) {
  if (isInt(val))
    return val;
  let p5 = 10 ** dec;
  let n3 = val * p5 * (1 + Number.EPSILON);
  return round(n3) / p5;
}
var fixedDec = /* @__PURE__ */ new Map();
function guessDec(num) {
  return (("" + num).split(".")[1] || "").length;
}
function genIncrs(base, minExp, maxExp, mults) {
  let incrs = [];
  let multDec = mults.map(guessDec);
  for (let exp = minExp; exp < maxExp; exp++) {
    let expa = abs(exp);
    let mag = roundDec(pow(base, exp), expa);
    for (let i4 = 0; i4 < mults.length; i4++) {
      let _incr = base == 10 ? +`${mults[i4]}e${exp}` : mults[i4] * mag;
      let dec = (exp >= 0 ? 0 : expa) + (exp >= multDec[i4] ? 0 : multDec[i4]);
      let incr = base == 10 ? _incr : roundDec(_incr, dec);
      incrs.push(incr);
      fixedDec.set(incr, dec);
    }
  }
  return incrs;
}
var EMPTY_OBJ = {};
var EMPTY_ARR = [];
var nullNullTuple = [null, null];
var isArr = Array.isArray;
var isInt = Number.isInteger;
var isUndef = (v4) => v4 === void 0;
function isStr(v4) {
  return typeof v4 == "string";
}
function isObj(v4) {
  let is = false;
  if (v4 != null) {
    let c4 = v4.constructor;
    is = c4 == null || c4 == Object;
  }
  return is;
}
function fastIsObj(v4) {
  return v4 != null && typeof v4 == "object";
}
var TypedArray = Object.getPrototypeOf(Uint8Array);
var __proto__ = "__proto__";
function copy(o5, _isObj = isObj) {
  let out;
  if (isArr(o5)) {
    let val = o5.find((v4) => v4 != null);
    if (isArr(val) || _isObj(val)) {
      out = Array(o5.length);
      for (let i4 = 0; i4 < o5.length; i4++)
        out[i4] = copy(o5[i4], _isObj);
    } else
      out = o5.slice();
  } else if (o5 instanceof TypedArray)
    out = o5.slice();
  else if (_isObj(o5)) {
    out = {};
    for (let k4 in o5) {
      if (k4 != __proto__)
        out[k4] = copy(o5[k4], _isObj);
    }
  } else
    out = o5;
  return out;
}
function assign(targ) {
  let args = arguments;
  for (let i4 = 1; i4 < args.length; i4++) {
    let src = args[i4];
    for (let key in src) {
      if (key != __proto__) {
        if (isObj(targ[key]))
          assign(targ[key], copy(src[key]));
        else
          targ[key] = copy(src[key]);
      }
    }
  }
  return targ;
}
var NULL_REMOVE = 0;
var NULL_RETAIN = 1;
var NULL_EXPAND = 2;
function nullExpand(yVals, nullIdxs, alignedLen) {
  for (let i4 = 0, xi, lastNullIdx = -1; i4 < nullIdxs.length; i4++) {
    let nullIdx = nullIdxs[i4];
    if (nullIdx > lastNullIdx) {
      xi = nullIdx - 1;
      while (xi >= 0 && yVals[xi] == null)
        yVals[xi--] = null;
      xi = nullIdx + 1;
      while (xi < alignedLen && yVals[xi] == null)
        yVals[lastNullIdx = xi++] = null;
    }
  }
}
function join(tables, nullModes) {
  if (allHeadersSame(tables)) {
    let table = tables[0].slice();
    for (let i4 = 1; i4 < tables.length; i4++)
      table.push(...tables[i4].slice(1));
    if (!isAsc(table[0]))
      table = sortCols(table);
    return table;
  }
  let xVals = /* @__PURE__ */ new Set();
  for (let ti = 0; ti < tables.length; ti++) {
    let t5 = tables[ti];
    let xs = t5[0];
    let len = xs.length;
    for (let i4 = 0; i4 < len; i4++)
      xVals.add(xs[i4]);
  }
  let data2 = [Array.from(xVals).sort((a5, b3) => a5 - b3)];
  let alignedLen = data2[0].length;
  let xIdxs = /* @__PURE__ */ new Map();
  for (let i4 = 0; i4 < alignedLen; i4++)
    xIdxs.set(data2[0][i4], i4);
  for (let ti = 0; ti < tables.length; ti++) {
    let t5 = tables[ti];
    let xs = t5[0];
    for (let si = 1; si < t5.length; si++) {
      let ys = t5[si];
      let yVals = Array(alignedLen).fill(void 0);
      let nullMode = nullModes ? nullModes[ti][si] : NULL_RETAIN;
      let nullIdxs = [];
      for (let i4 = 0; i4 < ys.length; i4++) {
        let yVal = ys[i4];
        let alignedIdx = xIdxs.get(xs[i4]);
        if (yVal === null) {
          if (nullMode != NULL_REMOVE) {
            yVals[alignedIdx] = yVal;
            if (nullMode == NULL_EXPAND)
              nullIdxs.push(alignedIdx);
          }
        } else
          yVals[alignedIdx] = yVal;
      }
      nullExpand(yVals, nullIdxs, alignedLen);
      data2.push(yVals);
    }
  }
  return data2;
}
var microTask = typeof queueMicrotask == "undefined" ? (fn) => Promise.resolve().then(fn) : queueMicrotask;
function sortCols(table) {
  let head = table[0];
  let rlen = head.length;
  let idxs = Array(rlen);
  for (let i4 = 0; i4 < idxs.length; i4++)
    idxs[i4] = i4;
  idxs.sort((i0, i1) => head[i0] - head[i1]);
  let table2 = [];
  for (let i4 = 0; i4 < table.length; i4++) {
    let row = table[i4];
    let row2 = Array(rlen);
    for (let j3 = 0; j3 < rlen; j3++)
      row2[j3] = row[idxs[j3]];
    table2.push(row2);
  }
  return table2;
}
function allHeadersSame(tables) {
  let vals0 = tables[0][0];
  let len0 = vals0.length;
  for (let i4 = 1; i4 < tables.length; i4++) {
    let vals1 = tables[i4][0];
    if (vals1.length != len0)
      return false;
    if (vals1 != vals0) {
      for (let j3 = 0; j3 < len0; j3++) {
        if (vals1[j3] != vals0[j3])
          return false;
      }
    }
  }
  return true;
}
function isAsc(vals, samples = 100) {
  const len = vals.length;
  if (len <= 1)
    return true;
  let firstIdx = 0;
  let lastIdx = len - 1;
  while (firstIdx <= lastIdx && vals[firstIdx] == null)
    firstIdx++;
  while (lastIdx >= firstIdx && vals[lastIdx] == null)
    lastIdx--;
  if (lastIdx <= firstIdx)
    return true;
  const stride = max(1, floor((lastIdx - firstIdx + 1) / samples));
  for (let prevVal = vals[firstIdx], i4 = firstIdx + stride; i4 <= lastIdx; i4 += stride) {
    const v4 = vals[i4];
    if (v4 != null) {
      if (v4 <= prevVal)
        return false;
      prevVal = v4;
    }
  }
  return true;
}
var months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December"
];
var days = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday"
];
function slice3(str) {
  return str.slice(0, 3);
}
var days3 = days.map(slice3);
var months3 = months.map(slice3);
var engNames = {
  MMMM: months,
  MMM: months3,
  WWWW: days,
  WWW: days3
};
function zeroPad2(int) {
  return (int < 10 ? "0" : "") + int;
}
function zeroPad3(int) {
  return (int < 10 ? "00" : int < 100 ? "0" : "") + int;
}
var subs = {
  // 2019
  YYYY: (d5) => d5.getFullYear(),
  // 19
  YY: (d5) => (d5.getFullYear() + "").slice(2),
  // July
  MMMM: (d5, names3) => names3.MMMM[d5.getMonth()],
  // Jul
  MMM: (d5, names3) => names3.MMM[d5.getMonth()],
  // 07
  MM: (d5) => zeroPad2(d5.getMonth() + 1),
  // 7
  M: (d5) => d5.getMonth() + 1,
  // 09
  DD: (d5) => zeroPad2(d5.getDate()),
  // 9
  D: (d5) => d5.getDate(),
  // Monday
  WWWW: (d5, names3) => names3.WWWW[d5.getDay()],
  // Mon
  WWW: (d5, names3) => names3.WWW[d5.getDay()],
  // 03
  HH: (d5) => zeroPad2(d5.getHours()),
  // 3
  H: (d5) => d5.getHours(),
  // 9 (12hr, unpadded)
  h: (d5) => {
    let h5 = d5.getHours();
    return h5 == 0 ? 12 : h5 > 12 ? h5 - 12 : h5;
  },
  // AM
  AA: (d5) => d5.getHours() >= 12 ? "PM" : "AM",
  // am
  aa: (d5) => d5.getHours() >= 12 ? "pm" : "am",
  // a
  a: (d5) => d5.getHours() >= 12 ? "p" : "a",
  // 09
  mm: (d5) => zeroPad2(d5.getMinutes()),
  // 9
  m: (d5) => d5.getMinutes(),
  // 09
  ss: (d5) => zeroPad2(d5.getSeconds()),
  // 9
  s: (d5) => d5.getSeconds(),
  // 374
  fff: (d5) => zeroPad3(d5.getMilliseconds())
};
function fmtDate(tpl, names3) {
  names3 = names3 || engNames;
  let parts = [];
  let R = /\{([a-z]+)\}|[^{]+/gi, m5;
  while (m5 = R.exec(tpl))
    parts.push(m5[0][0] == "{" ? subs[m5[1]] : m5[0]);
  return (d5) => {
    let out = "";
    for (let i4 = 0; i4 < parts.length; i4++)
      out += typeof parts[i4] == "string" ? parts[i4] : parts[i4](d5, names3);
    return out;
  };
}
var localTz = new Intl.DateTimeFormat().resolvedOptions().timeZone;
function tzDate(date, tz) {
  let date2;
  if (tz == "UTC" || tz == "Etc/UTC")
    date2 = new Date(+date + date.getTimezoneOffset() * 6e4);
  else if (tz == localTz)
    date2 = date;
  else {
    date2 = new Date(date.toLocaleString("en-US", { timeZone: tz }));
    date2.setMilliseconds(date.getMilliseconds());
  }
  return date2;
}
var onlyWhole = (v4) => v4 % 1 == 0;
var allMults = [1, 2, 2.5, 5];
var decIncrs = genIncrs(10, -32, 0, allMults);
var oneIncrs = genIncrs(10, 0, 32, allMults);
var wholeIncrs = oneIncrs.filter(onlyWhole);
var numIncrs = decIncrs.concat(oneIncrs);
var NL = "\n";
var yyyy = "{YYYY}";
var NLyyyy = NL + yyyy;
var md = "{M}/{D}";
var NLmd = NL + md;
var NLmdyy = NLmd + "/{YY}";
var aa = "{aa}";
var hmm = "{h}:{mm}";
var hmmaa = hmm + aa;
var NLhmmaa = NL + hmmaa;
var ss = ":{ss}";
var _4 = null;
function genTimeStuffs(ms) {
  let s4 = ms * 1e3, m5 = s4 * 60, h5 = m5 * 60, d5 = h5 * 24, mo = d5 * 30, y5 = d5 * 365;
  let subSecIncrs = ms == 1 ? genIncrs(10, 0, 3, allMults).filter(onlyWhole) : genIncrs(10, -3, 0, allMults);
  let timeIncrs = subSecIncrs.concat([
    // minute divisors (# of secs)
    s4,
    s4 * 5,
    s4 * 10,
    s4 * 15,
    s4 * 30,
    // hour divisors (# of mins)
    m5,
    m5 * 5,
    m5 * 10,
    m5 * 15,
    m5 * 30,
    // day divisors (# of hrs)
    h5,
    h5 * 2,
    h5 * 3,
    h5 * 4,
    h5 * 6,
    h5 * 8,
    h5 * 12,
    // month divisors TODO: need more?
    d5,
    d5 * 2,
    d5 * 3,
    d5 * 4,
    d5 * 5,
    d5 * 6,
    d5 * 7,
    d5 * 8,
    d5 * 9,
    d5 * 10,
    d5 * 15,
    // year divisors (# months, approx)
    mo,
    mo * 2,
    mo * 3,
    mo * 4,
    mo * 6,
    // century divisors
    y5,
    y5 * 2,
    y5 * 5,
    y5 * 10,
    y5 * 25,
    y5 * 50,
    y5 * 100
  ]);
  const _timeAxisStamps = [
    //   tick incr    default          year                    month   day                   hour    min       sec   mode
    [y5, yyyy, _4, _4, _4, _4, _4, _4, 1],
    [d5 * 28, "{MMM}", NLyyyy, _4, _4, _4, _4, _4, 1],
    [d5, md, NLyyyy, _4, _4, _4, _4, _4, 1],
    [h5, "{h}" + aa, NLmdyy, _4, NLmd, _4, _4, _4, 1],
    [m5, hmmaa, NLmdyy, _4, NLmd, _4, _4, _4, 1],
    [s4, ss, NLmdyy + " " + hmmaa, _4, NLmd + " " + hmmaa, _4, NLhmmaa, _4, 1],
    [ms, ss + ".{fff}", NLmdyy + " " + hmmaa, _4, NLmd + " " + hmmaa, _4, NLhmmaa, _4, 1]
  ];
  function timeAxisSplits(tzDate2) {
    return (self, axisIdx, scaleMin, scaleMax, foundIncr, foundSpace) => {
      let splits = [];
      let isYr = foundIncr >= y5;
      let isMo = foundIncr >= mo && foundIncr < y5;
      let minDate = tzDate2(scaleMin);
      let minDateTs = roundDec(minDate * ms, 3);
      let minMin = mkDate(minDate.getFullYear(), isYr ? 0 : minDate.getMonth(), isMo || isYr ? 1 : minDate.getDate());
      let minMinTs = roundDec(minMin * ms, 3);
      if (isMo || isYr) {
        let moIncr = isMo ? foundIncr / mo : 0;
        let yrIncr = isYr ? foundIncr / y5 : 0;
        let split = minDateTs == minMinTs ? minDateTs : roundDec(mkDate(minMin.getFullYear() + yrIncr, minMin.getMonth() + moIncr, 1) * ms, 3);
        let splitDate = new Date(round(split / ms));
        let baseYear = splitDate.getFullYear();
        let baseMonth = splitDate.getMonth();
        for (let i4 = 0; split <= scaleMax; i4++) {
          let next3 = mkDate(baseYear + yrIncr * i4, baseMonth + moIncr * i4, 1);
          let offs = next3 - tzDate2(roundDec(next3 * ms, 3));
          split = roundDec((+next3 + offs) * ms, 3);
          if (split <= scaleMax)
            splits.push(split);
        }
      } else {
        let incr0 = foundIncr >= d5 ? d5 : foundIncr;
        let tzOffset = floor(scaleMin) - floor(minDateTs);
        let split = minMinTs + tzOffset + incrRoundUp(minDateTs - minMinTs, incr0);
        splits.push(split);
        let date0 = tzDate2(split);
        let prevHour = date0.getHours() + date0.getMinutes() / m5 + date0.getSeconds() / h5;
        let incrHours = foundIncr / h5;
        let minSpace = self.axes[axisIdx]._space;
        let pctSpace = foundSpace / minSpace;
        while (1) {
          split = roundDec(split + foundIncr, ms == 1 ? 0 : 3);
          if (split > scaleMax)
            break;
          if (incrHours > 1) {
            let expectedHour = floor(roundDec(prevHour + incrHours, 6)) % 24;
            let splitDate = tzDate2(split);
            let actualHour = splitDate.getHours();
            let dstShift = actualHour - expectedHour;
            if (dstShift > 1)
              dstShift = -1;
            split -= dstShift * h5;
            prevHour = (prevHour + incrHours) % 24;
            let prevSplit = splits[splits.length - 1];
            let pctIncr = roundDec((split - prevSplit) / foundIncr, 3);
            if (pctIncr * pctSpace >= 0.7)
              splits.push(split);
          } else
            splits.push(split);
        }
      }
      return splits;
    };
  }
  return [
    timeIncrs,
    _timeAxisStamps,
    timeAxisSplits
  ];
}
var [timeIncrsMs, _timeAxisStampsMs, timeAxisSplitsMs] = genTimeStuffs(1);
var [timeIncrsS, _timeAxisStampsS, timeAxisSplitsS] = genTimeStuffs(1e-3);
genIncrs(2, -53, 53, [1]);
function timeAxisStamps(stampCfg, fmtDate2) {
  return stampCfg.map((s4) => s4.map(
    (v4, i4) => i4 == 0 || i4 == 8 || v4 == null ? v4 : fmtDate2(i4 == 1 || s4[8] == 0 ? v4 : s4[1] + v4)
  ));
}
function timeAxisVals(tzDate2, stamps) {
  return (self, splits, axisIdx, foundSpace, foundIncr) => {
    let s4 = stamps.find((s5) => foundIncr >= s5[0]) || stamps[stamps.length - 1];
    let prevYear;
    let prevMnth;
    let prevDate;
    let prevHour;
    let prevMins;
    let prevSecs;
    return splits.map((split) => {
      let date = tzDate2(split);
      let newYear = date.getFullYear();
      let newMnth = date.getMonth();
      let newDate = date.getDate();
      let newHour = date.getHours();
      let newMins = date.getMinutes();
      let newSecs = date.getSeconds();
      let stamp = newYear != prevYear && s4[2] || newMnth != prevMnth && s4[3] || newDate != prevDate && s4[4] || newHour != prevHour && s4[5] || newMins != prevMins && s4[6] || newSecs != prevSecs && s4[7] || s4[1];
      prevYear = newYear;
      prevMnth = newMnth;
      prevDate = newDate;
      prevHour = newHour;
      prevMins = newMins;
      prevSecs = newSecs;
      return stamp(date);
    });
  };
}
function timeAxisVal(tzDate2, dateTpl) {
  let stamp = fmtDate(dateTpl);
  return (self, splits, axisIdx, foundSpace, foundIncr) => splits.map((split) => stamp(tzDate2(split)));
}
function mkDate(y5, m5, d5) {
  return new Date(y5, m5, d5);
}
function timeSeriesStamp(stampCfg, fmtDate2) {
  return fmtDate2(stampCfg);
}
var _timeSeriesStamp = "{YYYY}-{MM}-{DD} {h}:{mm}{aa}";
function timeSeriesVal(tzDate2, stamp) {
  return (self, val, seriesIdx, dataIdx) => dataIdx == null ? LEGEND_DISP : stamp(tzDate2(val));
}
function legendStroke(self, seriesIdx) {
  let s4 = self.series[seriesIdx];
  return s4.width ? s4.stroke(self, seriesIdx) : s4.points.width ? s4.points.stroke(self, seriesIdx) : null;
}
function legendFill(self, seriesIdx) {
  return self.series[seriesIdx].fill(self, seriesIdx);
}
var legendOpts = {
  show: true,
  live: true,
  isolate: false,
  mount: noop,
  markers: {
    show: true,
    width: 2,
    stroke: legendStroke,
    fill: legendFill,
    dash: "solid"
  },
  idx: null,
  idxs: null,
  values: []
};
function cursorPointShow(self, si) {
  let o5 = self.cursor.points;
  let pt = placeDiv();
  let size = o5.size(self, si);
  setStylePx(pt, WIDTH, size);
  setStylePx(pt, HEIGHT, size);
  let mar = size / -2;
  setStylePx(pt, "marginLeft", mar);
  setStylePx(pt, "marginTop", mar);
  let width = o5.width(self, si, size);
  width && setStylePx(pt, "borderWidth", width);
  return pt;
}
function cursorPointFill(self, si) {
  let sp = self.series[si].points;
  return sp._fill || sp._stroke;
}
function cursorPointStroke(self, si) {
  let sp = self.series[si].points;
  return sp._stroke || sp._fill;
}
function cursorPointSize(self, si) {
  let sp = self.series[si].points;
  return sp.size;
}
var moveTuple = [0, 0];
function cursorMove(self, mouseLeft1, mouseTop1) {
  moveTuple[0] = mouseLeft1;
  moveTuple[1] = mouseTop1;
  return moveTuple;
}
function filtBtn0(self, targ, handle, onlyTarg = true) {
  return (e4) => {
    e4.button == 0 && (!onlyTarg || e4.target == targ) && handle(e4);
  };
}
function filtTarg(self, targ, handle, onlyTarg = true) {
  return (e4) => {
    (!onlyTarg || e4.target == targ) && handle(e4);
  };
}
var cursorOpts = {
  show: true,
  x: true,
  y: true,
  lock: false,
  move: cursorMove,
  points: {
    one: false,
    show: cursorPointShow,
    size: cursorPointSize,
    width: 0,
    stroke: cursorPointStroke,
    fill: cursorPointFill
  },
  bind: {
    mousedown: filtBtn0,
    mouseup: filtBtn0,
    click: filtBtn0,
    // legend clicks, not .u-over clicks
    dblclick: filtBtn0,
    mousemove: filtTarg,
    mouseleave: filtTarg,
    mouseenter: filtTarg
  },
  drag: {
    setScale: true,
    x: true,
    y: false,
    dist: 0,
    uni: null,
    click: (self, e4) => {
      e4.stopPropagation();
      e4.stopImmediatePropagation();
    },
    _x: false,
    _y: false
  },
  focus: {
    dist: (self, seriesIdx, dataIdx, valPos, curPos) => valPos - curPos,
    prox: -1,
    bias: 0
  },
  hover: {
    skip: [void 0],
    prox: null,
    bias: 0
  },
  left: -10,
  top: -10,
  idx: null,
  dataIdx: null,
  idxs: null,
  event: null
};
var axisLines = {
  show: true,
  stroke: "rgba(0,0,0,0.07)",
  width: 2
  //	dash: [],
};
var grid = assign({}, axisLines, {
  filter: retArg1
});
var ticks = assign({}, grid, {
  size: 10
});
var border = assign({}, axisLines, {
  show: false
});
var font = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"';
var labelFont = "bold " + font;
var lineGap = 1.5;
var xAxisOpts = {
  show: true,
  scale: "x",
  stroke: hexBlack,
  space: 50,
  gap: 5,
  alignTo: 1,
  size: 50,
  labelGap: 0,
  labelSize: 30,
  labelFont,
  side: 2,
  //	class: "x-vals",
  //	incrs: timeIncrs,
  //	values: timeVals,
  //	filter: retArg1,
  grid,
  ticks,
  border,
  font,
  lineGap,
  rotate: 0
};
var numSeriesLabel = "Value";
var timeSeriesLabel = "Time";
var xSeriesOpts = {
  show: true,
  scale: "x",
  auto: false,
  sorted: 1,
  //	label: "Time",
  //	value: v => stamp(new Date(v * 1e3)),
  // internal caches
  min: inf,
  max: -inf,
  idxs: []
};
function numAxisVals(self, splits, axisIdx, foundSpace, foundIncr) {
  return splits.map((v4) => v4 == null ? "" : fmtNum(v4));
}
function numAxisSplits(self, axisIdx, scaleMin, scaleMax, foundIncr, foundSpace, forceMin) {
  let splits = [];
  let numDec = fixedDec.get(foundIncr) || 0;
  scaleMin = forceMin ? scaleMin : roundDec(incrRoundUp(scaleMin, foundIncr), numDec);
  for (let val = scaleMin; val <= scaleMax; val = roundDec(val + foundIncr, numDec))
    splits.push(Object.is(val, -0) ? 0 : val);
  return splits;
}
function logAxisSplits(self, axisIdx, scaleMin, scaleMax, foundIncr, foundSpace, forceMin) {
  const splits = [];
  const logBase = self.scales[self.axes[axisIdx].scale].log;
  const logFn = logBase == 10 ? log10 : log2;
  const exp = floor(logFn(scaleMin));
  foundIncr = pow(logBase, exp);
  if (logBase == 10)
    foundIncr = numIncrs[closestIdx(foundIncr, numIncrs)];
  let split = scaleMin;
  let nextMagIncr = foundIncr * logBase;
  if (logBase == 10)
    nextMagIncr = numIncrs[closestIdx(nextMagIncr, numIncrs)];
  do {
    splits.push(split);
    split = split + foundIncr;
    if (logBase == 10 && !fixedDec.has(split))
      split = roundDec(split, fixedDec.get(foundIncr));
    if (split >= nextMagIncr) {
      foundIncr = split;
      nextMagIncr = foundIncr * logBase;
      if (logBase == 10)
        nextMagIncr = numIncrs[closestIdx(nextMagIncr, numIncrs)];
    }
  } while (split <= scaleMax);
  return splits;
}
function asinhAxisSplits(self, axisIdx, scaleMin, scaleMax, foundIncr, foundSpace, forceMin) {
  let sc = self.scales[self.axes[axisIdx].scale];
  let linthresh = sc.asinh;
  let posSplits = scaleMax > linthresh ? logAxisSplits(self, axisIdx, max(linthresh, scaleMin), scaleMax, foundIncr) : [linthresh];
  let zero = scaleMax >= 0 && scaleMin <= 0 ? [0] : [];
  let negSplits = scaleMin < -linthresh ? logAxisSplits(self, axisIdx, max(linthresh, -scaleMax), -scaleMin, foundIncr) : [linthresh];
  return negSplits.reverse().map((v4) => -v4).concat(zero, posSplits);
}
var RE_ALL = /./;
var RE_12357 = /[12357]/;
var RE_125 = /[125]/;
var RE_1 = /1/;
var _filt = (splits, distr, re, keepMod) => splits.map((v4, i4) => distr == 4 && v4 == 0 || i4 % keepMod == 0 && re.test(v4.toExponential()[v4 < 0 ? 1 : 0]) ? v4 : null);
function log10AxisValsFilt(self, splits, axisIdx, foundSpace, foundIncr) {
  let axis = self.axes[axisIdx];
  let scaleKey = axis.scale;
  let sc = self.scales[scaleKey];
  let valToPos = self.valToPos;
  let minSpace = axis._space;
  let _10 = valToPos(10, scaleKey);
  let re = valToPos(9, scaleKey) - _10 >= minSpace ? RE_ALL : valToPos(7, scaleKey) - _10 >= minSpace ? RE_12357 : valToPos(5, scaleKey) - _10 >= minSpace ? RE_125 : RE_1;
  if (re == RE_1) {
    let magSpace = abs(valToPos(1, scaleKey) - _10);
    if (magSpace < minSpace)
      return _filt(splits.slice().reverse(), sc.distr, re, ceil(minSpace / magSpace)).reverse();
  }
  return _filt(splits, sc.distr, re, 1);
}
function log2AxisValsFilt(self, splits, axisIdx, foundSpace, foundIncr) {
  let axis = self.axes[axisIdx];
  let scaleKey = axis.scale;
  let minSpace = axis._space;
  let valToPos = self.valToPos;
  let magSpace = abs(valToPos(1, scaleKey) - valToPos(2, scaleKey));
  if (magSpace < minSpace)
    return _filt(splits.slice().reverse(), 3, RE_ALL, ceil(minSpace / magSpace)).reverse();
  return splits;
}
function numSeriesVal(self, val, seriesIdx, dataIdx) {
  return dataIdx == null ? LEGEND_DISP : val == null ? "" : fmtNum(val);
}
var yAxisOpts = {
  show: true,
  scale: "y",
  stroke: hexBlack,
  space: 30,
  gap: 5,
  alignTo: 1,
  size: 50,
  labelGap: 0,
  labelSize: 30,
  labelFont,
  side: 3,
  //	class: "y-vals",
  //	incrs: numIncrs,
  //	values: (vals, space) => vals,
  //	filter: retArg1,
  grid,
  ticks,
  border,
  font,
  lineGap,
  rotate: 0
};
function ptDia(width, mult) {
  let dia = 3 + (width || 1) * 2;
  return roundDec(dia * mult, 3);
}
function seriesPointsShow(self, si) {
  let { scale: scale2, idxs } = self.series[0];
  let xData = self._data[0];
  let p0 = self.valToPos(xData[idxs[0]], scale2, true);
  let p1 = self.valToPos(xData[idxs[1]], scale2, true);
  let dim = abs(p1 - p0);
  let s4 = self.series[si];
  let maxPts = dim / (s4.points.space * pxRatio);
  return idxs[1] - idxs[0] <= maxPts;
}
var facet = {
  scale: null,
  auto: true,
  sorted: 0,
  // internal caches
  min: inf,
  max: -inf
};
var gaps = (self, seriesIdx, idx0, idx1, nullGaps) => nullGaps;
var xySeriesOpts = {
  show: true,
  auto: true,
  sorted: 0,
  gaps,
  alpha: 1,
  facets: [
    assign({}, facet, { scale: "x" }),
    assign({}, facet, { scale: "y" })
  ]
};
var ySeriesOpts = {
  scale: "y",
  auto: true,
  sorted: 0,
  show: true,
  spanGaps: false,
  gaps,
  alpha: 1,
  points: {
    show: seriesPointsShow,
    filter: null
    //  paths:
    //	stroke: "#000",
    //	fill: "#fff",
    //	width: 1,
    //	size: 10,
  },
  //	label: "Value",
  //	value: v => v,
  values: null,
  // internal caches
  min: inf,
  max: -inf,
  idxs: [],
  path: null,
  clip: null
};
function clampScale(self, val, scaleMin, scaleMax, scaleKey) {
  return scaleMin / 10;
}
var xScaleOpts = {
  time: FEAT_TIME,
  auto: true,
  distr: 1,
  log: 10,
  asinh: 1,
  min: null,
  max: null,
  dir: 1,
  ori: 0
};
var yScaleOpts = assign({}, xScaleOpts, {
  time: false,
  ori: 1
});
var syncs = {};
function _sync(key, opts) {
  let s4 = syncs[key];
  if (!s4) {
    s4 = {
      key,
      plots: [],
      sub(plot) {
        s4.plots.push(plot);
      },
      unsub(plot) {
        s4.plots = s4.plots.filter((c4) => c4 != plot);
      },
      pub(type, self, x3, y5, w5, h5, i4) {
        for (let j3 = 0; j3 < s4.plots.length; j3++)
          s4.plots[j3] != self && s4.plots[j3].pub(type, self, x3, y5, w5, h5, i4);
      }
    };
    if (key != null)
      syncs[key] = s4;
  }
  return s4;
}
var BAND_CLIP_FILL = 1 << 0;
var BAND_CLIP_STROKE = 1 << 1;
function orient(u4, seriesIdx, cb) {
  const mode = u4.mode;
  const series = u4.series[seriesIdx];
  const data2 = mode == 2 ? u4._data[seriesIdx] : u4._data;
  const scales2 = u4.scales;
  const bbox = u4.bbox;
  let dx = data2[0], dy = mode == 2 ? data2[1] : data2[seriesIdx], sx = mode == 2 ? scales2[series.facets[0].scale] : scales2[u4.series[0].scale], sy = mode == 2 ? scales2[series.facets[1].scale] : scales2[series.scale], l4 = bbox.left, t5 = bbox.top, w5 = bbox.width, h5 = bbox.height, H2 = u4.valToPosH, V2 = u4.valToPosV;
  return sx.ori == 0 ? cb(
    series,
    dx,
    dy,
    sx,
    sy,
    H2,
    V2,
    l4,
    t5,
    w5,
    h5,
    moveToH,
    lineToH,
    rectH,
    arcH,
    bezierCurveToH
  ) : cb(
    series,
    dx,
    dy,
    sx,
    sy,
    V2,
    H2,
    t5,
    l4,
    h5,
    w5,
    moveToV,
    lineToV,
    rectV,
    arcV,
    bezierCurveToV
  );
}
function bandFillClipDirs(self, seriesIdx) {
  let fillDir = 0;
  let clipDirs = 0;
  let bands = ifNull(self.bands, EMPTY_ARR);
  for (let i4 = 0; i4 < bands.length; i4++) {
    let b3 = bands[i4];
    if (b3.series[0] == seriesIdx)
      fillDir = b3.dir;
    else if (b3.series[1] == seriesIdx) {
      if (b3.dir == 1)
        clipDirs |= 1;
      else
        clipDirs |= 2;
    }
  }
  return [
    fillDir,
    clipDirs == 1 ? -1 : (
      // neg only
      clipDirs == 2 ? 1 : (
        // pos only
        clipDirs == 3 ? 2 : (
          // both
          0
        )
      )
    )
  ];
}
function seriesFillTo(self, seriesIdx, dataMin, dataMax, bandFillDir) {
  let mode = self.mode;
  let series = self.series[seriesIdx];
  let scaleKey = mode == 2 ? series.facets[1].scale : series.scale;
  let scale2 = self.scales[scaleKey];
  return bandFillDir == -1 ? scale2.min : bandFillDir == 1 ? scale2.max : scale2.distr == 3 ? scale2.dir == 1 ? scale2.min : scale2.max : 0;
}
function clipBandLine(self, seriesIdx, idx0, idx1, strokePath, clipDir) {
  return orient(self, seriesIdx, (series, dataX, dataY, scaleX, scaleY, valToPosX, valToPosY, xOff, yOff, xDim, yDim) => {
    let pxRound = series.pxRound;
    const dir = scaleX.dir * (scaleX.ori == 0 ? 1 : -1);
    const lineTo = scaleX.ori == 0 ? lineToH : lineToV;
    let frIdx, toIdx;
    if (dir == 1) {
      frIdx = idx0;
      toIdx = idx1;
    } else {
      frIdx = idx1;
      toIdx = idx0;
    }
    let x0 = pxRound(valToPosX(dataX[frIdx], scaleX, xDim, xOff));
    let y0 = pxRound(valToPosY(dataY[frIdx], scaleY, yDim, yOff));
    let x1 = pxRound(valToPosX(dataX[toIdx], scaleX, xDim, xOff));
    let yLimit = pxRound(valToPosY(clipDir == 1 ? scaleY.max : scaleY.min, scaleY, yDim, yOff));
    let clip = new Path2D(strokePath);
    lineTo(clip, x1, yLimit);
    lineTo(clip, x0, yLimit);
    lineTo(clip, x0, y0);
    return clip;
  });
}
function clipGaps(gaps2, ori, plotLft, plotTop, plotWid, plotHgt) {
  let clip = null;
  if (gaps2.length > 0) {
    clip = new Path2D();
    const rect2 = ori == 0 ? rectH : rectV;
    let prevGapEnd = plotLft;
    for (let i4 = 0; i4 < gaps2.length; i4++) {
      let g5 = gaps2[i4];
      if (g5[1] > g5[0]) {
        let w6 = g5[0] - prevGapEnd;
        w6 > 0 && rect2(clip, prevGapEnd, plotTop, w6, plotTop + plotHgt);
        prevGapEnd = g5[1];
      }
    }
    let w5 = plotLft + plotWid - prevGapEnd;
    let maxStrokeWidth = 10;
    w5 > 0 && rect2(clip, prevGapEnd, plotTop - maxStrokeWidth / 2, w5, plotTop + plotHgt + maxStrokeWidth);
  }
  return clip;
}
function addGap(gaps2, fromX, toX) {
  let prevGap = gaps2[gaps2.length - 1];
  if (prevGap && prevGap[0] == fromX)
    prevGap[1] = toX;
  else
    gaps2.push([fromX, toX]);
}
function findGaps(xs, ys, idx0, idx1, dir, pixelForX, align) {
  let gaps2 = [];
  let len = xs.length;
  for (let i4 = dir == 1 ? idx0 : idx1; i4 >= idx0 && i4 <= idx1; i4 += dir) {
    let yVal = ys[i4];
    if (yVal === null) {
      let fr = i4, to = i4;
      if (dir == 1) {
        while (++i4 <= idx1 && ys[i4] === null)
          to = i4;
      } else {
        while (--i4 >= idx0 && ys[i4] === null)
          to = i4;
      }
      let frPx = pixelForX(xs[fr]);
      let toPx = to == fr ? frPx : pixelForX(xs[to]);
      let fri2 = fr - dir;
      let frPx2 = align <= 0 && fri2 >= 0 && fri2 < len ? pixelForX(xs[fri2]) : frPx;
      frPx = frPx2;
      let toi2 = to + dir;
      let toPx2 = align >= 0 && toi2 >= 0 && toi2 < len ? pixelForX(xs[toi2]) : toPx;
      toPx = toPx2;
      if (toPx >= frPx)
        gaps2.push([frPx, toPx]);
    }
  }
  return gaps2;
}
function pxRoundGen(pxAlign) {
  return pxAlign == 0 ? retArg0 : pxAlign == 1 ? round : (v4) => incrRound(v4, pxAlign);
}
function rect(ori) {
  let moveTo = ori == 0 ? moveToH : moveToV;
  let arcTo = ori == 0 ? (p5, x1, y1, x22, y22, r4) => {
    p5.arcTo(x1, y1, x22, y22, r4);
  } : (p5, y1, x1, y22, x22, r4) => {
    p5.arcTo(x1, y1, x22, y22, r4);
  };
  let rect2 = ori == 0 ? (p5, x3, y5, w5, h5) => {
    p5.rect(x3, y5, w5, h5);
  } : (p5, y5, x3, h5, w5) => {
    p5.rect(x3, y5, w5, h5);
  };
  return (p5, x3, y5, w5, h5, endRad = 0, baseRad = 0) => {
    if (endRad == 0 && baseRad == 0)
      rect2(p5, x3, y5, w5, h5);
    else {
      endRad = min(endRad, w5 / 2, h5 / 2);
      baseRad = min(baseRad, w5 / 2, h5 / 2);
      moveTo(p5, x3 + endRad, y5);
      arcTo(p5, x3 + w5, y5, x3 + w5, y5 + h5, endRad);
      arcTo(p5, x3 + w5, y5 + h5, x3, y5 + h5, baseRad);
      arcTo(p5, x3, y5 + h5, x3, y5, baseRad);
      arcTo(p5, x3, y5, x3 + w5, y5, endRad);
      p5.closePath();
    }
  };
}
var moveToH = (p5, x3, y5) => {
  p5.moveTo(x3, y5);
};
var moveToV = (p5, y5, x3) => {
  p5.moveTo(x3, y5);
};
var lineToH = (p5, x3, y5) => {
  p5.lineTo(x3, y5);
};
var lineToV = (p5, y5, x3) => {
  p5.lineTo(x3, y5);
};
var rectH = rect(0);
var rectV = rect(1);
var arcH = (p5, x3, y5, r4, startAngle, endAngle) => {
  p5.arc(x3, y5, r4, startAngle, endAngle);
};
var arcV = (p5, y5, x3, r4, startAngle, endAngle) => {
  p5.arc(x3, y5, r4, startAngle, endAngle);
};
var bezierCurveToH = (p5, bp1x, bp1y, bp2x, bp2y, p2x, p2y) => {
  p5.bezierCurveTo(bp1x, bp1y, bp2x, bp2y, p2x, p2y);
};
var bezierCurveToV = (p5, bp1y, bp1x, bp2y, bp2x, p2y, p2x) => {
  p5.bezierCurveTo(bp1x, bp1y, bp2x, bp2y, p2x, p2y);
};
function points(opts) {
  return (u4, seriesIdx, idx0, idx1, filtIdxs) => {
    return orient(u4, seriesIdx, (series, dataX, dataY, scaleX, scaleY, valToPosX, valToPosY, xOff, yOff, xDim, yDim) => {
      let { pxRound, points: points5 } = series;
      let moveTo, arc;
      if (scaleX.ori == 0) {
        moveTo = moveToH;
        arc = arcH;
      } else {
        moveTo = moveToV;
        arc = arcV;
      }
      const width = roundDec(points5.width * pxRatio, 3);
      let rad = (points5.size - points5.width) / 2 * pxRatio;
      let dia = roundDec(rad * 2, 3);
      let fill = new Path2D();
      let clip = new Path2D();
      let { left: lft, top, width: wid, height: hgt } = u4.bbox;
      rectH(
        clip,
        lft - dia,
        top - dia,
        wid + dia * 2,
        hgt + dia * 2
      );
      const drawPoint = (pi) => {
        if (dataY[pi] != null) {
          let x3 = pxRound(valToPosX(dataX[pi], scaleX, xDim, xOff));
          let y5 = pxRound(valToPosY(dataY[pi], scaleY, yDim, yOff));
          moveTo(fill, x3 + rad, y5);
          arc(fill, x3, y5, rad, 0, PI * 2);
        }
      };
      if (filtIdxs)
        filtIdxs.forEach(drawPoint);
      else {
        for (let pi = idx0; pi <= idx1; pi++)
          drawPoint(pi);
      }
      return {
        stroke: width > 0 ? fill : null,
        fill,
        clip,
        flags: BAND_CLIP_FILL | BAND_CLIP_STROKE
      };
    });
  };
}
function _drawAcc(lineTo) {
  return (stroke, accX, minY, maxY, inY, outY) => {
    if (minY != maxY) {
      if (inY != minY && outY != minY)
        lineTo(stroke, accX, minY);
      if (inY != maxY && outY != maxY)
        lineTo(stroke, accX, maxY);
      lineTo(stroke, accX, outY);
    }
  };
}
var drawAccH = _drawAcc(lineToH);
var drawAccV = _drawAcc(lineToV);
function linear(opts) {
  const alignGaps = ifNull(opts?.alignGaps, 0);
  return (u4, seriesIdx, idx0, idx1) => {
    return orient(u4, seriesIdx, (series, dataX, dataY, scaleX, scaleY, valToPosX, valToPosY, xOff, yOff, xDim, yDim) => {
      [idx0, idx1] = nonNullIdxs(dataY, idx0, idx1);
      let pxRound = series.pxRound;
      let pixelForX = (val) => pxRound(valToPosX(val, scaleX, xDim, xOff));
      let pixelForY = (val) => pxRound(valToPosY(val, scaleY, yDim, yOff));
      let lineTo, drawAcc;
      if (scaleX.ori == 0) {
        lineTo = lineToH;
        drawAcc = drawAccH;
      } else {
        lineTo = lineToV;
        drawAcc = drawAccV;
      }
      const dir = scaleX.dir * (scaleX.ori == 0 ? 1 : -1);
      const _paths = { stroke: new Path2D(), fill: null, clip: null, band: null, gaps: null, flags: BAND_CLIP_FILL };
      const stroke = _paths.stroke;
      let hasGap = false;
      const decimate = idx1 - idx0 >= xDim * 4;
      if (decimate) {
        let xForPixel = (pos) => u4.posToVal(pos, scaleX.key, true);
        let minY = null, maxY = null, inY, outY, drawnAtX;
        let accX = pixelForX(dataX[dir == 1 ? idx0 : idx1]);
        let idx0px = pixelForX(dataX[idx0]);
        let idx1px = pixelForX(dataX[idx1]);
        let nextAccXVal = xForPixel(dir == 1 ? idx0px + 1 : idx1px - 1);
        for (let i4 = dir == 1 ? idx0 : idx1; i4 >= idx0 && i4 <= idx1; i4 += dir) {
          let xVal = dataX[i4];
          let reuseAccX = dir == 1 ? xVal < nextAccXVal : xVal > nextAccXVal;
          let x3 = reuseAccX ? accX : pixelForX(xVal);
          let yVal = dataY[i4];
          if (x3 == accX) {
            if (yVal != null) {
              outY = yVal;
              if (minY == null) {
                lineTo(stroke, x3, pixelForY(outY));
                inY = minY = maxY = outY;
              } else {
                if (outY < minY)
                  minY = outY;
                else if (outY > maxY)
                  maxY = outY;
              }
            } else {
              if (yVal === null)
                hasGap = true;
            }
          } else {
            if (minY != null)
              drawAcc(stroke, accX, pixelForY(minY), pixelForY(maxY), pixelForY(inY), pixelForY(outY));
            if (yVal != null) {
              outY = yVal;
              lineTo(stroke, x3, pixelForY(outY));
              minY = maxY = inY = outY;
            } else {
              minY = maxY = null;
              if (yVal === null)
                hasGap = true;
            }
            accX = x3;
            nextAccXVal = xForPixel(accX + dir);
          }
        }
        if (minY != null && minY != maxY && drawnAtX != accX)
          drawAcc(stroke, accX, pixelForY(minY), pixelForY(maxY), pixelForY(inY), pixelForY(outY));
      } else {
        for (let i4 = dir == 1 ? idx0 : idx1; i4 >= idx0 && i4 <= idx1; i4 += dir) {
          let yVal = dataY[i4];
          if (yVal === null)
            hasGap = true;
          else if (yVal != null)
            lineTo(stroke, pixelForX(dataX[i4]), pixelForY(yVal));
        }
      }
      let [bandFillDir, bandClipDir] = bandFillClipDirs(u4, seriesIdx);
      if (series.fill != null || bandFillDir != 0) {
        let fill = _paths.fill = new Path2D(stroke);
        let fillToVal = series.fillTo(u4, seriesIdx, series.min, series.max, bandFillDir);
        let fillToY = pixelForY(fillToVal);
        let frX = pixelForX(dataX[idx0]);
        let toX = pixelForX(dataX[idx1]);
        if (dir == -1)
          [toX, frX] = [frX, toX];
        lineTo(fill, toX, fillToY);
        lineTo(fill, frX, fillToY);
      }
      if (!series.spanGaps) {
        let gaps2 = [];
        hasGap && gaps2.push(...findGaps(dataX, dataY, idx0, idx1, dir, pixelForX, alignGaps));
        _paths.gaps = gaps2 = series.gaps(u4, seriesIdx, idx0, idx1, gaps2);
        _paths.clip = clipGaps(gaps2, scaleX.ori, xOff, yOff, xDim, yDim);
      }
      if (bandClipDir != 0) {
        _paths.band = bandClipDir == 2 ? [
          clipBandLine(u4, seriesIdx, idx0, idx1, stroke, -1),
          clipBandLine(u4, seriesIdx, idx0, idx1, stroke, 1)
        ] : clipBandLine(u4, seriesIdx, idx0, idx1, stroke, bandClipDir);
      }
      return _paths;
    });
  };
}
function stepped(opts) {
  const align = ifNull(opts.align, 1);
  const ascDesc = ifNull(opts.ascDesc, false);
  const alignGaps = ifNull(opts.alignGaps, 0);
  const extend = ifNull(opts.extend, false);
  return (u4, seriesIdx, idx0, idx1) => {
    return orient(u4, seriesIdx, (series, dataX, dataY, scaleX, scaleY, valToPosX, valToPosY, xOff, yOff, xDim, yDim) => {
      [idx0, idx1] = nonNullIdxs(dataY, idx0, idx1);
      let pxRound = series.pxRound;
      let { left, width } = u4.bbox;
      let pixelForX = (val) => pxRound(valToPosX(val, scaleX, xDim, xOff));
      let pixelForY = (val) => pxRound(valToPosY(val, scaleY, yDim, yOff));
      let lineTo = scaleX.ori == 0 ? lineToH : lineToV;
      const _paths = { stroke: new Path2D(), fill: null, clip: null, band: null, gaps: null, flags: BAND_CLIP_FILL };
      const stroke = _paths.stroke;
      const dir = scaleX.dir * (scaleX.ori == 0 ? 1 : -1);
      let prevYPos = pixelForY(dataY[dir == 1 ? idx0 : idx1]);
      let firstXPos = pixelForX(dataX[dir == 1 ? idx0 : idx1]);
      let prevXPos = firstXPos;
      let firstXPosExt = firstXPos;
      if (extend && align == -1) {
        firstXPosExt = left;
        lineTo(stroke, firstXPosExt, prevYPos);
      }
      lineTo(stroke, firstXPos, prevYPos);
      for (let i4 = dir == 1 ? idx0 : idx1; i4 >= idx0 && i4 <= idx1; i4 += dir) {
        let yVal1 = dataY[i4];
        if (yVal1 == null)
          continue;
        let x1 = pixelForX(dataX[i4]);
        let y1 = pixelForY(yVal1);
        if (align == 1)
          lineTo(stroke, x1, prevYPos);
        else
          lineTo(stroke, prevXPos, y1);
        lineTo(stroke, x1, y1);
        prevYPos = y1;
        prevXPos = x1;
      }
      let prevXPosExt = prevXPos;
      if (extend && align == 1) {
        prevXPosExt = left + width;
        lineTo(stroke, prevXPosExt, prevYPos);
      }
      let [bandFillDir, bandClipDir] = bandFillClipDirs(u4, seriesIdx);
      if (series.fill != null || bandFillDir != 0) {
        let fill = _paths.fill = new Path2D(stroke);
        let fillTo = series.fillTo(u4, seriesIdx, series.min, series.max, bandFillDir);
        let fillToY = pixelForY(fillTo);
        lineTo(fill, prevXPosExt, fillToY);
        lineTo(fill, firstXPosExt, fillToY);
      }
      if (!series.spanGaps) {
        let gaps2 = [];
        gaps2.push(...findGaps(dataX, dataY, idx0, idx1, dir, pixelForX, alignGaps));
        let halfStroke = series.width * pxRatio / 2;
        let startsOffset = ascDesc || align == 1 ? halfStroke : -halfStroke;
        let endsOffset = ascDesc || align == -1 ? -halfStroke : halfStroke;
        gaps2.forEach((g5) => {
          g5[0] += startsOffset;
          g5[1] += endsOffset;
        });
        _paths.gaps = gaps2 = series.gaps(u4, seriesIdx, idx0, idx1, gaps2);
        _paths.clip = clipGaps(gaps2, scaleX.ori, xOff, yOff, xDim, yDim);
      }
      if (bandClipDir != 0) {
        _paths.band = bandClipDir == 2 ? [
          clipBandLine(u4, seriesIdx, idx0, idx1, stroke, -1),
          clipBandLine(u4, seriesIdx, idx0, idx1, stroke, 1)
        ] : clipBandLine(u4, seriesIdx, idx0, idx1, stroke, bandClipDir);
      }
      return _paths;
    });
  };
}
function findColWidth(dataX, dataY, valToPosX, scaleX, xDim, xOff, colWid = inf) {
  if (dataX.length > 1) {
    let prevIdx = null;
    for (let i4 = 0, minDelta = Infinity; i4 < dataX.length; i4++) {
      if (dataY[i4] !== void 0) {
        if (prevIdx != null) {
          let delta2 = abs(dataX[i4] - dataX[prevIdx]);
          if (delta2 < minDelta) {
            minDelta = delta2;
            colWid = abs(valToPosX(dataX[i4], scaleX, xDim, xOff) - valToPosX(dataX[prevIdx], scaleX, xDim, xOff));
          }
        }
        prevIdx = i4;
      }
    }
  }
  return colWid;
}
function bars(opts) {
  opts = opts || EMPTY_OBJ;
  const size = ifNull(opts.size, [0.6, inf, 1]);
  const align = opts.align || 0;
  const _extraGap = opts.gap || 0;
  let ro = opts.radius;
  ro = // [valueRadius, baselineRadius]
  ro == null ? [0, 0] : typeof ro == "number" ? [ro, 0] : ro;
  const radiusFn = fnOrSelf(ro);
  const gapFactor = 1 - size[0];
  const _maxWidth = ifNull(size[1], inf);
  const _minWidth = ifNull(size[2], 1);
  const disp = ifNull(opts.disp, EMPTY_OBJ);
  const _each = ifNull(opts.each, (_5) => {
  });
  const { fill: dispFills, stroke: dispStrokes } = disp;
  return (u4, seriesIdx, idx0, idx1) => {
    return orient(u4, seriesIdx, (series, dataX, dataY, scaleX, scaleY, valToPosX, valToPosY, xOff, yOff, xDim, yDim) => {
      let pxRound = series.pxRound;
      let _align = align;
      let extraGap = _extraGap * pxRatio;
      let maxWidth = _maxWidth * pxRatio;
      let minWidth = _minWidth * pxRatio;
      let valRadius, baseRadius;
      if (scaleX.ori == 0)
        [valRadius, baseRadius] = radiusFn(u4, seriesIdx);
      else
        [baseRadius, valRadius] = radiusFn(u4, seriesIdx);
      const _dirX = scaleX.dir * (scaleX.ori == 0 ? 1 : -1);
      let rect2 = scaleX.ori == 0 ? rectH : rectV;
      let each = scaleX.ori == 0 ? _each : (u5, seriesIdx2, i4, top, lft, hgt, wid) => {
        _each(u5, seriesIdx2, i4, lft, top, wid, hgt);
      };
      let band2 = ifNull(u4.bands, EMPTY_ARR).find((b3) => b3.series[0] == seriesIdx);
      let fillDir = band2 != null ? band2.dir : 0;
      let fillTo = series.fillTo(u4, seriesIdx, series.min, series.max, fillDir);
      let fillToY = pxRound(valToPosY(fillTo, scaleY, yDim, yOff));
      let xShift, barWid, fullGap, colWid = xDim;
      let strokeWidth = pxRound(series.width * pxRatio);
      let multiPath = false;
      let fillColors = null;
      let fillPaths = null;
      let strokeColors = null;
      let strokePaths = null;
      if (dispFills != null && (strokeWidth == 0 || dispStrokes != null)) {
        multiPath = true;
        fillColors = dispFills.values(u4, seriesIdx, idx0, idx1);
        fillPaths = /* @__PURE__ */ new Map();
        new Set(fillColors).forEach((color) => {
          if (color != null)
            fillPaths.set(color, new Path2D());
        });
        if (strokeWidth > 0) {
          strokeColors = dispStrokes.values(u4, seriesIdx, idx0, idx1);
          strokePaths = /* @__PURE__ */ new Map();
          new Set(strokeColors).forEach((color) => {
            if (color != null)
              strokePaths.set(color, new Path2D());
          });
        }
      }
      let { x0, size: size2 } = disp;
      if (x0 != null && size2 != null) {
        _align = 1;
        dataX = x0.values(u4, seriesIdx, idx0, idx1);
        if (x0.unit == 2)
          dataX = dataX.map((pct) => u4.posToVal(xOff + pct * xDim, scaleX.key, true));
        let sizes = size2.values(u4, seriesIdx, idx0, idx1);
        if (size2.unit == 2)
          barWid = sizes[0] * xDim;
        else
          barWid = valToPosX(sizes[0], scaleX, xDim, xOff) - valToPosX(0, scaleX, xDim, xOff);
        colWid = findColWidth(dataX, dataY, valToPosX, scaleX, xDim, xOff, colWid);
        let gapWid = colWid - barWid;
        fullGap = gapWid + extraGap;
      } else {
        colWid = findColWidth(dataX, dataY, valToPosX, scaleX, xDim, xOff, colWid);
        let gapWid = colWid * gapFactor;
        fullGap = gapWid + extraGap;
        barWid = colWid - fullGap;
      }
      if (fullGap < 1)
        fullGap = 0;
      if (strokeWidth >= barWid / 2)
        strokeWidth = 0;
      if (fullGap < 5)
        pxRound = retArg0;
      let insetStroke = fullGap > 0;
      let rawBarWid = colWid - fullGap - (insetStroke ? strokeWidth : 0);
      barWid = pxRound(clamp(rawBarWid, minWidth, maxWidth));
      xShift = (_align == 0 ? barWid / 2 : _align == _dirX ? 0 : barWid) - _align * _dirX * ((_align == 0 ? extraGap / 2 : 0) + (insetStroke ? strokeWidth / 2 : 0));
      const _paths = { stroke: null, fill: null, clip: null, band: null, gaps: null, flags: 0 };
      const stroke = multiPath ? null : new Path2D();
      let dataY0 = null;
      if (band2 != null)
        dataY0 = u4.data[band2.series[1]];
      else {
        let { y0, y1 } = disp;
        if (y0 != null && y1 != null) {
          dataY = y1.values(u4, seriesIdx, idx0, idx1);
          dataY0 = y0.values(u4, seriesIdx, idx0, idx1);
        }
      }
      let radVal = valRadius * barWid;
      let radBase = baseRadius * barWid;
      for (let i4 = _dirX == 1 ? idx0 : idx1; i4 >= idx0 && i4 <= idx1; i4 += _dirX) {
        let yVal = dataY[i4];
        if (yVal == null)
          continue;
        if (dataY0 != null) {
          let yVal0 = dataY0[i4] ?? 0;
          if (yVal - yVal0 == 0)
            continue;
          fillToY = valToPosY(yVal0, scaleY, yDim, yOff);
        }
        let xVal = scaleX.distr != 2 || disp != null ? dataX[i4] : i4;
        let xPos = valToPosX(xVal, scaleX, xDim, xOff);
        let yPos = valToPosY(ifNull(yVal, fillTo), scaleY, yDim, yOff);
        let lft = pxRound(xPos - xShift);
        let btm = pxRound(max(yPos, fillToY));
        let top = pxRound(min(yPos, fillToY));
        let barHgt = btm - top;
        if (yVal != null) {
          let rv = yVal < 0 ? radBase : radVal;
          let rb = yVal < 0 ? radVal : radBase;
          if (multiPath) {
            if (strokeWidth > 0 && strokeColors[i4] != null)
              rect2(strokePaths.get(strokeColors[i4]), lft, top + floor(strokeWidth / 2), barWid, max(0, barHgt - strokeWidth), rv, rb);
            if (fillColors[i4] != null)
              rect2(fillPaths.get(fillColors[i4]), lft, top + floor(strokeWidth / 2), barWid, max(0, barHgt - strokeWidth), rv, rb);
          } else
            rect2(stroke, lft, top + floor(strokeWidth / 2), barWid, max(0, barHgt - strokeWidth), rv, rb);
          each(
            u4,
            seriesIdx,
            i4,
            lft - strokeWidth / 2,
            top,
            barWid + strokeWidth,
            barHgt
          );
        }
      }
      if (strokeWidth > 0)
        _paths.stroke = multiPath ? strokePaths : stroke;
      else if (!multiPath) {
        _paths._fill = series.width == 0 ? series._fill : series._stroke ?? series._fill;
        _paths.width = 0;
      }
      _paths.fill = multiPath ? fillPaths : stroke;
      return _paths;
    });
  };
}
function splineInterp(interp, opts) {
  const alignGaps = ifNull(opts?.alignGaps, 0);
  return (u4, seriesIdx, idx0, idx1) => {
    return orient(u4, seriesIdx, (series, dataX, dataY, scaleX, scaleY, valToPosX, valToPosY, xOff, yOff, xDim, yDim) => {
      [idx0, idx1] = nonNullIdxs(dataY, idx0, idx1);
      let pxRound = series.pxRound;
      let pixelForX = (val) => pxRound(valToPosX(val, scaleX, xDim, xOff));
      let pixelForY = (val) => pxRound(valToPosY(val, scaleY, yDim, yOff));
      let moveTo, bezierCurveTo, lineTo;
      if (scaleX.ori == 0) {
        moveTo = moveToH;
        lineTo = lineToH;
        bezierCurveTo = bezierCurveToH;
      } else {
        moveTo = moveToV;
        lineTo = lineToV;
        bezierCurveTo = bezierCurveToV;
      }
      const dir = scaleX.dir * (scaleX.ori == 0 ? 1 : -1);
      let firstXPos = pixelForX(dataX[dir == 1 ? idx0 : idx1]);
      let prevXPos = firstXPos;
      let xCoords = [];
      let yCoords = [];
      for (let i4 = dir == 1 ? idx0 : idx1; i4 >= idx0 && i4 <= idx1; i4 += dir) {
        let yVal = dataY[i4];
        if (yVal != null) {
          let xVal = dataX[i4];
          let xPos = pixelForX(xVal);
          xCoords.push(prevXPos = xPos);
          yCoords.push(pixelForY(dataY[i4]));
        }
      }
      const _paths = { stroke: interp(xCoords, yCoords, moveTo, lineTo, bezierCurveTo, pxRound), fill: null, clip: null, band: null, gaps: null, flags: BAND_CLIP_FILL };
      const stroke = _paths.stroke;
      let [bandFillDir, bandClipDir] = bandFillClipDirs(u4, seriesIdx);
      if (series.fill != null || bandFillDir != 0) {
        let fill = _paths.fill = new Path2D(stroke);
        let fillTo = series.fillTo(u4, seriesIdx, series.min, series.max, bandFillDir);
        let fillToY = pixelForY(fillTo);
        lineTo(fill, prevXPos, fillToY);
        lineTo(fill, firstXPos, fillToY);
      }
      if (!series.spanGaps) {
        let gaps2 = [];
        gaps2.push(...findGaps(dataX, dataY, idx0, idx1, dir, pixelForX, alignGaps));
        _paths.gaps = gaps2 = series.gaps(u4, seriesIdx, idx0, idx1, gaps2);
        _paths.clip = clipGaps(gaps2, scaleX.ori, xOff, yOff, xDim, yDim);
      }
      if (bandClipDir != 0) {
        _paths.band = bandClipDir == 2 ? [
          clipBandLine(u4, seriesIdx, idx0, idx1, stroke, -1),
          clipBandLine(u4, seriesIdx, idx0, idx1, stroke, 1)
        ] : clipBandLine(u4, seriesIdx, idx0, idx1, stroke, bandClipDir);
      }
      return _paths;
    });
  };
}
function monotoneCubic(opts) {
  return splineInterp(_monotoneCubic, opts);
}
function _monotoneCubic(xs, ys, moveTo, lineTo, bezierCurveTo, pxRound) {
  const n3 = xs.length;
  if (n3 < 2)
    return null;
  const path = new Path2D();
  moveTo(path, xs[0], ys[0]);
  if (n3 == 2)
    lineTo(path, xs[1], ys[1]);
  else {
    let ms = Array(n3), ds = Array(n3 - 1), dys = Array(n3 - 1), dxs = Array(n3 - 1);
    for (let i4 = 0; i4 < n3 - 1; i4++) {
      dys[i4] = ys[i4 + 1] - ys[i4];
      dxs[i4] = xs[i4 + 1] - xs[i4];
      ds[i4] = dys[i4] / dxs[i4];
    }
    ms[0] = ds[0];
    for (let i4 = 1; i4 < n3 - 1; i4++) {
      if (ds[i4] === 0 || ds[i4 - 1] === 0 || ds[i4 - 1] > 0 !== ds[i4] > 0)
        ms[i4] = 0;
      else {
        ms[i4] = 3 * (dxs[i4 - 1] + dxs[i4]) / ((2 * dxs[i4] + dxs[i4 - 1]) / ds[i4 - 1] + (dxs[i4] + 2 * dxs[i4 - 1]) / ds[i4]);
        if (!isFinite(ms[i4]))
          ms[i4] = 0;
      }
    }
    ms[n3 - 1] = ds[n3 - 2];
    for (let i4 = 0; i4 < n3 - 1; i4++) {
      bezierCurveTo(
        path,
        xs[i4] + dxs[i4] / 3,
        ys[i4] + ms[i4] * dxs[i4] / 3,
        xs[i4 + 1] - dxs[i4] / 3,
        ys[i4 + 1] - ms[i4 + 1] * dxs[i4] / 3,
        xs[i4 + 1],
        ys[i4 + 1]
      );
    }
  }
  return path;
}
var cursorPlots = /* @__PURE__ */ new Set();
function invalidateRects() {
  for (let u4 of cursorPlots)
    u4.syncRect(true);
}
if (domEnv) {
  on(resize, win, invalidateRects);
  on(scroll, win, invalidateRects, true);
  on(dppxchange, win, () => {
    uPlot.pxRatio = pxRatio;
  });
}
var linearPath = linear();
var pointsPath = points();
function setDefaults(d5, xo, yo, initY) {
  let d22 = initY ? [d5[0], d5[1]].concat(d5.slice(2)) : [d5[0]].concat(d5.slice(1));
  return d22.map((o5, i4) => setDefault(o5, i4, xo, yo));
}
function setDefaults2(d5, xyo) {
  return d5.map((o5, i4) => i4 == 0 ? {} : assign({}, xyo, o5));
}
function setDefault(o5, i4, xo, yo) {
  return assign({}, i4 == 0 ? xo : yo, o5);
}
function snapNumX(self, dataMin, dataMax) {
  return dataMin == null ? nullNullTuple : [dataMin, dataMax];
}
var snapTimeX = snapNumX;
function snapNumY(self, dataMin, dataMax) {
  return dataMin == null ? nullNullTuple : rangeNum(dataMin, dataMax, rangePad, true);
}
function snapLogY(self, dataMin, dataMax, scale2) {
  return dataMin == null ? nullNullTuple : rangeLog(dataMin, dataMax, self.scales[scale2].log, false);
}
var snapLogX = snapLogY;
function snapAsinhY(self, dataMin, dataMax, scale2) {
  return dataMin == null ? nullNullTuple : rangeAsinh(dataMin, dataMax, self.scales[scale2].log, false);
}
var snapAsinhX = snapAsinhY;
function findIncr(minVal, maxVal, incrs, dim, minSpace) {
  let intDigits = max(numIntDigits(minVal), numIntDigits(maxVal));
  let delta2 = maxVal - minVal;
  let incrIdx = closestIdx(minSpace / dim * delta2, incrs);
  do {
    let foundIncr = incrs[incrIdx];
    let foundSpace = dim * foundIncr / delta2;
    if (foundSpace >= minSpace && intDigits + (foundIncr < 5 ? fixedDec.get(foundIncr) : 0) <= 17)
      return [foundIncr, foundSpace];
  } while (++incrIdx < incrs.length);
  return [0, 0];
}
function pxRatioFont(font2) {
  let fontSize, fontSizeCss;
  font2 = font2.replace(/(\d+)px/, (m5, p1) => (fontSize = round((fontSizeCss = +p1) * pxRatio)) + "px");
  return [font2, fontSize, fontSizeCss];
}
function syncFontSize(axis) {
  if (axis.show) {
    [axis.font, axis.labelFont].forEach((f5) => {
      let size = roundDec(f5[2] * pxRatio, 1);
      f5[0] = f5[0].replace(/[0-9.]+px/, size + "px");
      f5[1] = size;
    });
  }
}
function uPlot(opts, data2, then) {
  const self = {
    mode: ifNull(opts.mode, 1)
  };
  const mode = self.mode;
  function getHPos(val, scale2, dim, off2) {
    let pct = scale2.valToPct(val);
    return off2 + dim * (scale2.dir == -1 ? 1 - pct : pct);
  }
  function getVPos(val, scale2, dim, off2) {
    let pct = scale2.valToPct(val);
    return off2 + dim * (scale2.dir == -1 ? pct : 1 - pct);
  }
  function getPos(val, scale2, dim, off2) {
    return scale2.ori == 0 ? getHPos(val, scale2, dim, off2) : getVPos(val, scale2, dim, off2);
  }
  self.valToPosH = getHPos;
  self.valToPosV = getVPos;
  let ready = false;
  self.status = 0;
  const root2 = self.root = placeDiv(UPLOT);
  if (opts.id != null)
    root2.id = opts.id;
  addClass(root2, opts.class);
  if (opts.title) {
    let title = placeDiv(TITLE, root2);
    title.textContent = opts.title;
  }
  const can2 = placeTag("canvas");
  const ctx = self.ctx = can2.getContext("2d");
  const wrap = placeDiv(WRAP, root2);
  on("click", wrap, (e4) => {
    if (e4.target === over) {
      let didDrag = mouseLeft1 != mouseLeft0 || mouseTop1 != mouseTop0;
      didDrag && drag.click(self, e4);
    }
  }, true);
  const under = self.under = placeDiv(UNDER, wrap);
  wrap.appendChild(can2);
  const over = self.over = placeDiv(OVER, wrap);
  opts = copy(opts);
  const pxAlign = +ifNull(opts.pxAlign, 1);
  const pxRound = pxRoundGen(pxAlign);
  (opts.plugins || []).forEach((p5) => {
    if (p5.opts)
      opts = p5.opts(self, opts) || opts;
  });
  const ms = opts.ms || 1e-3;
  const series = self.series = mode == 1 ? setDefaults(opts.series || [], xSeriesOpts, ySeriesOpts, false) : setDefaults2(opts.series || [null], xySeriesOpts);
  const axes = self.axes = setDefaults(opts.axes || [], xAxisOpts, yAxisOpts, true);
  const scales2 = self.scales = {};
  const bands = self.bands = opts.bands || [];
  bands.forEach((b3) => {
    b3.fill = fnOrSelf(b3.fill || null);
    b3.dir = ifNull(b3.dir, -1);
  });
  const xScaleKey = mode == 2 ? series[1].facets[0].scale : series[0].scale;
  const drawOrderMap = {
    axes: drawAxesGrid,
    series: drawSeries
  };
  const drawOrder = (opts.drawOrder || ["axes", "series"]).map((key2) => drawOrderMap[key2]);
  function initValToPct(sc) {
    const getVal = sc.distr == 3 ? (val) => log10(val > 0 ? val : sc.clamp(self, val, sc.min, sc.max, sc.key)) : sc.distr == 4 ? (val) => asinh(val, sc.asinh) : sc.distr == 100 ? (val) => sc.fwd(val) : (val) => val;
    return (val) => {
      let _val = getVal(val);
      let { _min, _max } = sc;
      let delta2 = _max - _min;
      return (_val - _min) / delta2;
    };
  }
  function initScale(scaleKey) {
    let sc = scales2[scaleKey];
    if (sc == null) {
      let scaleOpts = (opts.scales || EMPTY_OBJ)[scaleKey] || EMPTY_OBJ;
      if (scaleOpts.from != null) {
        initScale(scaleOpts.from);
        let sc2 = assign({}, scales2[scaleOpts.from], scaleOpts, { key: scaleKey });
        sc2.valToPct = initValToPct(sc2);
        scales2[scaleKey] = sc2;
      } else {
        sc = scales2[scaleKey] = assign({}, scaleKey == xScaleKey ? xScaleOpts : yScaleOpts, scaleOpts);
        sc.key = scaleKey;
        let isTime = sc.time;
        let rn = sc.range;
        let rangeIsArr = isArr(rn);
        if (scaleKey != xScaleKey || mode == 2 && !isTime) {
          if (rangeIsArr && (rn[0] == null || rn[1] == null)) {
            rn = {
              min: rn[0] == null ? autoRangePart : {
                mode: 1,
                hard: rn[0],
                soft: rn[0]
              },
              max: rn[1] == null ? autoRangePart : {
                mode: 1,
                hard: rn[1],
                soft: rn[1]
              }
            };
            rangeIsArr = false;
          }
          if (!rangeIsArr && isObj(rn)) {
            let cfg = rn;
            rn = (self2, dataMin, dataMax) => dataMin == null ? nullNullTuple : rangeNum(dataMin, dataMax, cfg);
          }
        }
        sc.range = fnOrSelf(rn || (isTime ? snapTimeX : scaleKey == xScaleKey ? sc.distr == 3 ? snapLogX : sc.distr == 4 ? snapAsinhX : snapNumX : sc.distr == 3 ? snapLogY : sc.distr == 4 ? snapAsinhY : snapNumY));
        sc.auto = fnOrSelf(rangeIsArr ? false : sc.auto);
        sc.clamp = fnOrSelf(sc.clamp || clampScale);
        sc._min = sc._max = null;
        sc.valToPct = initValToPct(sc);
      }
    }
  }
  initScale("x");
  initScale("y");
  if (mode == 1) {
    series.forEach((s4) => {
      initScale(s4.scale);
    });
  }
  axes.forEach((a5) => {
    initScale(a5.scale);
  });
  for (let k4 in opts.scales)
    initScale(k4);
  const scaleX = scales2[xScaleKey];
  const xScaleDistr = scaleX.distr;
  let valToPosX, valToPosY;
  if (scaleX.ori == 0) {
    addClass(root2, ORI_HZ);
    valToPosX = getHPos;
    valToPosY = getVPos;
  } else {
    addClass(root2, ORI_VT);
    valToPosX = getVPos;
    valToPosY = getHPos;
  }
  const pendScales = {};
  for (let k4 in scales2) {
    let sc = scales2[k4];
    if (sc.min != null || sc.max != null) {
      pendScales[k4] = { min: sc.min, max: sc.max };
      sc.min = sc.max = null;
    }
  }
  const _tzDate = opts.tzDate || ((ts) => new Date(round(ts / ms)));
  const _fmtDate = opts.fmtDate || fmtDate;
  const _timeAxisSplits = ms == 1 ? timeAxisSplitsMs(_tzDate) : timeAxisSplitsS(_tzDate);
  const _timeAxisVals = timeAxisVals(_tzDate, timeAxisStamps(ms == 1 ? _timeAxisStampsMs : _timeAxisStampsS, _fmtDate));
  const _timeSeriesVal = timeSeriesVal(_tzDate, timeSeriesStamp(_timeSeriesStamp, _fmtDate));
  const activeIdxs = [];
  const legend = self.legend = assign({}, legendOpts, opts.legend);
  const cursor = self.cursor = assign({}, cursorOpts, { drag: { y: mode == 2 } }, opts.cursor);
  const showLegend = legend.show;
  const showCursor = cursor.show;
  const markers = legend.markers;
  {
    legend.idxs = activeIdxs;
    markers.width = fnOrSelf(markers.width);
    markers.dash = fnOrSelf(markers.dash);
    markers.stroke = fnOrSelf(markers.stroke);
    markers.fill = fnOrSelf(markers.fill);
  }
  let legendTable;
  let legendHead;
  let legendBody;
  let legendRows = [];
  let legendCells = [];
  let legendCols;
  let multiValLegend = false;
  let NULL_LEGEND_VALUES = {};
  if (legend.live) {
    const getMultiVals = series[1] ? series[1].values : null;
    multiValLegend = getMultiVals != null;
    legendCols = multiValLegend ? getMultiVals(self, 1, 0) : { _: 0 };
    for (let k4 in legendCols)
      NULL_LEGEND_VALUES[k4] = LEGEND_DISP;
  }
  if (showLegend) {
    legendTable = placeTag("table", LEGEND, root2);
    legendBody = placeTag("tbody", null, legendTable);
    legend.mount(self, legendTable);
    if (multiValLegend) {
      legendHead = placeTag("thead", null, legendTable, legendBody);
      let head = placeTag("tr", null, legendHead);
      placeTag("th", null, head);
      for (var key in legendCols)
        placeTag("th", LEGEND_LABEL, head).textContent = key;
    } else {
      addClass(legendTable, LEGEND_INLINE);
      legend.live && addClass(legendTable, LEGEND_LIVE);
    }
  }
  const son = { show: true };
  const soff = { show: false };
  function initLegendRow(s4, i4) {
    if (i4 == 0 && (multiValLegend || !legend.live || mode == 2))
      return nullNullTuple;
    let cells = [];
    let row = placeTag("tr", LEGEND_SERIES, legendBody, legendBody.childNodes[i4]);
    addClass(row, s4.class);
    if (!s4.show)
      addClass(row, OFF);
    let label = placeTag("th", null, row);
    if (markers.show) {
      let indic = placeDiv(LEGEND_MARKER, label);
      if (i4 > 0) {
        let width = markers.width(self, i4);
        if (width)
          indic.style.border = width + "px " + markers.dash(self, i4) + " " + markers.stroke(self, i4);
        indic.style.background = markers.fill(self, i4);
      }
    }
    let text = placeDiv(LEGEND_LABEL, label);
    if (s4.label instanceof HTMLElement)
      text.appendChild(s4.label);
    else
      text.textContent = s4.label;
    if (i4 > 0) {
      if (!markers.show)
        text.style.color = s4.width > 0 ? markers.stroke(self, i4) : markers.fill(self, i4);
      onMouse("click", label, (e4) => {
        if (cursor._lock)
          return;
        setCursorEvent(e4);
        let seriesIdx = series.indexOf(s4);
        if ((e4.ctrlKey || e4.metaKey) != legend.isolate) {
          let isolate = series.some((s5, i5) => i5 > 0 && i5 != seriesIdx && s5.show);
          series.forEach((s5, i5) => {
            i5 > 0 && setSeries(i5, isolate ? i5 == seriesIdx ? son : soff : son, true, syncOpts.setSeries);
          });
        } else
          setSeries(seriesIdx, { show: !s4.show }, true, syncOpts.setSeries);
      }, false);
      if (cursorFocus) {
        onMouse(mouseenter, label, (e4) => {
          if (cursor._lock)
            return;
          setCursorEvent(e4);
          setSeries(series.indexOf(s4), FOCUS_TRUE, true, syncOpts.setSeries);
        }, false);
      }
    }
    for (var key2 in legendCols) {
      let v4 = placeTag("td", LEGEND_VALUE, row);
      v4.textContent = "--";
      cells.push(v4);
    }
    return [row, cells];
  }
  const mouseListeners = /* @__PURE__ */ new Map();
  function onMouse(ev, targ, fn, onlyTarg = true) {
    const targListeners = mouseListeners.get(targ) || {};
    const listener = cursor.bind[ev](self, targ, fn, onlyTarg);
    if (listener) {
      on(ev, targ, targListeners[ev] = listener);
      mouseListeners.set(targ, targListeners);
    }
  }
  function offMouse(ev, targ, fn) {
    const targListeners = mouseListeners.get(targ) || {};
    for (let k4 in targListeners) {
      if (ev == null || k4 == ev) {
        off(k4, targ, targListeners[k4]);
        delete targListeners[k4];
      }
    }
    if (ev == null)
      mouseListeners.delete(targ);
  }
  let fullWidCss = 0;
  let fullHgtCss = 0;
  let plotWidCss = 0;
  let plotHgtCss = 0;
  let plotLftCss = 0;
  let plotTopCss = 0;
  let _plotLftCss = plotLftCss;
  let _plotTopCss = plotTopCss;
  let _plotWidCss = plotWidCss;
  let _plotHgtCss = plotHgtCss;
  let plotLft = 0;
  let plotTop = 0;
  let plotWid = 0;
  let plotHgt = 0;
  self.bbox = {};
  let shouldSetScales = false;
  let shouldSetSize = false;
  let shouldConvergeSize = false;
  let shouldSetCursor = false;
  let shouldSetSelect = false;
  let shouldSetLegend = false;
  function _setSize(width, height, force) {
    if (force || (width != self.width || height != self.height))
      calcSize(width, height);
    resetYSeries(false);
    shouldConvergeSize = true;
    shouldSetSize = true;
    commit();
  }
  function calcSize(width, height) {
    self.width = fullWidCss = plotWidCss = width;
    self.height = fullHgtCss = plotHgtCss = height;
    plotLftCss = plotTopCss = 0;
    calcPlotRect();
    calcAxesRects();
    let bb = self.bbox;
    plotLft = bb.left = incrRound(plotLftCss * pxRatio, 0.5);
    plotTop = bb.top = incrRound(plotTopCss * pxRatio, 0.5);
    plotWid = bb.width = incrRound(plotWidCss * pxRatio, 0.5);
    plotHgt = bb.height = incrRound(plotHgtCss * pxRatio, 0.5);
  }
  const CYCLE_LIMIT = 3;
  function convergeSize() {
    let converged = false;
    let cycleNum = 0;
    while (!converged) {
      cycleNum++;
      let axesConverged = axesCalc(cycleNum);
      let paddingConverged = paddingCalc(cycleNum);
      converged = cycleNum == CYCLE_LIMIT || axesConverged && paddingConverged;
      if (!converged) {
        calcSize(self.width, self.height);
        shouldSetSize = true;
      }
    }
  }
  function setSize({ width, height }) {
    _setSize(width, height);
  }
  self.setSize = setSize;
  function calcPlotRect() {
    let hasTopAxis = false;
    let hasBtmAxis = false;
    let hasRgtAxis = false;
    let hasLftAxis = false;
    axes.forEach((axis, i4) => {
      if (axis.show && axis._show) {
        let { side, _size } = axis;
        let isVt = side % 2;
        let labelSize = axis.label != null ? axis.labelSize : 0;
        let fullSize = _size + labelSize;
        if (fullSize > 0) {
          if (isVt) {
            plotWidCss -= fullSize;
            if (side == 3) {
              plotLftCss += fullSize;
              hasLftAxis = true;
            } else
              hasRgtAxis = true;
          } else {
            plotHgtCss -= fullSize;
            if (side == 0) {
              plotTopCss += fullSize;
              hasTopAxis = true;
            } else
              hasBtmAxis = true;
          }
        }
      }
    });
    sidesWithAxes[0] = hasTopAxis;
    sidesWithAxes[1] = hasRgtAxis;
    sidesWithAxes[2] = hasBtmAxis;
    sidesWithAxes[3] = hasLftAxis;
    plotWidCss -= _padding[1] + _padding[3];
    plotLftCss += _padding[3];
    plotHgtCss -= _padding[2] + _padding[0];
    plotTopCss += _padding[0];
  }
  function calcAxesRects() {
    let off1 = plotLftCss + plotWidCss;
    let off2 = plotTopCss + plotHgtCss;
    let off3 = plotLftCss;
    let off0 = plotTopCss;
    function incrOffset(side, size) {
      switch (side) {
        case 1:
          off1 += size;
          return off1 - size;
        case 2:
          off2 += size;
          return off2 - size;
        case 3:
          off3 -= size;
          return off3 + size;
        case 0:
          off0 -= size;
          return off0 + size;
      }
    }
    axes.forEach((axis, i4) => {
      if (axis.show && axis._show) {
        let side = axis.side;
        axis._pos = incrOffset(side, axis._size);
        if (axis.label != null)
          axis._lpos = incrOffset(side, axis.labelSize);
      }
    });
  }
  if (cursor.dataIdx == null) {
    let hov = cursor.hover;
    let skip = hov.skip = new Set(hov.skip ?? []);
    skip.add(void 0);
    let prox = hov.prox = fnOrSelf(hov.prox);
    let bias = hov.bias ??= 0;
    cursor.dataIdx = (self2, seriesIdx, cursorIdx, valAtPosX) => {
      if (seriesIdx == 0)
        return cursorIdx;
      let idx2 = cursorIdx;
      let _prox = prox(self2, seriesIdx, cursorIdx, valAtPosX) ?? inf;
      let withProx = _prox >= 0 && _prox < inf;
      let xDim = scaleX.ori == 0 ? plotWidCss : plotHgtCss;
      let cursorLft = cursor.left;
      let xValues = data2[0];
      let yValues = data2[seriesIdx];
      if (skip.has(yValues[cursorIdx])) {
        idx2 = null;
        let nonNullLft = null, nonNullRgt = null, j3;
        if (bias == 0 || bias == -1) {
          j3 = cursorIdx;
          while (nonNullLft == null && j3-- > 0) {
            if (!skip.has(yValues[j3]))
              nonNullLft = j3;
          }
        }
        if (bias == 0 || bias == 1) {
          j3 = cursorIdx;
          while (nonNullRgt == null && j3++ < yValues.length) {
            if (!skip.has(yValues[j3]))
              nonNullRgt = j3;
          }
        }
        if (nonNullLft != null || nonNullRgt != null) {
          if (withProx) {
            let lftPos = nonNullLft == null ? -Infinity : valToPosX(xValues[nonNullLft], scaleX, xDim, 0);
            let rgtPos = nonNullRgt == null ? Infinity : valToPosX(xValues[nonNullRgt], scaleX, xDim, 0);
            let lftDelta = cursorLft - lftPos;
            let rgtDelta = rgtPos - cursorLft;
            if (lftDelta <= rgtDelta) {
              if (lftDelta <= _prox)
                idx2 = nonNullLft;
            } else {
              if (rgtDelta <= _prox)
                idx2 = nonNullRgt;
            }
          } else {
            idx2 = nonNullRgt == null ? nonNullLft : nonNullLft == null ? nonNullRgt : cursorIdx - nonNullLft <= nonNullRgt - cursorIdx ? nonNullLft : nonNullRgt;
          }
        }
      } else if (withProx) {
        let dist = abs(cursorLft - valToPosX(xValues[cursorIdx], scaleX, xDim, 0));
        if (dist > _prox)
          idx2 = null;
      }
      return idx2;
    };
  }
  const setCursorEvent = (e4) => {
    cursor.event = e4;
  };
  cursor.idxs = activeIdxs;
  cursor._lock = false;
  let points5 = cursor.points;
  points5.show = fnOrSelf(points5.show);
  points5.size = fnOrSelf(points5.size);
  points5.stroke = fnOrSelf(points5.stroke);
  points5.width = fnOrSelf(points5.width);
  points5.fill = fnOrSelf(points5.fill);
  const focus = self.focus = assign({}, opts.focus || { alpha: 0.3 }, cursor.focus);
  const cursorFocus = focus.prox >= 0;
  const cursorOnePt = cursorFocus && points5.one;
  let cursorPts = [];
  let cursorPtsLft = [];
  let cursorPtsTop = [];
  function initCursorPt(s4, si) {
    let pt = points5.show(self, si);
    if (pt instanceof HTMLElement) {
      addClass(pt, CURSOR_PT);
      addClass(pt, s4.class);
      elTrans(pt, -10, -10, plotWidCss, plotHgtCss);
      over.insertBefore(pt, cursorPts[si]);
      return pt;
    }
  }
  function initSeries(s4, i4) {
    if (mode == 1 || i4 > 0) {
      let isTime = mode == 1 && scales2[s4.scale].time;
      let sv = s4.value;
      s4.value = isTime ? isStr(sv) ? timeSeriesVal(_tzDate, timeSeriesStamp(sv, _fmtDate)) : sv || _timeSeriesVal : sv || numSeriesVal;
      s4.label = s4.label || (isTime ? timeSeriesLabel : numSeriesLabel);
    }
    if (cursorOnePt || i4 > 0) {
      s4.width = s4.width == null ? 1 : s4.width;
      s4.paths = s4.paths || linearPath || retNull;
      s4.fillTo = fnOrSelf(s4.fillTo || seriesFillTo);
      s4.pxAlign = +ifNull(s4.pxAlign, pxAlign);
      s4.pxRound = pxRoundGen(s4.pxAlign);
      s4.stroke = fnOrSelf(s4.stroke || null);
      s4.fill = fnOrSelf(s4.fill || null);
      s4._stroke = s4._fill = s4._paths = s4._focus = null;
      let _ptDia = ptDia(max(1, s4.width), 1);
      let points6 = s4.points = assign({}, {
        size: _ptDia,
        width: max(1, _ptDia * 0.2),
        stroke: s4.stroke,
        space: _ptDia * 2,
        paths: pointsPath,
        _stroke: null,
        _fill: null
      }, s4.points);
      points6.show = fnOrSelf(points6.show);
      points6.filter = fnOrSelf(points6.filter);
      points6.fill = fnOrSelf(points6.fill);
      points6.stroke = fnOrSelf(points6.stroke);
      points6.paths = fnOrSelf(points6.paths);
      points6.pxAlign = s4.pxAlign;
    }
    if (showLegend) {
      let rowCells = initLegendRow(s4, i4);
      legendRows.splice(i4, 0, rowCells[0]);
      legendCells.splice(i4, 0, rowCells[1]);
      legend.values.push(null);
    }
    if (showCursor) {
      activeIdxs.splice(i4, 0, null);
      let pt = null;
      if (cursorOnePt) {
        if (i4 == 0)
          pt = initCursorPt(s4, i4);
      } else if (i4 > 0)
        pt = initCursorPt(s4, i4);
      cursorPts.splice(i4, 0, pt);
      cursorPtsLft.splice(i4, 0, 0);
      cursorPtsTop.splice(i4, 0, 0);
    }
    fire("addSeries", i4);
  }
  function addSeries(opts2, si) {
    si = si == null ? series.length : si;
    opts2 = mode == 1 ? setDefault(opts2, si, xSeriesOpts, ySeriesOpts) : setDefault(opts2, si, {}, xySeriesOpts);
    series.splice(si, 0, opts2);
    initSeries(series[si], si);
  }
  self.addSeries = addSeries;
  function delSeries(i4) {
    series.splice(i4, 1);
    if (showLegend) {
      legend.values.splice(i4, 1);
      legendCells.splice(i4, 1);
      let tr = legendRows.splice(i4, 1)[0];
      offMouse(null, tr.firstChild);
      tr.remove();
    }
    if (showCursor) {
      activeIdxs.splice(i4, 1);
      cursorPts.splice(i4, 1)[0].remove();
      cursorPtsLft.splice(i4, 1);
      cursorPtsTop.splice(i4, 1);
    }
    fire("delSeries", i4);
  }
  self.delSeries = delSeries;
  const sidesWithAxes = [false, false, false, false];
  function initAxis(axis, i4) {
    axis._show = axis.show;
    if (axis.show) {
      let isVt = axis.side % 2;
      let sc = scales2[axis.scale];
      if (sc == null) {
        axis.scale = isVt ? series[1].scale : xScaleKey;
        sc = scales2[axis.scale];
      }
      let isTime = sc.time;
      axis.size = fnOrSelf(axis.size);
      axis.space = fnOrSelf(axis.space);
      axis.rotate = fnOrSelf(axis.rotate);
      if (isArr(axis.incrs)) {
        axis.incrs.forEach((incr) => {
          !fixedDec.has(incr) && fixedDec.set(incr, guessDec(incr));
        });
      }
      axis.incrs = fnOrSelf(axis.incrs || (sc.distr == 2 ? wholeIncrs : isTime ? ms == 1 ? timeIncrsMs : timeIncrsS : numIncrs));
      axis.splits = fnOrSelf(axis.splits || (isTime && sc.distr == 1 ? _timeAxisSplits : sc.distr == 3 ? logAxisSplits : sc.distr == 4 ? asinhAxisSplits : numAxisSplits));
      axis.stroke = fnOrSelf(axis.stroke);
      axis.grid.stroke = fnOrSelf(axis.grid.stroke);
      axis.ticks.stroke = fnOrSelf(axis.ticks.stroke);
      axis.border.stroke = fnOrSelf(axis.border.stroke);
      let av = axis.values;
      axis.values = // static array of tick values
      isArr(av) && !isArr(av[0]) ? fnOrSelf(av) : (
        // temporal
        isTime ? (
          // config array of fmtDate string tpls
          isArr(av) ? timeAxisVals(_tzDate, timeAxisStamps(av, _fmtDate)) : (
            // fmtDate string tpl
            isStr(av) ? timeAxisVal(_tzDate, av) : av || _timeAxisVals
          )
        ) : av || numAxisVals
      );
      axis.filter = fnOrSelf(axis.filter || (sc.distr >= 3 && sc.log == 10 ? log10AxisValsFilt : sc.distr == 3 && sc.log == 2 ? log2AxisValsFilt : retArg1));
      axis.font = pxRatioFont(axis.font);
      axis.labelFont = pxRatioFont(axis.labelFont);
      axis._size = axis.size(self, null, i4, 0);
      axis._space = axis._rotate = axis._incrs = axis._found = // foundIncrSpace
      axis._splits = axis._values = null;
      if (axis._size > 0) {
        sidesWithAxes[i4] = true;
        axis._el = placeDiv(AXIS, wrap);
      }
    }
  }
  function autoPadSide(self2, side, sidesWithAxes2, cycleNum) {
    let [hasTopAxis, hasRgtAxis, hasBtmAxis, hasLftAxis] = sidesWithAxes2;
    let ori = side % 2;
    let size = 0;
    if (ori == 0 && (hasLftAxis || hasRgtAxis))
      size = side == 0 && !hasTopAxis || side == 2 && !hasBtmAxis ? round(xAxisOpts.size / 3) : 0;
    if (ori == 1 && (hasTopAxis || hasBtmAxis))
      size = side == 1 && !hasRgtAxis || side == 3 && !hasLftAxis ? round(yAxisOpts.size / 2) : 0;
    return size;
  }
  const padding = self.padding = (opts.padding || [autoPadSide, autoPadSide, autoPadSide, autoPadSide]).map((p5) => fnOrSelf(ifNull(p5, autoPadSide)));
  const _padding = self._padding = padding.map((p5, i4) => p5(self, i4, sidesWithAxes, 0));
  let dataLen;
  let i0 = null;
  let i1 = null;
  const idxs = mode == 1 ? series[0].idxs : null;
  let data0 = null;
  let viaAutoScaleX = false;
  function setData(_data, _resetScales) {
    data2 = _data == null ? [] : _data;
    self.data = self._data = data2;
    if (mode == 2) {
      dataLen = 0;
      for (let i4 = 1; i4 < series.length; i4++)
        dataLen += data2[i4][0].length;
    } else {
      if (data2.length == 0)
        self.data = self._data = data2 = [[]];
      data0 = data2[0];
      dataLen = data0.length;
      let scaleData = data2;
      if (xScaleDistr == 2) {
        scaleData = data2.slice();
        let _data0 = scaleData[0] = Array(dataLen);
        for (let i4 = 0; i4 < dataLen; i4++)
          _data0[i4] = i4;
      }
      self._data = data2 = scaleData;
    }
    resetYSeries(true);
    fire("setData");
    if (xScaleDistr == 2) {
      shouldConvergeSize = true;
    }
    if (_resetScales !== false) {
      let xsc = scaleX;
      if (xsc.auto(self, viaAutoScaleX))
        autoScaleX();
      else
        _setScale(xScaleKey, xsc.min, xsc.max);
      shouldSetCursor = shouldSetCursor || cursor.left >= 0;
      shouldSetLegend = true;
      commit();
    }
  }
  self.setData = setData;
  function autoScaleX() {
    viaAutoScaleX = true;
    let _min, _max;
    if (mode == 1) {
      if (dataLen > 0) {
        i0 = idxs[0] = 0;
        i1 = idxs[1] = dataLen - 1;
        _min = data2[0][i0];
        _max = data2[0][i1];
        if (xScaleDistr == 2) {
          _min = i0;
          _max = i1;
        } else if (_min == _max) {
          if (xScaleDistr == 3)
            [_min, _max] = rangeLog(_min, _min, scaleX.log, false);
          else if (xScaleDistr == 4)
            [_min, _max] = rangeAsinh(_min, _min, scaleX.log, false);
          else if (scaleX.time)
            _max = _min + round(86400 / ms);
          else
            [_min, _max] = rangeNum(_min, _max, rangePad, true);
        }
      } else {
        i0 = idxs[0] = _min = null;
        i1 = idxs[1] = _max = null;
      }
    }
    _setScale(xScaleKey, _min, _max);
  }
  let ctxStroke, ctxFill, ctxWidth, ctxDash, ctxJoin, ctxCap, ctxFont, ctxAlign, ctxBaseline;
  let ctxAlpha;
  function setCtxStyle(stroke, width, dash, cap, fill, join2) {
    stroke ??= transparent;
    dash ??= EMPTY_ARR;
    cap ??= "butt";
    fill ??= transparent;
    join2 ??= "round";
    if (stroke != ctxStroke)
      ctx.strokeStyle = ctxStroke = stroke;
    if (fill != ctxFill)
      ctx.fillStyle = ctxFill = fill;
    if (width != ctxWidth)
      ctx.lineWidth = ctxWidth = width;
    if (join2 != ctxJoin)
      ctx.lineJoin = ctxJoin = join2;
    if (cap != ctxCap)
      ctx.lineCap = ctxCap = cap;
    if (dash != ctxDash)
      ctx.setLineDash(ctxDash = dash);
  }
  function setFontStyle(font2, fill, align, baseline) {
    if (fill != ctxFill)
      ctx.fillStyle = ctxFill = fill;
    if (font2 != ctxFont)
      ctx.font = ctxFont = font2;
    if (align != ctxAlign)
      ctx.textAlign = ctxAlign = align;
    if (baseline != ctxBaseline)
      ctx.textBaseline = ctxBaseline = baseline;
  }
  function accScale(wsc, psc, facet2, data3, sorted = 0) {
    if (data3.length > 0 && wsc.auto(self, viaAutoScaleX) && (psc == null || psc.min == null)) {
      let _i0 = ifNull(i0, 0);
      let _i1 = ifNull(i1, data3.length - 1);
      let minMax = facet2.min == null ? getMinMax(data3, _i0, _i1, sorted, wsc.distr == 3) : [facet2.min, facet2.max];
      wsc.min = min(wsc.min, facet2.min = minMax[0]);
      wsc.max = max(wsc.max, facet2.max = minMax[1]);
    }
  }
  const AUTOSCALE = { min: null, max: null };
  function setScales() {
    for (let k4 in scales2) {
      let sc = scales2[k4];
      if (pendScales[k4] == null && // scales that have never been set (on init)
      (sc.min == null || // or auto scales when the x scale was explicitly set
      pendScales[xScaleKey] != null && sc.auto(self, viaAutoScaleX))) {
        pendScales[k4] = AUTOSCALE;
      }
    }
    for (let k4 in scales2) {
      let sc = scales2[k4];
      if (pendScales[k4] == null && sc.from != null && pendScales[sc.from] != null)
        pendScales[k4] = AUTOSCALE;
    }
    if (pendScales[xScaleKey] != null)
      resetYSeries(true);
    let wipScales = {};
    for (let k4 in pendScales) {
      let psc = pendScales[k4];
      if (psc != null) {
        let wsc = wipScales[k4] = copy(scales2[k4], fastIsObj);
        if (psc.min != null)
          assign(wsc, psc);
        else if (k4 != xScaleKey || mode == 2) {
          if (dataLen == 0 && wsc.from == null) {
            let minMax = wsc.range(self, null, null, k4);
            wsc.min = minMax[0];
            wsc.max = minMax[1];
          } else {
            wsc.min = inf;
            wsc.max = -inf;
          }
        }
      }
    }
    if (dataLen > 0) {
      series.forEach((s4, i4) => {
        if (mode == 1) {
          let k4 = s4.scale;
          let psc = pendScales[k4];
          if (psc == null)
            return;
          let wsc = wipScales[k4];
          if (i4 == 0) {
            let minMax = wsc.range(self, wsc.min, wsc.max, k4);
            wsc.min = minMax[0];
            wsc.max = minMax[1];
            i0 = closestIdx(wsc.min, data2[0]);
            i1 = closestIdx(wsc.max, data2[0]);
            if (i1 - i0 > 1) {
              if (data2[0][i0] < wsc.min)
                i0++;
              if (data2[0][i1] > wsc.max)
                i1--;
            }
            s4.min = data0[i0];
            s4.max = data0[i1];
          } else if (s4.show && s4.auto)
            accScale(wsc, psc, s4, data2[i4], s4.sorted);
          s4.idxs[0] = i0;
          s4.idxs[1] = i1;
        } else {
          if (i4 > 0) {
            if (s4.show && s4.auto) {
              let [xFacet, yFacet] = s4.facets;
              let xScaleKey2 = xFacet.scale;
              let yScaleKey = yFacet.scale;
              let [xData, yData] = data2[i4];
              let wscx = wipScales[xScaleKey2];
              let wscy = wipScales[yScaleKey];
              wscx != null && accScale(wscx, pendScales[xScaleKey2], xFacet, xData, xFacet.sorted);
              wscy != null && accScale(wscy, pendScales[yScaleKey], yFacet, yData, yFacet.sorted);
              s4.min = yFacet.min;
              s4.max = yFacet.max;
            }
          }
        }
      });
      for (let k4 in wipScales) {
        let wsc = wipScales[k4];
        let psc = pendScales[k4];
        if (wsc.from == null && (psc == null || psc.min == null)) {
          let minMax = wsc.range(
            self,
            wsc.min == inf ? null : wsc.min,
            wsc.max == -inf ? null : wsc.max,
            k4
          );
          wsc.min = minMax[0];
          wsc.max = minMax[1];
        }
      }
    }
    for (let k4 in wipScales) {
      let wsc = wipScales[k4];
      if (wsc.from != null) {
        let base = wipScales[wsc.from];
        if (base.min == null)
          wsc.min = wsc.max = null;
        else {
          let minMax = wsc.range(self, base.min, base.max, k4);
          wsc.min = minMax[0];
          wsc.max = minMax[1];
        }
      }
    }
    let changed = {};
    let anyChanged = false;
    for (let k4 in wipScales) {
      let wsc = wipScales[k4];
      let sc = scales2[k4];
      if (sc.min != wsc.min || sc.max != wsc.max) {
        sc.min = wsc.min;
        sc.max = wsc.max;
        let distr = sc.distr;
        sc._min = distr == 3 ? log10(sc.min) : distr == 4 ? asinh(sc.min, sc.asinh) : distr == 100 ? sc.fwd(sc.min) : sc.min;
        sc._max = distr == 3 ? log10(sc.max) : distr == 4 ? asinh(sc.max, sc.asinh) : distr == 100 ? sc.fwd(sc.max) : sc.max;
        changed[k4] = anyChanged = true;
      }
    }
    if (anyChanged) {
      series.forEach((s4, i4) => {
        if (mode == 2) {
          if (i4 > 0 && changed.y)
            s4._paths = null;
        } else {
          if (changed[s4.scale])
            s4._paths = null;
        }
      });
      for (let k4 in changed) {
        shouldConvergeSize = true;
        fire("setScale", k4);
      }
      if (showCursor && cursor.left >= 0)
        shouldSetCursor = shouldSetLegend = true;
    }
    for (let k4 in pendScales)
      pendScales[k4] = null;
  }
  function getOuterIdxs(ydata) {
    let _i0 = clamp(i0 - 1, 0, dataLen - 1);
    let _i1 = clamp(i1 + 1, 0, dataLen - 1);
    while (ydata[_i0] == null && _i0 > 0)
      _i0--;
    while (ydata[_i1] == null && _i1 < dataLen - 1)
      _i1++;
    return [_i0, _i1];
  }
  function drawSeries() {
    if (dataLen > 0) {
      let shouldAlpha = series.some((s4) => s4._focus) && ctxAlpha != focus.alpha;
      if (shouldAlpha)
        ctx.globalAlpha = ctxAlpha = focus.alpha;
      series.forEach((s4, i4) => {
        if (i4 > 0 && s4.show) {
          cacheStrokeFill(i4, false);
          cacheStrokeFill(i4, true);
          if (s4._paths == null) {
            let _ctxAlpha = ctxAlpha;
            if (ctxAlpha != s4.alpha)
              ctx.globalAlpha = ctxAlpha = s4.alpha;
            let _idxs = mode == 2 ? [0, data2[i4][0].length - 1] : getOuterIdxs(data2[i4]);
            s4._paths = s4.paths(self, i4, _idxs[0], _idxs[1]);
            if (ctxAlpha != _ctxAlpha)
              ctx.globalAlpha = ctxAlpha = _ctxAlpha;
          }
        }
      });
      series.forEach((s4, i4) => {
        if (i4 > 0 && s4.show) {
          let _ctxAlpha = ctxAlpha;
          if (ctxAlpha != s4.alpha)
            ctx.globalAlpha = ctxAlpha = s4.alpha;
          s4._paths != null && drawPath(i4, false);
          {
            let _gaps = s4._paths != null ? s4._paths.gaps : null;
            let show2 = s4.points.show(self, i4, i0, i1, _gaps);
            let idxs2 = s4.points.filter(self, i4, show2, _gaps);
            if (show2 || idxs2) {
              s4.points._paths = s4.points.paths(self, i4, i0, i1, idxs2);
              drawPath(i4, true);
            }
          }
          if (ctxAlpha != _ctxAlpha)
            ctx.globalAlpha = ctxAlpha = _ctxAlpha;
          fire("drawSeries", i4);
        }
      });
      if (shouldAlpha)
        ctx.globalAlpha = ctxAlpha = 1;
    }
  }
  function cacheStrokeFill(si, _points) {
    let s4 = _points ? series[si].points : series[si];
    s4._stroke = s4.stroke(self, si);
    s4._fill = s4.fill(self, si);
  }
  function drawPath(si, _points) {
    let s4 = _points ? series[si].points : series[si];
    let {
      stroke,
      fill,
      clip: gapsClip,
      flags,
      _stroke: strokeStyle = s4._stroke,
      _fill: fillStyle = s4._fill,
      _width: width = s4.width
    } = s4._paths;
    width = roundDec(width * pxRatio, 3);
    let boundsClip = null;
    let offset = width % 2 / 2;
    if (_points && fillStyle == null)
      fillStyle = width > 0 ? "#fff" : strokeStyle;
    let _pxAlign = s4.pxAlign == 1 && offset > 0;
    _pxAlign && ctx.translate(offset, offset);
    if (!_points) {
      let lft = plotLft - width / 2, top = plotTop - width / 2, wid = plotWid + width, hgt = plotHgt + width;
      boundsClip = new Path2D();
      boundsClip.rect(lft, top, wid, hgt);
    }
    if (_points)
      strokeFill(strokeStyle, width, s4.dash, s4.cap, fillStyle, stroke, fill, flags, gapsClip);
    else
      fillStroke(si, strokeStyle, width, s4.dash, s4.cap, fillStyle, stroke, fill, flags, boundsClip, gapsClip);
    _pxAlign && ctx.translate(-offset, -offset);
  }
  function fillStroke(si, strokeStyle, lineWidth, lineDash, lineCap, fillStyle, strokePath, fillPath, flags, boundsClip, gapsClip) {
    let didStrokeFill = false;
    flags != 0 && bands.forEach((b3, bi) => {
      if (b3.series[0] == si) {
        let lowerEdge = series[b3.series[1]];
        let lowerData = data2[b3.series[1]];
        let bandClip = (lowerEdge._paths || EMPTY_OBJ).band;
        if (isArr(bandClip))
          bandClip = b3.dir == 1 ? bandClip[0] : bandClip[1];
        let gapsClip2;
        let _fillStyle = null;
        if (lowerEdge.show && bandClip && hasData(lowerData, i0, i1)) {
          _fillStyle = b3.fill(self, bi) || fillStyle;
          gapsClip2 = lowerEdge._paths.clip;
        } else
          bandClip = null;
        strokeFill(strokeStyle, lineWidth, lineDash, lineCap, _fillStyle, strokePath, fillPath, flags, boundsClip, gapsClip, gapsClip2, bandClip);
        didStrokeFill = true;
      }
    });
    if (!didStrokeFill)
      strokeFill(strokeStyle, lineWidth, lineDash, lineCap, fillStyle, strokePath, fillPath, flags, boundsClip, gapsClip);
  }
  const CLIP_FILL_STROKE = BAND_CLIP_FILL | BAND_CLIP_STROKE;
  function strokeFill(strokeStyle, lineWidth, lineDash, lineCap, fillStyle, strokePath, fillPath, flags, boundsClip, gapsClip, gapsClip2, bandClip) {
    setCtxStyle(strokeStyle, lineWidth, lineDash, lineCap, fillStyle);
    if (boundsClip || gapsClip || bandClip) {
      ctx.save();
      boundsClip && ctx.clip(boundsClip);
      gapsClip && ctx.clip(gapsClip);
    }
    if (bandClip) {
      if ((flags & CLIP_FILL_STROKE) == CLIP_FILL_STROKE) {
        ctx.clip(bandClip);
        gapsClip2 && ctx.clip(gapsClip2);
        doFill(fillStyle, fillPath);
        doStroke(strokeStyle, strokePath, lineWidth);
      } else if (flags & BAND_CLIP_STROKE) {
        doFill(fillStyle, fillPath);
        ctx.clip(bandClip);
        doStroke(strokeStyle, strokePath, lineWidth);
      } else if (flags & BAND_CLIP_FILL) {
        ctx.save();
        ctx.clip(bandClip);
        gapsClip2 && ctx.clip(gapsClip2);
        doFill(fillStyle, fillPath);
        ctx.restore();
        doStroke(strokeStyle, strokePath, lineWidth);
      }
    } else {
      doFill(fillStyle, fillPath);
      doStroke(strokeStyle, strokePath, lineWidth);
    }
    if (boundsClip || gapsClip || bandClip)
      ctx.restore();
  }
  function doStroke(strokeStyle, strokePath, lineWidth) {
    if (lineWidth > 0) {
      if (strokePath instanceof Map) {
        strokePath.forEach((strokePath2, strokeStyle2) => {
          ctx.strokeStyle = ctxStroke = strokeStyle2;
          ctx.stroke(strokePath2);
        });
      } else
        strokePath != null && strokeStyle && ctx.stroke(strokePath);
    }
  }
  function doFill(fillStyle, fillPath) {
    if (fillPath instanceof Map) {
      fillPath.forEach((fillPath2, fillStyle2) => {
        ctx.fillStyle = ctxFill = fillStyle2;
        ctx.fill(fillPath2);
      });
    } else
      fillPath != null && fillStyle && ctx.fill(fillPath);
  }
  function getIncrSpace(axisIdx, min2, max2, fullDim) {
    let axis = axes[axisIdx];
    let incrSpace;
    if (fullDim <= 0)
      incrSpace = [0, 0];
    else {
      let minSpace = axis._space = axis.space(self, axisIdx, min2, max2, fullDim);
      let incrs = axis._incrs = axis.incrs(self, axisIdx, min2, max2, fullDim, minSpace);
      incrSpace = findIncr(min2, max2, incrs, fullDim, minSpace);
    }
    return axis._found = incrSpace;
  }
  function drawOrthoLines(offs, filts, ori, side, pos0, len, width, stroke, dash, cap) {
    let offset = width % 2 / 2;
    pxAlign == 1 && ctx.translate(offset, offset);
    setCtxStyle(stroke, width, dash, cap, stroke);
    ctx.beginPath();
    let x0, y0, x1, y1, pos1 = pos0 + (side == 0 || side == 3 ? -len : len);
    if (ori == 0) {
      y0 = pos0;
      y1 = pos1;
    } else {
      x0 = pos0;
      x1 = pos1;
    }
    for (let i4 = 0; i4 < offs.length; i4++) {
      if (filts[i4] != null) {
        if (ori == 0)
          x0 = x1 = offs[i4];
        else
          y0 = y1 = offs[i4];
        ctx.moveTo(x0, y0);
        ctx.lineTo(x1, y1);
      }
    }
    ctx.stroke();
    pxAlign == 1 && ctx.translate(-offset, -offset);
  }
  function axesCalc(cycleNum) {
    let converged = true;
    axes.forEach((axis, i4) => {
      if (!axis.show)
        return;
      let scale2 = scales2[axis.scale];
      if (scale2.min == null) {
        if (axis._show) {
          converged = false;
          axis._show = false;
          resetYSeries(false);
        }
        return;
      } else {
        if (!axis._show) {
          converged = false;
          axis._show = true;
          resetYSeries(false);
        }
      }
      let side = axis.side;
      let ori = side % 2;
      let { min: min2, max: max2 } = scale2;
      let [_incr, _space] = getIncrSpace(i4, min2, max2, ori == 0 ? plotWidCss : plotHgtCss);
      if (_space == 0)
        return;
      let forceMin = scale2.distr == 2;
      let _splits = axis._splits = axis.splits(self, i4, min2, max2, _incr, _space, forceMin);
      let splits = scale2.distr == 2 ? _splits.map((i5) => data0[i5]) : _splits;
      let incr = scale2.distr == 2 ? data0[_splits[1]] - data0[_splits[0]] : _incr;
      let values = axis._values = axis.values(self, axis.filter(self, splits, i4, _space, incr), i4, _space, incr);
      axis._rotate = side == 2 ? axis.rotate(self, values, i4, _space) : 0;
      let oldSize = axis._size;
      axis._size = ceil(axis.size(self, values, i4, cycleNum));
      if (oldSize != null && axis._size != oldSize)
        converged = false;
    });
    return converged;
  }
  function paddingCalc(cycleNum) {
    let converged = true;
    padding.forEach((p5, i4) => {
      let _p = p5(self, i4, sidesWithAxes, cycleNum);
      if (_p != _padding[i4])
        converged = false;
      _padding[i4] = _p;
    });
    return converged;
  }
  function drawAxesGrid() {
    for (let i4 = 0; i4 < axes.length; i4++) {
      let axis = axes[i4];
      if (!axis.show || !axis._show)
        continue;
      let side = axis.side;
      let ori = side % 2;
      let x3, y5;
      let fillStyle = axis.stroke(self, i4);
      let shiftDir = side == 0 || side == 3 ? -1 : 1;
      let [_incr, _space] = axis._found;
      if (axis.label != null) {
        let shiftAmt2 = axis.labelGap * shiftDir;
        let baseLpos = round((axis._lpos + shiftAmt2) * pxRatio);
        setFontStyle(axis.labelFont[0], fillStyle, "center", side == 2 ? TOP : BOTTOM);
        ctx.save();
        if (ori == 1) {
          x3 = y5 = 0;
          ctx.translate(
            baseLpos,
            round(plotTop + plotHgt / 2)
          );
          ctx.rotate((side == 3 ? -PI : PI) / 2);
        } else {
          x3 = round(plotLft + plotWid / 2);
          y5 = baseLpos;
        }
        let _label = isFn(axis.label) ? axis.label(self, i4, _incr, _space) : axis.label;
        ctx.fillText(_label, x3, y5);
        ctx.restore();
      }
      if (_space == 0)
        continue;
      let scale2 = scales2[axis.scale];
      let plotDim = ori == 0 ? plotWid : plotHgt;
      let plotOff = ori == 0 ? plotLft : plotTop;
      let _splits = axis._splits;
      let splits = scale2.distr == 2 ? _splits.map((i5) => data0[i5]) : _splits;
      let incr = scale2.distr == 2 ? data0[_splits[1]] - data0[_splits[0]] : _incr;
      let ticks2 = axis.ticks;
      let border2 = axis.border;
      let _tickSize = ticks2.show ? ticks2.size : 0;
      let tickSize = round(_tickSize * pxRatio);
      let axisGap = round((axis.alignTo == 2 ? axis._size - _tickSize - axis.gap : axis.gap) * pxRatio);
      let angle = axis._rotate * -PI / 180;
      let basePos = pxRound(axis._pos * pxRatio);
      let shiftAmt = (tickSize + axisGap) * shiftDir;
      let finalPos = basePos + shiftAmt;
      y5 = ori == 0 ? finalPos : 0;
      x3 = ori == 1 ? finalPos : 0;
      let font2 = axis.font[0];
      let textAlign = axis.align == 1 ? LEFT : axis.align == 2 ? RIGHT : angle > 0 ? LEFT : angle < 0 ? RIGHT : ori == 0 ? "center" : side == 3 ? RIGHT : LEFT;
      let textBaseline = angle || ori == 1 ? "middle" : side == 2 ? TOP : BOTTOM;
      setFontStyle(font2, fillStyle, textAlign, textBaseline);
      let lineHeight = axis.font[1] * axis.lineGap;
      let canOffs = _splits.map((val) => pxRound(getPos(val, scale2, plotDim, plotOff)));
      let _values = axis._values;
      for (let i5 = 0; i5 < _values.length; i5++) {
        let val = _values[i5];
        if (val != null) {
          if (ori == 0)
            x3 = canOffs[i5];
          else
            y5 = canOffs[i5];
          val = "" + val;
          let _parts = val.indexOf("\n") == -1 ? [val] : val.split(/\n/gm);
          for (let j3 = 0; j3 < _parts.length; j3++) {
            let text = _parts[j3];
            if (angle) {
              ctx.save();
              ctx.translate(x3, y5 + j3 * lineHeight);
              ctx.rotate(angle);
              ctx.fillText(text, 0, 0);
              ctx.restore();
            } else
              ctx.fillText(text, x3, y5 + j3 * lineHeight);
          }
        }
      }
      if (ticks2.show) {
        drawOrthoLines(
          canOffs,
          ticks2.filter(self, splits, i4, _space, incr),
          ori,
          side,
          basePos,
          tickSize,
          roundDec(ticks2.width * pxRatio, 3),
          ticks2.stroke(self, i4),
          ticks2.dash,
          ticks2.cap
        );
      }
      let grid2 = axis.grid;
      if (grid2.show) {
        drawOrthoLines(
          canOffs,
          grid2.filter(self, splits, i4, _space, incr),
          ori,
          ori == 0 ? 2 : 1,
          ori == 0 ? plotTop : plotLft,
          ori == 0 ? plotHgt : plotWid,
          roundDec(grid2.width * pxRatio, 3),
          grid2.stroke(self, i4),
          grid2.dash,
          grid2.cap
        );
      }
      if (border2.show) {
        drawOrthoLines(
          [basePos],
          [1],
          ori == 0 ? 1 : 0,
          ori == 0 ? 1 : 2,
          ori == 1 ? plotTop : plotLft,
          ori == 1 ? plotHgt : plotWid,
          roundDec(border2.width * pxRatio, 3),
          border2.stroke(self, i4),
          border2.dash,
          border2.cap
        );
      }
    }
    fire("drawAxes");
  }
  function resetYSeries(minMax) {
    series.forEach((s4, i4) => {
      if (i4 > 0) {
        s4._paths = null;
        if (minMax) {
          if (mode == 1) {
            s4.min = null;
            s4.max = null;
          } else {
            s4.facets.forEach((f5) => {
              f5.min = null;
              f5.max = null;
            });
          }
        }
      }
    });
  }
  let queuedCommit = false;
  let deferHooks = false;
  let hooksQueue = [];
  function flushHooks() {
    deferHooks = false;
    for (let i4 = 0; i4 < hooksQueue.length; i4++)
      fire(...hooksQueue[i4]);
    hooksQueue.length = 0;
  }
  function commit() {
    if (!queuedCommit) {
      microTask(_commit);
      queuedCommit = true;
    }
  }
  function batch(fn, _deferHooks = false) {
    queuedCommit = true;
    deferHooks = _deferHooks;
    fn(self);
    _commit();
    if (_deferHooks && hooksQueue.length > 0)
      queueMicrotask(flushHooks);
  }
  self.batch = batch;
  function _commit() {
    if (shouldSetScales) {
      setScales();
      shouldSetScales = false;
    }
    if (shouldConvergeSize) {
      convergeSize();
      shouldConvergeSize = false;
    }
    if (shouldSetSize) {
      setStylePx(under, LEFT, plotLftCss);
      setStylePx(under, TOP, plotTopCss);
      setStylePx(under, WIDTH, plotWidCss);
      setStylePx(under, HEIGHT, plotHgtCss);
      setStylePx(over, LEFT, plotLftCss);
      setStylePx(over, TOP, plotTopCss);
      setStylePx(over, WIDTH, plotWidCss);
      setStylePx(over, HEIGHT, plotHgtCss);
      setStylePx(wrap, WIDTH, fullWidCss);
      setStylePx(wrap, HEIGHT, fullHgtCss);
      can2.width = round(fullWidCss * pxRatio);
      can2.height = round(fullHgtCss * pxRatio);
      axes.forEach(({ _el, _show, _size, _pos, side }) => {
        if (_el != null) {
          if (_show) {
            let posOffset = side === 3 || side === 0 ? _size : 0;
            let isVt = side % 2 == 1;
            setStylePx(_el, isVt ? "left" : "top", _pos - posOffset);
            setStylePx(_el, isVt ? "width" : "height", _size);
            setStylePx(_el, isVt ? "top" : "left", isVt ? plotTopCss : plotLftCss);
            setStylePx(_el, isVt ? "height" : "width", isVt ? plotHgtCss : plotWidCss);
            remClass(_el, OFF);
          } else
            addClass(_el, OFF);
        }
      });
      ctxStroke = ctxFill = ctxWidth = ctxJoin = ctxCap = ctxFont = ctxAlign = ctxBaseline = ctxDash = null;
      ctxAlpha = 1;
      syncRect(true);
      if (plotLftCss != _plotLftCss || plotTopCss != _plotTopCss || plotWidCss != _plotWidCss || plotHgtCss != _plotHgtCss) {
        resetYSeries(false);
        let pctWid = plotWidCss / _plotWidCss;
        let pctHgt = plotHgtCss / _plotHgtCss;
        if (showCursor && !shouldSetCursor && cursor.left >= 0) {
          cursor.left *= pctWid;
          cursor.top *= pctHgt;
          vCursor && elTrans(vCursor, round(cursor.left), 0, plotWidCss, plotHgtCss);
          hCursor && elTrans(hCursor, 0, round(cursor.top), plotWidCss, plotHgtCss);
          for (let i4 = 0; i4 < cursorPts.length; i4++) {
            let pt = cursorPts[i4];
            if (pt != null) {
              cursorPtsLft[i4] *= pctWid;
              cursorPtsTop[i4] *= pctHgt;
              elTrans(pt, ceil(cursorPtsLft[i4]), ceil(cursorPtsTop[i4]), plotWidCss, plotHgtCss);
            }
          }
        }
        if (select.show && !shouldSetSelect && select.left >= 0 && select.width > 0) {
          select.left *= pctWid;
          select.width *= pctWid;
          select.top *= pctHgt;
          select.height *= pctHgt;
          for (let prop in _hideProps)
            setStylePx(selectDiv, prop, select[prop]);
        }
        _plotLftCss = plotLftCss;
        _plotTopCss = plotTopCss;
        _plotWidCss = plotWidCss;
        _plotHgtCss = plotHgtCss;
      }
      fire("setSize");
      shouldSetSize = false;
    }
    if (fullWidCss > 0 && fullHgtCss > 0) {
      ctx.clearRect(0, 0, can2.width, can2.height);
      fire("drawClear");
      drawOrder.forEach((fn) => fn());
      fire("draw");
    }
    if (select.show && shouldSetSelect) {
      setSelect(select);
      shouldSetSelect = false;
    }
    if (showCursor && shouldSetCursor) {
      updateCursor(null, true, false);
      shouldSetCursor = false;
    }
    if (legend.show && legend.live && shouldSetLegend) {
      setLegend();
      shouldSetLegend = false;
    }
    if (!ready) {
      ready = true;
      self.status = 1;
      fire("ready");
    }
    viaAutoScaleX = false;
    queuedCommit = false;
  }
  self.redraw = (rebuildPaths, recalcAxes) => {
    shouldConvergeSize = recalcAxes || false;
    if (rebuildPaths !== false)
      _setScale(xScaleKey, scaleX.min, scaleX.max);
    else
      commit();
  };
  function setScale(key2, opts2) {
    let sc = scales2[key2];
    if (sc.from == null) {
      if (dataLen == 0) {
        let minMax = sc.range(self, opts2.min, opts2.max, key2);
        opts2.min = minMax[0];
        opts2.max = minMax[1];
      }
      if (opts2.min > opts2.max) {
        let _min = opts2.min;
        opts2.min = opts2.max;
        opts2.max = _min;
      }
      if (dataLen > 1 && opts2.min != null && opts2.max != null && opts2.max - opts2.min < 1e-16)
        return;
      if (key2 == xScaleKey) {
        if (sc.distr == 2 && dataLen > 0) {
          opts2.min = closestIdx(opts2.min, data2[0]);
          opts2.max = closestIdx(opts2.max, data2[0]);
          if (opts2.min == opts2.max)
            opts2.max++;
        }
      }
      pendScales[key2] = opts2;
      shouldSetScales = true;
      commit();
    }
  }
  self.setScale = setScale;
  let xCursor;
  let yCursor;
  let vCursor;
  let hCursor;
  let rawMouseLeft0;
  let rawMouseTop0;
  let mouseLeft0;
  let mouseTop0;
  let rawMouseLeft1;
  let rawMouseTop1;
  let mouseLeft1;
  let mouseTop1;
  let dragging = false;
  const drag = cursor.drag;
  let dragX = drag.x;
  let dragY = drag.y;
  if (showCursor) {
    if (cursor.x)
      xCursor = placeDiv(CURSOR_X, over);
    if (cursor.y)
      yCursor = placeDiv(CURSOR_Y, over);
    if (scaleX.ori == 0) {
      vCursor = xCursor;
      hCursor = yCursor;
    } else {
      vCursor = yCursor;
      hCursor = xCursor;
    }
    mouseLeft1 = cursor.left;
    mouseTop1 = cursor.top;
  }
  const select = self.select = assign({
    show: true,
    over: true,
    left: 0,
    width: 0,
    top: 0,
    height: 0
  }, opts.select);
  const selectDiv = select.show ? placeDiv(SELECT, select.over ? over : under) : null;
  function setSelect(opts2, _fire) {
    if (select.show) {
      for (let prop in opts2) {
        select[prop] = opts2[prop];
        if (prop in _hideProps)
          setStylePx(selectDiv, prop, opts2[prop]);
      }
      _fire !== false && fire("setSelect");
    }
  }
  self.setSelect = setSelect;
  function toggleDOM(i4) {
    let s4 = series[i4];
    if (s4.show)
      showLegend && remClass(legendRows[i4], OFF);
    else {
      showLegend && addClass(legendRows[i4], OFF);
      if (showCursor) {
        let pt = cursorOnePt ? cursorPts[0] : cursorPts[i4];
        pt != null && elTrans(pt, -10, -10, plotWidCss, plotHgtCss);
      }
    }
  }
  function _setScale(key2, min2, max2) {
    setScale(key2, { min: min2, max: max2 });
  }
  function setSeries(i4, opts2, _fire, _pub) {
    if (opts2.focus != null)
      setFocus(i4);
    if (opts2.show != null) {
      series.forEach((s4, si) => {
        if (si > 0 && (i4 == si || i4 == null)) {
          s4.show = opts2.show;
          toggleDOM(si);
          if (mode == 2) {
            _setScale(s4.facets[0].scale, null, null);
            _setScale(s4.facets[1].scale, null, null);
          } else
            _setScale(s4.scale, null, null);
          commit();
        }
      });
    }
    _fire !== false && fire("setSeries", i4, opts2);
    _pub && pubSync("setSeries", self, i4, opts2);
  }
  self.setSeries = setSeries;
  function setBand(bi, opts2) {
    assign(bands[bi], opts2);
  }
  function addBand(opts2, bi) {
    opts2.fill = fnOrSelf(opts2.fill || null);
    opts2.dir = ifNull(opts2.dir, -1);
    bi = bi == null ? bands.length : bi;
    bands.splice(bi, 0, opts2);
  }
  function delBand(bi) {
    if (bi == null)
      bands.length = 0;
    else
      bands.splice(bi, 1);
  }
  self.addBand = addBand;
  self.setBand = setBand;
  self.delBand = delBand;
  function setAlpha(i4, value) {
    series[i4].alpha = value;
    if (showCursor && cursorPts[i4] != null)
      cursorPts[i4].style.opacity = value;
    if (showLegend && legendRows[i4])
      legendRows[i4].style.opacity = value;
  }
  let closestDist;
  let closestSeries;
  let focusedSeries;
  const FOCUS_TRUE = { focus: true };
  function setFocus(i4) {
    if (i4 != focusedSeries) {
      let allFocused = i4 == null;
      let _setAlpha = focus.alpha != 1;
      series.forEach((s4, i22) => {
        if (mode == 1 || i22 > 0) {
          let isFocused = allFocused || i22 == 0 || i22 == i4;
          s4._focus = allFocused ? null : isFocused;
          _setAlpha && setAlpha(i22, isFocused ? 1 : focus.alpha);
        }
      });
      focusedSeries = i4;
      _setAlpha && commit();
    }
  }
  if (showLegend && cursorFocus) {
    onMouse(mouseleave, legendTable, (e4) => {
      if (cursor._lock)
        return;
      setCursorEvent(e4);
      if (focusedSeries != null)
        setSeries(null, FOCUS_TRUE, true, syncOpts.setSeries);
    });
  }
  function posToVal(pos, scale2, can3) {
    let sc = scales2[scale2];
    if (can3)
      pos = pos / pxRatio - (sc.ori == 1 ? plotTopCss : plotLftCss);
    let dim = plotWidCss;
    if (sc.ori == 1) {
      dim = plotHgtCss;
      pos = dim - pos;
    }
    if (sc.dir == -1)
      pos = dim - pos;
    let _min = sc._min, _max = sc._max, pct = pos / dim;
    let sv = _min + (_max - _min) * pct;
    let distr = sc.distr;
    return distr == 3 ? pow(10, sv) : distr == 4 ? sinh(sv, sc.asinh) : distr == 100 ? sc.bwd(sv) : sv;
  }
  function closestIdxFromXpos(pos, can3) {
    let v4 = posToVal(pos, xScaleKey, can3);
    return closestIdx(v4, data2[0], i0, i1);
  }
  self.valToIdx = (val) => closestIdx(val, data2[0]);
  self.posToIdx = closestIdxFromXpos;
  self.posToVal = posToVal;
  self.valToPos = (val, scale2, can3) => scales2[scale2].ori == 0 ? getHPos(
    val,
    scales2[scale2],
    can3 ? plotWid : plotWidCss,
    can3 ? plotLft : 0
  ) : getVPos(
    val,
    scales2[scale2],
    can3 ? plotHgt : plotHgtCss,
    can3 ? plotTop : 0
  );
  self.setCursor = (opts2, _fire, _pub) => {
    mouseLeft1 = opts2.left;
    mouseTop1 = opts2.top;
    updateCursor(null, _fire, _pub);
  };
  function setSelH(off2, dim) {
    setStylePx(selectDiv, LEFT, select.left = off2);
    setStylePx(selectDiv, WIDTH, select.width = dim);
  }
  function setSelV(off2, dim) {
    setStylePx(selectDiv, TOP, select.top = off2);
    setStylePx(selectDiv, HEIGHT, select.height = dim);
  }
  let setSelX = scaleX.ori == 0 ? setSelH : setSelV;
  let setSelY = scaleX.ori == 1 ? setSelH : setSelV;
  function syncLegend() {
    if (showLegend && legend.live) {
      for (let i4 = mode == 2 ? 1 : 0; i4 < series.length; i4++) {
        if (i4 == 0 && multiValLegend)
          continue;
        let vals = legend.values[i4];
        let j3 = 0;
        for (let k4 in vals)
          legendCells[i4][j3++].firstChild.nodeValue = vals[k4];
      }
    }
  }
  function setLegend(opts2, _fire) {
    if (opts2 != null) {
      if (opts2.idxs) {
        opts2.idxs.forEach((didx, sidx) => {
          activeIdxs[sidx] = didx;
        });
      } else if (!isUndef(opts2.idx))
        activeIdxs.fill(opts2.idx);
      legend.idx = activeIdxs[0];
    }
    if (showLegend && legend.live) {
      for (let sidx = 0; sidx < series.length; sidx++) {
        if (sidx > 0 || mode == 1 && !multiValLegend)
          setLegendValues(sidx, activeIdxs[sidx]);
      }
      syncLegend();
    }
    shouldSetLegend = false;
    _fire !== false && fire("setLegend");
  }
  self.setLegend = setLegend;
  function setLegendValues(sidx, idx) {
    let s4 = series[sidx];
    let src = sidx == 0 && xScaleDistr == 2 ? data0 : data2[sidx];
    let val;
    if (multiValLegend)
      val = s4.values(self, sidx, idx) ?? NULL_LEGEND_VALUES;
    else {
      val = s4.value(self, idx == null ? null : src[idx], sidx, idx);
      val = val == null ? NULL_LEGEND_VALUES : { _: val };
    }
    legend.values[sidx] = val;
  }
  function updateCursor(src, _fire, _pub) {
    rawMouseLeft1 = mouseLeft1;
    rawMouseTop1 = mouseTop1;
    [mouseLeft1, mouseTop1] = cursor.move(self, mouseLeft1, mouseTop1);
    cursor.left = mouseLeft1;
    cursor.top = mouseTop1;
    if (showCursor) {
      vCursor && elTrans(vCursor, round(mouseLeft1), 0, plotWidCss, plotHgtCss);
      hCursor && elTrans(hCursor, 0, round(mouseTop1), plotWidCss, plotHgtCss);
    }
    let idx;
    let noDataInRange = i0 > i1;
    closestDist = inf;
    closestSeries = null;
    let xDim = scaleX.ori == 0 ? plotWidCss : plotHgtCss;
    let yDim = scaleX.ori == 1 ? plotWidCss : plotHgtCss;
    if (mouseLeft1 < 0 || dataLen == 0 || noDataInRange) {
      idx = cursor.idx = null;
      for (let i4 = 0; i4 < series.length; i4++) {
        let pt = cursorPts[i4];
        pt != null && elTrans(pt, -10, -10, plotWidCss, plotHgtCss);
      }
      if (cursorFocus)
        setSeries(null, FOCUS_TRUE, true, src == null && syncOpts.setSeries);
      if (legend.live) {
        activeIdxs.fill(idx);
        shouldSetLegend = true;
      }
    } else {
      let mouseXPos, valAtPosX, xPos;
      if (mode == 1) {
        mouseXPos = scaleX.ori == 0 ? mouseLeft1 : mouseTop1;
        valAtPosX = posToVal(mouseXPos, xScaleKey);
        idx = cursor.idx = closestIdx(valAtPosX, data2[0], i0, i1);
        xPos = valToPosX(data2[0][idx], scaleX, xDim, 0);
      }
      let _ptLft = -10;
      let _ptTop = -10;
      let _ptWid = 0;
      let _ptHgt = 0;
      let _centered = true;
      let _ptFill = "";
      let _ptStroke = "";
      for (let i4 = mode == 2 ? 1 : 0; i4 < series.length; i4++) {
        let s4 = series[i4];
        let idx1 = activeIdxs[i4];
        let yVal1 = idx1 == null ? null : mode == 1 ? data2[i4][idx1] : data2[i4][1][idx1];
        let idx2 = cursor.dataIdx(self, i4, idx, valAtPosX);
        let yVal2 = idx2 == null ? null : mode == 1 ? data2[i4][idx2] : data2[i4][1][idx2];
        shouldSetLegend = shouldSetLegend || yVal2 != yVal1 || idx2 != idx1;
        activeIdxs[i4] = idx2;
        if (i4 > 0 && s4.show) {
          let xPos2 = idx2 == null ? -10 : idx2 == idx ? xPos : valToPosX(mode == 1 ? data2[0][idx2] : data2[i4][0][idx2], scaleX, xDim, 0);
          let yPos = yVal2 == null ? -10 : valToPosY(yVal2, mode == 1 ? scales2[s4.scale] : scales2[s4.facets[1].scale], yDim, 0);
          if (cursorFocus && yVal2 != null) {
            let mouseYPos = scaleX.ori == 1 ? mouseLeft1 : mouseTop1;
            let dist = abs(focus.dist(self, i4, idx2, yPos, mouseYPos));
            if (dist < closestDist) {
              let bias = focus.bias;
              if (bias != 0) {
                let mouseYVal = posToVal(mouseYPos, s4.scale);
                let seriesYValSign = yVal2 >= 0 ? 1 : -1;
                let mouseYValSign = mouseYVal >= 0 ? 1 : -1;
                if (mouseYValSign == seriesYValSign && (mouseYValSign == 1 ? bias == 1 ? yVal2 >= mouseYVal : yVal2 <= mouseYVal : (
                  // >= 0
                  bias == 1 ? yVal2 <= mouseYVal : yVal2 >= mouseYVal
                ))) {
                  closestDist = dist;
                  closestSeries = i4;
                }
              } else {
                closestDist = dist;
                closestSeries = i4;
              }
            }
          }
          if (shouldSetLegend || cursorOnePt) {
            let hPos, vPos;
            if (scaleX.ori == 0) {
              hPos = xPos2;
              vPos = yPos;
            } else {
              hPos = yPos;
              vPos = xPos2;
            }
            let ptWid, ptHgt, ptLft, ptTop, ptStroke, ptFill, centered = true, getBBox = points5.bbox;
            if (getBBox != null) {
              centered = false;
              let bbox = getBBox(self, i4);
              ptLft = bbox.left;
              ptTop = bbox.top;
              ptWid = bbox.width;
              ptHgt = bbox.height;
            } else {
              ptLft = hPos;
              ptTop = vPos;
              ptWid = ptHgt = points5.size(self, i4);
            }
            ptFill = points5.fill(self, i4);
            ptStroke = points5.stroke(self, i4);
            if (cursorOnePt) {
              if (i4 == closestSeries && closestDist <= focus.prox) {
                _ptLft = ptLft;
                _ptTop = ptTop;
                _ptWid = ptWid;
                _ptHgt = ptHgt;
                _centered = centered;
                _ptFill = ptFill;
                _ptStroke = ptStroke;
              }
            } else {
              let pt = cursorPts[i4];
              if (pt != null) {
                cursorPtsLft[i4] = ptLft;
                cursorPtsTop[i4] = ptTop;
                elSize(pt, ptWid, ptHgt, centered);
                elColor(pt, ptFill, ptStroke);
                elTrans(pt, ceil(ptLft), ceil(ptTop), plotWidCss, plotHgtCss);
              }
            }
          }
        }
      }
      if (cursorOnePt) {
        let p5 = focus.prox;
        let focusChanged = focusedSeries == null ? closestDist <= p5 : closestDist > p5 || closestSeries != focusedSeries;
        if (shouldSetLegend || focusChanged) {
          let pt = cursorPts[0];
          if (pt != null) {
            cursorPtsLft[0] = _ptLft;
            cursorPtsTop[0] = _ptTop;
            elSize(pt, _ptWid, _ptHgt, _centered);
            elColor(pt, _ptFill, _ptStroke);
            elTrans(pt, ceil(_ptLft), ceil(_ptTop), plotWidCss, plotHgtCss);
          }
        }
      }
    }
    if (select.show && dragging) {
      if (src != null) {
        let [xKey, yKey] = syncOpts.scales;
        let [matchXKeys, matchYKeys] = syncOpts.match;
        let [xKeySrc, yKeySrc] = src.cursor.sync.scales;
        let sdrag = src.cursor.drag;
        dragX = sdrag._x;
        dragY = sdrag._y;
        if (dragX || dragY) {
          let { left, top, width, height } = src.select;
          let sori = src.scales[xKeySrc].ori;
          let sPosToVal = src.posToVal;
          let sOff, sDim, sc, a5, b3;
          let matchingX = xKey != null && matchXKeys(xKey, xKeySrc);
          let matchingY = yKey != null && matchYKeys(yKey, yKeySrc);
          if (matchingX && dragX) {
            if (sori == 0) {
              sOff = left;
              sDim = width;
            } else {
              sOff = top;
              sDim = height;
            }
            sc = scales2[xKey];
            a5 = valToPosX(sPosToVal(sOff, xKeySrc), sc, xDim, 0);
            b3 = valToPosX(sPosToVal(sOff + sDim, xKeySrc), sc, xDim, 0);
            setSelX(min(a5, b3), abs(b3 - a5));
          } else
            setSelX(0, xDim);
          if (matchingY && dragY) {
            if (sori == 1) {
              sOff = left;
              sDim = width;
            } else {
              sOff = top;
              sDim = height;
            }
            sc = scales2[yKey];
            a5 = valToPosY(sPosToVal(sOff, yKeySrc), sc, yDim, 0);
            b3 = valToPosY(sPosToVal(sOff + sDim, yKeySrc), sc, yDim, 0);
            setSelY(min(a5, b3), abs(b3 - a5));
          } else
            setSelY(0, yDim);
        } else
          hideSelect();
      } else {
        let rawDX = abs(rawMouseLeft1 - rawMouseLeft0);
        let rawDY = abs(rawMouseTop1 - rawMouseTop0);
        if (scaleX.ori == 1) {
          let _rawDX = rawDX;
          rawDX = rawDY;
          rawDY = _rawDX;
        }
        dragX = drag.x && rawDX >= drag.dist;
        dragY = drag.y && rawDY >= drag.dist;
        let uni = drag.uni;
        if (uni != null) {
          if (dragX && dragY) {
            dragX = rawDX >= uni;
            dragY = rawDY >= uni;
            if (!dragX && !dragY) {
              if (rawDY > rawDX)
                dragY = true;
              else
                dragX = true;
            }
          }
        } else if (drag.x && drag.y && (dragX || dragY))
          dragX = dragY = true;
        let p0, p1;
        if (dragX) {
          if (scaleX.ori == 0) {
            p0 = mouseLeft0;
            p1 = mouseLeft1;
          } else {
            p0 = mouseTop0;
            p1 = mouseTop1;
          }
          setSelX(min(p0, p1), abs(p1 - p0));
          if (!dragY)
            setSelY(0, yDim);
        }
        if (dragY) {
          if (scaleX.ori == 1) {
            p0 = mouseLeft0;
            p1 = mouseLeft1;
          } else {
            p0 = mouseTop0;
            p1 = mouseTop1;
          }
          setSelY(min(p0, p1), abs(p1 - p0));
          if (!dragX)
            setSelX(0, xDim);
        }
        if (!dragX && !dragY) {
          setSelX(0, 0);
          setSelY(0, 0);
        }
      }
    }
    drag._x = dragX;
    drag._y = dragY;
    if (src == null) {
      if (_pub) {
        if (syncKey != null) {
          let [xSyncKey, ySyncKey] = syncOpts.scales;
          syncOpts.values[0] = xSyncKey != null ? posToVal(scaleX.ori == 0 ? mouseLeft1 : mouseTop1, xSyncKey) : null;
          syncOpts.values[1] = ySyncKey != null ? posToVal(scaleX.ori == 1 ? mouseLeft1 : mouseTop1, ySyncKey) : null;
        }
        pubSync(mousemove, self, mouseLeft1, mouseTop1, plotWidCss, plotHgtCss, idx);
      }
      if (cursorFocus) {
        let shouldPub = _pub && syncOpts.setSeries;
        let p5 = focus.prox;
        if (focusedSeries == null) {
          if (closestDist <= p5)
            setSeries(closestSeries, FOCUS_TRUE, true, shouldPub);
        } else {
          if (closestDist > p5)
            setSeries(null, FOCUS_TRUE, true, shouldPub);
          else if (closestSeries != focusedSeries)
            setSeries(closestSeries, FOCUS_TRUE, true, shouldPub);
        }
      }
    }
    if (shouldSetLegend) {
      legend.idx = idx;
      setLegend();
    }
    _fire !== false && fire("setCursor");
  }
  let rect2 = null;
  Object.defineProperty(self, "rect", {
    get() {
      if (rect2 == null)
        syncRect(false);
      return rect2;
    }
  });
  function syncRect(defer = false) {
    if (defer)
      rect2 = null;
    else {
      rect2 = over.getBoundingClientRect();
      fire("syncRect", rect2);
    }
  }
  function mouseMove(e4, src, _l, _t, _w, _h, _i) {
    if (cursor._lock)
      return;
    if (dragging && e4 != null && e4.movementX == 0 && e4.movementY == 0)
      return;
    cacheMouse(e4, src, _l, _t, _w, _h, _i, false, e4 != null);
    if (e4 != null)
      updateCursor(null, true, true);
    else
      updateCursor(src, true, false);
  }
  function cacheMouse(e4, src, _l, _t, _w, _h, _i, initial, snap) {
    if (rect2 == null)
      syncRect(false);
    setCursorEvent(e4);
    if (e4 != null) {
      _l = e4.clientX - rect2.left;
      _t = e4.clientY - rect2.top;
    } else {
      if (_l < 0 || _t < 0) {
        mouseLeft1 = -10;
        mouseTop1 = -10;
        return;
      }
      let [xKey, yKey] = syncOpts.scales;
      let syncOptsSrc = src.cursor.sync;
      let [xValSrc, yValSrc] = syncOptsSrc.values;
      let [xKeySrc, yKeySrc] = syncOptsSrc.scales;
      let [matchXKeys, matchYKeys] = syncOpts.match;
      let rotSrc = src.axes[0].side % 2 == 1;
      let xDim = scaleX.ori == 0 ? plotWidCss : plotHgtCss, yDim = scaleX.ori == 1 ? plotWidCss : plotHgtCss, _xDim = rotSrc ? _h : _w, _yDim = rotSrc ? _w : _h, _xPos = rotSrc ? _t : _l, _yPos = rotSrc ? _l : _t;
      if (xKeySrc != null)
        _l = matchXKeys(xKey, xKeySrc) ? getPos(xValSrc, scales2[xKey], xDim, 0) : -10;
      else
        _l = xDim * (_xPos / _xDim);
      if (yKeySrc != null)
        _t = matchYKeys(yKey, yKeySrc) ? getPos(yValSrc, scales2[yKey], yDim, 0) : -10;
      else
        _t = yDim * (_yPos / _yDim);
      if (scaleX.ori == 1) {
        let __l = _l;
        _l = _t;
        _t = __l;
      }
    }
    if (snap && (src == null || src.cursor.event.type == mousemove)) {
      if (_l <= 1 || _l >= plotWidCss - 1)
        _l = incrRound(_l, plotWidCss);
      if (_t <= 1 || _t >= plotHgtCss - 1)
        _t = incrRound(_t, plotHgtCss);
    }
    if (initial) {
      rawMouseLeft0 = _l;
      rawMouseTop0 = _t;
      [mouseLeft0, mouseTop0] = cursor.move(self, _l, _t);
    } else {
      mouseLeft1 = _l;
      mouseTop1 = _t;
    }
  }
  const _hideProps = {
    width: 0,
    height: 0,
    left: 0,
    top: 0
  };
  function hideSelect() {
    setSelect(_hideProps, false);
  }
  let downSelectLeft;
  let downSelectTop;
  let downSelectWidth;
  let downSelectHeight;
  function mouseDown(e4, src, _l, _t, _w, _h, _i) {
    dragging = true;
    dragX = dragY = drag._x = drag._y = false;
    cacheMouse(e4, src, _l, _t, _w, _h, _i, true, false);
    if (e4 != null) {
      onMouse(mouseup, doc, mouseUp, false);
      pubSync(mousedown, self, mouseLeft0, mouseTop0, plotWidCss, plotHgtCss, null);
    }
    let { left, top, width, height } = select;
    downSelectLeft = left;
    downSelectTop = top;
    downSelectWidth = width;
    downSelectHeight = height;
  }
  function mouseUp(e4, src, _l, _t, _w, _h, _i) {
    dragging = drag._x = drag._y = false;
    cacheMouse(e4, src, _l, _t, _w, _h, _i, false, true);
    let { left, top, width, height } = select;
    let hasSelect = width > 0 || height > 0;
    let chgSelect = downSelectLeft != left || downSelectTop != top || downSelectWidth != width || downSelectHeight != height;
    hasSelect && chgSelect && setSelect(select);
    if (drag.setScale && hasSelect && chgSelect) {
      let xOff = left, xDim = width, yOff = top, yDim = height;
      if (scaleX.ori == 1) {
        xOff = top, xDim = height, yOff = left, yDim = width;
      }
      if (dragX) {
        _setScale(
          xScaleKey,
          posToVal(xOff, xScaleKey),
          posToVal(xOff + xDim, xScaleKey)
        );
      }
      if (dragY) {
        for (let k4 in scales2) {
          let sc = scales2[k4];
          if (k4 != xScaleKey && sc.from == null && sc.min != inf) {
            _setScale(
              k4,
              posToVal(yOff + yDim, k4),
              posToVal(yOff, k4)
            );
          }
        }
      }
      hideSelect();
    } else if (cursor.lock) {
      cursor._lock = !cursor._lock;
      updateCursor(src, true, e4 != null);
    }
    if (e4 != null) {
      offMouse(mouseup, doc);
      pubSync(mouseup, self, mouseLeft1, mouseTop1, plotWidCss, plotHgtCss, null);
    }
  }
  function mouseLeave(e4, src, _l, _t, _w, _h, _i) {
    if (cursor._lock)
      return;
    setCursorEvent(e4);
    let _dragging = dragging;
    if (dragging) {
      let snapH = true;
      let snapV = true;
      let snapProx = 10;
      let dragH, dragV;
      if (scaleX.ori == 0) {
        dragH = dragX;
        dragV = dragY;
      } else {
        dragH = dragY;
        dragV = dragX;
      }
      if (dragH && dragV) {
        snapH = mouseLeft1 <= snapProx || mouseLeft1 >= plotWidCss - snapProx;
        snapV = mouseTop1 <= snapProx || mouseTop1 >= plotHgtCss - snapProx;
      }
      if (dragH && snapH)
        mouseLeft1 = mouseLeft1 < mouseLeft0 ? 0 : plotWidCss;
      if (dragV && snapV)
        mouseTop1 = mouseTop1 < mouseTop0 ? 0 : plotHgtCss;
      updateCursor(null, true, true);
      dragging = false;
    }
    mouseLeft1 = -10;
    mouseTop1 = -10;
    activeIdxs.fill(null);
    updateCursor(null, true, true);
    if (_dragging)
      dragging = _dragging;
  }
  function dblClick(e4, src, _l, _t, _w, _h, _i) {
    if (cursor._lock)
      return;
    setCursorEvent(e4);
    autoScaleX();
    hideSelect();
    if (e4 != null)
      pubSync(dblclick, self, mouseLeft1, mouseTop1, plotWidCss, plotHgtCss, null);
  }
  function syncPxRatio() {
    axes.forEach(syncFontSize);
    _setSize(self.width, self.height, true);
  }
  on(dppxchange, win, syncPxRatio);
  const events2 = {};
  events2.mousedown = mouseDown;
  events2.mousemove = mouseMove;
  events2.mouseup = mouseUp;
  events2.dblclick = dblClick;
  events2["setSeries"] = (e4, src, idx, opts2) => {
    let seriesIdxMatcher2 = syncOpts.match[2];
    idx = seriesIdxMatcher2(self, src, idx);
    idx != -1 && setSeries(idx, opts2, true, false);
  };
  if (showCursor) {
    onMouse(mousedown, over, mouseDown);
    onMouse(mousemove, over, mouseMove);
    onMouse(mouseenter, over, (e4) => {
      setCursorEvent(e4);
      syncRect(false);
    });
    onMouse(mouseleave, over, mouseLeave);
    onMouse(dblclick, over, dblClick);
    cursorPlots.add(self);
    self.syncRect = syncRect;
  }
  const hooks = self.hooks = opts.hooks || {};
  function fire(evName, a1, a22) {
    if (deferHooks)
      hooksQueue.push([evName, a1, a22]);
    else {
      if (evName in hooks) {
        hooks[evName].forEach((fn) => {
          fn.call(null, self, a1, a22);
        });
      }
    }
  }
  (opts.plugins || []).forEach((p5) => {
    for (let evName in p5.hooks)
      hooks[evName] = (hooks[evName] || []).concat(p5.hooks[evName]);
  });
  const seriesIdxMatcher = (self2, src, srcSeriesIdx) => srcSeriesIdx;
  const syncOpts = assign({
    key: null,
    setSeries: false,
    filters: {
      pub: retTrue,
      sub: retTrue
    },
    scales: [xScaleKey, series[1] ? series[1].scale : null],
    match: [retEq, retEq, seriesIdxMatcher],
    values: [null, null]
  }, cursor.sync);
  if (syncOpts.match.length == 2)
    syncOpts.match.push(seriesIdxMatcher);
  cursor.sync = syncOpts;
  const syncKey = syncOpts.key;
  const sync = _sync(syncKey);
  function pubSync(type, src, x3, y5, w5, h5, i4) {
    if (syncOpts.filters.pub(type, src, x3, y5, w5, h5, i4))
      sync.pub(type, src, x3, y5, w5, h5, i4);
  }
  sync.sub(self);
  function pub(type, src, x3, y5, w5, h5, i4) {
    if (syncOpts.filters.sub(type, src, x3, y5, w5, h5, i4))
      events2[type](null, src, x3, y5, w5, h5, i4);
  }
  self.pub = pub;
  function destroy() {
    sync.unsub(self);
    cursorPlots.delete(self);
    mouseListeners.clear();
    off(dppxchange, win, syncPxRatio);
    root2.remove();
    legendTable?.remove();
    fire("destroy");
  }
  self.destroy = destroy;
  function _init() {
    fire("init", opts, data2);
    setData(data2 || opts.data, false);
    if (pendScales[xScaleKey])
      setScale(xScaleKey, pendScales[xScaleKey]);
    else
      autoScaleX();
    shouldSetSelect = select.show && (select.width > 0 || select.height > 0);
    shouldSetCursor = shouldSetLegend = true;
    _setSize(opts.width, opts.height);
  }
  series.forEach(initSeries);
  axes.forEach(initAxis);
  if (then) {
    if (then instanceof HTMLElement) {
      then.appendChild(root2);
      _init();
    } else
      then(self, _init);
  } else
    _init();
  return self;
}
uPlot.assign = assign;
uPlot.fmtNum = fmtNum;
uPlot.rangeNum = rangeNum;
uPlot.rangeLog = rangeLog;
uPlot.rangeAsinh = rangeAsinh;
uPlot.orient = orient;
uPlot.pxRatio = pxRatio;
{
  uPlot.join = join;
}
{
  uPlot.fmtDate = fmtDate;
  uPlot.tzDate = tzDate;
}
uPlot.sync = _sync;
{
  uPlot.addGap = addGap;
  uPlot.clipGaps = clipGaps;
  let paths = uPlot.paths = {
    points
  };
  paths.linear = linear;
  paths.stepped = stepped;
  paths.bars = bars;
  paths.spline = monotoneCubic;
}

// src/parts/chart.tsx
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
function Chart(props) {
  const box = T2(null);
  const plot = T2(null);
  const created = T2(false);
  const latest = T2(props);
  latest.current = props;
  const shape = props.lines.map((l4) => `${l4.title}${l4.colour}${l4.dash}${l4.right}`).join("|") + theme.value + (props.range?.join() ?? "") + (props.levels ?? []).map((l4) => l4.value).join();
  A2(() => {
    const element = box.current;
    if (!element) return;
    const u4 = new uPlot(options2(latest, element.clientWidth, props.height ?? 320), data(props), element);
    u4.root.querySelector("canvas")?.setAttribute("aria-hidden", "true");
    plot.current = u4;
    created.current = true;
    const resized = new ResizeObserver(() => u4.setSize({ width: element.clientWidth, height: props.height ?? 320 }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      u4.destroy();
      plot.current = null;
    };
  }, [shape, props.height, props.xTime]);
  A2(() => {
    const u4 = plot.current;
    if (!u4) return;
    if (created.current) {
      created.current = false;
      return;
    }
    const before = u4.data[0] ?? [], first2 = props.x[0] ?? 0, last = props.x[props.x.length - 1] ?? 1;
    const { min: min2, max: max2 } = u4.scales.x ?? {};
    const zoomed = typeof min2 === "number" && typeof max2 === "number" && (min2 > (before[0] ?? min2) || max2 < (before[before.length - 1] ?? max2)) && min2 < last && max2 > first2;
    u4.setData(data(props), !zoomed);
    if (zoomed) u4.setScale("x", { min: min2, max: max2 });
  }, [props.x, ...props.lines.map((l4) => l4.values)]);
  A2(() => plot.current?.redraw(false), [props.spans, props.markers, props.levels]);
  function zoom(factor) {
    const u4 = plot.current, x3 = u4?.scales.x;
    if (!u4 || typeof x3?.min !== "number" || typeof x3.max !== "number") return;
    const all = [props.x[0] ?? 0, props.x[props.x.length - 1] ?? 1];
    const marker = props.markers?.[0];
    const middle = marker !== void 0 && marker > x3.min && marker < x3.max ? marker : (x3.min + x3.max) / 2;
    const half = (x3.max - x3.min) * factor / 2;
    u4.setScale("x", { min: Math.max(all[0], middle - half), max: Math.min(all[1], middle + half) });
  }
  function reset() {
    const u4 = plot.current;
    if (u4) u4.setScale("x", { min: props.x[0] ?? 0, max: props.x[props.x.length - 1] ?? 1 });
  }
  function key(e4) {
    const u4 = plot.current;
    if (!u4) return;
    if (e4.key === "+" || e4.key === "=") zoom(0.5);
    else if (e4.key === "-") zoom(2);
    else if (e4.key === "0") reset();
    else if ((e4.key === "ArrowLeft" || e4.key === "ArrowRight") && props.onMarker) {
      const now2 = props.markers?.[0] ?? props.x[Math.floor(props.x.length / 2)] ?? 0;
      const at = u4.valToIdx(now2);
      const step = (e4.shiftKey ? 10 : 1) * (e4.key === "ArrowLeft" ? -1 : 1);
      const next3 = props.x[Math.max(0, Math.min(props.x.length - 1, at + step))];
      if (next3 !== void 0) props.onMarker(next3);
    } else return;
    e4.preventDefault();
  }
  return /* @__PURE__ */ a4("div", { class: "chart", children: [
    /* @__PURE__ */ a4("div", { class: "chart-tools", children: [
      /* @__PURE__ */ a4("ul", { class: "legend", children: [
        props.lines.map((l4) => !l4.edge && /* @__PURE__ */ a4("li", { children: [
          /* @__PURE__ */ a4("i", { style: { background: `var(${l4.colour})` }, "aria-hidden": "true" }),
          l4.title
        ] }, l4.title)),
        props.area && /* @__PURE__ */ a4("li", { children: [
          /* @__PURE__ */ a4("i", { class: "area", style: { background: `var(${props.area.colour})` }, "aria-hidden": "true" }),
          props.area.title
        ] })
      ] }),
      /* @__PURE__ */ a4("span", { class: "spring" }),
      /* @__PURE__ */ a4(Button, { small: true, kind: "quiet", icon: "zoomIn", label: t4("chart.in"), onClick: () => zoom(0.5) }),
      /* @__PURE__ */ a4(Button, { small: true, kind: "quiet", icon: "zoomOut", label: t4("chart.out"), onClick: () => zoom(2) }),
      /* @__PURE__ */ a4(Button, { small: true, kind: "quiet", icon: "refresh", label: t4("chart.all"), onClick: reset })
    ] }),
    /* @__PURE__ */ a4(
      "div",
      {
        ref: box,
        class: "chart-box",
        style: { height: props.height ?? 320 },
        role: "application",
        "aria-roledescription": t4("chart.role"),
        "aria-label": `${props.label}. ${t4("chart.keys")}`,
        tabIndex: 0,
        onKeyDown: key
      }
    )
  ] });
}
function data(p5) {
  return [p5.x, ...p5.lines.map((l4) => l4.values)];
}
function options2(latest, width, height) {
  const p5 = latest.current;
  const text = colour("--muted"), grid2 = colour("--line");
  const axis = (size, values, more = {}) => ({
    stroke: text,
    grid: { stroke: grid2, width: 1 },
    ticks: { stroke: grid2, width: 1, size: 4 },
    size,
    font: "12px system-ui, sans-serif",
    values: (_5, splits) => splits.map((v4) => v4 === null ? "" : values(v4)),
    ...more
  });
  let shift = false;
  return {
    width,
    height,
    legend: { show: false },
    padding: [10, 12, 0, 0],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      bind: { mousedown: (_u, _t, handler) => (e4) => {
        shift = e4.shiftKey;
        return handler(e4);
      } }
    },
    scales: {
      x: { time: p5.xTime ?? false },
      y: p5.range ? { range: p5.range } : p5.fit ? { range: (_5, min2, max2) => fitting(min2, max2, p5.levels ?? []) } : { range: (_5, min2, max2) => min2 === null ? [0, 1] : [Math.floor((min2 - 2) / 5) * 5, Math.ceil((max2 + 2) / 5) * 5] },
      right: { range: (_5, __, max2) => [0, Math.max(1, Math.ceil(max2))] }
    },
    axes: [
      axis(34, p5.xText, { space: 96 }),
      axis(74, p5.yText, { scale: "y" }),
      ...p5.lines.some((l4) => l4.right) ? [axis(56, p5.rightText ?? String, { scale: "right", side: 1, grid: { show: false } })] : []
    ],
    bands: p5.area ? [{ series: [p5.area.high + 1, p5.area.low + 1], fill: faint(colour(p5.area.colour)) }] : [],
    series: [{}, ...p5.lines.map((l4) => ({
      label: l4.title,
      stroke: l4.edge ? "transparent" : colour(l4.colour),
      width: l4.edge ? 0 : l4.dash ? 1 : 1.4,
      scale: l4.right ? "right" : "y",
      spanGaps: false,
      points: p5.fit && !l4.edge ? { show: true, size: 5, fill: colour(l4.colour), filter: alone } : { show: false },
      ...l4.dash ? { dash: [5, 4] } : {}
    }))],
    hooks: {
      setSelect: [(u4) => {
        if (u4.select.width < 4) return;
        const from = u4.posToVal(u4.select.left, "x"), to = u4.posToVal(u4.select.left + u4.select.width, "x");
        if (shift && latest.current.onBand) latest.current.onBand(from, to);
        else u4.setScale("x", { min: from, max: to });
        u4.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
      ready: [(u4) => {
        u4.over.addEventListener("click", (e4) => {
          if (u4.cursor.idx !== null && u4.cursor.idx !== void 0 && !e4.shiftKey) {
            const x3 = u4.data[0]?.[u4.cursor.idx];
            if (x3 !== void 0) latest.current.onMarker?.(x3);
          }
        });
        u4.over.addEventListener("dblclick", () => u4.setScale("x", { min: latest.current.x[0] ?? 0, max: latest.current.x[latest.current.x.length - 1] ?? 1 }));
      }],
      drawClear: [(u4) => drawSpans(u4, latest.current)],
      draw: [(u4) => drawLevels(u4, latest.current), (u4) => drawMarkers(u4, latest.current)]
    }
  };
}
function faint(hex) {
  return `color-mix(in srgb, ${hex} 22%, transparent)`;
}
function fitting(min2, max2, levels) {
  const all = [...min2 === null || max2 === null ? [] : [min2, max2], ...levels.map((l4) => l4.value)];
  return all.length === 0 ? [0, 1] : uPlot.rangeNum(Math.min(...all), Math.max(...all), 0.08, true);
}
function alone(u4, series) {
  const values = u4.data[series] ?? [];
  const there = (i4) => values[i4] !== null && values[i4] !== void 0;
  return Array.from(values, (_5, i4) => i4).filter((i4) => there(i4) && !there(i4 - 1) && !there(i4 + 1));
}
function drawSpans(u4, p5) {
  const { ctx } = u4;
  const { top, height, left, width } = u4.bbox;
  const strip = 6 * devicePixelRatio;
  ctx.save();
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  for (const s4 of p5.spans ?? []) {
    const a5 = Math.max(left, u4.valToPos(s4.from, "x", true)), b3 = Math.min(left + width, u4.valToPos(s4.to, "x", true));
    if (b3 < left || a5 > left + width) continue;
    ctx.fillStyle = s4.colour ? s4.strip ? colour(s4.colour) : faint(colour(s4.colour)) : colour("--span");
    if (s4.strip) ctx.fillRect(a5, top + height - strip, Math.max(2, b3 - a5), strip);
    else ctx.fillRect(a5, top, Math.max(2, b3 - a5), height);
    ctx.fillStyle = colour("--muted");
    if (b3 - a5 > ctx.measureText(s4.title).width) ctx.fillText(s4.title, a5 + 4, top + 14 * devicePixelRatio);
  }
  ctx.restore();
}
function drawLevels(u4, p5) {
  const { ctx } = u4;
  const { top, height, left, width } = u4.bbox;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  for (const l4 of p5.levels ?? []) {
    const y5 = Math.round(u4.valToPos(l4.value, "y", true));
    if (y5 < top || y5 > top + height) continue;
    ctx.strokeStyle = ctx.fillStyle = colour(l4.colour);
    ctx.beginPath();
    ctx.moveTo(left, y5);
    ctx.lineTo(left + width, y5);
    ctx.stroke();
    ctx.fillText(l4.title, left + width - 6 * devicePixelRatio, y5 - 2 * devicePixelRatio);
  }
  ctx.restore();
}
function drawMarkers(u4, p5) {
  const { ctx } = u4;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour("--text");
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `bold ${12 * devicePixelRatio}px system-ui, sans-serif`;
  p5.markers?.forEach((m5, i4) => {
    const x3 = Math.round(u4.valToPos(m5, "x", true));
    if (x3 < u4.bbox.left || x3 > u4.bbox.left + u4.bbox.width) return;
    ctx.setLineDash(i4 === 0 ? [] : [4, 4]);
    ctx.beginPath();
    ctx.moveTo(x3, u4.bbox.top);
    ctx.lineTo(x3, u4.bbox.top + u4.bbox.height);
    ctx.stroke();
    ctx.fillText(i4 === 0 ? "M" : "R", x3 + 4, u4.bbox.top + 12 * devicePixelRatio);
  });
  ctx.restore();
}

// src/pages/telemetry/series.tsx
function drawn(v4) {
  const d5 = { x: [], mean: [], low: [], high: [], bucket: [] };
  const add = (x3, b3) => {
    d5.x.push(x3);
    d5.mean.push(b3?.mean ?? null);
    d5.low.push(b3?.min ?? null);
    d5.high.push(b3?.max ?? null);
    d5.bucket.push(b3);
  };
  const middles = v4.buckets.map((b3) => Date.parse(b3.at) / 1e3 + v4.seconds / 2);
  const distances = middles.slice(1).map((x3, i4) => x3 - (middles[i4] ?? 0)).sort((a5, b3) => a5 - b3);
  const usual = distances[Math.floor(distances.length / 2)] ?? v4.seconds;
  add(Date.parse(v4.from) / 1e3, null);
  v4.buckets.forEach((b3, i4) => {
    const x3 = middles[i4] ?? 0, before = middles[i4 - 1];
    if (before !== void 0 && x3 - before > Math.max(2.5 * usual, 1.5 * v4.seconds)) add((x3 + before) / 2, null);
    add(x3, b3);
  });
  add(Date.parse(v4.to) / 1e3, null);
  return d5;
}
function levelLines(bounds, unit) {
  return bounds.flatMap((b3) => {
    const value = b3.high ?? b3.low;
    return value === void 0 ? [] : [{ value, title: `${t4(`severity.${b3.severity}`)} ${b3.high !== void 0 ? ">" : "<"} ${plain(value)}${unit ? ` ${unit}` : ""}`, colour: `--${b3.severity}` }];
  });
}
function raisedSpans(happenings, end) {
  return ["limit", "stale"].flatMap((type) => {
    const of = happenings.filter((h5) => h5.type === type);
    return of.flatMap((h5, i4) => {
      if (h5.severity === "cleared") return [];
      const next3 = of[i4 + 1];
      return [{ from: Date.parse(h5.at) / 1e3, to: next3 ? Date.parse(next3.at) / 1e3 : end, title: type === "stale" ? t4("alarm.type.stale") : t4(`severity.${h5.severity}`), colour: `--${h5.severity}` }];
    });
  });
}
function SeriesChart({ values, title, unit, bounds, happenings, marker, onMarker, height }) {
  const d5 = w2(() => drawn(values), [values]);
  const levels = w2(() => levelLines(bounds, unit), [JSON.stringify(bounds), unit]);
  const end = Date.parse(values.to) / 1e3, span = end - Date.parse(values.from) / 1e3;
  const spans5 = w2(() => [
    ...raisedSpans(happenings ?? [], end),
    ...values.buckets.filter((b3) => b3.bad > 0).map((b3) => ({ from: Date.parse(b3.at) / 1e3, to: Date.parse(b3.at) / 1e3 + values.seconds, title: "", colour: "--bad", strip: true }))
  ], [values, happenings]);
  const markers = w2(() => marker === null || marker === void 0 ? [] : [marker], [marker]);
  const text = (v4) => `${plain(v4)}${unit ? ` ${unit}` : ""}`;
  return /* @__PURE__ */ a4(
    Chart,
    {
      label: title,
      height: height ?? 300,
      x: d5.x,
      xTime: true,
      fit: true,
      xText: (v4) => tick(v4, span),
      yText: text,
      levels,
      spans: spans5,
      markers,
      ...onMarker ? { onMarker } : {},
      area: { low: 1, high: 2, title: t4("telemetry.range"), colour: "--c2" },
      lines: [
        { title: t4("telemetry.mean"), values: d5.mean, colour: "--c1" },
        { title: t4("telemetry.lowest"), values: d5.low, colour: "--c2", edge: true },
        { title: t4("telemetry.highest"), values: d5.high, colour: "--c2", edge: true }
      ]
    }
  );
}

// src/pages/telemetry/past.tsx
var spans2 = [["1h", 60], ["6h", 360], ["24h", 1440], ["7d", 10080], ["30d", 43200]];
function Past2({ telemetry, name, equipment, draft, unit }) {
  const [span, setSpan] = d2("24h");
  const minutes = spans2.find(([x3]) => x3 === span)?.[1] ?? 1440;
  const text = JSON.stringify({ ...bodyOf3(draft), name: "simulation" });
  const [asked2, setAsked] = d2(text);
  A2(() => {
    const timer = setTimeout(() => setAsked(text), 400);
    return () => clearTimeout(timer);
  }, [text]);
  const values = useResource(async (s4) => {
    const to = /* @__PURE__ */ new Date();
    const range2 = { from: new Date(to.getTime() - minutes * 6e4).toISOString(), to: to.toISOString() };
    return { range: range2, series: (await telemetryValues({ query: { "equipment-id": equipment, parameter: name, ...range2, points: 400 } }, s4)).data };
  }, [equipment, name, minutes]);
  const range = values.data?.range;
  const tried = useResource(async (s4) => {
    if (!range) return null;
    const { raise_after, clear_after, stale_after, ...rest } = JSON.parse(asked2);
    return (await limitsSimulateCreate({ body: {
      telemetry_id: telemetry,
      equipment_id: equipment,
      ...rest,
      ...range,
      ...raise_after ? { raise_after } : {},
      ...clear_after ? { clear_after } : {},
      ...stale_after === null ? {} : { stale_after }
    } }, s4)).data;
  }, [asked2, telemetry, equipment, JSON.stringify(range)]);
  const levels = bodyOf3(draft).levels.filter((l4) => l4.high !== void 0 || l4.low !== void 0);
  return /* @__PURE__ */ a4("section", { class: "past", "aria-label": t4("limit.past"), children: [
    /* @__PURE__ */ a4(SelectField, { label: t4("limit.past"), value: span, onChange: setSpan, options: spans2.map(([x3]) => ({ value: x3, title: t4(`span.${x3}`) })) }),
    /* @__PURE__ */ a4(Shown, { of: values, lines: 4, children: ({ series }) => !series.buckets.some((b3) => b3.n > 0) ? /* @__PURE__ */ a4(Empty, { title: t4("telemetry.noneThen") }) : /* @__PURE__ */ a4(SeriesChart, { values: series, title: name, unit, bounds: levels, height: 220, ...tried.data && !tried.problem ? { happenings: tried.data.happenings } : {} }) }),
    tried.problem ? /* @__PURE__ */ a4(Notice, { tone: "warn", children: [
      t4("limit.notTried"),
      " ",
      tried.problem.reasons[0] && sayReason(tried.problem.reasons[0])
    ] }) : tried.data && /* @__PURE__ */ a4(Notice, { tone: tried.data.raised > 0 ? "warn" : "ok", children: t4("limit.would", { n: tried.data.raised, time: duration(tried.data.seconds), values: plain(tried.data.values) }) })
  ] });
}

// src/pages/telemetry/limit.tsx
function LimitDrawer({ edited, close, saved }) {
  const r4 = useResource(async (s4) => edited.id === null ? null : await limitsGet({ id: edited.id }, s4), [edited.id]);
  return /* @__PURE__ */ a4(Drawer, { title: r4.data?.data.name ?? t4("limit.add"), onClose: close, children: /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: (limit) => /* @__PURE__ */ a4(LimitForm, { old: limit, edited, close, saved }) }) });
}
function LimitForm({ old, edited, close, saved }) {
  const parameters = useParameters();
  const [telemetry, setTelemetry] = d2(old?.data.telemetry_id ?? edited.telemetry ?? null);
  const [own2, setOwn] = d2(old ? old.data.equipment_id !== null : true);
  const [equipment, setEquipment] = d2(old?.data.equipment_id ?? edited.equipment);
  const [d5, setDraft] = d2(() => draftOf3(old?.data ?? null));
  const set = (name) => (value) => setDraft((x3) => ({ ...x3, [name]: value }));
  const merge = useMerge(old, () => limitsGet({ id: old?.data.id ?? 0 }));
  const save = useAction(() => merge.save(async (match, base) => {
    const body = bodyOf3(d5);
    if (base) await limitsUpdate({ id: base.id, body, ...match });
    else if (telemetry !== null) {
      const { raise_after, clear_after, stale_after, ...rest } = body;
      await limitsCreate({ body: {
        telemetry_id: telemetry,
        ...own2 && equipment !== null ? { equipment_id: equipment } : {},
        ...rest,
        ...raise_after ? { raise_after } : {},
        ...clear_after ? { clear_after } : {},
        ...stale_after === null ? {} : { stale_after }
      } });
    }
    toast(t4(base ? "toast.saved" : "toast.created"));
    saved();
  }));
  const p5 = save.problem;
  const unit = parameters.unit(telemetry);
  const writable = can("ctrl:write");
  return /* @__PURE__ */ a4(Form, { label: t4(old ? "action.edit" : "limit.add"), onSubmit: () => void save.run(), children: [
    /* @__PURE__ */ a4(TextField, { label: t4("limit.name"), value: d5.name, onChange: set("name"), required: true, autoFocus: true, maxLength: 80, error: reasonAt(p5, "name") }),
    !old && edited.telemetry === void 0 && /* @__PURE__ */ a4(
      SelectField,
      {
        label: t4("telemetry.parameter"),
        value: telemetry === null ? "" : String(telemetry),
        onChange: (v4) => setTelemetry(Number(v4) || null),
        error: reasonAt(p5, "telemetry_id"),
        options: [{ value: "", title: "–" }, ...parameters.all.map((x3) => ({ value: String(x3.id), title: `${x3.name} · ${x3.name_full}` }))]
      }
    ),
    !old && edited.equipment !== null && /* @__PURE__ */ a4(
      SelectField,
      {
        label: t4("limit.whose"),
        value: own2 ? "own" : "all",
        onChange: (v4) => setOwn(v4 === "own"),
        options: [{ value: "own", title: t4("limit.own") }, { value: "all", title: t4("limit.all.help") }]
      }
    ),
    old?.data.equipment_id === null && /* @__PURE__ */ a4("p", { class: "muted", children: [
      t4("limit.whose"),
      ": ",
      t4("limit.all.help")
    ] }),
    edited.equipment === null && (!old || old.data.equipment_id === null) && /* @__PURE__ */ a4(EquipmentField, { label: t4(old ? "limit.tryOn" : "command.equipment"), none: t4(old ? "limit.tryNone" : "limit.all"), value: equipment, onChange: setEquipment }),
    /* @__PURE__ */ a4(Levels, { levels: d5.levels, unit, set: set("levels"), error: (i4) => reasonAt(p5, `levels[${i4}]`) }),
    telemetry !== null && equipment !== null && /* @__PURE__ */ a4(Past2, { telemetry, name: parameters.get(telemetry)?.name ?? "", equipment, draft: d5, unit }),
    /* @__PURE__ */ a4(Delay, { title: t4("limit.raiseAfter"), value: d5.raise, set: set("raise"), error: reasonAt(p5, "raise_after") }),
    /* @__PURE__ */ a4(Delay, { title: t4("limit.clearAfter"), value: d5.clear, set: set("clear"), error: reasonAt(p5, "clear_after") }),
    /* @__PURE__ */ a4("div", { class: "form-row top", children: [
      /* @__PURE__ */ a4(NumberField, { label: t4("limit.stale"), value: d5.stale, onChange: set("stale"), unit: t4("unit.s"), error: reasonAt(p5, "stale_after"), help: t4("limit.stale.help") }),
      /* @__PURE__ */ a4(SelectField, { label: t4("limit.staleSeverity"), value: d5.staleSeverity, onChange: (v4) => set("staleSeverity")(severityOf(v4)), options: severities.map((s4) => ({ value: s4, title: t4(`severity.${s4}`) })) })
    ] }),
    /* @__PURE__ */ a4(CheckField, { label: t4("limit.latched"), value: d5.latched, onChange: set("latched") }),
    /* @__PURE__ */ a4(CheckField, { label: t4("limit.suppresses"), value: d5.suppresses, onChange: set("suppresses") }),
    /* @__PURE__ */ a4(Refusal, { problem: p5, shown: ["name", "telemetry_id", "raise_after", "clear_after", "stale_after", ...d5.levels.map((_5, i4) => `levels[${i4}]`)] }),
    /* @__PURE__ */ a4(Merge, { of: merge, look: (l4) => bodyOf3(draftOf3(l4)), mine: bodyOf3(d5), take: (l4) => setDraft(draftOf3(l4)) }),
    writable && /* @__PURE__ */ a4("div", { class: "form-actions", children: [
      old && /* @__PURE__ */ a4($, { children: [
        /* @__PURE__ */ a4(Remove, { limit: old.data, done: saved }),
        /* @__PURE__ */ a4("span", { class: "spring" })
      ] }),
      /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
      /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !d5.name || telemetry === null || merge.theirs !== null, children: t4("action.save") })
    ] })
  ] });
}
function Remove({ limit, done }) {
  const remove = useAction(async () => {
    if (!await ask({ title: t4("limit.remove"), body: /* @__PURE__ */ a4("p", { children: t4("limit.remove.help", { name: limit.name }) }), action: t4("limit.remove"), danger: true })) return;
    await limitsDelete({ id: limit.id, ifMatch: `"${limit.revision}"` });
    toast(t4("limit.removed"));
    done();
  });
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Button, { kind: "danger", icon: "archive", busy: remove.busy, onClick: () => void remove.run(), children: t4("limit.remove") }),
    /* @__PURE__ */ a4(Refusal, { problem: remove.problem })
  ] });
}
function Levels({ levels, unit, set, error }) {
  const change2 = (i4, part) => set(levels.map((l4, k4) => k4 === i4 ? { ...l4, ...part } : l4));
  return /* @__PURE__ */ a4("fieldset", { class: "levels", children: [
    /* @__PURE__ */ a4("legend", { children: t4("limit.levels") }),
    levels.map((l4, i4) => /* @__PURE__ */ a4("div", { role: "group", "aria-label": t4("limit.level", { n: i4 + 1 }), class: "level", children: [
      /* @__PURE__ */ a4(SelectField, { label: t4("alarm.severity"), value: l4.severity, onChange: (v4) => change2(i4, { severity: severityOf(v4) }), options: severities.map((s4) => ({ value: s4, title: t4(`severity.${s4}`) })) }),
      /* @__PURE__ */ a4(SelectField, { label: t4("limit.side"), value: l4.side, onChange: (v4) => change2(i4, { side: v4 === "low" ? "low" : "high" }), options: [{ value: "high", title: t4("limit.high") }, { value: "low", title: t4("limit.low") }] }),
      /* @__PURE__ */ a4(NumberField, { label: t4("limit.bound"), value: l4.bound, onChange: (v4) => change2(i4, { bound: v4 }), unit, required: true, error: error(i4) }),
      /* @__PURE__ */ a4(NumberField, { label: t4("limit.rearm"), value: l4.rearm, onChange: (v4) => change2(i4, { rearm: v4 }), unit }),
      /* @__PURE__ */ a4(Button, { kind: "quiet", icon: "close", label: t4("limit.removeLevel", { n: i4 + 1 }), onClick: () => set(levels.filter((_5, k4) => k4 !== i4)) })
    ] }, i4)),
    /* @__PURE__ */ a4("div", { children: /* @__PURE__ */ a4(Button, { small: true, icon: "plus", disabled: levels.length >= 10, onClick: () => set([...levels, { severity: levels.length === 0 ? "major" : "critical", side: "high", bound: "", rearm: "" }]), children: t4("limit.addLevel") }) })
  ] });
}
function Delay({ title, value: v4, set, error }) {
  return /* @__PURE__ */ a4("div", { class: "form-row", children: [
    /* @__PURE__ */ a4(
      SelectField,
      {
        label: title,
        value: v4.kind,
        onChange: (kind) => set({ ...v4, kind: kind === "seconds" || kind === "count" ? kind : "once" }),
        error,
        options: [{ value: "once", title: t4("limit.once") }, { value: "seconds", title: t4("limit.seconds") }, { value: "count", title: t4("limit.count") }]
      }
    ),
    v4.kind === "seconds" && /* @__PURE__ */ a4(NumberField, { label: t4("limit.secondsOf"), value: v4.seconds, onChange: (seconds) => set({ ...v4, seconds }), unit: t4("unit.s") }),
    v4.kind === "count" && /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(NumberField, { label: t4("limit.countOf"), value: v4.count, onChange: (count) => set({ ...v4, count }) }),
      /* @__PURE__ */ a4(NumberField, { label: t4("limit.ofLast"), value: v4.of, onChange: (of) => set({ ...v4, of }) })
    ] })
  ] });
}

// src/pages/telemetry/limits.tsx
function sayLevels(levels, unit) {
  return levels.map((l4) => `${l4.high !== void 0 ? ">" : "<"} ${plain(l4.high ?? l4.low ?? 0)}${unit ? ` ${unit}` : ""} ${t4(`severity.${l4.severity}`)}`).join(", ");
}
function Limits() {
  const r4 = useResource(async (s4) => (await limitsList({ query: { limit: 1e3 } }, s4)).data, []);
  const parameters = useParameters();
  const opened = place.value.query.get("limit");
  const close = () => go(withQuery({ limit: null }), { replace: true });
  return /* @__PURE__ */ a4(Card, { title: t4("limits.title"), actions: can("ctrl:write") && /* @__PURE__ */ a4(Button, { kind: "primary", icon: "plus", onClick: () => go(withQuery({ limit: "new" })), children: t4("limit.add") }), children: [
    /* @__PURE__ */ a4(Shown, { of: r4, lines: 6, children: (page) => /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(Table, { label: t4("limits.title"), rows: page.content, rowKey: (l4) => l4.id, selected: Number(opened), empty: t4("limits.none"), onOpen: (l4) => go(withQuery({ limit: l4.id })), columns: [
        { id: "name", title: t4("limit.name"), cell: (l4) => /* @__PURE__ */ a4("strong", { children: l4.name }) },
        { id: "parameter", title: t4("telemetry.parameter"), cell: (l4) => parameters.get(l4.telemetry_id)?.name ?? `#${l4.telemetry_id}` },
        { id: "equipment", title: t4("command.equipment"), cell: (l4) => /* @__PURE__ */ a4(Whose, { limit: l4 }) },
        { id: "levels", title: t4("limit.levels"), grow: true, cell: (l4) => sayLevels(l4.levels, parameters.unit(l4.telemetry_id)) || "–" },
        { id: "stale", title: t4("limit.stale"), wide: true, num: true, cell: (l4) => l4.stale_after === null ? "–" : duration(l4.stale_after) }
      ] }),
      page.content.length > 0 && /* @__PURE__ */ a4(Pager, { shown: page.content.length, total: page.total, more: false, onMore: () => {
      } })
    ] }) }),
    opened && /* @__PURE__ */ a4(LimitDrawer, { edited: { id: Number(opened) || null, equipment: null }, close, saved: () => {
      close();
      r4.reload();
    } }, opened)
  ] });
}
function Whose({ limit }) {
  const id = limit.equipment_id;
  return id === null ? /* @__PURE__ */ a4($, { children: t4("limit.all") }) : /* @__PURE__ */ a4(Link, { to: `/telemetry/${id}`, children: /* @__PURE__ */ a4(EquipmentName, { id }) });
}

// src/pages/telemetry/quality.tsx
var tones6 = { good: "ok", uncertain: "warn", bad: "bad", invalid: "bad" };
function Quality({ of }) {
  return /* @__PURE__ */ a4(Badge, { tone: tones6[of], children: t4(`quality.${of}`) });
}

// src/pages/telemetry/values.tsx
var every = 1e4;
function ItemValues({ id }) {
  const r4 = useResource(async (s4) => (await equipmentsGet({ equipment_id: id }, s4)).data.values, [id, turn.value], every);
  const [come, setCome] = d2(/* @__PURE__ */ new Map());
  A2(() => follow(telemetryStream.url({ query: { "equipment-id": [id] } }), {
    event({ name, data: data2 }) {
      if (name !== "values") return;
      const values = data2.flatMap((e4) => e4.values);
      setCome((old) => new Map([...old, ...values.map((v4) => [v4.parameter, v4])]));
    },
    state() {
    }
  }).stop, [id]);
  const parameters = useParameters();
  return /* @__PURE__ */ a4(Shown, { of: r4, lines: 6, children: (read6) => {
    const known = new Map(read6.map((v4) => [v4.parameter, v4]));
    for (const v4 of come.values()) {
      const old = known.get(v4.parameter);
      if (!old || old.at < v4.at) known.set(v4.parameter, { ...old, ...v4 });
    }
    const rows = [...known.values()].sort((a5, b3) => a5.parameter.localeCompare(b3.parameter));
    return /* @__PURE__ */ a4(Values, { id, rows, parameters, changed: r4.reload });
  } });
}
function Values({ id, rows, parameters, changed }) {
  const wanted2 = place.value.query.get("parameter");
  const [edited, setEdited] = d2(null);
  if (rows.length === 0) return /* @__PURE__ */ a4(Empty, { title: t4("telemetry.none") });
  const shown2 = rows.find((v4) => v4.parameter === wanted2) ?? rows.find((v4) => typeof v4.value === "number") ?? rows[0];
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Table, { label: t4("telemetry.newest"), rows, rowKey: (v4) => v4.parameter, selected: shown2?.parameter ?? null, onOpen: (v4) => go(withQuery({ parameter: v4.parameter }), { replace: true }), columns: [
      { id: "name", title: t4("telemetry.parameter"), cell: (v4) => /* @__PURE__ */ a4("strong", { title: parameters.get(v4.parameter)?.name_full, children: v4.parameter }) },
      { id: "value", title: t4("alarm.value"), num: true, cell: (v4) => /* @__PURE__ */ a4("strong", { children: sayValue(v4.value, parameters.unit(v4.parameter)) }) },
      { id: "quality", title: t4("telemetry.quality"), cell: (v4) => v4.severity ? /* @__PURE__ */ a4(SeverityBadge, { severity: v4.severity }) : /* @__PURE__ */ a4(Quality, { of: v4.quality }) },
      { id: "age", title: t4("telemetry.age"), num: true, cell: (v4) => /* @__PURE__ */ a4(Time, { at: v4.at, only: "age" }) },
      { id: "limits", title: t4("limits.title"), wide: true, grow: true, cell: (v4) => (v4.limits ?? []).map((l4) => /* @__PURE__ */ a4("span", { title: l4.name, class: "condition", children: sayLevels(l4.levels, parameters.unit(v4.parameter)) }, l4.id)) }
    ] }),
    shown2 && /* @__PURE__ */ a4(OverTime, { id, value: shown2, parameters, edit: setEdited }, shown2.parameter),
    edited && /* @__PURE__ */ a4(LimitDrawer, { edited, close: () => setEdited(null), saved: () => {
      setEdited(null);
      changed();
    } })
  ] });
}
var spans3 = [["15m", 15], ["1h", 60], ["6h", 360], ["24h", 1440], ["7d", 10080], ["30d", 43200], ["1y", 525600]];
var points2 = 400;
function OverTime({ id, value: v4, parameters, edit }) {
  const { query: query2 } = place.value;
  const span = query2.get("span") ?? "1h";
  const minutes = spans3.find(([x3]) => x3 === span)?.[1] ?? 60;
  const from = momentOf(query2.get("from") ?? ""), to = momentOf(query2.get("to") ?? "");
  const own2 = span === "own";
  const range = () => own2 ? { ...from ? { from } : {}, ...to ? { to } : {} } : { from: new Date(Date.now() - minutes * 6e4).toISOString() };
  const asked2 = { "equipment-id": id, parameter: v4.parameter };
  const r4 = useResource(
    async (s4) => (await telemetryValues({ query: { ...asked2, ...range(), points: points2 } }, s4)).data,
    [id, v4.parameter, span, from, to],
    own2 ? 0 : Math.min(6e4, Math.max(2e3, minutes * 6e4 / points2))
  );
  const [marker, setMarker] = d2(null);
  const unit = parameters.unit(v4.parameter), parameter = parameters.get(v4.parameter);
  const limits = v4.limits ?? [];
  return /* @__PURE__ */ a4("section", { class: "over-time", "aria-label": v4.parameter, children: [
    /* @__PURE__ */ a4("header", { class: "card-head", children: [
      /* @__PURE__ */ a4("h2", { children: [
        v4.parameter,
        " ",
        /* @__PURE__ */ a4("span", { class: "muted", children: parameter?.name_full })
      ] }),
      can("ctrl:write") && parameter && /* @__PURE__ */ a4("div", { class: "actions", children: [
        limits.map((l4) => /* @__PURE__ */ a4(Button, { small: true, icon: "edit", onClick: () => edit({ id: l4.id, equipment: id }), children: t4("limit.editOne", { name: l4.name }) }, l4.id)),
        /* @__PURE__ */ a4(Button, { small: true, icon: "plus", onClick: () => edit({ id: null, telemetry: parameter.id, equipment: id }), children: t4("limit.add") })
      ] })
    ] }),
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4(
        SelectField,
        {
          label: t4("spectra.lastSpan"),
          value: span,
          onChange: (x3) => go(withQuery({ span: x3, from: null, to: null }), { replace: true }),
          options: [...spans3.map(([x3]) => ({ value: x3, title: t4(`span.${x3}`) })), { value: "own", title: t4("span.own") }]
        }
      ),
      own2 && /* @__PURE__ */ a4($, { children: [
        /* @__PURE__ */ a4(TextField, { label: t4("filter.from"), type: "datetime-local", value: query2.get("from") ?? "", onChange: (x3) => go(withQuery({ from: x3 }), { replace: true }) }),
        /* @__PURE__ */ a4(TextField, { label: t4("filter.to"), type: "datetime-local", value: query2.get("to") ?? "", onChange: (x3) => go(withQuery({ to: x3 }), { replace: true }) })
      ] })
    ] }),
    /* @__PURE__ */ a4(Shown, { of: r4, lines: 6, children: (values) => values.buckets.length === 0 && values.texts.length === 0 ? /* @__PURE__ */ a4(Empty, { title: t4("telemetry.noneThen") }) : /* @__PURE__ */ a4($, { children: [
      values.buckets.some((b3) => b3.n > 0) && /* @__PURE__ */ a4($, { children: [
        /* @__PURE__ */ a4(SeriesChart, { values, title: v4.parameter, unit, bounds: limits.flatMap((l4) => l4.levels), marker, onMarker: setMarker }),
        /* @__PURE__ */ a4(Readout, { values, marker, unit })
      ] }),
      values.texts.length > 0 && /* @__PURE__ */ a4(Table, { label: t4("telemetry.changes"), rows: [...values.texts].reverse(), rowKey: (x3) => x3.at, columns: [
        { id: "at", title: t4("telemetry.since"), cell: (x3) => /* @__PURE__ */ a4(Time, { at: x3.at }) },
        { id: "value", title: t4("alarm.value"), grow: true, cell: (x3) => sayValue(x3.value, unit) }
      ] }),
      /* @__PURE__ */ a4("div", { class: "row", children: [
        /* @__PURE__ */ a4(Download, { href: telemetryValues.url({ query: { ...asked2, from: values.from, to: values.to, points: 1e4, format: "csv" } }), name: `${v4.parameter}.csv`, children: "CSV" }),
        /* @__PURE__ */ a4(Download, { href: telemetryValues.url({ query: { ...asked2, from: values.from, to: values.to, format: "png", theme: theme.value, lang: language.value } }), name: `${v4.parameter}.png`, children: "PNG" })
      ] })
    ] }) })
  ] });
}
function Readout({ values, marker, unit }) {
  const d5 = w2(() => drawn(values), [values]);
  const at = marker === null ? null : d5.x.reduce((best, x3, i4) => d5.bucket[i4] && (best === null || Math.abs(x3 - marker) < Math.abs((d5.x[best] ?? 0) - marker)) ? i4 : best, null);
  const bucket = at === null ? null : d5.bucket[at];
  const bad = values.buckets.reduce((n4, b3) => n4 + b3.bad, 0), n3 = values.buckets.reduce((sum, b3) => sum + b3.n, 0);
  return /* @__PURE__ */ a4("div", { class: "readout", role: "status", children: [
    !bucket ? /* @__PURE__ */ a4("span", { class: "muted", children: t4("spectra.noMarker") }) : /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4("span", { children: [
        /* @__PURE__ */ a4("strong", { children: "M" }),
        " ",
        moment(bucket.at)
      ] }),
      bucket.mean !== null && /* @__PURE__ */ a4("span", { children: [
        t4("telemetry.mean"),
        " ",
        /* @__PURE__ */ a4("strong", { children: sayValue(round2(bucket.mean), unit) })
      ] }),
      bucket.min !== null && bucket.max !== null && /* @__PURE__ */ a4("span", { children: [
        t4("telemetry.range"),
        " ",
        /* @__PURE__ */ a4("strong", { children: [
          plain(bucket.min),
          " … ",
          sayValue(bucket.max, unit)
        ] })
      ] }),
      /* @__PURE__ */ a4("span", { class: "muted", children: [
        t4("telemetry.counted", { n: bucket.n }),
        bucket.bad > 0 && `, ${t4("telemetry.bad", { n: bucket.bad })}`
      ] })
    ] }),
    /* @__PURE__ */ a4("span", { class: "spring" }),
    /* @__PURE__ */ a4("span", { class: "muted", children: [
      t4("telemetry.counted", { n: plain(n3) }),
      bad > 0 && `, ${t4("telemetry.bad", { n: plain(bad) })}`
    ] })
  ] });
}
function round2(n3) {
  return Number(n3.toPrecision(6));
}

// src/pages/equipment.tsx
function Equipment() {
  const { rest, query: query2 } = place.value;
  const selected = Number(rest[0]) || null;
  const at = momentOf(query2.get("at") ?? "");
  const view = { ...at ? { at } : {}, ...query2.get("archived") ? { archived: true } : {} };
  const [edit, setEdit] = d2(null);
  const [version, setVersion] = d2(0);
  const changed = () => setVersion((v4) => v4 + 1);
  const past = view.at !== void 0 || view.archived === true;
  return /* @__PURE__ */ a4(Page, { wide: true, title: t4("page.equipment"), actions: can("cfg:write") && !past && /* @__PURE__ */ a4(Button, { kind: "primary", icon: "plus", onClick: () => setEdit({ parent: selected }), children: t4(selected ? "equipment.addBelow" : "equipment.add") }), children: [
    past && /* @__PURE__ */ a4(Notice, { tone: "warn", children: [
      view.at ? t4("equipment.asOf", { moment: moment(view.at) }) : t4("equipment.archivedView"),
      " ",
      /* @__PURE__ */ a4(Button, { small: true, onClick: () => go(withQuery({ at: null, archived: null })), children: t4("equipment.backToNow") })
    ] }),
    /* @__PURE__ */ a4("div", { class: selected ? "split chosen" : "split", children: [
      /* @__PURE__ */ a4(Browser, { view, selected, version, changed }),
      /* @__PURE__ */ a4("div", { class: "split-main", children: selected ? /* @__PURE__ */ a4(Item, { id: selected, view, version, changed }, selected) : /* @__PURE__ */ a4(Card, { children: /* @__PURE__ */ a4(Empty, { title: t4("equipment.choose") }) }) })
    ] }),
    edit && /* @__PURE__ */ a4(EditDrawer, { parent: edit.parent, close: () => setEdit(null), saved: (node) => {
      setEdit(null);
      changed();
      go(`/equipment/${node.id}`);
    } })
  ] });
}
function Browser({ view, selected, version, changed }) {
  const q2 = place.value.query.get("q") ?? "";
  const [text, setText] = d2(q2);
  A2(() => {
    const timer = setTimeout(() => text !== q2 && go(withQuery({ q: text }), { replace: true }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  return /* @__PURE__ */ a4(Card, { class: "browser", children: [
    /* @__PURE__ */ a4("div", { class: "browser-tools", children: [
      /* @__PURE__ */ a4(TextField, { label: t4("equipment.filter"), value: text, onChange: setText, type: "search" }),
      changed && /* @__PURE__ */ a4("details", { children: [
        /* @__PURE__ */ a4("summary", { children: t4("equipment.view") }),
        /* @__PURE__ */ a4(TextField, { label: t4("equipment.at"), type: "datetime-local", value: localOf(place.value.query.get("at") ?? ""), onChange: (v4) => go(withQuery({ at: v4 }), { replace: true }) }),
        /* @__PURE__ */ a4(CheckField, { label: t4("equipment.showArchived"), value: view.archived === true, onChange: (v4) => go(withQuery({ archived: v4 ? 1 : null }), { replace: true }) })
      ] })
    ] }),
    q2 ? /* @__PURE__ */ a4(Found, { q: q2, view, selected }) : /* @__PURE__ */ a4(Levels2, { view, selected, version, changed }, JSON.stringify(view))
  ] });
}
function open(id) {
  const tab = place.value.rest[1];
  const query2 = place.value.query.size > 0 ? `?${place.value.query}` : "";
  go(`/${place.value.section}/${id}${tab ? `/${tab}` : ""}${query2}`);
}
function Levels2({ view, selected, version, changed }) {
  const [known, setKnown] = d2(/* @__PURE__ */ new Map());
  const [opened, setOpened] = d2(/* @__PURE__ */ new Set());
  const [problem2, setProblem] = d2(null);
  const [moving2, setMoving] = d2(null);
  async function children(id) {
    if (id === 0) return (await equipmentsList({ query: { ...view, depth: 0 } })).data;
    const [top] = (await equipmentsList({ query: { ...view, "root-id": id, depth: 1 } })).data;
    return top?.content ?? [];
  }
  async function read6(ids) {
    try {
      const levels = await Promise.all(ids.map(async (id) => [id, await children(id)]));
      setKnown((k4) => new Map([...k4, ...levels]));
      setProblem(null);
    } catch (e4) {
      if (!(e4 instanceof Problem)) throw e4;
      setProblem(e4);
    }
  }
  A2(() => {
    void (async () => {
      let way = [];
      if (selected && !view.archived) {
        const path = await equipmentsGet2({ id: selected, query: view.at ? { at: view.at } : {} }).then((r4) => r4.data.parent_path, () => "0");
        way = path.split(".").map(Number).filter((n3) => n3 > 0);
      }
      const first2 = known.get(0) ? [] : (await children(0).catch(() => [])).length === 1 ? (await children(0)).map((n3) => n3.id) : [];
      const all = /* @__PURE__ */ new Set([...opened, ...way, ...first2]);
      setOpened(all);
      await read6([0, ...all]);
    })();
  }, [selected, version]);
  if (problem2 && !known.has(0)) return /* @__PURE__ */ a4(Failure, { problem: problem2, retry: () => void read6([0]) });
  if (!known.has(0)) return /* @__PURE__ */ a4(Loading, { lines: 8 });
  const nodes = [];
  const list = (parent, level2) => {
    for (const n3 of known.get(parent) ?? []) {
      const branch = (n3.children ?? n3.content?.length ?? 0) > 0 || (known.get(n3.id)?.length ?? 0) > 0;
      const isOpen = branch && opened.has(n3.id);
      nodes.push({ id: n3.id, name: n3.name, level: level2, branch, open: isOpen, loading: isOpen && !known.has(n3.id) });
      if (isOpen) list(n3.id, level2 + 1);
    }
  };
  list(0, 0);
  if (nodes.length === 0) return /* @__PURE__ */ a4(Empty, { title: t4(view.archived ? "equipment.noneArchived" : "equipment.none") });
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(
      Tree,
      {
        label: t4("page.equipment"),
        nodes,
        selected,
        onSelect: open,
        onToggle: (id, isOpen) => {
          setOpened((o5) => {
            const next3 = new Set(o5);
            if (isOpen) next3.add(id);
            else next3.delete(id);
            return next3;
          });
          if (isOpen) void read6([id]);
        },
        onMove: changed && can("cfg:write") && !view.at && !view.archived ? (id, onto) => setMoving({ id, onto }) : void 0
      }
    ),
    moving2 && /* @__PURE__ */ a4(MoveDrawer, { id: moving2.id, target: moving2.onto, close: () => setMoving(null), moved: () => {
      setMoving(null);
      changed?.();
    } })
  ] });
}
function Found({ q: q2, view, selected }) {
  const r4 = useResource((s4) => findEquipment(q2, view, s4), [q2, JSON.stringify(view)]);
  return /* @__PURE__ */ a4(Shown, { of: r4, children: (rows) => rows.length === 0 ? /* @__PURE__ */ a4(Empty, { title: t4("table.empty") }) : /* @__PURE__ */ a4("ul", { class: "found", children: rows.slice(0, 500).map((b3) => /* @__PURE__ */ a4(FoundOne, { name: b3.name, path: b3.parent_path_name, chosen: b3.id === selected, choose: () => open(b3.id) }, b3.id)) }) });
}
var tabs2 = ["details", "values", "alarms", "control", "commands", "history"];
function Item({ id, view, version, changed }) {
  const r4 = useResource(async (s4) => {
    if (view.archived) {
      const [found] = (await equipmentsList({ query: { ...view, id } }, s4)).data;
      if (!found) throw new Problem(404, [{ code: "not_found", location: "path.id", message: "" }], "", "", null);
      return { node: found, etag: null };
    }
    const { data: data2, etag } = await equipmentsGet2({ id, query: view.at ? { at: view.at } : {} }, s4);
    return { node: data2, etag };
  }, [id, JSON.stringify(view), version]);
  const keep = place.value.query.size > 0 ? `?${place.value.query}` : "";
  const past = view.at !== void 0 || view.archived === true;
  const wanted2 = tabs2.find((x3) => x3 === place.value.rest[1]) ?? "details";
  const tab = past && wanted2 !== "history" ? "details" : wanted2;
  if (view.at && r4.problem?.status === 404) return /* @__PURE__ */ a4(Card, { children: /* @__PURE__ */ a4(Empty, { title: t4("equipment.notThen") }) });
  return /* @__PURE__ */ a4(Card, { title: r4.data?.node.name ?? "…", class: "item", children: /* @__PURE__ */ a4(Shown, { of: r4, children: ({ node, etag }) => /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("p", { class: "path muted", children: [
      /* @__PURE__ */ a4("button", { type: "button", class: "linkish only-narrow", onClick: () => go("/equipment" + keep), children: t4("equipment.tree") }),
      " ",
      node.parent_path_name
    ] }),
    /* @__PURE__ */ a4(Tabs, { label: node.name, current: tab, items: [
      { id: "details", title: t4("equipment.details"), to: `/equipment/${id}${keep}` },
      ...can("ctrl:read") && !past ? [
        { id: "values", title: t4("equipment.values"), to: `/equipment/${id}/values${keep}` },
        { id: "alarms", title: t4("page.alarms"), to: `/equipment/${id}/alarms${keep}` },
        { id: "control", title: t4("equipment.control"), to: `/equipment/${id}/control${keep}` }
      ] : [],
      ...!past ? [{ id: "commands", title: t4("page.commands"), to: `/equipment/${id}/commands${keep}` }] : [],
      { id: "history", title: t4("history.title"), to: `/equipment/${id}/history${keep}` }
    ] }),
    tab === "details" && /* @__PURE__ */ a4(Details, { node, etag, view, changed }),
    tab === "values" && /* @__PURE__ */ a4(ItemValues, { id }, id),
    tab === "alarms" && /* @__PURE__ */ a4(ItemAlarms, { id }),
    tab === "control" && /* @__PURE__ */ a4(ItemControl, { id }),
    tab === "commands" && /* @__PURE__ */ a4(ItemCommands, { id }),
    tab === "history" && /* @__PURE__ */ a4(ItemHistory, { id, at: view.at })
  ] }) }) });
}

// types/inbox.ts
var signalsList = /* @__PURE__ */ operation("GET", "/api/v1/inbox/signals");
var signalsCut = /* @__PURE__ */ operation("GET", "/api/v1/inbox/signals/{guid}/cut");
var signalsPower = /* @__PURE__ */ operation("GET", "/api/v1/inbox/signals/{guid}/power");
var statisticsGet = /* @__PURE__ */ operation("GET", "/api/v1/inbox/statistics");
var streamGet = /* @__PURE__ */ operation("GET", "/api/v1/inbox/stream");
var tracesList = /* @__PURE__ */ operation("GET", "/api/v1/inbox/traces");
var tracesGet = /* @__PURE__ */ operation("GET", "/api/v1/inbox/traces/{guid}");
var tracesDelete = /* @__PURE__ */ operation("DELETE", "/api/v1/inbox/traces/{guid}");
var tracesSignals = /* @__PURE__ */ operation("GET", "/api/v1/inbox/traces/{guid}/signals");
var waterfallGet = /* @__PURE__ */ operation("GET", "/api/v1/inbox/waterfall");

// src/core/radio.ts
function frequencies(trace) {
  if (trace.freq_hz) return trace.freq_hz;
  const n3 = trace.y_val_dbm.length;
  const step = n3 > 1 ? (trace.stop_freq_hz - trace.start_freq_hz) / (n3 - 1) : 0;
  return Array.from({ length: n3 }, (_5, i4) => trace.start_freq_hz + i4 * step);
}
function noiseBandwidth(trace) {
  if (trace.unit === "dBm/Hz") return { hz: 1, assumed: false };
  if (trace.enbw_hz) return { hz: trace.enbw_hz, assumed: false };
  if (trace.rbw_hz) return { hz: 1.0645 * trace.rbw_hz, assumed: false };
  return { hz: trace.step_freq_hz, assumed: true };
}
function bandPower(trace, from, to) {
  if (trace.unit && trace.unit !== "dBm" && trace.unit !== "dBm/Hz") return null;
  const f5 = frequencies(trace);
  let sum = 0, n3 = 0, max2 = -Infinity;
  trace.y_val_dbm.forEach((y5, i4) => {
    const at = f5[i4] ?? 0;
    if (y5 === null || at < from || at > to) return;
    sum += 10 ** (y5 / 10);
    max2 = Math.max(max2, y5);
    n3++;
  });
  if (n3 === 0) return null;
  const { hz, assumed } = noiseBandwidth(trace);
  const channel = 10 * Math.log10(sum * trace.step_freq_hz / hz);
  const floor2 = trace.noise + 10 * Math.log10(n3 * trace.step_freq_hz / hz);
  return { max: max2, mean: 10 * Math.log10(sum / n3), channel, assumed, overNoise: channel - floor2 };
}
function nearest(list, hz) {
  let low = 0, high = list.length - 1;
  while (high - low > 1) {
    const middle = low + high >> 1;
    if ((list[middle] ?? 0) < hz) low = middle;
    else high = middle;
  }
  return hz - (list[low] ?? 0) < (list[high] ?? 0) - hz ? low : high;
}
var scale = [[13, 22, 52], [30, 58, 116], [32, 104, 148], [38, 148, 148], [88, 186, 118], [184, 214, 82], [250, 228, 98], [255, 250, 214]];
function heat(value) {
  const at = Math.max(0, Math.min(0.9999, value)) * (scale.length - 1);
  const a5 = scale[Math.floor(at)] ?? [0, 0, 0], b3 = scale[Math.floor(at) + 1] ?? a5, part = at % 1;
  return [a5[0] + (b3[0] - a5[0]) * part, a5[1] + (b3[1] - a5[1]) * part, a5[2] + (b3[2] - a5[2]) * part];
}

// src/pages/live.tsx
var depth = 240;
var points3 = 1200;
function receiver(x3) {
  if (x3.source) return x3.source;
  return x3.location ? `${number(x3.location.lat, 3)}° ${number(x3.location.lng, 3)}°` : t4("live.unnamed");
}
function keyOf(x3) {
  return `${x3.source ?? JSON.stringify(x3.location)} ${Math.round(x3.start_freq_hz)} ${Math.round(x3.stop_freq_hz)} ${x3.numpoints}`;
}
function added(old, x3) {
  const f5 = old && old.last.y_val_dbm.length === x3.y_val_dbm.length ? old.x : regular(x3);
  const values = resample(x3, f5);
  const fresh2 = !old || old.x !== f5;
  const max2 = values.map((v4, i4) => {
    const before = fresh2 ? null : old.max[i4] ?? null;
    return v4 === null ? before : before === null ? v4 : Math.max(before, v4);
  });
  const sums = fresh2 ? values.map(() => 0) : old.sums;
  const counts = fresh2 ? values.map(() => 0) : old.counts;
  values.forEach((v4, i4) => {
    if (v4 === null) return;
    sums[i4] = (sums[i4] ?? 0) + 10 ** (v4 / 10);
    counts[i4] = (counts[i4] ?? 0) + 1;
  });
  return {
    key: keyOf(x3),
    title: `${receiver(x3)} · ${band(x3.start_freq_hz, x3.stop_freq_hz)}`,
    last: { ...x3, y_val_dbm: values },
    x: f5,
    max: max2,
    sums,
    counts,
    n: (fresh2 ? 0 : old.n) + 1,
    rows: [{ at: x3.timestamp, values }, ...fresh2 ? [] : old.rows].slice(0, depth),
    signals: fresh2 ? [] : old.signals
  };
}
function regular(x3) {
  const n3 = x3.y_val_dbm.length;
  return Array.from({ length: n3 }, (_5, i4) => x3.start_freq_hz + (x3.stop_freq_hz - x3.start_freq_hz) * i4 / Math.max(1, n3 - 1));
}
function resample(x3, grid2) {
  if (!x3.freq_hz) return x3.y_val_dbm;
  const own2 = frequencies(x3);
  return grid2.map((hz) => x3.y_val_dbm[nearest(own2, hz)] ?? null);
}
function Live() {
  const { query: query2 } = place.value;
  const source = query2.get("source") ?? "", start = readNumber(query2.get("start") ?? ""), stop = readNumber(query2.get("stop") ?? "");
  const [state, setState] = d2({ state: "connecting", problem: null });
  const receptions = T2(/* @__PURE__ */ new Map());
  const [, redraw] = d2(0);
  const [paused, setPaused] = d2(false);
  const held = T2(false);
  held.current = paused;
  const [lost, setLost] = d2(false);
  const url = streamGet.url({ query: {
    points: points3,
    ...source ? { source } : {},
    ...start !== null ? { "start-freq-hz": start * 1e6 } : {},
    ...stop !== null ? { "stop-freq-hz": stop * 1e6 } : {}
  } });
  A2(() => {
    receptions.current = /* @__PURE__ */ new Map();
    let frame = 0;
    const stream = follow(url, {
      event({ name, data: data2 }) {
        if (name === "lost") setLost(true);
        if (name === "trace") {
          const x3 = data2;
          if (!x3.y_val_dbm) return;
          if (!held.current) receptions.current.set(keyOf(x3), added(receptions.current.get(keyOf(x3)), x3));
        } else if (name === "signal") {
          const s4 = data2;
          for (const r4 of receptions.current.values()) {
            if (r4.last.guid === s4.trace_guid) r4.signals = [...r4.signals.filter((o5) => Math.abs(o5.f0_freq_hz - s4.f0_freq_hz) > 4 * r4.last.step_freq_hz), s4].slice(-40);
          }
        } else return;
        frame ||= requestAnimationFrame(() => {
          frame = 0;
          if (!held.current) redraw((n3) => n3 + 1);
        });
      },
      state: (s4, problem2) => setState({ state: s4, problem: problem2 })
    });
    return () => {
      cancelAnimationFrame(frame);
      stream.stop();
    };
  }, [url]);
  const all = [...receptions.current.values()].sort((a5, b3) => a5.title.localeCompare(b3.title));
  const wanted2 = query2.get("receiver");
  const shown2 = all.find((r4) => r4.key === wanted2) ?? all[0];
  return /* @__PURE__ */ a4(Page, { wide: true, title: t4("page.live"), actions: /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Connection, { state: state.state }),
    /* @__PURE__ */ a4(Button, { icon: paused ? "play" : "pause", pressed: paused, onClick: () => setPaused(!paused), children: t4(paused ? "live.resume" : "live.pause") })
  ] }), children: [
    state.state === "ended" && state.problem && /* @__PURE__ */ a4(Notice, { tone: "bad", children: [
      t4("live.ended"),
      " ",
      sayProblem(state.problem)
    ] }),
    lost && /* @__PURE__ */ a4(Notice, { tone: "warn", children: t4("live.lost") }),
    /* @__PURE__ */ a4(Card, { children: [
      /* @__PURE__ */ a4(LiveFilter, {}),
      !shown2 ? /* @__PURE__ */ a4(Empty, { title: t4("live.waiting"), children: /* @__PURE__ */ a4("p", { class: "muted", children: t4("live.waiting.help") }) }) : /* @__PURE__ */ a4(SelectField, { label: t4("live.receiver"), value: shown2.key, onChange: (v4) => go(withQuery({ receiver: v4 }), { replace: true }), options: all.map((r4) => ({ value: r4.key, title: r4.title })) }),
      shown2 && /* @__PURE__ */ a4(View, { r: shown2, reset: () => {
        receptions.current.delete(shown2.key);
        redraw((n3) => n3 + 1);
      } }, shown2.key)
    ] })
  ] });
}
function LiveFilter() {
  const { query: query2 } = place.value;
  const [source, setSource] = d2(query2.get("source") ?? "");
  const [start, setStart] = d2(query2.get("start") ?? "");
  const [stop, setStop] = d2(query2.get("stop") ?? "");
  return /* @__PURE__ */ a4("details", { class: "box", open: query2.get("source") !== null || query2.get("start") !== null || query2.get("stop") !== null, children: [
    /* @__PURE__ */ a4("summary", { children: t4("filter.title") }),
    /* @__PURE__ */ a4(Form, { label: t4("filter.title"), onSubmit: () => go(withQuery({ source, start, stop, receiver: null })), children: /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4(TextField, { label: t4("trace.source"), value: source, onChange: setSource }),
      /* @__PURE__ */ a4(NumberField, { label: t4("spectra.start"), value: start, onChange: setStart, unit: t4("unit.MHz") }),
      /* @__PURE__ */ a4(NumberField, { label: t4("spectra.stop"), value: stop, onChange: setStop, unit: t4("unit.MHz") }),
      /* @__PURE__ */ a4("div", { class: "filter-actions", children: /* @__PURE__ */ a4(Button, { type: "submit", kind: "primary", children: t4("action.apply") }) })
    ] }) })
  ] });
}
function View({ r: r4, reset }) {
  const [hold, setHold] = d2(true);
  const [mean, setMean] = d2(false);
  const [marker, setMarker] = d2(null);
  const [reference, setReference] = d2(null);
  const [low, setLow] = d2("-120");
  const [high, setHigh] = d2("-30");
  const unit = r4.last.unit ?? "dBm";
  const range = [readNumber(low) ?? -120, readNumber(high) ?? -30];
  const average = w2(() => mean ? r4.sums.map((s4, i4) => (r4.counts[i4] ?? 0) > 0 ? 10 * Math.log10(s4 / (r4.counts[i4] ?? 1)) : null) : [], [mean, r4]);
  const lines = [
    ...hold ? [{ title: t4("live.maxHold"), values: r4.max, colour: "--c2" }] : [],
    ...mean ? [{ title: t4("live.average"), values: average, colour: "--c3" }] : [],
    { title: t4("live.now"), values: r4.last.y_val_dbm, colour: "--c1" }
  ];
  const markers = w2(() => [marker, reference].filter((m5) => m5 !== null), [marker, reference]);
  const spans5 = w2(() => r4.signals.map((s4) => ({ from: s4.start_freq_hz, to: s4.stop_freq_hz, title: frequency(s4.f0_freq_hz) })), [r4.signals]);
  const at = (hz) => hz === null ? null : r4.last.y_val_dbm[nearest(r4.x, hz)] ?? null;
  const first2 = range[0] < range[1] ? range : void 0;
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("div", { class: "row", children: [
      /* @__PURE__ */ a4(CheckField, { label: t4("live.maxHold"), value: hold, onChange: setHold }),
      /* @__PURE__ */ a4(CheckField, { label: t4("live.average"), value: mean, onChange: setMean }),
      /* @__PURE__ */ a4(Button, { small: true, icon: "refresh", onClick: reset, children: t4("live.reset") }),
      /* @__PURE__ */ a4("span", { class: "spring" }),
      r4.last.overload && /* @__PURE__ */ a4(Badge, { tone: "warn", children: t4("trace.overload") }),
      /* @__PURE__ */ a4("span", { class: "muted", children: [
        t4("live.sweeps", { n: r4.n }),
        " · ",
        clock(r4.last.timestamp),
        " · ",
        age(r4.last.timestamp)
      ] })
    ] }),
    /* @__PURE__ */ a4(
      Chart,
      {
        label: r4.title,
        height: 300,
        x: r4.x,
        lines,
        spans: spans5,
        markers,
        range: first2,
        onMarker: setMarker,
        xText: (v4) => frequency(v4, (r4.last.stop_freq_hz - r4.last.start_freq_hz) / 20),
        yText: (v4) => `${number(v4)} ${unitName(unit)}`
      }
    ),
    /* @__PURE__ */ a4("div", { class: "readout", role: "status", children: [
      marker === null ? /* @__PURE__ */ a4("span", { class: "muted", children: t4("spectra.noMarker") }) : /* @__PURE__ */ a4("span", { children: [
        /* @__PURE__ */ a4("strong", { children: "M" }),
        " ",
        frequency(marker, r4.last.step_freq_hz),
        " ",
        /* @__PURE__ */ a4("strong", { children: level(at(marker), unit) })
      ] }),
      marker !== null && reference !== null && /* @__PURE__ */ a4("span", { children: [
        /* @__PURE__ */ a4("strong", { children: "Δ" }),
        " ",
        frequency(marker - reference, r4.last.step_freq_hz),
        " ",
        /* @__PURE__ */ a4("strong", { children: [
          number((at(marker) ?? 0) - (at(reference) ?? 0), 1),
          " ",
          t4("unit.dB")
        ] })
      ] }),
      /* @__PURE__ */ a4("span", { class: "spring" }),
      /* @__PURE__ */ a4(Button, { small: true, disabled: marker === null, onClick: () => setReference(marker), children: t4("spectra.setReference") }),
      /* @__PURE__ */ a4(Button, { small: true, kind: "quiet", disabled: markers.length === 0, onClick: () => {
        setMarker(null);
        setReference(null);
      }, children: t4("spectra.clearMarkers") })
    ] }),
    /* @__PURE__ */ a4("h2", { class: "sub", children: t4("spectra.waterfall") }),
    /* @__PURE__ */ a4(Waterfall, { r: r4, low: range[0], high: range[1] }),
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4(NumberField, { label: t4("live.bottom"), value: low, onChange: setLow, unit: unitName(unit), error: first2 ? void 0 : t4("live.badRange") }),
      /* @__PURE__ */ a4(NumberField, { label: t4("live.top"), value: high, onChange: setHigh, unit: unitName(unit) })
    ] }),
    /* @__PURE__ */ a4(Facts, { items: [
      [t4("trace.band"), band(r4.last.start_freq_hz, r4.last.stop_freq_hz)],
      [t4("trace.step"), frequency(r4.last.step_freq_hz)],
      [t4("trace.noise"), level(r4.last.noise, unit)],
      [t4("spectra.trace"), /* @__PURE__ */ a4(Link, { to: `/spectra/${r4.last.guid}`, children: r4.last.guid })]
    ] })
  ] });
}
function Waterfall({ r: r4, low, high }) {
  const canvas = T2(null);
  A2(() => {
    const element = canvas.current, ctx = element?.getContext("2d");
    if (!element || !ctx) return;
    const width = r4.x.length, height = depth;
    if (element.width !== width) element.width = width;
    if (element.height !== height) element.height = height;
    const image = ctx.createImageData(width, height);
    r4.rows.forEach(({ values }, y5) => {
      for (let i4 = 0; i4 < width; i4++) {
        const v4 = values[i4];
        const at = (y5 * width + i4) * 4;
        const [red, green, blue] = v4 === null || v4 === void 0 ? [128, 128, 128] : heat((v4 - low) / (high - low || 1));
        image.data[at] = red;
        image.data[at + 1] = green;
        image.data[at + 2] = blue;
        image.data[at + 3] = 255;
      }
    });
    ctx.putImageData(image, 0, 0);
  }, [r4, low, high]);
  return /* @__PURE__ */ a4("figure", { class: "waterfall", children: [
    /* @__PURE__ */ a4("canvas", { ref: canvas, role: "img", "aria-label": t4("spectra.waterfall.alt") }),
    /* @__PURE__ */ a4("figcaption", { children: [
      /* @__PURE__ */ a4("span", { children: number(low) }),
      /* @__PURE__ */ a4("i", { class: "heat", "aria-hidden": "true" }),
      /* @__PURE__ */ a4("span", { children: [
        number(high),
        " ",
        unitName(r4.last.unit ?? "dBm")
      ] })
    ] })
  ] });
}

// src/pages/login.tsx
function Login() {
  const [name, setName] = d2("");
  const [password, setPassword] = d2("");
  const enter = useAction(async () => {
    await login(name.trim(), password);
    go(wanted(), { replace: true });
  });
  A2(() => {
    if (me.value) go(wanted(), { replace: true });
  }, []);
  heading.value = t4("login.title");
  const insecure = !window.isSecureContext;
  return /* @__PURE__ */ a4("main", { class: "alone login", children: /* @__PURE__ */ a4("div", { class: "login-box", children: [
    /* @__PURE__ */ a4("div", { class: "brand", children: [
      /* @__PURE__ */ a4(Logo, {}),
      /* @__PURE__ */ a4("span", { children: t4("app.name") })
    ] }),
    /* @__PURE__ */ a4("h1", { children: t4("login.title") }),
    insecure && /* @__PURE__ */ a4(Notice, { tone: "bad", children: t4("login.insecure") }),
    endedBy.value && /* @__PURE__ */ a4(Notice, { tone: "warn", children: [
      t4("login.ended"),
      " ",
      sayProblem(endedBy.value)
    ] }),
    /* @__PURE__ */ a4(Form, { label: t4("login.title"), onSubmit: () => void enter.run(), children: [
      /* @__PURE__ */ a4(TextField, { label: t4("login.name"), value: name, onChange: setName, autoComplete: "username", autoFocus: true, required: true }),
      /* @__PURE__ */ a4(TextField, { label: t4("login.password"), value: password, onChange: setPassword, type: "password", autoComplete: "current-password", required: true }),
      /* @__PURE__ */ a4(Refusal, { problem: enter.problem }),
      /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: enter.busy, disabled: insecure || name.trim() === "" || password === "", children: t4("login.enter") })
    ] }),
    /* @__PURE__ */ a4(ViewSwitches, {})
  ] }) });
}

// src/pages/health.tsx
var bits = [[1, "health.auth"], [2, "health.nms"], [4, "health.dwh"], [8, "health.admin"], [16, "health.bus"], [32, "health.cache"]];
function failing(code) {
  const names3 = bits.filter(([bit]) => (code & bit) !== 0).map(([, key]) => t4(key));
  const rest = bits.reduce((left, [bit]) => left & ~bit, code);
  return rest === 0 ? names3 : [...names3, t4("health.other", { code: rest })];
}
function Health({ code }) {
  return code === 0 ? /* @__PURE__ */ a4(Badge, { tone: "ok", children: t4("health.good") }) : /* @__PURE__ */ a4(Badge, { tone: "bad", children: failing(code).join(", ") });
}

// src/pages/overview.tsx
var every2 = 5e3;
var shown = 8;
function Tile({ title, value, detail, tone, to }) {
  return /* @__PURE__ */ a4(Link, { to, class: `tile ${tone}`, children: [
    /* @__PURE__ */ a4("span", { class: "tile-title", children: title }),
    /* @__PURE__ */ a4("strong", { class: "tile-value", children: value }),
    /* @__PURE__ */ a4("span", { class: "tile-detail", children: detail })
  ] });
}
function ServicesTile() {
  const r4 = useResource(async (s4) => (await servicesList(void 0, s4)).data.content, [], every2);
  const rows = r4.data;
  const ill = rows?.filter((i4) => i4.health_code !== 0) ?? [];
  return /* @__PURE__ */ a4(
    Tile,
    {
      to: "/services",
      title: t4("page.services"),
      tone: r4.problem ? "bad" : !rows ? "idle" : ill.length > 0 ? "bad" : "ok",
      value: rows ? `${rows.length - ill.length} / ${rows.length}` : "–",
      detail: r4.problem ? t4("state.unreadable") : ill.length > 0 ? ill.map((i4) => `${i4.service}: ${failing(i4.health_code).join(", ")}`).join("; ") : t4("overview.healthy")
    }
  );
}
function IntakeTile() {
  const minutes = 10;
  const r4 = useResource(async (s4) => {
    const from = new Date(Date.now() - minutes * 6e4).toISOString();
    const [recent, last2] = await Promise.all([tracesList({ query: { from, limit: 1 } }, s4), tracesList({ query: { limit: 1 } }, s4)]);
    return { total: recent.data.total, last: last2.data.content[0] };
  }, [], every2);
  const last = r4.data?.last;
  return /* @__PURE__ */ a4(
    Tile,
    {
      to: "/live",
      title: t4("overview.intake"),
      tone: r4.problem ? "bad" : !r4.data ? "idle" : r4.data.total === 0 ? "warn" : "ok",
      value: r4.data ? /* @__PURE__ */ a4($, { children: [
        number(r4.data.total / minutes, r4.data.total < 100 ? 1 : 0),
        /* @__PURE__ */ a4("small", { children: [
          " ",
          t4("overview.perMinute")
        ] })
      ] }) : "–",
      detail: r4.problem ? t4("state.unreadable") : last ? t4("overview.lastTrace", { age: age(last.timestamp) }) : t4("overview.noTraces")
    }
  );
}
function QueuesTile() {
  const r4 = useResource(async (s4) => (await queuesList({ query: { limit: 1e3 } }, s4)).data.content, [], every2);
  const held = r4.data?.filter((q2) => q2.held || q2.in_flight_state === "unknown") ?? [];
  const waiting2 = r4.data?.reduce((n3, q2) => n3 + q2.awaiting_approval, 0) ?? 0;
  return /* @__PURE__ */ a4(
    Tile,
    {
      to: "/commands/queues",
      title: t4("overview.queues"),
      tone: r4.problem ? "bad" : !r4.data ? "idle" : held.length > 0 ? "bad" : waiting2 > 0 ? "warn" : "ok",
      value: r4.data ? held.length : "–",
      detail: r4.problem ? t4("state.unreadable") : waiting2 > 0 ? t4("overview.awaiting", { n: waiting2 }) : held.length > 0 ? t4("overview.queuesHeld") : t4("overview.queuesRun")
    }
  );
}
function LettersTile() {
  const r4 = useResource(async (s4) => (await deadLettersList({ query: { state: "dead", limit: 1 } }, s4)).data.total, [], every2);
  return /* @__PURE__ */ a4(
    Tile,
    {
      to: "/services/letters",
      title: t4("letters.title"),
      tone: r4.problem ? "bad" : r4.data === void 0 ? "idle" : r4.data > 0 ? "warn" : "ok",
      value: r4.data ?? "–",
      detail: r4.problem ? t4("state.unreadable") : r4.data ? t4("overview.lettersWait") : t4("overview.noLetters")
    }
  );
}
function LastCommands() {
  const r4 = useResource(async (s4) => (await commandsList({ query: { limit: shown } }, s4)).data.content, [], every2);
  const names3 = useNames();
  return /* @__PURE__ */ a4(Card, { title: t4("overview.commands"), actions: /* @__PURE__ */ a4(Link, { to: "/commands", children: t4("action.all") }), children: /* @__PURE__ */ a4(Shown, { of: r4, lines: 4, children: (rows) => rows.length === 0 ? /* @__PURE__ */ a4(Empty, { title: t4("commands.none") }) : /* @__PURE__ */ a4("ul", { class: "lines", children: rows.map((c4) => /* @__PURE__ */ a4("li", { children: [
    /* @__PURE__ */ a4(CommandState, { state: c4.state }),
    /* @__PURE__ */ a4(Link, { to: `/commands/sent/${c4.id}`, class: "grow clip", children: [
      names3.command(c4.command_id),
      " ",
      /* @__PURE__ */ a4("span", { class: "muted", children: names3.equipment(c4.command_id) })
    ] }),
    /* @__PURE__ */ a4(Time, { at: c4.created_at, only: "age" })
  ] }, c4.id)) }) }) });
}
function LastEvents() {
  const r4 = useResource(async (s4) => {
    const lists = await Promise.all(["auth", "cfg", "ctrl", "admin"].map((name) => eventsList({ query: { source: `/nms/${name}`, limit: shown } }, s4)));
    return lists.flatMap((l4) => l4.data.content).sort((a5, b3) => b3.time.localeCompare(a5.time)).slice(0, shown);
  }, [], 2 * every2);
  return /* @__PURE__ */ a4(Card, { title: t4("overview.events"), actions: /* @__PURE__ */ a4(Link, { to: "/journal", children: t4("action.all") }), children: /* @__PURE__ */ a4(Shown, { of: r4, lines: 4, children: (rows) => rows.length === 0 ? /* @__PURE__ */ a4(Empty, { title: t4("journal.none") }) : /* @__PURE__ */ a4("ul", { class: "lines", children: rows.map((e4) => /* @__PURE__ */ a4("li", { children: [
    /* @__PURE__ */ a4(Link, { to: `/journal?event=${e4.id}`, class: "grow clip", children: tOr(`event.${e4.type}`, e4.type) }),
    /* @__PURE__ */ a4("span", { class: "muted clip", children: e4.actor_login || e4.actor }),
    /* @__PURE__ */ a4(Time, { at: e4.time, only: "age" })
  ] }, e4.id)) }) }) });
}
function LastTraces() {
  const r4 = useResource(async (s4) => (await tracesList({ query: { limit: shown } }, s4)).data.content, [], every2);
  return /* @__PURE__ */ a4(Card, { title: t4("overview.traces"), actions: /* @__PURE__ */ a4(Link, { to: "/spectra", children: t4("action.all") }), children: /* @__PURE__ */ a4(Shown, { of: r4, lines: 4, children: (rows) => rows.length === 0 ? /* @__PURE__ */ a4(Empty, { title: t4("overview.noTraces") }) : /* @__PURE__ */ a4("ul", { class: "lines", children: rows.map((s4) => /* @__PURE__ */ a4("li", { children: [
    s4.overload && /* @__PURE__ */ a4(Badge, { tone: "warn", children: t4("trace.overload") }),
    /* @__PURE__ */ a4(Link, { to: `/spectra/${s4.guid}`, class: "grow clip", children: band(s4.start_freq_hz, s4.stop_freq_hz) }),
    /* @__PURE__ */ a4("span", { class: "muted clip", children: s4.source ?? "–" }),
    /* @__PURE__ */ a4(Time, { at: s4.timestamp, only: "age" })
  ] }, s4.guid)) }) }) });
}
function Alarming() {
  if (problem.value && !active.value) return /* @__PURE__ */ a4(Notice, { tone: "bad", children: [
    t4("page.alarms"),
    ": ",
    sayProblem(problem.value)
  ] });
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("h2", { class: "over", children: /* @__PURE__ */ a4(Link, { to: "/alarms", children: t4("page.alarms") }) }),
    /* @__PURE__ */ a4(SeverityTiles, {})
  ] });
}
function Overview() {
  const any = can("admin:read") || can("inbox:read") || can("ctrl:read");
  return /* @__PURE__ */ a4(Page, { title: t4("page.overview"), children: [
    can("ctrl:read") && /* @__PURE__ */ a4(Alarming, {}),
    !any && /* @__PURE__ */ a4(Empty, { title: t4("overview.nothing") }),
    /* @__PURE__ */ a4("div", { class: "tiles", children: [
      can("admin:read") && /* @__PURE__ */ a4(ServicesTile, {}),
      can("inbox:read") && /* @__PURE__ */ a4(IntakeTile, {}),
      can("ctrl:read") && /* @__PURE__ */ a4(QueuesTile, {}),
      can("admin:read") && /* @__PURE__ */ a4(LettersTile, {})
    ] }),
    /* @__PURE__ */ a4("div", { class: "grid three", children: [
      can("ctrl:read") && /* @__PURE__ */ a4(LastCommands, {}),
      can("inbox:read") && /* @__PURE__ */ a4(LastTraces, {}),
      can("admin:read") && /* @__PURE__ */ a4(LastEvents, {})
    ] })
  ] });
}

// types/permissions.ts
var permissions = {
  "admin:read": "Read the journal, the running services and dead letters",
  "admin:write": "Replay and delete dead letters",
  "alarms:write": "Acknowledge, close, comment on and shelve alarms",
  "apikeys:write": "Create, list and revoke API keys",
  "cfg:read": "Read the catalogues of equipment, commands and telemetry parameters",
  "cfg:write": "Change the catalogues",
  "commands:approve": "Approve or reject commands of others",
  "commands:hazardous": "Send hazardous commands",
  "commands:send": "Send commands to equipment",
  "ctrl:read": "Read operational states, telemetry values, commands sent and alarms",
  "ctrl:write": "Configure endpoints, bindings, limits, queues and notifications",
  "inbox:manage": "Withdraw traces and load past ones",
  "inbox:read": "Read traces and signals",
  "inbox:write": "Submit traces and signals",
  "roles:write": "Create, change and delete roles",
  "telemetry:write": "Submit telemetry values",
  "users:read": "Read users, roles and their history",
  "users:write": "Create, change, block and archive users, and end their sessions"
};

// src/lang/permissions.ru.ts
var permissionsRu = {
  "admin:read": "Читать журнал, список служб и недоставленные сообщения",
  "admin:write": "Повторять и удалять недоставленные сообщения",
  "alarms:write": "Квитировать, закрывать, комментировать и откладывать аварии",
  "apikeys:write": "Создавать, просматривать и отзывать ключи API",
  "cfg:read": "Читать каталоги оборудования, команд и параметров телеметрии",
  "cfg:write": "Изменять каталоги",
  "commands:approve": "Одобрять или отклонять команды других",
  "commands:hazardous": "Отправлять опасные команды",
  "commands:send": "Отправлять команды оборудованию",
  "ctrl:read": "Читать состояния, значения телеметрии, отправленные команды и аварии",
  "ctrl:write": "Настраивать подключения, привязки, пределы, очереди и оповещения",
  "inbox:manage": "Отзывать спектры и загружать прошлые",
  "inbox:read": "Читать спектры и сигналы",
  "inbox:write": "Присылать спектры и сигналы",
  "roles:write": "Создавать, изменять и удалять роли",
  "telemetry:write": "Присылать значения телеметрии",
  "users:read": "Читать пользователей, роли и их историю",
  "users:write": "Создавать, изменять, блокировать и архивировать пользователей, завершать их сеансы"
};

// src/pages/people/permissions.ts
var permissionNames = Object.keys(permissions);
function sayPermission(name) {
  const known = permissionNames.find((p5) => p5 === name);
  if (!known) return name;
  return language.value === "ru" ? permissionsRu[known] : permissions[known];
}

// src/pages/people/roles.tsx
function Roles() {
  const r4 = useResource(async (s4) => (await rolesList({ query: { limit: 1e3 } }, s4)).data.content, []);
  const opened = place.value.query.get("role");
  const close = () => go(withQuery({ role: null }), { replace: true });
  const chosen = r4.data?.find((x3) => x3.id === opened);
  const done = () => {
    close();
    r4.reload();
  };
  return /* @__PURE__ */ a4(Card, { children: [
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4("span", { class: "spring" }),
      can("roles:write") && /* @__PURE__ */ a4(Button, { kind: "primary", icon: "plus", onClick: () => go(withQuery({ role: "+" })), children: t4("role.add") })
    ] }),
    /* @__PURE__ */ a4(Shown, { of: r4, lines: 3, children: (rows) => /* @__PURE__ */ a4(Table, { label: t4("people.roles"), rows, rowKey: (x3) => x3.id, selected: opened, onOpen: (x3) => go(withQuery({ role: x3.id })), columns: [
      { id: "id", title: t4("user.role"), cell: (x3) => /* @__PURE__ */ a4("strong", { children: x3.id }) },
      { id: "description", title: t4("command.description"), grow: true, cell: (x3) => x3.description },
      { id: "n", title: t4("role.permissions"), num: true, cell: (x3) => `${x3.permissions.length} / ${permissionNames.length}` }
    ] }) }),
    opened === "+" && /* @__PURE__ */ a4(RoleDrawer, { close, saved: done }),
    chosen && /* @__PURE__ */ a4(RoleDrawer, { role: chosen, close, saved: done }, chosen.id)
  ] });
}
function Permissions({ value, onChange, disabled }) {
  return /* @__PURE__ */ a4("fieldset", { class: "permissions-field", children: [
    /* @__PURE__ */ a4("legend", { children: t4("role.permissions") }),
    permissionNames.map((p5) => /* @__PURE__ */ a4(
      CheckField,
      {
        label: sayPermission(p5),
        help: p5,
        value: value.includes(p5),
        disabled: disabled || !can(p5) && !value.includes(p5),
        onChange: (on2) => onChange(on2 ? [...value, p5] : value.filter((x3) => x3 !== p5))
      },
      p5
    ))
  ] });
}
function RoleDrawer({ role: old, close, saved }) {
  const [id, setId] = d2(old?.id ?? "");
  const [description, setDescription] = d2(old?.description ?? "");
  const [chosen, setChosen] = d2(old?.permissions ?? []);
  const writable = can("roles:write");
  const save = useAction(async () => {
    if (old) await rolesUpdate({ id: old.id, body: { description, permissions: chosen } });
    else await rolesCreate({ body: { id, description, permissions: chosen } });
    toast(t4(old ? "toast.saved" : "toast.created"));
    saved();
  });
  const p5 = save.problem;
  return /* @__PURE__ */ a4(Drawer, { title: old ? old.id : t4("role.add"), onClose: close, children: /* @__PURE__ */ a4(Form, { label: t4("people.roles"), onSubmit: () => void save.run(), children: [
    !old && /* @__PURE__ */ a4(TextField, { label: t4("role.id"), value: id, onChange: setId, required: true, autoFocus: true, maxLength: 80, error: reasonAt(p5, "id") }),
    /* @__PURE__ */ a4(TextField, { label: t4("command.description"), value: description, onChange: setDescription, required: true, disabled: !writable, maxLength: 80, error: reasonAt(p5, "description") }),
    /* @__PURE__ */ a4(Permissions, { value: chosen, onChange: setChosen, disabled: !writable }),
    /* @__PURE__ */ a4(Refusal, { problem: p5, shown: ["id", "description"] }),
    writable && /* @__PURE__ */ a4("div", { class: "form-actions", children: [
      old && /* @__PURE__ */ a4(Button, { kind: "danger", icon: "archive", onClick: () => void archive(old.id, () => rolesDelete({ id: old.id })).then((done) => done && saved()), children: t4("action.delete") }),
      /* @__PURE__ */ a4("span", { class: "spring" }),
      /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
      /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !description || !old && !id, children: t4("action.save") })
    ] })
  ] }) });
}

// src/pages/people/keys.tsx
function Keys() {
  const r4 = useResource(async (s4) => (await apiKeysList({ query: { limit: 1e3 } }, s4)).data.content, []);
  const [panel, setPanel] = d2(null);
  const [made, setMade] = d2(null);
  const revoke = async (k4) => {
    if (!await ask({ title: t4("key.revoke"), body: /* @__PURE__ */ a4("p", { children: t4("key.revoke.help", { name: k4.name }) }), action: t4("key.revoke"), danger: true })) return;
    if (await attempt(() => apiKeysDelete({ id: k4.id }), t4("key.revoked"))) {
      setPanel(null);
      r4.reload();
    }
  };
  return /* @__PURE__ */ a4(Card, { children: [
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4("span", { class: "spring" }),
      /* @__PURE__ */ a4(Button, { kind: "primary", icon: "plus", onClick: () => setPanel("new"), children: t4("key.add") })
    ] }),
    /* @__PURE__ */ a4(Shown, { of: r4, lines: 3, children: (rows) => /* @__PURE__ */ a4(Table, { label: t4("people.keys"), rows, rowKey: (k4) => k4.id, empty: t4("key.none"), onOpen: setPanel, columns: [
      { id: "name", title: t4("key.name"), grow: true, cell: (k4) => /* @__PURE__ */ a4("strong", { children: k4.name }) },
      { id: "n", title: t4("role.permissions"), num: true, cell: (k4) => k4.permissions.length },
      { id: "ends", title: t4("key.expires"), cell: (k4) => k4.expires_at ? /* @__PURE__ */ a4(Time, { at: k4.expires_at, only: "age" }) : t4("word.never") },
      { id: "used", title: t4("key.used"), cell: (k4) => k4.last_used_at ? /* @__PURE__ */ a4(Time, { at: k4.last_used_at, only: "age" }) : t4("word.never") }
    ] }) }),
    panel === "new" && /* @__PURE__ */ a4(KeyDrawer, { close: () => setPanel(null), saved: (k4) => {
      setPanel(null);
      setMade(k4);
      r4.reload();
    } }),
    panel && panel !== "new" && /* @__PURE__ */ a4(Drawer, { title: panel.name, onClose: () => setPanel(null), footer: /* @__PURE__ */ a4(Button, { kind: "danger", icon: "archive", onClick: () => void revoke(panel), children: t4("key.revoke") }), children: /* @__PURE__ */ a4(Facts, { items: [
      [t4("role.permissions"), /* @__PURE__ */ a4($, { children: panel.permissions.map((p5) => /* @__PURE__ */ a4("span", { class: "condition", children: [
        /* @__PURE__ */ a4(Mono, { children: p5 }),
        " "
      ] }, p5)) })],
      [t4("key.networks"), panel.cidrs.length > 0 ? panel.cidrs.join(", ") : t4("key.anywhere")],
      [t4("key.expires"), panel.expires_at ? /* @__PURE__ */ a4(Time, { at: panel.expires_at }) : t4("word.never")],
      [t4("key.used"), panel.last_used_at ? /* @__PURE__ */ a4($, { children: [
        /* @__PURE__ */ a4(Time, { at: panel.last_used_at }),
        " ",
        /* @__PURE__ */ a4(Mono, { children: panel.last_used_address })
      ] }) : t4("word.never")],
      [t4("key.created"), /* @__PURE__ */ a4($, { children: [
        /* @__PURE__ */ a4(Time, { at: panel.created_at }),
        " ",
        /* @__PURE__ */ a4(Mono, { children: panel.created_by })
      ] })]
    ] }) }),
    made && /* @__PURE__ */ a4(Secret, { made, close: () => setMade(null) })
  ] });
}
function Secret({ made, close }) {
  const [copied, setCopied] = d2(false);
  return /* @__PURE__ */ a4(Drawer, { title: made.name, modal: "dialog", onClose: close, footer: /* @__PURE__ */ a4(Button, { kind: "primary", onClick: close, children: t4("key.kept") }), children: [
    /* @__PURE__ */ a4(Notice, { tone: "warn", children: t4("key.once") }),
    /* @__PURE__ */ a4("div", { class: "secret", children: [
      /* @__PURE__ */ a4("code", { class: "mono", "data-secret": true, children: made.key }),
      /* @__PURE__ */ a4(Button, { icon: copied ? "check" : "copy", onClick: () => void navigator.clipboard.writeText(made.key).then(() => setCopied(true), () => toast(t4("key.notCopied"), "bad")), children: t4(copied ? "key.copied" : "key.copy") })
    ] })
  ] });
}
function KeyDrawer({ close, saved }) {
  const [name, setName] = d2("");
  const [expires, setExpires] = d2("");
  const [networks, setNetworks] = d2("");
  const [chosen, setChosen] = d2([]);
  const save = useAction(async () => {
    const cidrs = networks.split(/[\s,]+/).filter(Boolean), expires_at = momentOf(expires);
    const { data: data2 } = await apiKeysCreate({ body: { name, permissions: chosen, ...expires_at ? { expires_at } : {}, ...cidrs.length > 0 ? { cidrs } : {} } });
    saved(data2);
  });
  const p5 = save.problem;
  return /* @__PURE__ */ a4(Drawer, { title: t4("key.add"), onClose: close, children: /* @__PURE__ */ a4(Form, { label: t4("key.add"), onSubmit: () => void save.run(), children: [
    /* @__PURE__ */ a4(TextField, { label: t4("key.name"), value: name, onChange: setName, required: true, autoFocus: true, error: reasonAt(p5, "name") }),
    /* @__PURE__ */ a4(TextField, { label: t4("key.expires"), value: expires, onChange: setExpires, type: "datetime-local", help: t4("key.expires.help"), error: reasonAt(p5, "expires_at") }),
    /* @__PURE__ */ a4(TextField, { label: t4("key.networks"), value: networks, onChange: setNetworks, mono: true, placeholder: "10.0.0.0/8", help: t4("key.networks.help"), error: reasonAt(p5, "cidrs") }),
    /* @__PURE__ */ a4(Permissions, { value: chosen, onChange: setChosen }),
    /* @__PURE__ */ a4(Refusal, { problem: p5, shown: ["name", "expires_at", "cidrs"] }),
    /* @__PURE__ */ a4("div", { class: "form-actions", children: [
      /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
      /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !name || chosen.length === 0, children: t4("key.make") })
    ] })
  ] }) });
}

// src/pages/profile.tsx
function PasswordForm({ done }) {
  const [current, setCurrent] = d2("");
  const [fresh2, setFresh] = d2("");
  const [again, setAgain] = d2("");
  const change2 = useAction(async () => {
    await mePassword({ body: { current_password: current, new_password: fresh2 } });
    setCurrent("");
    setFresh("");
    setAgain("");
    await reload();
    toast(t4("password.changed"));
    done();
  });
  const differs = again !== "" && again !== fresh2;
  return /* @__PURE__ */ a4(Form, { label: t4("password.title"), onSubmit: () => void (!differs && change2.run()), children: [
    /* @__PURE__ */ a4(
      TextField,
      {
        label: t4("password.current"),
        value: current,
        onChange: setCurrent,
        type: "password",
        autoComplete: "current-password",
        required: true,
        error: reasonAt(change2.problem, "current_password")
      }
    ),
    /* @__PURE__ */ a4(
      TextField,
      {
        label: t4("password.new"),
        value: fresh2,
        onChange: setFresh,
        type: "password",
        autoComplete: "new-password",
        required: true,
        help: t4("password.rule"),
        error: reasonAt(change2.problem, "new_password")
      }
    ),
    /* @__PURE__ */ a4(
      TextField,
      {
        label: t4("password.again"),
        value: again,
        onChange: setAgain,
        type: "password",
        autoComplete: "new-password",
        required: true,
        error: differs ? t4("password.differs") : void 0
      }
    ),
    /* @__PURE__ */ a4(Refusal, { problem: change2.problem, shown: ["current_password", "new_password"] }),
    /* @__PURE__ */ a4("div", { class: "form-actions", children: /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: change2.busy, disabled: !current || !fresh2 || again !== fresh2, children: t4("password.change") }) })
  ] });
}
function PasswordPage() {
  heading.value = t4("password.title");
  return /* @__PURE__ */ a4("main", { class: "alone login", children: /* @__PURE__ */ a4("div", { class: "login-box", children: [
    /* @__PURE__ */ a4("div", { class: "brand", children: [
      /* @__PURE__ */ a4(Logo, {}),
      /* @__PURE__ */ a4("span", { children: t4("app.name") })
    ] }),
    /* @__PURE__ */ a4("h1", { children: t4("password.title") }),
    /* @__PURE__ */ a4(Notice, { tone: "info", children: t4("password.must") }),
    /* @__PURE__ */ a4(PasswordForm, { done: () => {
    } }),
    /* @__PURE__ */ a4("div", { class: "row spread", children: [
      /* @__PURE__ */ a4(ViewSwitches, {}),
      /* @__PURE__ */ a4(Button, { kind: "quiet", icon: "logout", onClick: () => void logout(), children: t4("action.logout") })
    ] })
  ] }) });
}
function Profile() {
  const user = me.value;
  const [name, setName] = d2(user?.name ?? "");
  const save = useAction(async () => {
    me.value = (await meUpdate({ body: { name } })).data;
    toast(t4("toast.saved"));
  });
  if (!user) return null;
  return /* @__PURE__ */ a4(Page, { title: t4("page.profile"), children: [
    /* @__PURE__ */ a4("div", { class: "grid two", children: [
      /* @__PURE__ */ a4(Card, { title: t4("profile.you"), children: [
        /* @__PURE__ */ a4(Facts, { items: [
          [t4("user.login"), user.login],
          [t4("user.role"), user.role_id],
          [t4("user.since"), /* @__PURE__ */ a4(Time, { at: user.create_dt })]
        ] }),
        /* @__PURE__ */ a4(Form, { label: t4("profile.you"), onSubmit: () => void save.run(), children: [
          /* @__PURE__ */ a4(TextField, { label: t4("user.name"), value: name, onChange: setName, autoComplete: "name", error: reasonAt(save.problem, "name"), required: true }),
          /* @__PURE__ */ a4(Refusal, { problem: save.problem, shown: ["name"] }),
          /* @__PURE__ */ a4("div", { class: "form-actions", children: /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: name === user.name || name === "", children: t4("action.save") }) })
        ] }),
        /* @__PURE__ */ a4("div", { class: "form-row", children: [
          /* @__PURE__ */ a4(
            SelectField,
            {
              label: t4("profile.language"),
              value: language.value,
              onChange: (v4) => setLanguage(languages.find((l4) => l4 === v4) ?? "en"),
              options: [{ value: "en", title: "English" }, { value: "ru", title: "Русский" }]
            }
          ),
          /* @__PURE__ */ a4(
            SelectField,
            {
              label: t4("profile.theme"),
              value: theme.value,
              onChange: (v4) => setTheme(v4 === "dark" ? "dark" : "light"),
              options: [{ value: "dark", title: t4("theme.dark") }, { value: "light", title: t4("theme.light") }]
            }
          )
        ] })
      ] }),
      /* @__PURE__ */ a4(Card, { title: t4("password.title"), children: /* @__PURE__ */ a4(PasswordForm, { done: () => {
      } }) })
    ] }),
    /* @__PURE__ */ a4(Sessions, {}),
    /* @__PURE__ */ a4(Card, { title: t4("profile.may"), children: /* @__PURE__ */ a4("ul", { class: "permissions", children: permissionNames.map((p5) => /* @__PURE__ */ a4("li", { class: can(p5) ? "" : "muted", children: [
      /* @__PURE__ */ a4(Badge, { tone: can(p5) ? "ok" : "idle", children: can(p5) ? t4("word.yes") : t4("word.no") }),
      " ",
      /* @__PURE__ */ a4("span", { children: sayPermission(p5) }),
      " ",
      /* @__PURE__ */ a4("code", { class: "mono small", children: p5 })
    ] }, p5)) }) })
  ] });
}
function Sessions() {
  const sessions = useResource(async (signal) => (await meSessions(void 0, signal)).data.content, []);
  const end = async (s4) => {
    if (!await ask({ title: t4("session.end"), body: /* @__PURE__ */ a4("p", { children: t4("session.end.help", { agent: s4.user_agent ? agent(s4.user_agent) : s4.address }) }), action: t4("session.end"), danger: true })) return;
    await meSessionsDelete({ id: s4.id });
    toast(t4("session.ended"));
    sessions.reload();
  };
  const all = async () => {
    if (!await ask({ title: t4("session.endAll"), body: /* @__PURE__ */ a4("p", { children: t4("session.endAll.help") }), action: t4("session.endAll"), danger: true })) return;
    await tokenLogoutAll();
    await logout();
  };
  return /* @__PURE__ */ a4(Card, { title: t4("session.title"), actions: /* @__PURE__ */ a4(Button, { small: true, kind: "danger", onClick: () => void all(), children: t4("session.endAll") }), children: /* @__PURE__ */ a4(Shown, { of: sessions, lines: 3, children: (rows) => /* @__PURE__ */ a4(SessionTable, { rows, onEnd: (s4) => void end(s4) }) }) });
}
function SessionTable({ rows, onEnd }) {
  return /* @__PURE__ */ a4(Table, { label: t4("session.title"), rows, rowKey: (s4) => s4.id, columns: [
    { id: "agent", title: t4("session.agent"), grow: true, cell: (s4) => /* @__PURE__ */ a4("span", { class: "clip", title: s4.user_agent, children: agent(s4.user_agent) }) },
    { id: "address", title: t4("session.address"), cell: (s4) => /* @__PURE__ */ a4("code", { class: "mono", children: s4.address }) },
    { id: "begun", title: t4("session.begun"), wide: true, cell: (s4) => /* @__PURE__ */ a4(Time, { at: s4.created_at, only: "age" }) },
    { id: "seen", title: t4("session.seen"), cell: (s4) => /* @__PURE__ */ a4(Time, { at: s4.last_seen_at, only: "age" }) },
    { id: "act", title: "", cell: (s4) => s4.current ? /* @__PURE__ */ a4(Badge, { tone: "ok", children: t4("session.this") }) : /* @__PURE__ */ a4(Button, { small: true, kind: "quiet", icon: "close", label: t4("session.end"), onClick: () => onEnd(s4) }) }
  ] });
}

// src/pages/people/users.tsx
function Status({ status }) {
  return status === 0 ? /* @__PURE__ */ a4(Badge, { tone: "ok", children: t4("user.enabled") }) : status === 1 ? /* @__PURE__ */ a4(Badge, { tone: "bad", children: t4("user.blocked") }) : /* @__PURE__ */ a4(Badge, { tone: "idle", children: t4("user.archived") });
}
function Users() {
  const { query: query2 } = place.value;
  const q2 = query2.get("q") ?? "";
  const [text, setText] = d2(q2);
  A2(() => {
    const timer = setTimeout(() => text !== q2 && go(withQuery({ q: text }), { replace: true }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  const [limit, setLimit] = d2(200);
  const r4 = useResource(async (s4) => (await usersList({ query: { limit, ...q2 ? { q: q2 } : {} } }, s4)).data, [q2, limit]);
  const opened = query2.get("user");
  const close = () => go(withQuery({ user: null, tab: null }), { replace: true });
  return /* @__PURE__ */ a4(Card, { children: [
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4(TextField, { label: t4("action.search"), value: text, onChange: setText, type: "search" }),
      /* @__PURE__ */ a4("span", { class: "spring" }),
      can("users:write") && /* @__PURE__ */ a4(Button, { kind: "primary", icon: "plus", onClick: () => go(withQuery({ user: "new" })), children: t4("user.add") })
    ] }),
    /* @__PURE__ */ a4(Shown, { of: r4, lines: 6, children: (page) => /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(Table, { label: t4("people.users"), rows: page.content, rowKey: (u4) => u4.id, selected: Number(opened), onOpen: (u4) => go(withQuery({ user: u4.id })), columns: [
        { id: "login", title: t4("user.login"), cell: (u4) => /* @__PURE__ */ a4("strong", { children: u4.login }) },
        { id: "name", title: t4("user.name"), grow: true, cell: (u4) => u4.name },
        { id: "role", title: t4("user.role"), cell: (u4) => u4.role_id ?? "–" },
        { id: "status", title: t4("user.status"), cell: (u4) => /* @__PURE__ */ a4(Status, { status: u4.status }) },
        { id: "since", title: t4("user.since"), wide: true, cell: (u4) => /* @__PURE__ */ a4(Time, { at: u4.create_dt, only: "age" }) }
      ] }),
      /* @__PURE__ */ a4(Pager, { shown: page.content.length, total: page.total, more: page.content.length < page.total, busy: r4.loading, onMore: () => setLimit(limit + 500) })
    ] }) }),
    opened === "new" && /* @__PURE__ */ a4(UserDrawer, { close, saved: () => {
      close();
      r4.reload();
    } }),
    opened && opened !== "new" && /* @__PURE__ */ a4(Existing3, { id: Number(opened), close, changed: r4.reload })
  ] });
}
function Existing3({ id, close, changed }) {
  const tab = place.value.query.get("tab") ?? "about";
  const [mode, setMode] = d2("show");
  const r4 = useResource(async (s4) => (await usersGet({ id }, s4)).data, [id]);
  const u4 = r4.data;
  const act = async (question2, call, done) => {
    if (question2 && !await ask({ title: question2.title, body: /* @__PURE__ */ a4("p", { children: question2.help }), action: question2.title, danger: true })) return;
    if (await attempt(call, done)) {
      r4.reload();
      changed();
    }
  };
  if (mode === "edit" && u4) {
    return /* @__PURE__ */ a4(UserDrawer, { user: u4, close: () => setMode("show"), saved: () => {
      setMode("show");
      r4.reload();
      changed();
    } });
  }
  if (mode === "password" && u4) return /* @__PURE__ */ a4(PasswordDrawer, { user: u4, close: () => setMode("show") });
  const self = u4?.id === me.value?.id;
  const to = (x3) => withQuery({ tab: x3 === "about" ? null : x3 });
  return /* @__PURE__ */ a4(Drawer, { title: u4 ? u4.login : "…", onClose: close, children: /* @__PURE__ */ a4(Shown, { of: r4, children: (user) => /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Tabs, { label: user.login, current: tab, items: [
      { id: "about", title: t4("user.about"), to: to("about") },
      ...can("users:write") ? [{ id: "sessions", title: t4("session.title"), to: to("sessions") }] : [],
      { id: "history", title: t4("history.title"), to: to("history") }
    ] }),
    tab === "sessions" ? /* @__PURE__ */ a4(UserSessions, { id }) : tab === "history" ? /* @__PURE__ */ a4(History2, { id }) : /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(Facts, { items: [
        [t4("user.name"), user.name],
        [t4("user.role"), user.role_id ?? "–"],
        [t4("user.status"), /* @__PURE__ */ a4(Status, { status: user.status })],
        user.password_change_required && [t4("user.password"), /* @__PURE__ */ a4(Badge, { tone: "warn", children: t4("user.mustChange") })],
        [t4("user.since"), /* @__PURE__ */ a4(Time, { at: user.create_dt })],
        [t4("user.changed"), /* @__PURE__ */ a4(Time, { at: user.update_dt })],
        [t4("equipment.id"), /* @__PURE__ */ a4(Mono, { children: user.id })]
      ] }),
      can("users:write") && user.status >= 0 && /* @__PURE__ */ a4("div", { class: "row", children: [
        /* @__PURE__ */ a4(Button, { icon: "edit", onClick: () => setMode("edit"), children: t4("action.edit") }),
        /* @__PURE__ */ a4(Button, { icon: "key", onClick: () => setMode("password"), children: t4("user.setPassword") }),
        /* @__PURE__ */ a4(Button, { icon: "logout", onClick: () => void act({ title: t4("user.logoutAll"), help: t4("user.logoutAll.help", { name: user.login }) }, () => usersLogoutAll({ id }), t4("session.ended")), children: t4("user.logoutAll") }),
        user.status === 1 ? /* @__PURE__ */ a4(Button, { icon: "check", onClick: () => void act(null, () => usersUnblock({ id }), t4("user.isUnblocked")), children: t4("user.unblock") }) : !self && /* @__PURE__ */ a4(Button, { kind: "danger", icon: "lock", onClick: () => void act({ title: t4("user.block"), help: t4("user.block.help", { name: user.login }) }, () => usersBlock({ id }), t4("user.isBlocked")), children: t4("user.block") }),
        !self && /* @__PURE__ */ a4(Button, { kind: "danger", icon: "archive", onClick: () => void act({ title: t4("equipment.archive"), help: t4("user.archive.help", { name: user.login }) }, () => usersDelete({ id }), t4("equipment.archived")), children: t4("equipment.archive") })
      ] })
    ] })
  ] }) }) });
}
function UserSessions({ id }) {
  const r4 = useResource(async (s4) => (await usersSessions({ id }, s4)).data.content, [id]);
  return /* @__PURE__ */ a4(Shown, { of: r4, lines: 3, children: (rows) => /* @__PURE__ */ a4(SessionTable, { rows, onEnd: (s4) => void attempt(() => usersSessionsDelete({ id, sid: s4.id }), t4("session.ended")).then(r4.reload) }) });
}
function History2({ id }) {
  const r4 = useResource(async (s4) => (await usersHistory({ id, query: { limit: 100 } }, s4)).data.content, [id]);
  return /* @__PURE__ */ a4(Shown, { of: r4, lines: 4, children: (rows) => {
    const versions = [...rows].sort((a5, b3) => b3.version - a5.version);
    return /* @__PURE__ */ a4("ol", { class: "versions", children: versions.map((v4, i4) => /* @__PURE__ */ a4("li", { children: [
      /* @__PURE__ */ a4("header", { children: [
        /* @__PURE__ */ a4("strong", { children: t4("history.version", { n: v4.version }) }),
        " ",
        /* @__PURE__ */ a4(Time, { at: v4.valid_from }),
        " ",
        /* @__PURE__ */ a4(Mono, { children: v4.actor })
      ] }),
      versions[i4 + 1] && /* @__PURE__ */ a4(Diff, { before: versions[i4 + 1]?.item, after: v4.item })
    ] }, v4.version)) });
  } });
}
function UserDrawer({ user: old, close, saved }) {
  const roles = useResource(async (s4) => (await rolesList({ query: { limit: 1e3 } }, s4)).data.content, []);
  const [login2, setLogin] = d2(old?.login ?? "");
  const [name, setName] = d2(old?.name ?? "");
  const [role, setRole] = d2(old?.role_id ?? "");
  const [password, setPassword] = d2("");
  const save = useAction(async () => {
    const role_id = role || roles.data?.[0]?.id || "";
    if (old) await usersUpdate({ id: old.id, body: { login: login2, name, ...role_id !== old.role_id ? { role_id } : {} } });
    else await usersCreate({ body: { login: login2, name, password, role_id } });
    setPassword("");
    toast(t4(old ? "toast.saved" : "toast.created"));
    saved();
  });
  const p5 = save.problem;
  return /* @__PURE__ */ a4(Drawer, { title: old ? old.login : t4("user.add"), onClose: close, children: !roles.data ? roles.problem ? /* @__PURE__ */ a4(Refusal, { problem: roles.problem }) : /* @__PURE__ */ a4(Loading, {}) : /* @__PURE__ */ a4(Form, { label: t4("user.about"), onSubmit: () => void save.run(), children: [
    /* @__PURE__ */ a4(TextField, { label: t4("user.login"), value: login2, onChange: setLogin, required: true, autoFocus: true, maxLength: 50, error: reasonAt(p5, "login") }),
    /* @__PURE__ */ a4(TextField, { label: t4("user.name"), value: name, onChange: setName, required: true, maxLength: 80, error: reasonAt(p5, "name") }),
    /* @__PURE__ */ a4(SelectField, { label: t4("user.role"), value: role || (roles.data[0]?.id ?? ""), onChange: setRole, error: reasonAt(p5, "role_id"), options: roles.data.map((x3) => ({ value: x3.id, title: `${x3.id} – ${x3.description}` })) }),
    !old && /* @__PURE__ */ a4(TextField, { label: t4("user.firstPassword"), value: password, onChange: setPassword, type: "password", autoComplete: "new-password", required: true, help: t4("password.rule"), error: reasonAt(p5, "password") }),
    /* @__PURE__ */ a4(Refusal, { problem: p5, shown: ["login", "name", "role_id", "password"] }),
    /* @__PURE__ */ a4("div", { class: "form-actions", children: [
      /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
      /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !login2 || !name || !old && !password, children: t4("action.save") })
    ] })
  ] }) });
}
function PasswordDrawer({ user, close }) {
  const [password, setPassword] = d2("");
  const save = useAction(async () => {
    await usersPassword({ id: user.id, body: { password } });
    setPassword("");
    toast(t4("password.changed"));
    close();
  });
  return /* @__PURE__ */ a4(Drawer, { title: t4("user.setPassword"), modal: "dialog", onClose: close, children: [
    /* @__PURE__ */ a4("p", { children: t4("user.setPassword.help", { name: user.login }) }),
    /* @__PURE__ */ a4(Form, { label: t4("user.setPassword"), onSubmit: () => void save.run(), children: [
      /* @__PURE__ */ a4(TextField, { label: t4("password.new"), value: password, onChange: setPassword, type: "password", autoComplete: "new-password", required: true, autoFocus: true, help: t4("password.rule"), error: reasonAt(save.problem, "password") }),
      /* @__PURE__ */ a4(Refusal, { problem: save.problem, shown: ["password"] }),
      /* @__PURE__ */ a4("div", { class: "form-actions", children: [
        /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
        /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", busy: save.busy, disabled: !password, children: t4("action.save") })
      ] })
    ] })
  ] });
}

// src/pages/people.tsx
function People() {
  const tabs3 = [
    ...can("users:read") ? [{ id: "users", title: t4("people.users"), to: "/people" }, { id: "roles", title: t4("people.roles"), to: "/people/roles" }] : [],
    ...can("apikeys:write") ? [{ id: "keys", title: t4("people.keys"), to: "/people/keys" }] : []
  ];
  const tab = tabs3.find((x3) => x3.id === place.value.rest[0]) ?? tabs3[0];
  return /* @__PURE__ */ a4(Page, { title: t4("page.people"), children: [
    /* @__PURE__ */ a4(Tabs, { label: t4("page.people"), current: tab?.id ?? "", items: tabs3 }),
    tab?.id === "users" ? /* @__PURE__ */ a4(Users, {}) : tab?.id === "roles" ? /* @__PURE__ */ a4(Roles, {}) : tab?.id === "keys" ? /* @__PURE__ */ a4(Keys, {}) : /* @__PURE__ */ a4(Forbidden, {})
  ] });
}

// src/pages/services.tsx
function Services() {
  const tab = place.value.rest[0] === "letters" ? "letters" : "instances";
  return /* @__PURE__ */ a4(Page, { title: t4("page.services"), children: [
    /* @__PURE__ */ a4(Tabs, { label: t4("page.services"), current: tab, items: [
      { id: "instances", title: t4("services.instances"), to: "/services" },
      { id: "letters", title: t4("letters.title"), to: "/services/letters" }
    ] }),
    tab === "letters" ? /* @__PURE__ */ a4(Letters, {}) : /* @__PURE__ */ a4(Instances, {})
  ] });
}
function Instances() {
  const r4 = useResource(async (s4) => (await servicesList(void 0, s4)).data.content, [], 3e3);
  return /* @__PURE__ */ a4(Card, { children: /* @__PURE__ */ a4(Shown, { of: r4, children: (rows) => /* @__PURE__ */ a4(Table, { label: t4("services.instances"), rows, rowKey: (i4) => i4.id, columns: [
    { id: "service", title: t4("services.service"), cell: (i4) => /* @__PURE__ */ a4("strong", { children: i4.service }) },
    { id: "health", title: t4("services.health"), grow: true, cell: (i4) => /* @__PURE__ */ a4(Health, { code: i4.health_code }) },
    { id: "version", title: t4("services.version"), wide: true, cell: (i4) => /* @__PURE__ */ a4(Mono, { children: i4.version }) },
    { id: "address", title: t4("services.address"), wide: true, cell: (i4) => /* @__PURE__ */ a4(Mono, { children: i4.address }) },
    { id: "up", title: t4("services.uptime"), num: true, cell: (i4) => duration((now.value - new Date(i4.started_at).getTime()) / 1e3) },
    { id: "lag", title: t4("services.lag"), num: true, cell: (i4) => i4.lag == null ? "–" : duration(i4.lag) },
    { id: "seen", title: t4("services.seen"), cell: (i4) => /* @__PURE__ */ a4(Time, { at: i4.seen_at, only: "age" }) }
  ] }) }) });
}
var pageSize5 = 100;
var mostAtOnce = 1e3;
var reasons = ["permanent", "attempts", "unreadable", "deliveries"];
function Letters() {
  const { query: query2 } = place.value;
  const state = query2.get("state") === "replayed" ? "replayed" : "dead", queue = query2.get("queue") ?? "";
  const reason = reasons.find((r5) => r5 === query2.get("reason"));
  const [limit, setLimit] = d2(pageSize5);
  const kind = { queue, ...reason ? { reason } : {} };
  const r4 = useResource(async (s4) => (await deadLettersList({ query: { ...kind, state, limit } }, s4)).data, [state, queue, reason, limit], 1e4);
  const opened = Number(query2.get("letter")) || null;
  const queues = [.../* @__PURE__ */ new Set([queue, ...(r4.data?.content ?? []).map((l4) => l4.queue)])].filter(Boolean).sort();
  const one = async (act, done) => {
    try {
      await act();
      toast(done);
    } catch (e4) {
      if (!(e4 instanceof Problem)) throw e4;
      toast(sayProblem(e4), "bad");
    }
    r4.reload();
  };
  const here2 = T2(true);
  A2(() => () => void (here2.current = false), []);
  const everyOne = useAction(async () => {
    let gone = 0, cursor;
    try {
      do {
        const { content, next: next3 } = (await deadLettersList({ query: { ...kind, limit: mostAtOnce, ...cursor ? { cursor } : {} } })).data;
        for (const l4 of content) {
          if (!here2.current) return;
          await deadLettersReplay({ id: l4.id }).catch((e4) => {
            if (!(e4 instanceof Problem) || e4.status !== 404 && e4.status !== 409) throw e4;
            gone++;
          });
        }
        cursor = next3;
      } while (cursor);
    } finally {
      r4.reload();
    }
    toast(gone ? t4("letters.someFailed", { n: gone }) : t4("letters.allReplayed"), gone ? "bad" : "ok");
  });
  const asked2 = r4.data?.params;
  const current = asked2 !== void 0 && (asked2.queue ?? "") === queue && asked2.reason === reason;
  const all = async (n3) => {
    if (await ask({ title: t4("letters.replayAll"), body: /* @__PURE__ */ a4("p", { children: t4("letters.replayAll.help", { n: n3 }) }), action: t4("letters.replayAll") })) await everyOne.run();
  };
  return /* @__PURE__ */ a4(Card, { children: [
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4(
        SelectField,
        {
          label: t4("letters.state"),
          value: state,
          onChange: (v4) => go(withQuery({ state: v4 === "dead" ? null : v4 })),
          options: [{ value: "dead", title: t4("letters.dead") }, { value: "replayed", title: t4("letters.replayedState") }]
        }
      ),
      /* @__PURE__ */ a4(
        SelectField,
        {
          label: t4("letters.queue"),
          value: queue,
          onChange: (v4) => go(withQuery({ queue: v4 })),
          options: [{ value: "", title: t4("filter.any") }, ...queues.map((q2) => ({ value: q2, title: q2 }))]
        }
      ),
      /* @__PURE__ */ a4(
        SelectField,
        {
          label: t4("letters.reason"),
          value: reason ?? "",
          onChange: (v4) => go(withQuery({ reason: v4 })),
          options: [{ value: "", title: t4("filter.any") }, ...reasons.map((x3) => ({ value: x3, title: t4(`letters.reason.${x3}`) }))]
        }
      ),
      /* @__PURE__ */ a4("span", { class: "spring" }),
      can("admin:write") && state === "dead" && current && r4.data && r4.data.content.length > 0 && /* @__PURE__ */ a4(Button, { icon: "refresh", busy: everyOne.busy, onClick: () => void all(r4.data?.total ?? 0), children: t4("letters.replayAll") })
    ] }),
    /* @__PURE__ */ a4(Refusal, { problem: everyOne.problem }),
    /* @__PURE__ */ a4(Shown, { of: r4, children: (page) => /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4(
        Table,
        {
          label: t4("letters.title"),
          rows: page.content,
          rowKey: (l4) => l4.id,
          empty: t4(queue || reason ? "table.empty" : "letters.none"),
          selected: opened,
          onOpen: (l4) => go(withQuery({ letter: l4.id })),
          columns: [
            { id: "kind", title: t4("letters.key"), grow: true, cell: (l4) => /* @__PURE__ */ a4(Mono, { children: l4.routing_key }) },
            { id: "queue", title: t4("letters.queue"), wide: true, cell: (l4) => /* @__PURE__ */ a4(Mono, { children: l4.queue }) },
            { id: "reason", title: t4("letters.reason"), cell: (l4) => /* @__PURE__ */ a4(Badge, { tone: "warn", children: t4(`letters.reason.${l4.reason}`) }) },
            { id: "size", title: t4("letters.size"), num: true, wide: true, cell: (l4) => bytes(l4.size) },
            { id: "died", title: t4("letters.died"), cell: (l4) => /* @__PURE__ */ a4(Time, { at: l4.died_at, only: "age" }) }
          ]
        }
      ),
      page.content.length > 0 && /* @__PURE__ */ a4(Pager, { shown: page.content.length, total: page.total, more: page.content.length < page.total && limit < mostAtOnce, busy: r4.loading, onMore: () => setLimit(limit + pageSize5) })
    ] }) }),
    opened !== null && /* @__PURE__ */ a4(LetterDrawer, { id: opened, close: () => go(withQuery({ letter: null })), one })
  ] });
}
function LetterDrawer({ id, close, one }) {
  const r4 = useResource(async (s4) => (await deadLettersGet({ id }, s4)).data, [id]);
  const remove = async () => {
    if (!await ask({ title: t4("letters.delete"), body: /* @__PURE__ */ a4("p", { children: t4("letters.delete.help") }), action: t4("letters.delete"), danger: true })) return;
    await one(() => deadLettersDelete({ id }), t4("letters.deleted"));
    close();
  };
  return /* @__PURE__ */ a4(Drawer, { title: t4("letters.one", { id }), onClose: close, footer: can("admin:write") && /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Button, { kind: "danger", icon: "archive", onClick: () => void remove(), children: t4("letters.delete") }),
    /* @__PURE__ */ a4(Button, { kind: "primary", icon: "refresh", onClick: () => void one(() => deadLettersReplay({ id }), t4("letters.replayed")).then(close), children: t4("letters.replay") })
  ] }), children: /* @__PURE__ */ a4(Shown, { of: r4, children: (l4) => /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Facts, { items: [
      [t4("letters.key"), /* @__PURE__ */ a4(Mono, { children: l4.routing_key })],
      [t4("letters.queue"), /* @__PURE__ */ a4(Mono, { children: l4.queue })],
      [t4("letters.reason"), t4(`letters.reason.${l4.reason}`)],
      [t4("letters.error"), l4.error],
      [t4("letters.attempts"), l4.attempts],
      [t4("letters.died"), /* @__PURE__ */ a4(Time, { at: l4.died_at })],
      [t4("letters.replays"), l4.replays],
      l4.replayed_at ? [t4("letters.replayedAt"), /* @__PURE__ */ a4(Time, { at: l4.replayed_at })] : null
    ] }),
    /* @__PURE__ */ a4("h3", { children: t4("letters.message") }),
    /* @__PURE__ */ a4(Json, { value: l4.message ?? l4.raw ?? null })
  ] }) }) });
}

// src/pages/spectra/box.ts
var edges = ["south", "west", "north", "east"];
function boxOf(typed3) {
  const wrong = {};
  const value = (e4, most3) => {
    const n3 = readNumber(typed3[e4]);
    if (n3 !== null && Math.abs(n3) > most3) wrong[e4] = t4("form.between", { a: number(-most3), b: number(most3) });
    return n3;
  };
  const south = value("south", 90), west = value("west", 180), north = value("north", 90), east = value("east", 180);
  if (south !== null && north !== null && south > north) wrong.north = t4("place.order");
  const whole = south !== null && west !== null && north !== null && east !== null && Object.keys(wrong).length === 0;
  return { box: whole ? { south, west, north, east } : null, wrong };
}

// src/pages/spectra/filter.ts
var names2 = ["from", "to", "start", "stop", "source", ...edges];
function typed2() {
  return Object.fromEntries(names2.map((n3) => [n3, place.value.query.get(n3) ?? ""]));
}
function filter() {
  const asked2 = typed2();
  const hz = (mhz) => {
    const value = readNumber(mhz);
    return value === null ? void 0 : Math.round(value * 1e6);
  };
  const from = momentOf(asked2.from), to = momentOf(asked2.to), start = hz(asked2.start), stop = hz(asked2.stop);
  const { box } = boxOf(asked2);
  return {
    ...from ? { from } : {},
    ...to ? { to } : {},
    ...start !== void 0 ? { "start-freq-hz": start } : {},
    ...stop !== void 0 ? { "stop-freq-hz": stop } : {},
    ...asked2.source ? { source: asked2.source } : {},
    ...box ? { bbox: [box.west, box.south, box.east, box.north].join() } : {}
  };
}

// src/pages/spectra/place.tsx
function placeOf(lat, lng) {
  return `${number(lat, 2)}° ${number(lng, 2)}°`;
}
function spotsOf(traces) {
  const found = /* @__PURE__ */ new Map();
  for (const { source, location: { lat, lng } } of traces) {
    const key = `${source ?? ""} ${lat.toFixed(2)} ${lng.toFixed(2)}`;
    if (!found.has(key)) found.set(key, { lat, lng, title: source ?? placeOf(lat, lng) });
  }
  return [...found.values()];
}
var newest = 1e3;
function Place({ typed: typed3, set, incomplete, asked: asked2 }) {
  const { box, wrong } = boxOf(typed3);
  const r4 = useResource(async (s4) => spotsOf((await tracesList({ query: { ...asked2, bbox: "", limit: newest } }, s4)).data.content), [JSON.stringify({ ...asked2, bbox: "" })]);
  const field = (e4) => /* @__PURE__ */ a4(
    NumberField,
    {
      label: t4(`spectra.${e4}`),
      value: typed3[e4],
      onChange: (v4) => set({ ...typed3, [e4]: v4 }),
      unit: "°",
      error: wrong[e4] ?? (incomplete && typed3[e4].trim() === "" ? t4("place.all") : void 0)
    }
  );
  return /* @__PURE__ */ a4("div", { class: "place", children: [
    /* @__PURE__ */ a4(MapBox, { box, spots: r4.data, onBox: (b3) => set({ south: String(b3.south), west: String(b3.west), north: String(b3.north), east: String(b3.east) }) }),
    /* @__PURE__ */ a4("div", { class: "edges", children: [
      edges.map(field),
      box && box.west > box.east && /* @__PURE__ */ a4("p", { class: "help", children: t4("place.crosses") }),
      /* @__PURE__ */ a4(Button, { small: true, disabled: edges.every((e4) => typed3[e4] === ""), onClick: () => set({ south: "", west: "", north: "", east: "" }), children: t4("place.none") }),
      r4.data && r4.data.length > 0 && /* @__PURE__ */ a4("details", { children: [
        /* @__PURE__ */ a4("summary", { children: t4("place.receivers", { n: r4.data.length }) }),
        /* @__PURE__ */ a4("ul", { class: "plain-list", children: r4.data.slice(0, 100).map((x3) => /* @__PURE__ */ a4("li", { children: x3.title === placeOf(x3.lat, x3.lng) ? x3.title : `${x3.title}: ${placeOf(x3.lat, x3.lng)}` }, `${x3.title} ${x3.lat} ${x3.lng}`)) })
      ] })
    ] })
  ] });
}
async function load2() {
  const near = (name) => new URL(name, import.meta.url).href;
  const land = async () => {
    const answer = await fetch(near("land-110m.json"));
    if (!answer.ok) throw new Error(`coast lines: ${answer.status}`);
    return answer.json();
  };
  return Promise.all([import(near("map.js")), land()]);
}
var ways = [
  { icon: "left", title: "map.west", by: [-0.25, 0] },
  { icon: "right", title: "map.east", by: [0.25, 0] },
  { icon: "up", title: "map.north", by: [0, -0.25] },
  { icon: "down", title: "map.south", by: [0, 0.25] }
];
function MapBox({ box, spots, onBox }) {
  const element = T2(null);
  const [map, setMap] = d2(null);
  const [failed, setFailed] = d2(false);
  const [sight, setSight] = d2(null);
  const told = T2(onBox);
  told.current = onBox;
  A2(() => {
    let made = null, gone = false;
    load2().then(([{ WorldMap }, land]) => {
      if (gone || !element.current) return;
      made = new WorldMap(element.current, land, { box: (b3) => told.current(b3), sight: setSight, degrees: number });
      setMap(made);
    }, () => setFailed(true));
    return () => {
      gone = true;
      made?.close();
    };
  }, []);
  const shown2 = w2(() => box, [JSON.stringify(box)]);
  A2(() => map?.show(shown2, spots ?? []), [map, shown2, spots]);
  if (failed) return /* @__PURE__ */ a4(Notice, { tone: "warn", children: t4("map.failed") });
  return /* @__PURE__ */ a4("div", { class: "map-box", children: [
    /* @__PURE__ */ a4("div", { class: "map", ref: element, role: "application", "aria-roledescription": t4("map.role"), "aria-label": `${t4("map.title")}. ${t4("map.keys")}`, tabIndex: 0, "aria-busy": !map }),
    /* @__PURE__ */ a4("div", { class: "row tight", children: [
      /* @__PURE__ */ a4(Button, { small: true, kind: "quiet", icon: "zoomIn", label: t4("chart.in"), disabled: !map, onClick: () => map?.zoom(0.5) }),
      /* @__PURE__ */ a4(Button, { small: true, kind: "quiet", icon: "zoomOut", label: t4("chart.out"), disabled: !map, onClick: () => map?.zoom(2) }),
      /* @__PURE__ */ a4(Button, { small: true, kind: "quiet", icon: "refresh", label: t4("map.all"), disabled: !map, onClick: () => map?.all() }),
      ways.map((w5) => /* @__PURE__ */ a4(Button, { small: true, kind: "quiet", icon: w5.icon, label: t4(w5.title), disabled: !map, onClick: () => map?.pan(...w5.by) }, w5.icon)),
      /* @__PURE__ */ a4("span", { class: "spring" }),
      /* @__PURE__ */ a4(Button, { small: true, disabled: !map, onClick: () => map?.take(), children: t4("map.take") })
    ] }),
    /* @__PURE__ */ a4("p", { class: "help", children: [
      sight && /* @__PURE__ */ a4("span", { role: "status", children: t4("map.sight", { south: degrees(sight.south), north: degrees(sight.north), west: degrees(sight.west), east: degrees(sight.east) }) }),
      " ",
      t4("map.help")
    ] })
  ] });
}
function degrees(n3) {
  return `${number(n3, Number.isInteger(n3) ? 0 : 2)}°`;
}

// src/pages/spectra/trace.tsx
var forms = ["png", "csv", "sigmf"];
var titles = { png: "PNG", csv: "CSV", sigmf: "SigMF" };
var points4 = 4e3;
function TraceView({ guid }) {
  const r4 = useResource(async (s4) => {
    const [trace, signals] = await Promise.all([tracesGet({ guid, query: { points: points4 } }, s4), tracesSignals({ guid }, s4)]);
    return { trace: trace.data, signals: signals.data };
  }, [guid]);
  return /* @__PURE__ */ a4(Page, { wide: true, title: r4.data ? band(r4.data.trace.start_freq_hz, r4.data.trace.stop_freq_hz) : t4("spectra.trace"), back: { to: "/spectra", title: t4("page.spectra") }, children: /* @__PURE__ */ a4(Shown, { of: r4, lines: 10, children: ({ trace, signals }) => /* @__PURE__ */ a4(Trace, { trace, signals }) }) });
}
function Trace({ trace, signals }) {
  const { query: query2 } = place.value;
  const x3 = w2(() => frequencies(trace), [trace]);
  const unit = trace.unit ?? "dBm";
  const [marker, setMarker] = d2(null);
  const [reference, setReference] = d2(null);
  const [selected, setSelected] = d2(null);
  const [withdrawing, setWithdrawing] = d2(false);
  const other = query2.get("compare") ?? "";
  const compared = useResource(async (s4) => other ? (await tracesGet({ guid: other, query: { points: points4 } }, s4)).data : null, [other]);
  const lines = [{ title: trace.source ?? t4("spectra.trace"), values: trace.y_val_dbm, colour: "--c1" }];
  if (compared.data) lines.push({ title: `${compared.data.source ?? t4("spectra.trace")} (${t4("spectra.compared")})`, values: onGrid(compared.data, x3), colour: "--c2" });
  const noise = w2(() => x3.map(() => trace.noise), [x3, trace.noise]);
  lines.push({ title: t4("trace.noise"), values: noise, colour: "--muted", dash: true });
  const chosen = query2.get("signal");
  const spans5 = w2(() => [
    ...signals.map((s4) => ({ from: s4.start_freq_hz, to: s4.stop_freq_hz, title: frequency(s4.f0_freq_hz) })),
    ...selected ? [{ ...selected, title: t4("spectra.selected") }] : []
  ], [signals, selected]);
  const markers = w2(() => [marker, reference].filter((m5) => m5 !== null), [marker, reference]);
  const at = (hz) => hz === null ? null : trace.y_val_dbm[nearest(x3, hz)] ?? null;
  const peak = () => {
    let best = 0;
    trace.y_val_dbm.forEach((v4, i4) => {
      if (v4 !== null && v4 > (trace.y_val_dbm[best] ?? -Infinity)) best = i4;
    });
    setMarker(x3[best] ?? null);
  };
  const look = { theme: theme.value, lang: language.value };
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Card, { children: [
      /* @__PURE__ */ a4(
        Chart,
        {
          label: `${t4("spectra.trace")} ${band(trace.start_freq_hz, trace.stop_freq_hz)}`,
          height: 380,
          x: x3,
          lines,
          spans: spans5,
          markers,
          xText: (v4) => frequency(v4, (trace.stop_freq_hz - trace.start_freq_hz) / 20),
          yText: (v4) => `${number(v4)} ${unitName(unit)}`,
          onMarker: setMarker,
          onBand: (from, to) => setSelected({ from, to })
        }
      ),
      /* @__PURE__ */ a4("div", { class: "readout", role: "status", children: [
        marker === null ? /* @__PURE__ */ a4("span", { class: "muted", children: t4("spectra.noMarker") }) : /* @__PURE__ */ a4("span", { children: [
          /* @__PURE__ */ a4("strong", { children: "M" }),
          " ",
          frequency(marker, trace.step_freq_hz),
          " ",
          /* @__PURE__ */ a4("strong", { children: level(at(marker), unit) })
        ] }),
        marker !== null && reference !== null && /* @__PURE__ */ a4("span", { children: [
          /* @__PURE__ */ a4("strong", { children: "Δ" }),
          " ",
          frequency(marker - reference, trace.step_freq_hz),
          " ",
          /* @__PURE__ */ a4("strong", { children: delta(at(marker), at(reference)) })
        ] }),
        /* @__PURE__ */ a4("span", { class: "spring" }),
        /* @__PURE__ */ a4(Button, { small: true, onClick: peak, children: t4("spectra.peak") }),
        /* @__PURE__ */ a4(Button, { small: true, disabled: marker === null, onClick: () => setReference(marker), children: t4("spectra.setReference") }),
        /* @__PURE__ */ a4(Button, { small: true, kind: "quiet", disabled: markers.length === 0, onClick: () => {
          setMarker(null);
          setReference(null);
        }, children: t4("spectra.clearMarkers") })
      ] }),
      /* @__PURE__ */ a4("div", { class: "row", children: [
        forms.map((f5) => /* @__PURE__ */ a4(Download, { href: tracesGet.url({ guid: trace.guid, query: { format: f5, ...look } }), name: `${trace.guid}.${f5}`, children: titles[f5] }, f5)),
        /* @__PURE__ */ a4("span", { class: "spring" }),
        can("inbox:manage") && /* @__PURE__ */ a4(Button, { small: true, kind: "danger", icon: "archive", onClick: () => setWithdrawing(true), children: t4("spectra.withdraw") })
      ] })
    ] }),
    /* @__PURE__ */ a4("div", { class: "grid two", children: [
      /* @__PURE__ */ a4(BandCard, { trace, selected, select: setSelected }),
      /* @__PURE__ */ a4(Card, { title: t4("spectra.signals"), children: [
        /* @__PURE__ */ a4(Table, { label: t4("spectra.signals"), rows: signals, rowKey: (s4) => s4.guid, empty: t4("spectra.noSignals"), selected: chosen, onOpen: (s4) => {
          go(withQuery({ signal: s4.guid }), { replace: true });
          setMarker(s4.f0_freq_hz);
          setSelected({ from: s4.start_freq_hz, to: s4.stop_freq_hz });
        }, columns: [
          { id: "f0", title: t4("signal.f0"), num: true, cell: (s4) => frequency(s4.f0_freq_hz) },
          { id: "band", title: t4("trace.band"), grow: true, cell: (s4) => band(s4.start_freq_hz, s4.stop_freq_hz) },
          { id: "width", title: t4("signal.width"), num: true, cell: (s4) => frequency(s4.stop_freq_hz - s4.start_freq_hz, 1) }
        ] }),
        chosen && signals.some((s4) => s4.guid === chosen) && /* @__PURE__ */ a4(SignalPower, { guid: chosen })
      ] }),
      /* @__PURE__ */ a4(About, { trace }),
      /* @__PURE__ */ a4(Compare, { trace, other })
    ] }),
    withdrawing && /* @__PURE__ */ a4(Withdraw, { guid: trace.guid, close: () => setWithdrawing(false) })
  ] });
}
function delta(a5, b3) {
  return a5 === null || b3 === null ? "–" : `${a5 >= b3 ? "+" : "−"}${number(Math.abs(a5 - b3), 1)} ${t4("unit.dB")}`;
}
function onGrid(trace, x3) {
  const own2 = frequencies(trace);
  return x3.map((hz) => hz < trace.start_freq_hz || hz > trace.stop_freq_hz ? null : trace.y_val_dbm[nearest(own2, hz)] ?? null);
}
function BandCard({ trace, selected, select }) {
  const [from, setFrom] = d2("");
  const [to, setTo] = d2("");
  const whole = useResource(async (s4) => selected === null || trace.y_val_dbm.length === trace.numpoints ? trace : (await tracesGet({ guid: trace.guid }, s4)).data, [trace.guid, selected !== null]);
  const power = selected && whole.data ? bandPower(whole.data, selected.from, selected.to) : null;
  return /* @__PURE__ */ a4(Card, { title: t4("spectra.band"), children: [
    /* @__PURE__ */ a4(Form, { label: t4("spectra.band"), onSubmit: () => {
      const a5 = readNumber(from), b3 = readNumber(to);
      if (a5 !== null && b3 !== null && a5 < b3) select({ from: a5 * 1e6, to: b3 * 1e6 });
    }, children: /* @__PURE__ */ a4("div", { class: "form-row", children: [
      /* @__PURE__ */ a4(NumberField, { label: t4("filter.from"), value: from, onChange: setFrom, unit: t4("unit.MHz") }),
      /* @__PURE__ */ a4(NumberField, { label: t4("filter.to"), value: to, onChange: setTo, unit: t4("unit.MHz") }),
      /* @__PURE__ */ a4(Button, { type: "submit", children: t4("action.measure") })
    ] }) }),
    !selected ? /* @__PURE__ */ a4("p", { class: "muted", children: t4("spectra.band.help") }) : !power ? /* @__PURE__ */ a4("p", { class: "muted", children: t4("spectra.band.none") }) : /* @__PURE__ */ a4(Facts, { items: [
      [t4("trace.band"), band(selected.from, selected.to)],
      [t4("signal.width"), frequency(selected.to - selected.from, 1)],
      [t4("power.max"), level(power.max, trace.unit)],
      [t4("power.mean"), level(power.mean, trace.unit)],
      [t4("power.channel"), /* @__PURE__ */ a4($, { children: [
        level(power.channel),
        " ",
        power.assumed && /* @__PURE__ */ a4(Badge, { tone: "warn", children: t4("power.assumed") })
      ] })],
      [t4("power.snr"), `${number(power.overNoise, 1)} ${t4("unit.dB")}`]
    ] })
  ] });
}
function SignalPower({ guid }) {
  const r4 = useResource(async (s4) => (await signalsPower({ guid }, s4)).data, [guid]);
  return /* @__PURE__ */ a4(Shown, { of: r4, lines: 3, children: (p5) => /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Facts, { items: [
      [t4("power.channel"), /* @__PURE__ */ a4($, { children: [
        level(p5.channel_power_dbm),
        " ",
        p5.assumed && /* @__PURE__ */ a4(Badge, { tone: "warn", children: t4("power.assumed") })
      ] })],
      [t4("power.max"), level(p5.max_dbm)],
      [t4("power.mean"), level(p5.mean_dbm)],
      [t4("power.obw"), frequency(p5.occupied_bandwidth_hz, 1)],
      [t4("power.snr"), p5.snr_db === null ? "–" : `${number(p5.snr_db, 1)} ${t4("unit.dB")}`]
    ] }),
    /* @__PURE__ */ a4("div", { class: "row", children: [
      /* @__PURE__ */ a4("span", { class: "muted", children: t4("spectra.cut") }),
      forms.map((f5) => /* @__PURE__ */ a4(Download, { href: signalsCut.url({ guid, query: { format: f5, theme: theme.value, lang: language.value } }), name: `${guid}.${f5}`, children: titles[f5] }, f5))
    ] })
  ] }) });
}
function About({ trace: x3 }) {
  return /* @__PURE__ */ a4(Card, { title: t4("spectra.about"), children: [
    /* @__PURE__ */ a4(Facts, { items: [
      [t4("trace.time"), /* @__PURE__ */ a4(Time, { at: x3.timestamp })],
      [t4("trace.source"), x3.source ?? "–"],
      x3.equipment_id !== void 0 && [t4("command.equipment"), /* @__PURE__ */ a4(Link, { to: `/equipment/${x3.equipment_id}`, children: [
        "#",
        x3.equipment_id
      ] })],
      [t4("trace.place"), /* @__PURE__ */ a4(Mono, { children: [
        number(x3.location.lat, 5),
        "° ",
        number(x3.location.lng, 5),
        "°",
        x3.location.alt_m !== void 0 ? ` ${plain(x3.location.alt_m)} ${t4("unit.m")}` : ""
      ] })],
      [t4("trace.points"), x3.y_val_dbm.length < x3.numpoints ? t4("trace.thinned", { n: plain(x3.numpoints), shown: plain(x3.y_val_dbm.length) }) : plain(x3.numpoints)],
      [t4("trace.step"), frequency(x3.step_freq_hz)],
      x3.rbw_hz !== void 0 && [t4("trace.rbw"), frequency(x3.rbw_hz)],
      x3.enbw_hz !== void 0 && [t4("trace.enbw"), frequency(x3.enbw_hz)],
      [t4("trace.noise"), level(x3.noise, x3.unit)],
      x3.detector && [t4("trace.detector"), x3.detector],
      x3.trace_mode && [t4("trace.mode"), x3.trace_mode],
      x3.sweep_time_s !== void 0 && [t4("trace.sweep"), `${plain(x3.sweep_time_s)} ${t4("unit.s")}`],
      x3.attenuation_db !== void 0 && [t4("trace.attenuation"), `${plain(x3.attenuation_db)} ${t4("unit.dB")}`],
      x3.gain_db !== void 0 && [t4("trace.gain"), `${plain(x3.gain_db)} ${t4("unit.dB")}`],
      x3.antenna && [t4("trace.antenna"), x3.antenna],
      x3.azimuth_deg !== void 0 && [t4("trace.azimuth"), `${plain(x3.azimuth_deg)}°`],
      x3.overload && [t4("trace.overload"), /* @__PURE__ */ a4(Badge, { tone: "warn", children: t4("word.yes") })],
      x3.received_at && [t4("trace.received"), /* @__PURE__ */ a4(Time, { at: x3.received_at })],
      [t4("trace.guid"), /* @__PURE__ */ a4(Mono, { children: x3.guid })]
    ] }),
    x3.meta && Object.keys(x3.meta).length > 0 && /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4("h3", { children: t4("trace.meta") }),
      /* @__PURE__ */ a4(Json, { value: x3.meta })
    ] })
  ] });
}
function Compare({ trace, other }) {
  const r4 = useResource(async (s4) => (await tracesList({
    query: { "start-freq-hz": trace.start_freq_hz, "stop-freq-hz": trace.stop_freq_hz, limit: 50 }
  }, s4)).data.content.filter((x3) => x3.guid !== trace.guid), [trace.guid]);
  return /* @__PURE__ */ a4(Card, { title: t4("spectra.compare"), children: /* @__PURE__ */ a4(Shown, { of: r4, lines: 2, children: (rows) => /* @__PURE__ */ a4(SelectField, { label: t4("spectra.compareWith"), value: other, onChange: (v4) => go(withQuery({ compare: v4 }), { replace: true }), options: [
    { value: "", title: t4("spectra.nothing") },
    ...rows.map((x3) => ({ value: x3.guid, title: `${new Date(x3.timestamp).toLocaleString(language.value)} · ${x3.source ?? "–"} · ${band(x3.start_freq_hz, x3.stop_freq_hz)}` }))
  ] }) }) });
}
function Withdraw({ guid, close }) {
  const [reason, setReason] = d2("");
  const act = useAction(async () => {
    await tracesDelete({ guid, query: { reason } });
    toast(t4("spectra.withdrawn"));
    go("/spectra");
  });
  return /* @__PURE__ */ a4(Drawer, { title: t4("spectra.withdraw"), modal: "dialog", onClose: close, children: [
    /* @__PURE__ */ a4("p", { children: t4("spectra.withdraw.help") }),
    /* @__PURE__ */ a4(Form, { label: t4("spectra.withdraw"), onSubmit: () => void act.run(), children: [
      /* @__PURE__ */ a4(TextField, { label: t4("command.reason"), value: reason, onChange: setReason, required: true, autoFocus: true }),
      /* @__PURE__ */ a4(Refusal, { problem: act.problem }),
      /* @__PURE__ */ a4("div", { class: "form-actions", children: [
        /* @__PURE__ */ a4(Button, { onClick: close, children: t4("action.cancel") }),
        /* @__PURE__ */ a4(Button, { kind: "danger", type: "submit", busy: act.busy, disabled: !reason.trim(), children: t4("spectra.withdraw") })
      ] })
    ] })
  ] });
}

// src/pages/spectra.tsx
function Spectra() {
  const [first2 = ""] = place.value.rest;
  const tab = first2 === "span" || first2 === "signals" ? first2 : "search";
  if (first2 && tab === "search") return /* @__PURE__ */ a4(TraceView, { guid: first2 }, first2);
  const keep = place.value.query.size > 0 ? `?${place.value.query}` : "";
  return /* @__PURE__ */ a4(Page, { title: t4("page.spectra"), children: [
    /* @__PURE__ */ a4(Tabs, { label: t4("page.spectra"), current: tab, items: [
      { id: "search", title: t4("spectra.traces"), to: `/spectra${keep}` },
      { id: "signals", title: t4("spectra.signals"), to: `/spectra/signals${keep}` },
      { id: "span", title: t4("spectra.span"), to: `/spectra/span${keep}` }
    ] }),
    /* @__PURE__ */ a4(Card, { children: [
      /* @__PURE__ */ a4(Search, {}),
      tab === "search" ? /* @__PURE__ */ a4(Traces, {}) : tab === "signals" ? /* @__PURE__ */ a4(Signals, {}) : /* @__PURE__ */ a4(Span, {})
    ] })
  ] });
}
function Search() {
  const asked2 = typed2(), key = JSON.stringify(asked2);
  const [draft, setDraft] = d2(asked2);
  const [placing, setPlacing] = d2(edges.some((e4) => asked2[e4] !== ""));
  const [tried, setTried] = d2(false);
  A2(() => setDraft(asked2), [key]);
  const set = (name) => (value) => setDraft({ ...draft, [name]: value });
  const { box } = boxOf(draft);
  const noBox = edges.every((e4) => draft[e4].trim() === "");
  const search = () => {
    if (box || noBox) return go(withQuery(draft));
    setTried(true);
    setPlacing(true);
  };
  return /* @__PURE__ */ a4(Form, { label: t4("filter.title"), onSubmit: search, children: [
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4(TextField, { label: t4("filter.from"), value: localOf(draft.from), onChange: set("from"), type: "datetime-local" }),
      /* @__PURE__ */ a4(TextField, { label: t4("filter.to"), value: localOf(draft.to), onChange: set("to"), type: "datetime-local" }),
      /* @__PURE__ */ a4(NumberField, { label: t4("spectra.start"), value: draft.start, onChange: set("start"), unit: t4("unit.MHz") }),
      /* @__PURE__ */ a4(NumberField, { label: t4("spectra.stop"), value: draft.stop, onChange: set("stop"), unit: t4("unit.MHz") }),
      /* @__PURE__ */ a4(TextField, { label: t4("trace.source"), value: draft.source, onChange: set("source") }),
      /* @__PURE__ */ a4("div", { class: "filter-actions", children: [
        /* @__PURE__ */ a4(Button, { kind: "primary", type: "submit", icon: "search", children: t4("action.search") }),
        /* @__PURE__ */ a4(Button, { onClick: () => {
          setDraft(Object.fromEntries(names2.map((n3) => [n3, ""])));
          go(location.pathname);
        }, children: t4("action.clear") })
      ] })
    ] }),
    /* @__PURE__ */ a4("details", { class: "box", open: placing, onToggle: (e4) => setPlacing(e4.currentTarget.open), children: [
      /* @__PURE__ */ a4("summary", { children: [
        t4("spectra.box"),
        box && !placing && /* @__PURE__ */ a4($, { children: [
          " ",
          /* @__PURE__ */ a4(Mono, { children: t4("place.box", { ...box }) })
        ] })
      ] }),
      placing && /* @__PURE__ */ a4(Place, { typed: draft, set: (e4) => setDraft({ ...draft, ...e4 }), incomplete: tried && !noBox, asked: filter() })
    ] })
  ] });
}
var pageSize6 = 100;
function Traces() {
  const asked2 = filter();
  const r4 = usePages(async (cursor, s4) => (await tracesList({ query: { ...asked2, limit: pageSize6, ...cursor } }, s4)).data, [JSON.stringify(asked2)]);
  return /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: (rows) => /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Table, { label: t4("spectra.traces"), rows, rowKey: (x3) => x3.guid, empty: t4("spectra.none"), onOpen: (x3) => go(`/spectra/${x3.guid}`), columns: [
      { id: "time", title: t4("trace.time"), cell: (x3) => /* @__PURE__ */ a4(Time, { at: x3.timestamp }) },
      { id: "band", title: t4("trace.band"), grow: true, cell: (x3) => /* @__PURE__ */ a4($, { children: [
        band(x3.start_freq_hz, x3.stop_freq_hz),
        " ",
        x3.overload && /* @__PURE__ */ a4(Badge, { tone: "warn", children: t4("trace.overload") })
      ] }) },
      { id: "source", title: t4("trace.source"), cell: (x3) => x3.source ?? "–" },
      { id: "points", title: t4("trace.points"), num: true, wide: true, cell: (x3) => plain(x3.numpoints) },
      { id: "step", title: t4("trace.step"), num: true, wide: true, cell: (x3) => frequency(x3.step_freq_hz) },
      { id: "noise", title: t4("trace.noise"), num: true, wide: true, cell: (x3) => level(x3.noise, x3.unit) }
    ] }),
    /* @__PURE__ */ a4(Further, { of: r4 })
  ] }) });
}
function Signals() {
  const asked2 = filter();
  const r4 = usePages(async (cursor, s4) => (await signalsList({ query: { ...asked2, limit: pageSize6, ...cursor } }, s4)).data, [JSON.stringify(asked2)]);
  return /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: (rows) => /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4(Table, { label: t4("spectra.signals"), rows, rowKey: (x3) => x3.guid, empty: t4("spectra.noSignals"), onOpen: (x3) => go(`/spectra/${x3.trace_guid}?signal=${x3.guid}`), columns: [
      { id: "time", title: t4("trace.time"), cell: (x3) => /* @__PURE__ */ a4(Time, { at: x3.timestamp }) },
      { id: "f0", title: t4("signal.f0"), num: true, cell: (x3) => frequency(x3.f0_freq_hz) },
      { id: "band", title: t4("trace.band"), grow: true, cell: (x3) => band(x3.start_freq_hz, x3.stop_freq_hz) },
      { id: "width", title: t4("signal.width"), num: true, wide: true, cell: (x3) => frequency(x3.stop_freq_hz - x3.start_freq_hz, 1) }
    ] }),
    /* @__PURE__ */ a4(Further, { of: r4 })
  ] }) });
}
var spans4 = [["15m", 15], ["1h", 60], ["6h", 360], ["24h", 1440], ["7d", 10080]];
function Span() {
  const { query: query2 } = place.value;
  const [threshold, setThreshold] = d2("-95");
  const asked2 = filter();
  const chosen = query2.get("span") ?? "1h";
  const minutes = spans4.find(([id]) => id === chosen)?.[1] ?? 60;
  const [until, setUntil] = d2(() => Math.floor(Date.now() / 1e3) * 1e3);
  const range = asked2.from || asked2.to ? asked2 : { ...asked2, from: new Date(until - minutes * 6e4).toISOString(), to: new Date(until).toISOString() };
  const over = readNumber(threshold);
  const r4 = useResource(async (s4) => (await statisticsGet({ query: { ...range, points: 2e3, ...over !== null ? { threshold: over } : {} } }, s4)).data, [JSON.stringify(range), over]);
  const picture = { ...range, theme: theme.value, lang: language.value, rows: 240, columns: 900 };
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("div", { class: "filters", children: [
      /* @__PURE__ */ a4(SelectField, { label: t4("spectra.lastSpan"), value: chosen, onChange: (v4) => {
        setUntil(Date.now());
        go(withQuery({ span: v4, from: null, to: null }));
      }, options: spans4.map(([id]) => ({ value: id, title: t4(`span.${id}`) })) }),
      /* @__PURE__ */ a4(NumberField, { label: t4("spectra.threshold"), value: threshold, onChange: setThreshold, unit: "dBm" }),
      /* @__PURE__ */ a4("div", { class: "filter-actions", children: /* @__PURE__ */ a4(Button, { icon: "refresh", onClick: () => setUntil(Date.now()), children: t4("action.refresh") }) })
    ] }),
    /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: (x3) => /* @__PURE__ */ a4($, { children: [
      /* @__PURE__ */ a4("p", { class: "muted", children: t4("spectra.sweeps", { n: plain(x3.sweeps), sources: x3.sources }) }),
      /* @__PURE__ */ a4(Chart, { label: t4("spectra.span"), x: x3.freq_hz, xText: (v4) => frequency(v4), yText: (v4) => `${number(v4)} ${x3.unit}`, rightText: (v4) => `${number(v4)} %`, lines: [
        { title: t4("spectra.max"), values: x3.max_dbm, colour: "--c1" },
        { title: t4("spectra.mean"), values: x3.mean_dbm, colour: "--c2" },
        { title: t4("spectra.min"), values: x3.min_dbm, colour: "--muted", dash: true },
        ...x3.occupancy_percent ? [{ title: t4("spectra.occupancy"), values: x3.occupancy_percent, colour: "--c3", right: true }] : []
      ] }),
      /* @__PURE__ */ a4("h2", { class: "sub", children: t4("spectra.waterfall") }),
      x3.sweeps === 0 ? /* @__PURE__ */ a4(Notice, { tone: "info", children: t4("spectra.none") }) : /* @__PURE__ */ a4("img", { class: "picture", width: 1100, height: 640, src: waterfallGet.url({ query: { ...picture, format: "png" } }), alt: t4("spectra.waterfall.alt") }),
      /* @__PURE__ */ a4("div", { class: "row", children: [
        /* @__PURE__ */ a4(Download, { href: waterfallGet.url({ query: { ...picture, format: "png" } }), name: "waterfall.png", children: [
          t4("spectra.waterfall"),
          " PNG"
        ] }),
        /* @__PURE__ */ a4(Download, { href: statisticsGet.url({ query: { ...range, format: "csv", ...over !== null ? { threshold: over } : {} } }), name: "statistics.csv", children: [
          t4("spectra.statistics"),
          " CSV"
        ] })
      ] })
    ] }) })
  ] });
}

// src/pages/telemetry/polled.tsx
var most2 = 100;
function Polled() {
  const r4 = useResource(async (s4) => {
    const { data: data2 } = await telemetryBindingsList({ query: { limit: 1e3 } }, s4);
    return [...new Set(data2.content.map((b3) => b3.equipment_id))].slice(0, most2);
  }, []);
  return /* @__PURE__ */ a4(Shown, { of: r4, lines: 8, children: (ids) => ids.length === 0 ? /* @__PURE__ */ a4(Empty, { title: t4("equipment.choose") }) : /* @__PURE__ */ a4(Following, { ids }) });
}
function Following({ ids }) {
  const [rows, setRows] = d2(/* @__PURE__ */ new Map());
  const [open2, setOpen] = d2(false);
  A2(() => follow(telemetryStream.url({ query: { "equipment-id": ids } }), {
    event({ name, data: data2 }) {
      if (name !== "values") return;
      const come = data2.flatMap((e4) => e4.values.map((v4) => [`${e4.equipment_id} ${v4.parameter}`, { ...v4, equipment: e4.equipment_id }]));
      setRows((old) => new Map([...old, ...come]));
    },
    state: (s4) => s4 === "open" && setOpen(true)
  }).stop, [ids.join()]);
  const parameters = useParameters();
  const sorted = w2(() => [...rows.values()].sort((a5, b3) => a5.equipment - b3.equipment || a5.parameter.localeCompare(b3.parameter)), [rows]);
  if (!open2) return /* @__PURE__ */ a4(Loading, { lines: 8 });
  return /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("p", { class: "muted", children: t4("telemetry.polled") }),
    /* @__PURE__ */ a4(Table, { label: t4("telemetry.newest"), rows: sorted, rowKey: (v4) => `${v4.equipment} ${v4.parameter}`, empty: t4("telemetry.waiting"), onOpen: (v4) => go(`/telemetry/${v4.equipment}?parameter=${encodeURIComponent(v4.parameter)}`), columns: [
      { id: "equipment", title: t4("command.equipment"), cell: (v4) => /* @__PURE__ */ a4("strong", { children: /* @__PURE__ */ a4(EquipmentName, { id: v4.equipment }) }) },
      { id: "name", title: t4("telemetry.parameter"), grow: true, cell: (v4) => /* @__PURE__ */ a4($, { children: [
        v4.parameter,
        " ",
        /* @__PURE__ */ a4("span", { class: "muted only-wide", children: parameters.get(v4.parameter)?.name_full })
      ] }) },
      { id: "value", title: t4("alarm.value"), num: true, cell: (v4) => /* @__PURE__ */ a4("strong", { children: sayValue(v4.value, parameters.unit(v4.parameter)) }) },
      { id: "quality", title: t4("telemetry.quality"), wide: true, cell: (v4) => /* @__PURE__ */ a4(Quality, { of: v4.quality }) },
      { id: "age", title: t4("telemetry.age"), num: true, cell: (v4) => /* @__PURE__ */ a4(Time, { at: v4.at, only: "age" }) }
    ] })
  ] });
}

// src/pages/telemetry.tsx
function Telemetry() {
  const [first2 = ""] = place.value.rest;
  const id = Number(first2) || null;
  return /* @__PURE__ */ a4(Page, { wide: true, title: t4("page.telemetry"), children: [
    /* @__PURE__ */ a4(Tabs, { label: t4("page.telemetry"), current: first2 === "limits" ? "limits" : "values", items: [
      { id: "values", title: t4("telemetry.values"), to: "/telemetry" },
      { id: "limits", title: t4("limits.title"), to: "/telemetry/limits" }
    ] }),
    first2 === "limits" ? /* @__PURE__ */ a4(Limits, {}) : /* @__PURE__ */ a4("div", { class: id ? "split chosen" : "split", children: [
      /* @__PURE__ */ a4(Browser, { view: {}, selected: id, version: 0 }),
      /* @__PURE__ */ a4("div", { class: "split-main", children: id ? /* @__PURE__ */ a4(One2, { id }, id) : /* @__PURE__ */ a4(Card, { children: /* @__PURE__ */ a4(Polled, {}) }) })
    ] })
  ] });
}
function One2({ id }) {
  const name = useEquipmentName(id);
  return /* @__PURE__ */ a4(Card, { title: name, actions: /* @__PURE__ */ a4($, { children: [
    /* @__PURE__ */ a4("span", { class: "only-narrow", children: /* @__PURE__ */ a4(Button, { small: true, onClick: () => go(withQuery({ parameter: null }).replace(/\/\d+/, "")), children: t4("equipment.tree") }) }),
    /* @__PURE__ */ a4(Link, { to: `/equipment/${id}`, children: t4("equipment.details") })
  ] }), children: /* @__PURE__ */ a4(ItemValues, { id }) });
}

// src/app.tsx
var sections = [
  { id: "overview", group: "nav.now", page: Overview, needs: [] },
  { id: "alarms", group: "nav.now", page: Alarms, needs: ["ctrl:read"] },
  { id: "live", group: "nav.spectrum", page: Live, needs: ["inbox:read"] },
  { id: "spectra", group: "nav.spectrum", page: Spectra, needs: ["inbox:read"] },
  { id: "equipment", group: "nav.plant", page: Equipment, needs: ["cfg:read"] },
  { id: "telemetry", group: "nav.plant", page: Telemetry, needs: ["ctrl:read"] },
  { id: "commands", group: "nav.plant", page: Commands, needs: ["ctrl:read"] },
  { id: "catalogue", group: "nav.plant", page: Catalogue, needs: ["cfg:read"] },
  { id: "journal", group: "nav.administration", page: Journal, needs: ["admin:read"] },
  { id: "people", group: "nav.administration", page: People, needs: ["users:read", "apikeys:write"] },
  { id: "services", group: "nav.administration", page: Services, needs: ["admin:read"] }
];
function allowed2(s4) {
  return s4.needs.length === 0 || s4.needs.some(can);
}
function ViewSwitches() {
  return /* @__PURE__ */ a4("div", { class: "switches", children: [
    /* @__PURE__ */ a4(
      Button,
      {
        kind: "quiet",
        icon: theme.value === "dark" ? "sun" : "moon",
        label: t4(theme.value === "dark" ? "theme.light" : "theme.dark"),
        onClick: () => setTheme(theme.value === "dark" ? "light" : "dark")
      }
    ),
    /* @__PURE__ */ a4(
      "button",
      {
        type: "button",
        class: "button quiet",
        lang: language.value === "ru" ? "en" : "ru",
        onClick: () => setLanguage(language.value === "ru" ? "en" : "ru"),
        children: language.value === "ru" ? "English" : "Русский"
      }
    )
  ] });
}
function Waiting() {
  const n3 = waiting.value;
  return n3 > 0 ? /* @__PURE__ */ a4("span", { class: "count", title: t4("alarms.waiting", { n: n3 }), children: [
    n3 > 99 ? "99+" : n3,
    /* @__PURE__ */ a4("span", { class: "hidden", children: [
      " ",
      t4("alarms.wait")
    ] })
  ] }) : null;
}
function Navigation({ current }) {
  const shown2 = sections.filter(allowed2);
  const groups = [...new Set(shown2.map((s4) => s4.group))];
  return /* @__PURE__ */ a4("nav", { class: "rail-nav", "aria-label": t4("nav.label"), children: groups.map((g5) => /* @__PURE__ */ a4("div", { class: "rail-group", children: [
    /* @__PURE__ */ a4("h2", { children: t4(g5) }),
    shown2.filter((s4) => s4.group === g5).map((s4) => /* @__PURE__ */ a4(Link, { to: `/${s4.id}`, current: s4.id === current, children: [
      /* @__PURE__ */ a4(Icon, { name: s4.id }),
      /* @__PURE__ */ a4("span", { children: t4(`page.${s4.id}`) }),
      s4.id === "alarms" && /* @__PURE__ */ a4(Waiting, {})
    ] }, s4.id))
  ] }, g5)) });
}
function Shell() {
  const [menu, setMenu] = d2(false);
  const main = T2(null);
  const { section } = place.value;
  A2(() => setMenu(false), [place.value]);
  A2(() => {
    const heading2 = main.current?.querySelector("h1");
    if (heading2 && document.activeElement === document.body) heading2.focus({ preventScroll: true });
  }, [section]);
  const found = sections.find((s4) => s4.id === section);
  const Body = section === "profile" ? Profile : found?.page;
  return /* @__PURE__ */ a4("div", { class: "shell", children: [
    /* @__PURE__ */ a4("a", { class: "skip", href: "#main", onClick: (e4) => {
      e4.preventDefault();
      main.current?.focus();
    }, children: t4("nav.skip") }),
    /* @__PURE__ */ a4("header", { class: "topbar", children: [
      /* @__PURE__ */ a4(Button, { kind: "quiet", icon: "menu", label: t4("nav.menu"), pressed: menu, onClick: () => setMenu(!menu) }),
      /* @__PURE__ */ a4("span", { class: "brand", children: [
        /* @__PURE__ */ a4(Logo, {}),
        t4("app.short")
      ] })
    ] }),
    /* @__PURE__ */ a4("aside", { class: menu ? "rail open" : "rail", "aria-label": t4("nav.side"), onKeyDown: (e4) => e4.key === "Escape" && setMenu(false), children: [
      /* @__PURE__ */ a4(Link, { to: "/overview", class: "brand", children: [
        /* @__PURE__ */ a4(Logo, {}),
        /* @__PURE__ */ a4("span", { children: t4("app.name") })
      ] }),
      /* @__PURE__ */ a4(Navigation, { current: section }),
      /* @__PURE__ */ a4("div", { class: "rail-foot", children: [
        /* @__PURE__ */ a4(Link, { to: "/profile", current: section === "profile", class: "who", children: [
          /* @__PURE__ */ a4(Icon, { name: "profile" }),
          /* @__PURE__ */ a4("span", { children: [
            me.value?.name,
            /* @__PURE__ */ a4("small", { children: me.value?.login })
          ] })
        ] }),
        /* @__PURE__ */ a4("div", { class: "rail-tools", children: [
          /* @__PURE__ */ a4(ViewSwitches, {}),
          /* @__PURE__ */ a4(Button, { kind: "quiet", icon: "logout", label: t4("action.logout"), onClick: () => void logout() })
        ] })
      ] })
    ] }),
    menu && /* @__PURE__ */ a4("div", { class: "shade", onClick: () => setMenu(false) }),
    /* @__PURE__ */ a4("main", { id: "main", ref: main, tabIndex: -1, children: !Body ? /* @__PURE__ */ a4(Empty, { title: t4("state.noPage"), children: /* @__PURE__ */ a4(Link, { to: "/overview", children: t4("page.overview") }) }) : found && !allowed2(found) ? /* @__PURE__ */ a4(Forbidden, { permission: found.needs.join(", ") }) : /* @__PURE__ */ a4(Body, {}, section) })
  ] });
}
function Logo() {
  return /* @__PURE__ */ a4("svg", { class: "logo", viewBox: "0 0 32 32", width: "26", height: "26", "aria-hidden": "true", children: [
    /* @__PURE__ */ a4("rect", { width: "32", height: "32", rx: "7" }),
    /* @__PURE__ */ a4("path", { d: "M4 22h4l2-3 2 2 3-13 3 16 2-7 2 5h6" })
  ] });
}
function App() {
  const [failed, setFailed] = d2(null);
  const start = () => {
    setFailed(null);
    load().then(
      () => {
        if (me.value === void 0) me.value = null;
      },
      (e4) => {
        if (e4 instanceof Problem) setFailed(e4);
        else throw e4;
      }
    );
  };
  A2(start, []);
  const user = me.value;
  const { section } = place.value;
  A2(() => {
    if (user === null && section !== "login") go(`/login?to=${encodeURIComponent(location.pathname + location.search)}`, { replace: true });
  }, [user, section]);
  if (failed) return /* @__PURE__ */ a4("main", { class: "alone", children: /* @__PURE__ */ a4(Failure, { problem: failed, retry: start }) });
  if (user === void 0) return /* @__PURE__ */ a4("div", { class: "alone", role: "status", "aria-label": t4("state.loading") });
  return /* @__PURE__ */ a4($, { children: [
    user === null || section === "login" ? /* @__PURE__ */ a4(Login, {}) : user.password_change_required ? /* @__PURE__ */ a4(PasswordPage, {}) : /* @__PURE__ */ a4(Shell, {}),
    /* @__PURE__ */ a4(Overlays, {})
  ] });
}
var root = document.getElementById("app");
if (root) Q(/* @__PURE__ */ a4(App, {}), root);
export {
  Logo,
  ViewSwitches
};
