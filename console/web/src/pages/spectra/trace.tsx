import { useMemo, useState } from "preact/hooks";
import { signalsCut, signalsPower, tracesDelete, tracesGet, tracesList, tracesSignals, type SignalDocument, type TraceDocument } from "../../../types/inbox";
import { band, frequency, level, number, plain, unitName } from "../../core/format";
import { language, t } from "../../core/i18n";
import { bandPower, frequencies, nearest } from "../../core/radio";
import { useAction, useResource } from "../../core/resource";
import { go, place, withQuery } from "../../core/router";
import { can, theme } from "../../core/session";
import { Badge, Button, Card, Download, Facts, Json, Link, Mono, Page, Time } from "../../parts/basics";
import { Chart, type Line } from "../../parts/chart";
import { Form, NumberField, SelectField, TextField } from "../../parts/form";
import { Drawer, toast } from "../../parts/overlay";
import { Refusal, Shown } from "../../parts/states";
import { Table } from "../../parts/table";
import { readNumber } from "../../core/format";

/** What a trace and a signal can be taken away as. */
const forms = ["png", "csv", "sigmf"] as const;
const titles = { png: "PNG", csv: "CSV", sigmf: "SigMF" };

/** As many values as a screen can show; more are thinned by the service, so that every peak stays. */
const points = 4000;

export function TraceView({ guid }: { guid: string }) {
  const r = useResource(async (s) => {
    const [trace, signals] = await Promise.all([tracesGet({ guid, query: { points } }, s), tracesSignals({ guid }, s)]);
    return { trace: trace.data, signals: signals.data };
  }, [guid]);
  return (
    <Page wide title={r.data ? band(r.data.trace.start_freq_hz, r.data.trace.stop_freq_hz) : t("spectra.trace")} back={{ to: "/spectra", title: t("page.spectra") }}>
      <Shown of={r} lines={10}>{({ trace, signals }) => <Trace trace={trace} signals={signals} />}</Shown>
    </Page>
  );
}

function Trace({ trace, signals }: { trace: TraceDocument; signals: SignalDocument[] }) {
  const { query } = place.value;
  const x = useMemo(() => frequencies(trace), [trace]);
  const unit = trace.unit ?? "dBm";
  const [marker, setMarker] = useState<number | null>(null);
  const [reference, setReference] = useState<number | null>(null);
  const [selected, setSelected] = useState<{ from: number; to: number } | null>(null);
  const [withdrawing, setWithdrawing] = useState(false);
  const other = query.get("compare") ?? "";
  const compared = useResource(async (s) => (other ? (await tracesGet({ guid: other, query: { points } }, s)).data : null), [other]);
  const lines: Line[] = [{ title: trace.source ?? t("spectra.trace"), values: trace.y_val_dbm, colour: "--c1" }];
  if (compared.data) lines.push({ title: `${compared.data.source ?? t("spectra.trace")} (${t("spectra.compared")})`, values: onGrid(compared.data, x), colour: "--c2" });
  const noise = useMemo(() => x.map(() => trace.noise), [x, trace.noise]);
  lines.push({ title: t("trace.noise"), values: noise, colour: "--muted", dash: true });
  const chosen = query.get("signal");
  const spans = useMemo(() => [
    ...signals.map((s) => ({ from: s.start_freq_hz, to: s.stop_freq_hz, title: frequency(s.f0_freq_hz) })),
    ...(selected ? [{ ...selected, title: t("spectra.selected") }] : []),
  ], [signals, selected]);
  const markers = useMemo(() => [marker, reference].filter((m) => m !== null), [marker, reference]);
  const at = (hz: number | null) => (hz === null ? null : (trace.y_val_dbm[nearest(x, hz)] ?? null));
  const peak = () => {
    let best = 0;
    trace.y_val_dbm.forEach((v, i) => {
      if (v !== null && v > (trace.y_val_dbm[best] ?? -Infinity)) best = i;
    });
    setMarker(x[best] ?? null);
  };
  const look = { theme: theme.value, lang: language.value };
  return (
    <>
      <Card>
        <Chart label={`${t("spectra.trace")} ${band(trace.start_freq_hz, trace.stop_freq_hz)}`} height={380} x={x} lines={lines} spans={spans} markers={markers}
          xText={(v) => frequency(v, (trace.stop_freq_hz - trace.start_freq_hz) / 20)} yText={(v) => `${number(v)} ${unitName(unit)}`} onMarker={setMarker} onBand={(from, to) => setSelected({ from, to })} />
        <div class="readout" role="status">
          {marker === null ? <span class="muted">{t("spectra.noMarker")}</span>
            : <span><strong>M</strong> {frequency(marker, trace.step_freq_hz)} <strong>{level(at(marker), unit)}</strong></span>}
          {marker !== null && reference !== null && <span><strong>Δ</strong> {frequency(marker - reference, trace.step_freq_hz)} <strong>{delta(at(marker), at(reference))}</strong></span>}
          <span class="spring" />
          <Button small onClick={peak}>{t("spectra.peak")}</Button>
          <Button small disabled={marker === null} onClick={() => setReference(marker)}>{t("spectra.setReference")}</Button>
          <Button small kind="quiet" disabled={markers.length === 0} onClick={() => {
            setMarker(null);
            setReference(null);
          }}>{t("spectra.clearMarkers")}</Button>
        </div>
        <div class="row">
          {forms.map((f) => <Download key={f} href={tracesGet.url({ guid: trace.guid, query: { format: f, ...look } })} name={`${trace.guid}.${f}`}>{titles[f]}</Download>)}
          <span class="spring" />
          {can("inbox:manage") && <Button small kind="danger" icon="archive" onClick={() => setWithdrawing(true)}>{t("spectra.withdraw")}</Button>}
        </div>
      </Card>
      <div class="grid two">
        <BandCard trace={trace} selected={selected} select={setSelected} />
        <Card title={t("spectra.signals")}>
          <Table label={t("spectra.signals")} rows={signals} rowKey={(s) => s.guid} empty={t("spectra.noSignals")} selected={chosen} onOpen={(s) => {
            go(withQuery({ signal: s.guid }), { replace: true });
            setMarker(s.f0_freq_hz);
            setSelected({ from: s.start_freq_hz, to: s.stop_freq_hz });
          }} columns={[
            { id: "f0", title: t("signal.f0"), num: true, cell: (s) => frequency(s.f0_freq_hz) },
            { id: "band", title: t("trace.band"), grow: true, cell: (s) => band(s.start_freq_hz, s.stop_freq_hz) },
            { id: "width", title: t("signal.width"), num: true, cell: (s) => frequency(s.stop_freq_hz - s.start_freq_hz, 1) },
          ]} />
          {chosen && signals.some((s) => s.guid === chosen) && <SignalPower guid={chosen} />}
        </Card>
        <About trace={trace} />
        <Compare trace={trace} other={other} />
      </div>
      {withdrawing && <Withdraw guid={trace.guid} close={() => setWithdrawing(false)} />}
    </>
  );
}

