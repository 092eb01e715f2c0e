/**
 * A map of the world on which a box is drawn: coast lines, a graticule and points, in an equirectangular projection (both axes are
 * degrees, so that a box of coordinates is a rectangle). It is a script of its own, which a page loads when somebody wants the map.
 */

/** Edges in degrees; west above east crosses the 180th meridian. */
export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

export interface Spot {
  lat: number;
  lng: number;
  title: string;
}

/** What the map tells the page. */
export interface Listener {
  /** A box was drawn, or taken by Enter. */
  box(box: Box): void;
  /** What is in sight now. */
  sight(box: Box): void;
  /** Writes a number of degrees. */
  degrees(value: number, digits: number): string;
}

/** TopoJSON of world-atlas: arcs are differences on a grid, rings are lists of arcs, ~i being arc i backwards (TopoJSON 1.0, 2.1). */
export interface Topology {
  transform: { scale: [number, number]; translate: [number, number] };
  arcs: [number, number][][];
  objects: { land: { geometries: { arcs: number[][][] }[] } };
}

/** Widths in degrees: of the least that is shown, and of what a box or points are shown in at first. */
const least = 0.02, first = 24;
/** Distances of graticule lines in degrees; two are at least this many pixels apart. */
const steps = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 45, 90], apart = 64;
/** The world lies beside itself, so that one can look and draw across the 180th meridian. */
const worlds = [-360, 0, 360];

export class WorldMap {
  private readonly svg: SVGSVGElement;
  private readonly lands: SVGGElement[];
  private readonly lines: SVGPathElement;
  private readonly over: SVGGElement;
  private readonly resized: ResizeObserver;
  private readonly abort = new AbortController();
  /** Width in pixels; it is half as high, as the world is. */
  private width = 1;
  /** The view: its western edge, its northern edge turned over, its width, in degrees. */
  private x = -180;
  private y = -90;
  private w = 360;
  private box: Box | null = null;
  private spots: Spot[] = [];
  /** Whether somebody has moved the map, or it was once put where something is. */
  private placed = false;

