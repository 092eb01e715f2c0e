import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { t } from "../core/i18n";
import { theme } from "../core/session";
import { Button } from "./basics";

export interface Line {
  title: string;
  values: (number | null)[];
  /** A colour of the palette in app.css. */
  colour: "--c1" | "--c2" | "--c3" | "--c4" | "--muted";
  dash?: boolean;
  /** A scale of its own, at the right. */
  right?: boolean;
  /** An edge of the area: neither drawn nor in the legend. */
  edge?: boolean;
}

export interface Span {
  from: number;
  to: number;
  title: string;
  /** A colour of the palette; otherwise that of marked bands. */
  colour?: string;
  /** Only a strip along the bottom. */
  strip?: boolean;
}

/** A line at one value of y, such as a limit. */
export interface Level {
  value: number;
  title: string;
  colour: string;
}

export interface ChartProps {
  label: string;
  x: number[];
  xTime?: boolean;
  xText: (value: number) => string;
  yText: (value: number) => string;
  rightText?: (value: number) => string;
  lines: Line[];
  /** What lies between two edges, by their places in lines, is filled in this colour. */
  area?: { low: number; high: number; title: string; colour: Line["colour"] };
  levels?: Level[];
  /** Bands of x to mark, such as signals. */
  spans?: Span[];
  /** Markers on x; the first is the one that keys move. */
  markers?: number[];
  /** Fixed scale of y; otherwise it follows the values. */
  range?: [number, number] | undefined;
  /** The scale of y fits any numbers, and holds the levels; otherwise it is one of decibels. */
  fit?: boolean;
  height?: number;
  onMarker?: (x: number) => void;
  /** A band that was selected by dragging with Shift held. */
  onBand?: (from: number, to: number) => void;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** A chart: drag zooms, a double click shows all, a click sets the marker; keys: arrows, + and -, 0. */
export function Chart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const created = useRef(false);
  const latest = useRef(props);
  latest.current = props;
  const shape = props.lines.map((l) => `${l.title}${l.colour}${l.dash}${l.right}`).join("|") + theme.value + (props.range?.join() ?? "") + (props.levels ?? []).map((l) => l.value).join();

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const u = new uPlot(options(latest, element.clientWidth, props.height ?? 320), data(props), element);
    u.root.querySelector("canvas")?.setAttribute("aria-hidden", "true");
    plot.current = u;
    created.current = true;
    const resized = new ResizeObserver(() => u.setSize({ width: element.clientWidth, height: props.height ?? 320 }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      u.destroy();
      plot.current = null;
    };
  }, [shape, props.height, props.xTime]);

  useEffect(() => {
    const u = plot.current;
    if (!u) return;
    if (created.current) { // with these very values
      created.current = false;
      return;
    }
    const before = u.data[0] ?? [], first = props.x[0] ?? 0, last = props.x[props.x.length - 1] ?? 1;
    const { min, max } = u.scales.x ?? {};
    // What somebody has zoomed into stays, as long as there is anything in it.
    const zoomed = typeof min === "number" && typeof max === "number" && (min > (before[0] ?? min) || max < (before[before.length - 1] ?? max)) && min < last && max > first;
    u.setData(data(props), !zoomed);
    if (zoomed) u.setScale("x", { min, max });
  }, [props.x, ...props.lines.map((l) => l.values)]);

  useEffect(() => plot.current?.redraw(false), [props.spans, props.markers, props.levels]);

  function zoom(factor: number): void {
    const u = plot.current, x = u?.scales.x;
    if (!u || typeof x?.min !== "number" || typeof x.max !== "number") return;
    const all: [number, number] = [props.x[0] ?? 0, props.x[props.x.length - 1] ?? 1];
    const marker = props.markers?.[0];
    const middle = marker !== undefined && marker > x.min && marker < x.max ? marker : (x.min + x.max) / 2;
    const half = ((x.max - x.min) * factor) / 2;
    u.setScale("x", { min: Math.max(all[0], middle - half), max: Math.min(all[1], middle + half) });
  }

  function reset(): void {
    const u = plot.current;
    if (u) u.setScale("x", { min: props.x[0] ?? 0, max: props.x[props.x.length - 1] ?? 1 });
  }

  function key(e: KeyboardEvent): void {
    const u = plot.current;
    if (!u) return;
    if (e.key === "+" || e.key === "=") zoom(0.5);
    else if (e.key === "-") zoom(2);
    else if (e.key === "0") reset();
    else if ((e.key === "ArrowLeft" || e.key === "ArrowRight") && props.onMarker) {
      const now = props.markers?.[0] ?? props.x[Math.floor(props.x.length / 2)] ?? 0;
      const at = u.valToIdx(now);
      const step = (e.shiftKey ? 10 : 1) * (e.key === "ArrowLeft" ? -1 : 1);
      const next = props.x[Math.max(0, Math.min(props.x.length - 1, at + step))];
      if (next !== undefined) props.onMarker(next);
    } else return;
    e.preventDefault();
  }

  return (
    <div class="chart">
      <div class="chart-tools">
        <ul class="legend">
          {props.lines.map((l) => !l.edge && <li key={l.title}><i style={{ background: `var(${l.colour})` }} aria-hidden="true" />{l.title}</li>)}
          {props.area && <li><i class="area" style={{ background: `var(${props.area.colour})` }} aria-hidden="true" />{props.area.title}</li>}
        </ul>
        <span class="spring" />
        <Button small kind="quiet" icon="zoomIn" label={t("chart.in")} onClick={() => zoom(0.5)} />
        <Button small kind="quiet" icon="zoomOut" label={t("chart.out")} onClick={() => zoom(2)} />
        <Button small kind="quiet" icon="refresh" label={t("chart.all")} onClick={reset} />
      </div>
      <div ref={box} class="chart-box" style={{ height: props.height ?? 320 }} role="application" aria-roledescription={t("chart.role")}
        aria-label={`${props.label}. ${t("chart.keys")}`} tabIndex={0} onKeyDown={key} />
    </div>
  );
}