function delta(a: number | null, b: number | null): string {
  return a === null || b === null ? "–" : `${a >= b ? "+" : "−"}${number(Math.abs(a - b), 1)} ${t("unit.dB")}`;
}

/** Another trace's values at the frequencies of this one; nothing outside its band. */
function onGrid(trace: TraceDocument, x: number[]): (number | null)[] {
  const own = frequencies(trace);
  return x.map((hz) => (hz < trace.start_freq_hz || hz > trace.stop_freq_hz ? null : (trace.y_val_dbm[nearest(own, hz)] ?? null)));
}

/** Noise and power of a band, typed or dragged with Shift; of the whole trace's values, not of the thinned ones. */
function BandCard({ trace, selected, select }: { trace: TraceDocument; selected: { from: number; to: number } | null; select: (b: { from: number; to: number } | null) => void }) {
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const whole = useResource(async (s) => (selected === null || trace.y_val_dbm.length === trace.numpoints ? trace : (await tracesGet({ guid: trace.guid }, s)).data), [trace.guid, selected !== null]);
  const power = selected && whole.data ? bandPower(whole.data, selected.from, selected.to) : null;
  return (
    <Card title={t("spectra.band")}>
      <Form label={t("spectra.band")} onSubmit={() => {
        const a = readNumber(from), b = readNumber(to);
        if (a !== null && b !== null && a < b) select({ from: a * 1e6, to: b * 1e6 });
      }}>
        <div class="form-row">
          <NumberField label={t("filter.from")} value={from} onChange={setFrom} unit={t("unit.MHz")} />
          <NumberField label={t("filter.to")} value={to} onChange={setTo} unit={t("unit.MHz")} />
          <Button type="submit">{t("action.measure")}</Button>
        </div>
      </Form>
      {!selected ? <p class="muted">{t("spectra.band.help")}</p> : !power ? <p class="muted">{t("spectra.band.none")}</p> : (
        <Facts items={[
          [t("trace.band"), band(selected.from, selected.to)],
          [t("signal.width"), frequency(selected.to - selected.from, 1)],
          [t("power.max"), level(power.max, trace.unit)],
          [t("power.mean"), level(power.mean, trace.unit)],
          [t("power.channel"), <>{level(power.channel)} {power.assumed && <Badge tone="warn">{t("power.assumed")}</Badge>}</>],
          [t("power.snr"), `${number(power.overNoise, 1)} ${t("unit.dB")}`],
        ]} />
      )}
    </Card>
  );
}