  constructor(private readonly element: HTMLElement, world: Topology, private readonly listener: Listener) {
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

  close(): void {
    this.resized.disconnect();
    this.abort.abort();
    this.svg.remove();
  }

  /** Draws these. It goes to where they are the first time that there is any, and to a new box that is out of sight. */
  show(box: Box | null, spots: Spot[]): void {
    const fresh = box !== null && box !== this.box;
    this.box = box;
    this.spots = spots;
    if (fresh && (!this.placed || !this.inSight(box))) this.fit(box);
    else if (!this.placed && spots.length > 0) this.fit(around(spots));
    this.draw();
  }

  zoom(factor: number, px = this.width / 2, py = this.width / 4): void {
    const lng = this.lng(px), lat = this.y + py * this.unit();
    this.w *= factor;
    this.clamp();
    this.x = lng - px * this.unit();
    this.y = lat - py * this.unit();
    this.moved();
  }

  /** Moves the view by parts of its width and height, east and south. */
  pan(east: number, south: number): void {
    this.x += east * this.w;
    this.y += south * this.h();
    this.moved();
  }

  all(): void {
    this.w = 360;
    this.clamp();
    this.x = -this.w / 2;
    this.y = -this.h() / 2;
    this.moved();
  }

  /** Takes what is in sight as the box. */
  take(): void {
    this.listener.box(this.sight());
  }

  private sight(): Box {
    return this.rounded(this.x, this.x + this.w, -this.y - this.h(), -this.y);
  }

  private inSight(box: Box): boolean {
    return -box.north < this.y + this.h() && -box.south > this.y && worlds.some((world) => box.west + world < this.x + this.w && box.west + wide(box) + world > this.x);
  }

  private fit(box: Box): void {
    const width = wide(box), height = box.north - box.south;
    this.w = Math.max(1.5 * width, 3 * height, first);
    this.clamp();
    this.x = box.west + width / 2 - this.w / 2;
    this.y = -(box.north + box.south) / 2 - this.h() / 2;
    this.moved();
  }

  private moved(): void {
    this.placed = true;
    this.clamp();
    this.draw();
    this.listener.sight(this.sight());
  }

  private measure(): void {
    this.width = this.element.clientWidth || 1;
    this.clamp();
    this.draw();
    this.listener.sight(this.sight());
  }

  /** Degrees of a pixel. */
  private unit(): number {
    return this.w / this.width;
  }

  private h(): number {
    return this.w / 2;
  }

  private lng(px: number): number {
    return this.x + px * this.unit();
  }

  private lat(py: number): number {
    return Math.max(-90, Math.min(90, -this.y - py * this.unit()));
  }

  /** Keeps the poles at the edges and the middle within the world. */
  private clamp(): void {
    this.w = Math.max(least, Math.min(this.w, 360));
    this.y = Math.max(-90, Math.min(90 - this.h(), this.y));
    this.x = turned(this.x + this.w / 2) - this.w / 2;
  }

  /** A box of unrolled longitudes as coordinates, to as many digits as a pixel is worth. */
  private rounded(west: number, east: number, south: number, north: number): Box {
    const digits = this.digits(), to = (n: number) => Number(n.toFixed(digits));
    const w = to(turned(west)), e = to(turned(east));
    if (east - west > 359.99) return { west: -180, east: 180, south: to(south), north: to(north) };
    return { west: w === 180 ? -180 : w, east: e === -180 ? 180 : e, south: to(south), north: to(north) };
  }

  private digits(): number {
    return Math.max(0, Math.min(4, Math.ceil(-Math.log10(this.unit()))));
  }

  private draw(drawn?: [number, number, number, number]): void {
    const unit = this.unit();
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.width / 2}`);
    this.lands.forEach((g, i) => g.setAttribute("transform", `scale(${1 / unit}) translate(${(worlds[i] ?? 0) - this.x} ${-this.y})`));
    this.over.replaceChildren();
    this.graticule(unit);
    for (const world of worlds) {
      const px = (lng: number) => (lng + world - this.x) / unit, py = (lat: number) => (-lat - this.y) / unit;
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

  private graticule(unit: number): void {
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
  private points(px: (lng: number) => number, py: (lat: number) => number): void {
    const named: [number, number][] = [];
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

  private write(name: string, x: number, y: number, text: string): void {
    add("text", this.over, { class: name, x, y }).textContent = text;
  }

  private listen(): void {
    let held: { x: number; y: number; moves: boolean } | null = null;
    const on = <K extends keyof HTMLElementEventMap>(name: K, act: (e: HTMLElementEventMap[K]) => void, options: AddEventListenerOptions = {}) =>
      this.element.addEventListener(name, act, { signal: this.abort.signal, ...options });
    const at = (e: MouseEvent) => {
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
      if (Math.abs(begun.x - x) < 4 || Math.abs(begun.y - y) < 4) return; // a click
      this.listener.box(this.rounded(this.lng(Math.min(begun.x, x)), this.lng(Math.max(begun.x, x)), this.lat(Math.max(begun.y, y)), this.lat(Math.min(begun.y, y))));
    });
    on("pointercancel", () => {
      held = null;
      this.draw();
    });
    on("wheel", (e) => {
      if (document.activeElement !== this.element) return; // whoever scrolls the page goes on doing so
      e.preventDefault();
      const { x, y } = at(e);
      this.zoom(e.deltaY > 0 ? 1.25 : 0.8, x, y);
    }, { passive: false });
    on("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey) return;
      const part = e.shiftKey ? 0.05 : 0.2;
      switch (e.key) {
        case "ArrowLeft": this.pan(-part, 0); break;
        case "ArrowRight": this.pan(part, 0); break;
        case "ArrowUp": this.pan(0, -part); break;
        case "ArrowDown": this.pan(0, part); break;
        case "+": case "=": this.zoom(0.5); break;
        case "-": this.zoom(2); break;
        case "0": this.all(); break;
        case "Enter": this.take(); break;
        default: return;
      }
      e.preventDefault();
    });
  }
}

/** A longitude from -180 to below 180. */
function turned(lng: number): number {
  return ((((lng + 180) % 360) + 360) % 360) - 180;
}

/** How wide a box is, in degrees. */
function wide({ west, east }: Box): number {
  return (east < west ? 360 : 0) + east - west;
}

/** The box that holds all points. */
function around(spots: Spot[]): Box {
  const lats = spots.map((s) => s.lat), lngs = spots.map((s) => s.lng);
  return { west: Math.min(...lngs), east: Math.max(...lngs), south: Math.min(...lats), north: Math.max(...lats) };
}

/** Land to be filled and coast lines to be drawn. Rings go on beyond the 180th meridian, not back around the world. */
function paths(world: Topology): { land: string; coast: string } {
  const { scale, translate } = world.transform;
  const arcs = world.arcs.map((arc) => {
    let x = 0, y = 0;
    return arc.map(([dx, dy]): [number, number] => [(x += dx) * scale[0] + translate[0], -((y += dy) * scale[1] + translate[1])]);
  });
  let land = "", coast = "";
  for (const ring of world.objects.land.geometries.flatMap((g) => g.arcs.flat())) {
    const points = ring.flatMap((i, n) => {
      const arc = i < 0 ? [...(arcs[~i] ?? [])].reverse() : (arcs[i] ?? []);
      return n > 0 ? arc.slice(1) : arc; // they share their ends
    });
    let turn = 0, before = points[0]?.[0] ?? 0;
    const unrolled = points.map(([x, y]): [number, number] => {
      turn += x - before > 180 ? -360 : x - before < -180 ? 360 : 0;
      before = x;
      return [x + turn, y];
    });
    const xs = unrolled.map(([x]) => x);
    const shift = -360 * Math.round((Math.min(...xs) + Math.max(...xs)) / 720);
    const d = `M${unrolled.map(([x, y]) => `${(x + shift).toFixed(2)},${y.toFixed(2)}`).join("L")}`;
    coast += d;
    // Antarctica comes back at the other side: it is filled as far as the pole.
    land += turn === 0 ? `${d}Z` : `${d}V90H${((xs[0] ?? 0) + shift).toFixed(2)}Z`;
  }
  return { land, coast };
}

function add<K extends keyof SVGElementTagNameMap>(name: K, parent: Element, attributes: Record<string, string | number> = {}): SVGElementTagNameMap[K] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  parent.append(made);
  return made;
}
