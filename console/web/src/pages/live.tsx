import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { streamGet, type SignalDocument } from "../../types/inbox";
import { age, band, clock, frequency, level, number, readNumber, unitName } from "../core/format";
import { Problem } from "../core/http";
import { sayProblem, t } from "../core/i18n";
import { frequencies, heat, nearest, type Trace } from "../core/radio";
import { go, place, withQuery } from "../core/router";
import { follow, type StreamState } from "../core/stream";
import { Badge, Button, Card, Connection, Facts, Link, Page } from "../parts/basics";
import { Chart, type Line } from "../parts/chart";
import { CheckField, Form, NumberField, SelectField, TextField } from "../parts/form";
import { Empty, Notice } from "../parts/states";

/** A trace as the stream brings it, with its values. */
interface LiveTrace extends Trace {
  guid: string;
  source?: string;
  timestamp: string;
  overload?: boolean;
  location?: { lat: number; lng: number };
}

/** What is kept of one receiver and band: the newest trace and, on its grid, the highest values and the mean. */
interface Reception {
  key: string;
  title: string;
  last: LiveTrace;
  x: number[];
  max: (number | null)[];
  /** Sums in milliwatts, and how many. */
  sums: number[];
  counts: number[];
  n: number;
  rows: { at: string; values: (number | null)[] }[];
  signals: SignalDocument[];
}

/** Rows of the waterfall that are kept. */
const depth = 240;
const points = 1200;

/** A receiver by its name, or, where it has none, by its place. */
function receiver(x: LiveTrace): string {
  if (x.source) return x.source;
  return x.location ? `${number(x.location.lat, 3)}° ${number(x.location.lng, 3)}°` : t("live.unnamed");
}

function keyOf(x: LiveTrace): string {
  return `${x.source ?? JSON.stringify(x.location)} ${Math.round(x.start_freq_hz)} ${Math.round(x.stop_freq_hz)} ${x.numpoints}`;
}

/** Adds a trace; the result is a new object, so that what is drawn of it is drawn anew. */
function added(old: Reception | undefined, x: LiveTrace): Reception {
  const f = old && old.last.y_val_dbm.length === x.y_val_dbm.length ? old.x : regular(x);
  const values = resample(x, f);
  const fresh = !old || old.x !== f;
  const max = values.map((v, i) => {
    const before = fresh ? null : (old.max[i] ?? null);
    return v === null ? before : before === null ? v : Math.max(before, v);
  });
  const sums = fresh ? values.map(() => 0) : old.sums;
  const counts = fresh ? values.map(() => 0) : old.counts;
  values.forEach((v, i) => {
    if (v === null) return;
    sums[i] = (sums[i] ?? 0) + 10 ** (v / 10);
    counts[i] = (counts[i] ?? 0) + 1;
  });
  return {
    key: keyOf(x), title: `${receiver(x)} · ${band(x.start_freq_hz, x.stop_freq_hz)}`, last: { ...x, y_val_dbm: values }, x: f, max, sums, counts,
    n: (fresh ? 0 : old.n) + 1, rows: [{ at: x.timestamp, values }, ...(fresh ? [] : old.rows)].slice(0, depth), signals: fresh ? [] : old.signals,
  };
}

/** An even grid of as many values: thinned traces have their extremes at other frequencies each time. */
function regular(x: LiveTrace): number[] {
  const n = x.y_val_dbm.length;
  return Array.from({ length: n }, (_, i) => x.start_freq_hz + ((x.stop_freq_hz - x.start_freq_hz) * i) / Math.max(1, n - 1));
}

function resample(x: LiveTrace, grid: number[]): (number | null)[] {
  if (!x.freq_hz) return x.y_val_dbm;
  const own = frequencies(x);
  return grid.map((hz) => x.y_val_dbm[nearest(own, hz)] ?? null);
}

