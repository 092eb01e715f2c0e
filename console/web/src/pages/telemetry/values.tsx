import { useEffect, useMemo, useState } from "preact/hooks";
import { equipmentsGet, telemetryStream, telemetryValues, type Value, type ValuesDocument } from "../../../types/ctrl";
import { turn } from "../../core/alarms";
import { moment, plain } from "../../core/format";
import { language, t } from "../../core/i18n";
import { useResource } from "../../core/resource";
import { go, place, withQuery } from "../../core/router";
import { can, theme } from "../../core/session";
import { follow } from "../../core/stream";
import { Button, Download, Time } from "../../parts/basics";
import { SelectField, TextField } from "../../parts/form";
import { Empty, Shown } from "../../parts/states";
import { Table } from "../../parts/table";
import { momentOf } from "../journal";
import { SeverityBadge } from "../alarms/shared";
import { sayLevels } from "./limits";
import { LimitDrawer, type Edited } from "./limit";
import { Quality } from "./quality";
import { sayValue, useParameters, type Parameters } from "./parameters";
import { drawn, SeriesChart } from "./series";

/** How often limits and severities, which the stream does not bring, are read anew, in milliseconds. */
const every = 10_000;

/** The newest values of a piece of equipment as they come, and one of them over time. */
export function ItemValues({ id }: { id: number }) {
  const r = useResource(async (s) => (await equipmentsGet({ equipment_id: id }, s)).data.values, [id, turn.value], every);
  const [come, setCome] = useState<ReadonlyMap<string, Value>>(new Map());
  useEffect(() => follow(telemetryStream.url({ query: { "equipment-id": [id] } }), {
    event({ name, data }) {
      if (name !== "values") return;
      const values = (data as { equipment_id: number; values: Value[] }[]).flatMap((e) => e.values);
      setCome((old) => new Map([...old, ...values.map((v) => [v.parameter, v] as const)]));
    },
    state() {},
  }).stop, [id]);
  const parameters = useParameters();
  return (
    <Shown of={r} lines={6}>
      {(read) => {
        const known = new Map(read.map((v) => [v.parameter, v]));
        for (const v of come.values()) {
          const old = known.get(v.parameter);
          if (!old || old.at < v.at) known.set(v.parameter, { ...old, ...v });
        }
        const rows = [...known.values()].sort((a, b) => a.parameter.localeCompare(b.parameter));
        return <Values id={id} rows={rows} parameters={parameters} changed={r.reload} />;
      }}
    </Shown>
  );
}

function Values({ id, rows, parameters, changed }: { id: number; rows: Value[]; parameters: Parameters; changed: () => void }) {
  const wanted = place.value.query.get("parameter");
  const [edited, setEdited] = useState<Edited | null>(null);
  if (rows.length === 0) return <Empty title={t("telemetry.none")} />;
  const shown = rows.find((v) => v.parameter === wanted) ?? rows.find((v) => typeof v.value === "number") ?? rows[0];
  return (
    <>
      <Table label={t("telemetry.newest")} rows={rows} rowKey={(v) => v.parameter} selected={shown?.parameter ?? null} onOpen={(v) => go(withQuery({ parameter: v.parameter }), { replace: true })} columns={[
        { id: "name", title: t("telemetry.parameter"), cell: (v) => <strong title={parameters.get(v.parameter)?.name_full}>{v.parameter}</strong> },
        { id: "value", title: t("alarm.value"), num: true, cell: (v) => <strong>{sayValue(v.value, parameters.unit(v.parameter))}</strong> },
        { id: "quality", title: t("telemetry.quality"), cell: (v) => (v.severity ? <SeverityBadge severity={v.severity} /> : <Quality of={v.quality} />) },
        { id: "age", title: t("telemetry.age"), num: true, cell: (v) => <Time at={v.at} only="age" /> },
        { id: "limits", title: t("limits.title"), wide: true, grow: true, cell: (v) => (v.limits ?? []).map((l) => <span key={l.id} title={l.name} class="condition">{sayLevels(l.levels, parameters.unit(v.parameter))}</span>) },
      ]} />
      {shown && <OverTime key={shown.parameter} id={id} value={shown} parameters={parameters} edit={setEdited} />}
      {edited && <LimitDrawer edited={edited} close={() => setEdited(null)} saved={() => {
        setEdited(null);
        changed();
      }} />}
    </>
  );
}

/** Spans that can be chosen, in minutes. */
export const spans = [["15m", 15], ["1h", 60], ["6h", 360], ["24h", 1440], ["7d", 10_080], ["30d", 43_200], ["1y", 525_600]] as const;

const points = 400;