function SignalPower({ guid }: { guid: string }) {
  const r = useResource(async (s) => (await signalsPower({ guid }, s)).data, [guid]);
  return (
    <Shown of={r} lines={3}>
      {(p) => <>
        <Facts items={[
          [t("power.channel"), <>{level(p.channel_power_dbm)} {p.assumed && <Badge tone="warn">{t("power.assumed")}</Badge>}</>],
          [t("power.max"), level(p.max_dbm)], [t("power.mean"), level(p.mean_dbm)],
          [t("power.obw"), frequency(p.occupied_bandwidth_hz, 1)],
          [t("power.snr"), p.snr_db === null ? "–" : `${number(p.snr_db, 1)} ${t("unit.dB")}`],
        ]} />
        <div class="row">
          <span class="muted">{t("spectra.cut")}</span>
          {forms.map((f) => <Download key={f} href={signalsCut.url({ guid, query: { format: f, theme: theme.value, lang: language.value } })} name={`${guid}.${f}`}>{titles[f]}</Download>)}
        </div>
      </>}
    </Shown>
  );
}

function About({ trace: x }: { trace: TraceDocument }) {
  return (
    <Card title={t("spectra.about")}>
      <Facts items={[
        [t("trace.time"), <Time at={x.timestamp} />],
        [t("trace.source"), x.source ?? "–"],
        x.equipment_id !== undefined && [t("command.equipment"), <Link to={`/equipment/${x.equipment_id}`}>#{x.equipment_id}</Link>],
        [t("trace.place"), <Mono>{number(x.location.lat, 5)}° {number(x.location.lng, 5)}°{x.location.alt_m !== undefined ? ` ${plain(x.location.alt_m)} ${t("unit.m")}` : ""}</Mono>],
        [t("trace.points"), x.y_val_dbm.length < x.numpoints ? t("trace.thinned", { n: plain(x.numpoints), shown: plain(x.y_val_dbm.length) }) : plain(x.numpoints)],
        [t("trace.step"), frequency(x.step_freq_hz)],
        x.rbw_hz !== undefined && [t("trace.rbw"), frequency(x.rbw_hz)],
        x.enbw_hz !== undefined && [t("trace.enbw"), frequency(x.enbw_hz)],
        [t("trace.noise"), level(x.noise, x.unit)],
        x.detector && [t("trace.detector"), x.detector],
        x.trace_mode && [t("trace.mode"), x.trace_mode],
        x.sweep_time_s !== undefined && [t("trace.sweep"), `${plain(x.sweep_time_s)} ${t("unit.s")}`],
        x.attenuation_db !== undefined && [t("trace.attenuation"), `${plain(x.attenuation_db)} ${t("unit.dB")}`],
        x.gain_db !== undefined && [t("trace.gain"), `${plain(x.gain_db)} ${t("unit.dB")}`],
        x.antenna && [t("trace.antenna"), x.antenna],
        x.azimuth_deg !== undefined && [t("trace.azimuth"), `${plain(x.azimuth_deg)}°`],
        x.overload && [t("trace.overload"), <Badge tone="warn">{t("word.yes")}</Badge>],
        x.received_at && [t("trace.received"), <Time at={x.received_at} />],
        [t("trace.guid"), <Mono>{x.guid}</Mono>],
      ]} />
      {x.meta && Object.keys(x.meta).length > 0 && <><h3>{t("trace.meta")}</h3><Json value={x.meta} /></>}
    </Card>
  );
}

/** Other traces of this band, to lay over this one. */
function Compare({ trace, other }: { trace: TraceDocument; other: string }) {
  const r = useResource(async (s) => (await tracesList({
    query: { "start-freq-hz": trace.start_freq_hz, "stop-freq-hz": trace.stop_freq_hz, limit: 50 },
  }, s)).data.content.filter((x) => x.guid !== trace.guid), [trace.guid]);
  return (
    <Card title={t("spectra.compare")}>
      <Shown of={r} lines={2}>
        {(rows) => (
          <SelectField label={t("spectra.compareWith")} value={other} onChange={(v) => go(withQuery({ compare: v }), { replace: true })} options={[
            { value: "", title: t("spectra.nothing") },
            ...rows.map((x) => ({ value: x.guid, title: `${new Date(x.timestamp).toLocaleString(language.value)} · ${x.source ?? "–"} · ${band(x.start_freq_hz, x.stop_freq_hz)}` })),
          ]} />
        )}
      </Shown>
    </Card>
  );
}

function Withdraw({ guid, close }: { guid: string; close: () => void }) {
  const [reason, setReason] = useState("");
  const act = useAction(async () => {
    await tracesDelete({ guid, query: { reason } });
    toast(t("spectra.withdrawn"));
    go("/spectra");
  });
  return (
    <Drawer title={t("spectra.withdraw")} modal="dialog" onClose={close}>
      <p>{t("spectra.withdraw.help")}</p>
      <Form label={t("spectra.withdraw")} onSubmit={() => void act.run()}>
        <TextField label={t("command.reason")} value={reason} onChange={setReason} required autoFocus />
        <Refusal problem={act.problem} />
        <div class="form-actions"><Button onClick={close}>{t("action.cancel")}</Button><Button kind="danger" type="submit" busy={act.busy} disabled={!reason.trim()}>{t("spectra.withdraw")}</Button></div>
      </Form>
    </Drawer>
  );
}
