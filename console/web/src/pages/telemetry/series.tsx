import { useMemo } from "preact/hooks";
import type { Happening, Level as Bound, ValuesDocument } from "../../../types/ctrl";
import type { Severity } from "../../core/alarms";
import { plain, tick } from "../../core/format";
import { t } from "../../core/i18n";
import { Chart, type Level, type Span } from "../../parts/chart";

/** The buckets of a series as lines; where values are missing a line is broken. */
export interface Drawn {
  /** Middles of the buckets, in seconds since 1970. */
  x: number[];
  mean: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
  /** Which bucket stands at a place of x; null in a gap. */
  bucket: (ValuesDocument["buckets"][number] | null)[];
}

/**
 * Lays out buckets. Those that hold no values are left out of the answer; a gap is what is longer than two and a half times the usual
 * distance of two that do, so that a slow source is not all gaps.
 */
export function drawn(v: ValuesDocument): Drawn {
  const d: Drawn = { x: [], mean: [], low: [], high: [], bucket: [] };
  const add = (x: number, b: ValuesDocument["buckets"][number] | null) => {
    d.x.push(x);
    d.mean.push(b?.mean ?? null);
    d.low.push(b?.min ?? null);
    d.high.push(b?.max ?? null);
    d.bucket.push(b);
  };
  const middles = v.buckets.map((b) => Date.parse(b.at) / 1000 + v.seconds / 2);
  const distances = middles.slice(1).map((x, i) => x - (middles[i] ?? 0)).sort((a, b) => a - b);
  const usual = distances[Math.floor(distances.length / 2)] ?? v.seconds;
  add(Date.parse(v.from) / 1000, null);
  v.buckets.forEach((b, i) => {
    const x = middles[i] ?? 0, before = middles[i - 1];
    if (before !== undefined && x - before > Math.max(2.5 * usual, 1.5 * v.seconds)) add((x + before) / 2, null);
    add(x, b);
  });
  add(Date.parse(v.to) / 1000, null);
  return d;
}

/** What a limit says of a value, as a line of the chart. */
export function levelLines(bounds: Bound[], unit: string): Level[] {
  return bounds.flatMap((b) => {
    const value = b.high ?? b.low;
    return value === undefined ? [] : [{ value, title: `${t(`severity.${b.severity}`)} ${b.high !== undefined ? ">" : "<"} ${plain(value)}${unit ? ` ${unit}` : ""}`, colour: `--${b.severity}` }];
  });
}

/** Stretches in which an alarm would have been raised. */
function raisedSpans(happenings: Happening[], end: number): Span[] {
  return (["limit", "stale"] as const).flatMap((type) => {
    const of = happenings.filter((h) => h.type === type);
    return of.flatMap((h, i): Span[] => {
      if (h.severity === "cleared") return [];
      const next = of[i + 1];
      return [{ from: Date.parse(h.at) / 1000, to: next ? Date.parse(next.at) / 1000 : end, title: type === "stale" ? t("alarm.type.stale") : t(`severity.${h.severity as Severity}`), colour: `--${h.severity}` }];
    });
  });
}

/** A parameter over time: the mean, what lies between lowest and highest, where values are bad, its limits, and what these would have raised. */
export function SeriesChart({ values, title, unit, bounds, happenings, marker, onMarker, height }: {
  values: ValuesDocument; title: string; unit: string; bounds: Bound[]; happenings?: Happening[]; marker?: number | null; onMarker?: (x: number) => void; height?: number;
}) {
  const d = useMemo(() => drawn(values), [values]);
  const levels = useMemo(() => levelLines(bounds, unit), [JSON.stringify(bounds), unit]);
  const end = Date.parse(values.to) / 1000, span = end - Date.parse(values.from) / 1000;
  const spans = useMemo((): Span[] => [
    ...raisedSpans(happenings ?? [], end),
    ...values.buckets.filter((b) => b.bad > 0).map((b) => ({ from: Date.parse(b.at) / 1000, to: Date.parse(b.at) / 1000 + values.seconds, title: "", colour: "--bad", strip: true })),
  ], [values, happenings]);
  const markers = useMemo(() => (marker === null || marker === undefined ? [] : [marker]), [marker]);
  const text = (v: number) => `${plain(v)}${unit ? ` ${unit}` : ""}`;
  return (
    <Chart label={title} height={height ?? 300} x={d.x} xTime fit xText={(v) => tick(v, span)} yText={text} levels={levels} spans={spans} markers={markers}
      {...(onMarker ? { onMarker } : {})} area={{ low: 1, high: 2, title: t("telemetry.range"), colour: "--c2" }} lines={[
        { title: t("telemetry.mean"), values: d.mean, colour: "--c1" },
        { title: t("telemetry.lowest"), values: d.low, colour: "--c2", edge: true },
        { title: t("telemetry.highest"), values: d.high, colour: "--c2", edge: true },
      ]} />
  );
}