function OverTime({ id, value: v, parameters, edit }: { id: number; value: Value; parameters: Parameters; edit: (e: Edited) => void }) {
  const { query } = place.value;
  const span = query.get("span") ?? "1h";
  const minutes = spans.find(([x]) => x === span)?.[1] ?? 60;
  const from = momentOf(query.get("from") ?? ""), to = momentOf(query.get("to") ?? "");
  const own = span === "own";
  const range = () => (own ? { ...(from ? { from } : {}), ...(to ? { to } : {}) } : { from: new Date(Date.now() - minutes * 60_000).toISOString() });
  const asked = { "equipment-id": id, parameter: v.parameter };
  const r = useResource(async (s) => (await telemetryValues({ query: { ...asked, ...range(), points } }, s)).data, [id, v.parameter, span, from, to],
    own ? 0 : Math.min(60_000, Math.max(2000, (minutes * 60_000) / points)));
  const [marker, setMarker] = useState<number | null>(null);
  const unit = parameters.unit(v.parameter), parameter = parameters.get(v.parameter);
  const limits = v.limits ?? [];
  return (
    <section class="over-time" aria-label={v.parameter}>
      <header class="card-head">
        <h2>{v.parameter} <span class="muted">{parameter?.name_full}</span></h2>
        {can("ctrl:write") && parameter && (
          <div class="actions">
            {limits.map((l) => <Button key={l.id} small icon="edit" onClick={() => edit({ id: l.id, equipment: id })}>{t("limit.editOne", { name: l.name })}</Button>)}
            <Button small icon="plus" onClick={() => edit({ id: null, telemetry: parameter.id, equipment: id })}>{t("limit.add")}</Button>
          </div>
        )}
      </header>
      <div class="filters">
        <SelectField label={t("spectra.lastSpan")} value={span} onChange={(x) => go(withQuery({ span: x, from: null, to: null }), { replace: true })}
          options={[...spans.map(([x]) => ({ value: x, title: t(`span.${x}`) })), { value: "own", title: t("span.own") }]} />
        {own && <>
          <TextField label={t("filter.from")} type="datetime-local" value={query.get("from") ?? ""} onChange={(x) => go(withQuery({ from: x }), { replace: true })} />
          <TextField label={t("filter.to")} type="datetime-local" value={query.get("to") ?? ""} onChange={(x) => go(withQuery({ to: x }), { replace: true })} />
        </>}
      </div>
      <Shown of={r} lines={6}>
        {(values) => values.buckets.length === 0 && values.texts.length === 0 ? <Empty title={t("telemetry.noneThen")} /> : <>
          {values.buckets.some((b) => b.n > 0) && <>
            <SeriesChart values={values} title={v.parameter} unit={unit} bounds={limits.flatMap((l) => l.levels)} marker={marker} onMarker={setMarker} />
            <Readout values={values} marker={marker} unit={unit} />
          </>}
          {values.texts.length > 0 && (
            <Table label={t("telemetry.changes")} rows={[...values.texts].reverse()} rowKey={(x) => x.at} columns={[
              { id: "at", title: t("telemetry.since"), cell: (x) => <Time at={x.at} /> },
              { id: "value", title: t("alarm.value"), grow: true, cell: (x) => sayValue(x.value, unit) },
            ]} />
          )}
          <div class="row">
            <Download href={telemetryValues.url({ query: { ...asked, from: values.from, to: values.to, points: 10_000, format: "csv" } })} name={`${v.parameter}.csv`}>CSV</Download>
            <Download href={telemetryValues.url({ query: { ...asked, from: values.from, to: values.to, format: "png", theme: theme.value, lang: language.value } })} name={`${v.parameter}.png`}>PNG</Download>
          </div>
        </>}
      </Shown>
    </section>
  );
}

/** What stands at the marker, and what the whole range holds. */
function Readout({ values, marker, unit }: { values: ValuesDocument; marker: number | null; unit: string }) {
  const d = useMemo(() => drawn(values), [values]);
  const at = marker === null ? null : d.x.reduce<number | null>((best, x, i) => (d.bucket[i] && (best === null || Math.abs(x - marker) < Math.abs((d.x[best] ?? 0) - marker)) ? i : best), null);
  const bucket = at === null ? null : d.bucket[at];
  const bad = values.buckets.reduce((n, b) => n + b.bad, 0), n = values.buckets.reduce((sum, b) => sum + b.n, 0);
  return (
    <div class="readout" role="status">
      {!bucket ? <span class="muted">{t("spectra.noMarker")}</span> : <>
        <span><strong>M</strong> {moment(bucket.at)}</span>
        {bucket.mean !== null && <span>{t("telemetry.mean")} <strong>{sayValue(round(bucket.mean), unit)}</strong></span>}
        {bucket.min !== null && bucket.max !== null && <span>{t("telemetry.range")} <strong>{plain(bucket.min)} … {sayValue(bucket.max, unit)}</strong></span>}
        <span class="muted">{t("telemetry.counted", { n: bucket.n })}{bucket.bad > 0 && `, ${t("telemetry.bad", { n: bucket.bad })}`}</span>
      </>}
      <span class="spring" />
      <span class="muted">{t("telemetry.counted", { n: plain(n) })}{bad > 0 && `, ${t("telemetry.bad", { n: plain(bad) })}`}</span>
    </div>
  );
}

/** To six digits: a mean has more than it is worth. */
function round(n: number): number {
  return Number(n.toPrecision(6));
}
