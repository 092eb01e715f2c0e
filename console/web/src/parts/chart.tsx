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
}

export interface Span {
  from: number;
  to: number;
  title: string;
}

export interface ChartProps {
  label: string;
  x: number[];
  xTime?: boolean;
  xText: (value: number) => string;
  yText: (value: number) => string;
  rightText?: (value: number) => string;
  lines: Line[];
  /** Bands of x to mark, such as signals. */
  spans?: Span[];
  /** Markers on x; the first is the one that keys move. */
  markers?: number[];
  /** Fixed scale of y; otherwise it follows the values. */
  range?: [number, number] | undefined;
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
  const shape = props.lines.map((l) => `${l.title}${l.colour}${l.dash}${l.right}`).join("|") + theme.value + (props.range?.join() ?? "");

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
    const first = props.x[0], last = props.x[props.x.length - 1];
    const kept = u.data[0]?.[0] === first && u.data[0]?.[u.data[0].length - 1] === last;
    const { min, max } = u.scales.x ?? {};
    u.setData(data(props), !kept);
    if (kept && typeof min === "number" && typeof max === "number") u.setScale("x", { min, max });
  }, [props.x, ...props.lines.map((l) => l.values)]);

  useEffect(() => plot.current?.redraw(false), [props.spans, props.markers]);

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
          {props.lines.map((l) => <li key={l.title}><i style={{ background: `var(${l.colour})` }} aria-hidden="true" />{l.title}</li>)}
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
      y: p.range ? { range: p.range } : { range: (_, min, max) => (min === null ? [0, 1] : [Math.floor((min - 2) / 5) * 5, Math.ceil((max + 2) / 5) * 5]) },
      right: { range: (_, __, max) => [0, Math.max(1, Math.ceil(max))] },
    },
    axes: [
      axis(34, p.xText, { space: 96 }),
      axis(74, p.yText, { scale: "y" }),
      ...(p.lines.some((l) => l.right) ? [axis(56, p.rightText ?? String, { scale: "right", side: 1, grid: { show: false } })] : []),
    ],
    series: [{}, ...p.lines.map((l): uPlot.Series => ({
      label: l.title, stroke: colour(l.colour), width: l.dash ? 1 : 1.4, scale: l.right ? "right" : "y", points: { show: false }, spanGaps: false,
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
      draw: [(u) => drawMarkers(u, latest.current)],
    },
  };
}

function drawSpans(u: uPlot, p: ChartProps): void {
  const { ctx } = u;
  const { top, height, left, width } = u.bbox;
  ctx.save();
  for (const s of p.spans ?? []) {
    const a = Math.max(left, u.valToPos(s.from, "x", true)), b = Math.min(left + width, u.valToPos(s.to, "x", true));
    if (b < left || a > left + width) continue;
    ctx.fillStyle = colour("--span");
    ctx.fillRect(a, top, Math.max(2, b - a), height);
    ctx.fillStyle = colour("--muted");
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    if (b - a > ctx.measureText(s.title).width) ctx.fillText(s.title, a + 4, top + 14 * devicePixelRatio);
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
