// src/map.ts
var least = 0.02;
var first = 24;
var steps = [5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 45, 90];
var apart = 64;
var worlds = [-360, 0, 360];
var WorldMap = class {
  constructor(element, world, listener) {
    this.element = element;
    this.listener = listener;
    this.svg = add("svg", element, { "aria-hidden": "true" });
    const { land, coast } = paths(world);
    this.lands = worlds.map(() => {
      const g = add("g", this.svg);
      add("path", g, { class: "land", d: land });
      add("path", g, { class: "coast", d: coast });
      return g;
    });
    this.lines = add("path", this.svg, { class: "graticule" });
    this.over = add("g", this.svg);
    this.resized = new ResizeObserver(() => this.measure());
    this.resized.observe(element);
    this.listen();
    this.measure();
  }
  element;
  listener;
  svg;
  lands;
  lines;
  over;
  resized;
  abort = new AbortController();
  /** Width in pixels; it is half as high, as the world is. */
  width = 1;
  /** The view: its western edge, its northern edge turned over, its width, in degrees. */
  x = -180;
  y = -90;
  w = 360;
  box = null;
  spots = [];
  /** Whether somebody has moved the map, or it was once put where something is. */
  placed = false;
  close() {
    this.resized.disconnect();
    this.abort.abort();
    this.svg.remove();
  }
  /** Draws these. It goes to where they are the first time that there is any, and to a new box that is out of sight. */
  show(box, spots) {
    const fresh = box !== null && box !== this.box;
    this.box = box;
    this.spots = spots;
    if (fresh && (!this.placed || !this.inSight(box))) this.fit(box);
    else if (!this.placed && spots.length > 0) this.fit(around(spots));
    this.draw();
  }
  zoom(factor, px = this.width / 2, py = this.width / 4) {
    const lng = this.lng(px), lat = this.y + py * this.unit();
    this.w *= factor;
    this.clamp();
    this.x = lng - px * this.unit();
    this.y = lat - py * this.unit();
    this.moved();
  }
  /** Moves the view by parts of its width and height, east and south. */
  pan(east, south) {
    this.x += east * this.w;
    this.y += south * this.h();
    this.moved();
  }
  all() {
    this.w = 360;
    this.clamp();
    this.x = -this.w / 2;
    this.y = -this.h() / 2;
    this.moved();
  }
  /** Takes what is in sight as the box. */
  take() {
    this.listener.box(this.sight());
  }
  sight() {
    return this.rounded(this.x, this.x + this.w, -this.y - this.h(), -this.y);
  }
  inSight(box) {
    return -box.north < this.y + this.h() && -box.south > this.y && worlds.some((world) => box.west + world < this.x + this.w && box.west + wide(box) + world > this.x);
  }
  fit(box) {
    const width = wide(box), height = box.north - box.south;
    this.w = Math.max(1.5 * width, 3 * height, first);
    this.clamp();
    this.x = box.west + width / 2 - this.w / 2;
    this.y = -(box.north + box.south) / 2 - this.h() / 2;
    this.moved();
  }
  moved() {
    this.placed = true;
    this.clamp();
    this.draw();
    this.listener.sight(this.sight());
  }
  measure() {
    this.width = this.element.clientWidth || 1;
    this.clamp();
    this.draw();
    this.listener.sight(this.sight());
  }
  /** Degrees of a pixel. */
  unit() {
    return this.w / this.width;
  }
  h() {
    return this.w / 2;
  }
  lng(px) {
    return this.x + px * this.unit();
  }
  lat(py) {
    return Math.max(-90, Math.min(90, -this.y - py * this.unit()));
  }
  /** Keeps the poles at the edges and the middle within the world. */
  clamp() {
    this.w = Math.max(least, Math.min(this.w, 360));
    this.y = Math.max(-90, Math.min(90 - this.h(), this.y));
    this.x = turned(this.x + this.w / 2) - this.w / 2;
  }
  /** A box of unrolled longitudes as coordinates, to as many digits as a pixel is worth. */
  rounded(west, east, south, north) {
    const digits = this.digits(), to = (n) => Number(n.toFixed(digits));
    const w = to(turned(west)), e = to(turned(east));
    if (east - west > 359.99) return { west: -180, east: 180, south: to(south), north: to(north) };
    return { west: w === 180 ? -180 : w, east: e === -180 ? 180 : e, south: to(south), north: to(north) };
  }
  digits() {
    return Math.max(0, Math.min(4, Math.ceil(-Math.log10(this.unit()))));
  }
  draw(drawn) {
    const unit = this.unit();
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.width / 2}`);
    this.lands.forEach((g, i) => g.setAttribute("transform", `scale(${1 / unit}) translate(${(worlds[i] ?? 0) - this.x} ${-this.y})`));
    this.over.replaceChildren();
    this.graticule(unit);
    for (const world of worlds) {
      const px = (lng) => (lng + world - this.x) / unit, py = (lat) => (-lat - this.y) / unit;
      if (this.box && !drawn) {
        const { west, north, south } = this.box;
        add("rect", this.over, { class: "box", x: px(west), y: py(north), width: wide(this.box) / unit, height: py(south) - py(north) });
      }
      this.points(px, py);
    }
    if (drawn) {
      const [ax, ay, bx, by] = drawn;
      add("rect", this.over, { class: "box", x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(ax - bx), height: Math.abs(ay - by) });
    }
  }
  graticule(unit) {
    const height = this.width / 2;
    const step = steps.find((s) => s / unit >= apart) ?? 90;
    const digits = step < 0.01 ? 3 : step < 0.1 ? 2 : step < 1 ? 1 : 0;
    let d = "";
    for (let lng = Math.ceil(this.x / step) * step; lng <= this.x + this.w; lng += step) {
      const px = (lng - this.x) / unit;
      d += `M${px},0V${height}`;
      if (px < this.width - 30) this.write("degree", px + 4, height - 6, `${this.listener.degrees(turned(lng), digits)}°`);
    }
    for (let lat = Math.ceil(this.y / step) * step; lat <= this.y + this.h(); lat += step) {
      const py = (lat - this.y) / unit;
      d += `M0,${py}H${this.width}`;
      if (py > 16 && py < height - 20) this.write("degree", 4, py - 4, `${this.listener.degrees(lat === 0 ? 0 : -lat, digits)}°`);
    }
    this.lines.setAttribute("d", d);
  }
  /** Points with their names, where a name covers no other one. */
  points(px, py) {
    const named = [];
    for (const spot of this.spots) {
      const x = px(spot.lng), y = py(spot.lat);
      if (x < -8 || x > this.width + 8 || y < -8 || y > this.width / 2 + 8) continue;
      const dot = add("circle", this.over, { class: "spot", cx: x, cy: y, r: 5 });
      add("title", dot).textContent = spot.title;
      if (named.some(([a, b]) => Math.abs(a - x) < 130 && Math.abs(b - y) < 15)) continue;
      named.push([x, y]);
      const end = x > this.width - 130;
      this.write(end ? "name end" : "name", end ? x - 9 : x + 9, y + 4, spot.title);
    }
  }
  write(name, x, y, text) {
    add("text", this.over, { class: name, x, y }).textContent = text;
  }
  listen() {
    let held = null;
    const on = (name, act, options = {}) => this.element.addEventListener(name, act, { signal: this.abort.signal, ...options });
    const at = (e) => {
      const r = this.element.getBoundingClientRect();
      return { x: e.clientX - r.left - this.element.clientLeft, y: e.clientY - r.top - this.element.clientTop };
    };
    on("pointerdown", (e) => {
      if (e.button !== 0) return;
      held = { ...at(e), moves: e.shiftKey || e.pointerType === "touch" };
      this.element.setPointerCapture(e.pointerId);
    });
    on("pointermove", (e) => {
      if (!held) return;
      const { x, y } = at(e);
      if (!held.moves) return this.draw([held.x, held.y, x, y]);
      this.pan((held.x - x) / this.width, (held.y - y) / (this.width / 2));
      held = { x, y, moves: true };
    });
    on("pointerup", (e) => {
      const begun = held, { x, y } = at(e);
      held = null;
      if (!begun || begun.moves) return;
      this.draw();
      if (Math.abs(begun.x - x) < 4 || Math.abs(begun.y - y) < 4) return;
      this.listener.box(this.rounded(this.lng(Math.min(begun.x, x)), this.lng(Math.max(begun.x, x)), this.lat(Math.max(begun.y, y)), this.lat(Math.min(begun.y, y))));
    });
    on("pointercancel", () => {
      held = null;
      this.draw();
    });
    on("wheel", (e) => {
      if (document.activeElement !== this.element) return;
      e.preventDefault();
      const { x, y } = at(e);
      this.zoom(e.deltaY > 0 ? 1.25 : 0.8, x, y);
    }, { passive: false });
    on("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey) return;
      const part = e.shiftKey ? 0.05 : 0.2;
      switch (e.key) {
        case "ArrowLeft":
          this.pan(-part, 0);
          break;
        case "ArrowRight":
          this.pan(part, 0);
          break;
        case "ArrowUp":
          this.pan(0, -part);
          break;
        case "ArrowDown":
          this.pan(0, part);
          break;
        case "+":
        case "=":
          this.zoom(0.5);
          break;
        case "-":
          this.zoom(2);
          break;
        case "0":
          this.all();
          break;
        case "Enter":
          this.take();
          break;
        default:
          return;
      }
      e.preventDefault();
    });
  }
};
function turned(lng) {
  return ((lng + 180) % 360 + 360) % 360 - 180;
}
function wide({ west, east }) {
  return (east < west ? 360 : 0) + east - west;
}
function around(spots) {
  const lats = spots.map((s) => s.lat), lngs = spots.map((s) => s.lng);
  return { west: Math.min(...lngs), east: Math.max(...lngs), south: Math.min(...lats), north: Math.max(...lats) };
}
function paths(world) {
  const { scale, translate } = world.transform;
  const arcs = world.arcs.map((arc) => {
    let x = 0, y = 0;
    return arc.map(([dx, dy]) => [(x += dx) * scale[0] + translate[0], -((y += dy) * scale[1] + translate[1])]);
  });
  let land = "", coast = "";
  for (const ring of world.objects.land.geometries.flatMap((g) => g.arcs.flat())) {
    const points = ring.flatMap((i, n) => {
      const arc = i < 0 ? [...arcs[~i] ?? []].reverse() : arcs[i] ?? [];
      return n > 0 ? arc.slice(1) : arc;
    });
    let turn = 0, before = points[0]?.[0] ?? 0;
    const unrolled = points.map(([x, y]) => {
      turn += x - before > 180 ? -360 : x - before < -180 ? 360 : 0;
      before = x;
      return [x + turn, y];
    });
    const xs = unrolled.map(([x]) => x);
    const shift = -360 * Math.round((Math.min(...xs) + Math.max(...xs)) / 720);
    const d = `M${unrolled.map(([x, y]) => `${(x + shift).toFixed(2)},${y.toFixed(2)}`).join("L")}`;
    coast += d;
    land += turn === 0 ? `${d}Z` : `${d}V90H${((xs[0] ?? 0) + shift).toFixed(2)}Z`;
  }
  return { land, coast };
}
function add(name, parent, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  parent.append(made);
  return made;
}
export {
  WorldMap
};