function data(p: ChartProps): uPlot.AlignedData {
  return [p.x, ...p.lines.map((l) => l.values)];
}

function options(latest: { current: ChartProps }, width: number, height: number): uPlot.Options {
  const p = latest.current;
  const text = colour("--muted"), grid = colour("--line");
  const axis = (size: number, values: (v: number) => string, more: Partial<uPlot.Axis> = {}): uPlot.Axis => ({
    stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1, size: 4 }, size, font: "12px system-ui, sans-serif",
    values: (_, splits) => splits.map((v) => (v === null ? "" : values(v))), ...more,
  });
  let shift = false;
  return {
    width, height, legend: { show: false }, padding: [10, 12, 0, 0],
    cursor: {
      drag: { x: true, y: false, setScale: false }, points: { size: 6 },
      bind: { mousedown: (_u, _t, handler) => (e) => {
        shift = e.shiftKey;
        return handler(e);
      } },
    },
    scales: {
      x: { time: p.xTime ?? false },
      y: p.range ? { range: p.range } : p.fit ? { range: (_, min, max) => fitting(min, max, p.levels ?? []) } : { range: (_, min, max) => (min === null ? [0, 1] : [Math.floor((min - 2) / 5) * 5, Math.ceil((max + 2) / 5) * 5]) },
      right: { range: (_, __, max) => [0, Math.max(1, Math.ceil(max))] },
    },
    axes: [
      axis(34, p.xText, { space: 96 }),
      axis(74, p.yText, { scale: "y" }),
      ...(p.lines.some((l) => l.right) ? [axis(56, p.rightText ?? String, { scale: "right", side: 1, grid: { show: false } })] : []),
    ],
    bands: p.area ? [{ series: [p.area.high + 1, p.area.low + 1], fill: faint(colour(p.area.colour)) }] : [],
    series: [{}, ...p.lines.map((l): uPlot.Series => ({
      label: l.title, stroke: l.edge ? "transparent" : colour(l.colour), width: l.edge ? 0 : l.dash ? 1 : 1.4, scale: l.right ? "right" : "y", spanGaps: false,
      points: p.fit && !l.edge ? { show: true, size: 5, fill: colour(l.colour), filter: alone } : { show: false },
      ...(l.dash ? { dash: [5, 4] } : {}),
    }))],
    hooks: {
      setSelect: [(u) => {
        if (u.select.width < 4) return;
        const from = u.posToVal(u.select.left, "x"), to = u.posToVal(u.select.left + u.select.width, "x");
        if (shift && latest.current.onBand) latest.current.onBand(from, to);
        else u.setScale("x", { min: from, max: to });
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
      ready: [(u) => {
        u.over.addEventListener("click", (e) => {
          if (u.cursor.idx !== null && u.cursor.idx !== undefined && !e.shiftKey) {
            const x = u.data[0]?.[u.cursor.idx];
            if (x !== undefined) latest.current.onMarker?.(x);
          }
        });
        u.over.addEventListener("dblclick", () => u.setScale("x", { min: latest.current.x[0] ?? 0, max: latest.current.x[latest.current.x.length - 1] ?? 1 }));
      }],
      drawClear: [(u) => drawSpans(u, latest.current)],
      draw: [(u) => drawLevels(u, latest.current), (u) => drawMarkers(u, latest.current)],
    },
  };
}

/** A colour as an area that lines can be seen through. */
function faint(hex: string): string {
  return `color-mix(in srgb, ${hex} 22%, transparent)`;
}

/** A scale that holds all values and levels, with room above and below. */
function fitting(min: number | null, max: number | null, levels: Level[]): uPlot.Range.MinMax {
  const all = [...(min === null || max === null ? [] : [min, max]), ...levels.map((l) => l.value)];
  return all.length === 0 ? [0, 1] : uPlot.rangeNum(Math.min(...all), Math.max(...all), 0.08, true);
}

/** Places of values with nothing beside them, which no line would show. */
function alone(u: uPlot, series: number): number[] {
  const values = u.data[series] ?? [];
  const there = (i: number) => values[i] !== null && values[i] !== undefined;
  return Array.from(values, (_, i) => i).filter((i) => there(i) && !there(i - 1) && !there(i + 1));
}

function drawSpans(u: uPlot, p: ChartProps): void {
  const { ctx } = u;
  const { top, height, left, width } = u.bbox;
  const strip = 6 * devicePixelRatio;
  ctx.save();
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  for (const s of p.spans ?? []) {
    const a = Math.max(left, u.valToPos(s.from, "x", true)), b = Math.min(left + width, u.valToPos(s.to, "x", true));
    if (b < left || a > left + width) continue;
    ctx.fillStyle = s.colour ? (s.strip ? colour(s.colour) : faint(colour(s.colour))) : colour("--span");
    if (s.strip) ctx.fillRect(a, top + height - strip, Math.max(2, b - a), strip);
    else ctx.fillRect(a, top, Math.max(2, b - a), height);
    ctx.fillStyle = colour("--muted");
    if (b - a > ctx.measureText(s.title).width) ctx.fillText(s.title, a + 4, top + 14 * devicePixelRatio);
  }
  ctx.restore();
}

function drawLevels(u: uPlot, p: ChartProps): void {
  const { ctx } = u;
  const { top, height, left, width } = u.bbox;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  for (const l of p.levels ?? []) {
    const y = Math.round(u.valToPos(l.value, "y", true));
    if (y < top || y > top + height) continue;
    ctx.strokeStyle = ctx.fillStyle = colour(l.colour);
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
    ctx.fillText(l.title, left + width - 6 * devicePixelRatio, y - 2 * devicePixelRatio);
  }
  ctx.restore();
}

function drawMarkers(u: uPlot, p: ChartProps): void {
  const { ctx } = u;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour("--text");
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `bold ${12 * devicePixelRatio}px system-ui, sans-serif`;
  p.markers?.forEach((m, i) => {
    const x = Math.round(u.valToPos(m, "x", true));
    if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
    ctx.setLineDash(i === 0 ? [] : [4, 4]);
    ctx.beginPath();
    ctx.moveTo(x, u.bbox.top);
    ctx.lineTo(x, u.bbox.top + u.bbox.height);
    ctx.stroke();
    ctx.fillText(i === 0 ? "M" : "R", x + 4, u.bbox.top + 12 * devicePixelRatio);
  });
  ctx.restore();
}