export function Live() {
  const { query } = place.value;
  const source = query.get("source") ?? "", start = readNumber(query.get("start") ?? ""), stop = readNumber(query.get("stop") ?? "");
  const [state, setState] = useState<{ state: StreamState; problem: Problem | null }>({ state: "connecting", problem: null });
  const receptions = useRef(new Map<string, Reception>());
  const [, redraw] = useState(0);
  const [paused, setPaused] = useState(false);
  const held = useRef(false);
  held.current = paused;
  const [lost, setLost] = useState(false);
  const url = streamGet.url({ query: {
    points, ...(source ? { source } : {}), ...(start !== null ? { "start-freq-hz": start * 1e6 } : {}), ...(stop !== null ? { "stop-freq-hz": stop * 1e6 } : {}),
  } });
  useEffect(() => {
    receptions.current = new Map();
    let frame = 0;
    const stream = follow(url, {
      event({ name, data }) {
        if (name === "lost") setLost(true);
        if (name === "trace") {
          const x = data as LiveTrace;
          if (!x.y_val_dbm) return;
          if (!held.current) receptions.current.set(keyOf(x), added(receptions.current.get(keyOf(x)), x));
        } else if (name === "signal") {
          const s = data as SignalDocument;
          // One that is heard again takes the place of what it was.
          for (const r of receptions.current.values()) {
            if (r.last.guid === s.trace_guid) r.signals = [...r.signals.filter((o) => Math.abs(o.f0_freq_hz - s.f0_freq_hz) > 4 * r.last.step_freq_hz), s].slice(-40);
          }
        } else return;
        // As often as the screen can show, however fast they come.
        frame ||= requestAnimationFrame(() => {
          frame = 0;
          if (!held.current) redraw((n) => n + 1);
        });
      },
      state: (s, problem) => setState({ state: s, problem }),
    });
    return () => {
      cancelAnimationFrame(frame);
      stream.stop();
    };
  }, [url]);
  const all = [...receptions.current.values()].sort((a, b) => a.title.localeCompare(b.title));
  const wanted = query.get("receiver");
  const shown = all.find((r) => r.key === wanted) ?? all[0];
  return (
    <Page wide title={t("page.live")} actions={<>
      <Connection state={state.state} />
      <Button icon={paused ? "play" : "pause"} pressed={paused} onClick={() => setPaused(!paused)}>{t(paused ? "live.resume" : "live.pause")}</Button>
    </>}>
      {state.state === "ended" && state.problem && <Notice tone="bad">{t("live.ended")} {sayProblem(state.problem)}</Notice>}
      {lost && <Notice tone="warn">{t("live.lost")}</Notice>}
      <Card>
        <LiveFilter />
        {!shown ? <Empty title={t("live.waiting")}><p class="muted">{t("live.waiting.help")}</p></Empty> : (
          <SelectField label={t("live.receiver")} value={shown.key} onChange={(v) => go(withQuery({ receiver: v }), { replace: true })} options={all.map((r) => ({ value: r.key, title: r.title }))} />
        )}
        {shown && <View key={shown.key} r={shown} reset={() => {
          receptions.current.delete(shown.key);
          redraw((n) => n + 1);
        }} />}
      </Card>
    </Page>
  );
}

function LiveFilter() {
  const { query } = place.value;
  const [source, setSource] = useState(query.get("source") ?? "");
  const [start, setStart] = useState(query.get("start") ?? "");
  const [stop, setStop] = useState(query.get("stop") ?? "");
  return (
    <details class="box" open={query.get("source") !== null || query.get("start") !== null || query.get("stop") !== null}>
      <summary>{t("filter.title")}</summary>
      <Form label={t("filter.title")} onSubmit={() => go(withQuery({ source, start, stop, receiver: null }))}>
        <div class="filters">
          <TextField label={t("trace.source")} value={source} onChange={setSource} />
          <NumberField label={t("spectra.start")} value={start} onChange={setStart} unit={t("unit.MHz")} />
          <NumberField label={t("spectra.stop")} value={stop} onChange={setStop} unit={t("unit.MHz")} />
          <div class="filter-actions"><Button type="submit" kind="primary">{t("action.apply")}</Button></div>
        </div>
      </Form>
    </details>
  );
}

function View({ r, reset }: { r: Reception; reset: () => void }) {
  const [hold, setHold] = useState(true);
  const [mean, setMean] = useState(false);
  const [marker, setMarker] = useState<number | null>(null);
  const [reference, setReference] = useState<number | null>(null);
  const [low, setLow] = useState("-120");
  const [high, setHigh] = useState("-30");
  const unit = r.last.unit ?? "dBm";
  const range: [number, number] = [readNumber(low) ?? -120, readNumber(high) ?? -30];
  const average = useMemo(() => (mean ? r.sums.map((s, i) => ((r.counts[i] ?? 0) > 0 ? 10 * Math.log10(s / (r.counts[i] ?? 1)) : null)) : []), [mean, r]);
  const lines: Line[] = [
    ...(hold ? [{ title: t("live.maxHold"), values: r.max, colour: "--c2" as const }] : []),
    ...(mean ? [{ title: t("live.average"), values: average, colour: "--c3" as const }] : []),
    { title: t("live.now"), values: r.last.y_val_dbm, colour: "--c1" },
  ];
  const markers = useMemo(() => [marker, reference].filter((m) => m !== null), [marker, reference]);
  const spans = useMemo(() => r.signals.map((s) => ({ from: s.start_freq_hz, to: s.stop_freq_hz, title: frequency(s.f0_freq_hz) })), [r.signals]);
  const at = (hz: number | null) => (hz === null ? null : (r.last.y_val_dbm[nearest(r.x, hz)] ?? null));
  const first = range[0] < range[1] ? range : undefined;
  return (
    <>
      <div class="row">
        <CheckField label={t("live.maxHold")} value={hold} onChange={setHold} />
        <CheckField label={t("live.average")} value={mean} onChange={setMean} />
        <Button small icon="refresh" onClick={reset}>{t("live.reset")}</Button>
        <span class="spring" />
        {r.last.overload && <Badge tone="warn">{t("trace.overload")}</Badge>}
        <span class="muted">{t("live.sweeps", { n: r.n })} · {clock(r.last.timestamp)} · {age(r.last.timestamp)}</span>
      </div>
      <Chart label={r.title} height={300} x={r.x} lines={lines} spans={spans} markers={markers} range={first} onMarker={setMarker}
        xText={(v) => frequency(v, (r.last.stop_freq_hz - r.last.start_freq_hz) / 20)} yText={(v) => `${number(v)} ${unitName(unit)}`} />
      <div class="readout" role="status">
        {marker === null ? <span class="muted">{t("spectra.noMarker")}</span> : <span><strong>M</strong> {frequency(marker, r.last.step_freq_hz)} <strong>{level(at(marker), unit)}</strong></span>}
        {marker !== null && reference !== null && <span><strong>Δ</strong> {frequency(marker - reference, r.last.step_freq_hz)} <strong>{number((at(marker) ?? 0) - (at(reference) ?? 0), 1)} {t("unit.dB")}</strong></span>}
        <span class="spring" />
        <Button small disabled={marker === null} onClick={() => setReference(marker)}>{t("spectra.setReference")}</Button>
        <Button small kind="quiet" disabled={markers.length === 0} onClick={() => {
          setMarker(null);
          setReference(null);
        }}>{t("spectra.clearMarkers")}</Button>
      </div>
      <h2 class="sub">{t("spectra.waterfall")}</h2>
      <Waterfall r={r} low={range[0]} high={range[1]} />
      <div class="filters">
        <NumberField label={t("live.bottom")} value={low} onChange={setLow} unit={unitName(unit)} error={first ? undefined : t("live.badRange")} />
        <NumberField label={t("live.top")} value={high} onChange={setHigh} unit={unitName(unit)} />
      </div>
      <Facts items={[
        [t("trace.band"), band(r.last.start_freq_hz, r.last.stop_freq_hz)],
        [t("trace.step"), frequency(r.last.step_freq_hz)],
        [t("trace.noise"), level(r.last.noise, unit)],
        [t("spectra.trace"), <Link to={`/spectra/${r.last.guid}`}>{r.last.guid}</Link>],
      ]} />
    </>
  );
}

/** The newest sweep on top; what was not measured is grey, unlike any level. */
function Waterfall({ r, low, high }: { r: Reception; low: number; high: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current, ctx = element?.getContext("2d");
    if (!element || !ctx) return;
    const width = r.x.length, height = depth;
    if (element.width !== width) element.width = width;
    if (element.height !== height) element.height = height;
    const image = ctx.createImageData(width, height);
    r.rows.forEach(({ values }, y) => {
      for (let i = 0; i < width; i++) {
        const v = values[i];
        const at = (y * width + i) * 4;
        const [red, green, blue] = v === null || v === undefined ? [128, 128, 128] : heat((v - low) / (high - low || 1));
        image.data[at] = red;
        image.data[at + 1] = green;
        image.data[at + 2] = blue;
        image.data[at + 3] = 255;
      }
    });
    ctx.putImageData(image, 0, 0);
  }, [r, low, high]);
  return (
    <figure class="waterfall">
      <canvas ref={canvas} role="img" aria-label={t("spectra.waterfall.alt")} />
      <figcaption><span>{number(low)}</span><i class="heat" aria-hidden="true" /><span>{number(high)} {unitName(r.last.unit ?? "dBm")}</span></figcaption>
    </figure>
  );
}
