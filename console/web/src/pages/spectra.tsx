import { useEffect, useState } from "preact/hooks";
import { signalsList, statisticsGet, tracesList, waterfallGet } from "../../types/inbox";
import { band, frequency, level, number, plain, readNumber } from "../core/format";
import { language, t } from "../core/i18n";
import { usePages, useResource } from "../core/resource";
import { go, place, withQuery } from "../core/router";
import { theme } from "../core/session";
import { Badge, Button, Card, Download, Mono, Page, Tabs, Time } from "../parts/basics";
import { Chart } from "../parts/chart";
import { Form, NumberField, SelectField, TextField } from "../parts/form";
import { Notice, Shown } from "../parts/states";
import { Further, Table } from "../parts/table";
import { localOf } from "./journal";
import { boxOf, edges } from "./spectra/box";
import { filter, names, typed, type Name } from "./spectra/filter";
import { Place } from "./spectra/place";
import { TraceView } from "./spectra/trace";

export function Spectra() {
  const [first = ""] = place.value.rest;
  const tab = first === "span" || first === "signals" ? first : "search";
  if (first && tab === "search") return <TraceView key={first} guid={first} />;
  const keep = place.value.query.size > 0 ? `?${place.value.query}` : "";
  return (
    <Page title={t("page.spectra")}>
      <Tabs label={t("page.spectra")} current={tab} items={[
        { id: "search", title: t("spectra.traces"), to: `/spectra${keep}` },
        { id: "signals", title: t("spectra.signals"), to: `/spectra/signals${keep}` },
        { id: "span", title: t("spectra.span"), to: `/spectra/span${keep}` },
      ]} />
      <Card>
        <Search />
        {tab === "search" ? <Traces /> : tab === "signals" ? <Signals /> : <Span />}
      </Card>
    </Page>
  );
}

function Search() {
  const asked = typed(), key = JSON.stringify(asked);
  const [draft, setDraft] = useState(asked);
  const [placing, setPlacing] = useState(edges.some((e) => asked[e] !== ""));
  const [tried, setTried] = useState(false);
  useEffect(() => setDraft(asked), [key]);
  const set = (name: Name) => (value: string) => setDraft({ ...draft, [name]: value });
  const { box } = boxOf(draft);
  const noBox = edges.every((e) => draft[e].trim() === "");
  const search = () => {
    if (box || noBox) return go(withQuery(draft));
    setTried(true);
    setPlacing(true);
  };
  return (
    <Form label={t("filter.title")} onSubmit={search}>
      <div class="filters">
        <TextField label={t("filter.from")} value={localOf(draft.from)} onChange={set("from")} type="datetime-local" />
        <TextField label={t("filter.to")} value={localOf(draft.to)} onChange={set("to")} type="datetime-local" />
        <NumberField label={t("spectra.start")} value={draft.start} onChange={set("start")} unit={t("unit.MHz")} />
        <NumberField label={t("spectra.stop")} value={draft.stop} onChange={set("stop")} unit={t("unit.MHz")} />
        <TextField label={t("trace.source")} value={draft.source} onChange={set("source")} />
        <div class="filter-actions">
          <Button kind="primary" type="submit" icon="search">{t("action.search")}</Button>
          <Button onClick={() => {
            setDraft(Object.fromEntries(names.map((n) => [n, ""])) as Record<Name, string>);
            go(location.pathname);
          }}>{t("action.clear")}</Button>
        </div>
      </div>
      <details class="box" open={placing} onToggle={(e) => setPlacing(e.currentTarget.open)}>
        <summary>{t("spectra.box")}{box && !placing && <> <Mono>{t("place.box", { ...box })}</Mono></>}</summary>
        {placing && <Place typed={draft} set={(e) => setDraft({ ...draft, ...e })} incomplete={tried && !noBox} asked={filter()} />}
      </details>
    </Form>
  );
}

const pageSize = 100;

function Traces() {
  const asked = filter();
  const r = usePages(async (cursor, s) => (await tracesList({ query: { ...asked, limit: pageSize, ...cursor } }, s)).data, [JSON.stringify(asked)]);
  return (
    <Shown of={r} lines={8}>
      {(rows) => <>
        <Table label={t("spectra.traces")} rows={rows} rowKey={(x) => x.guid} empty={t("spectra.none")} onOpen={(x) => go(`/spectra/${x.guid}`)} columns={[
          { id: "time", title: t("trace.time"), cell: (x) => <Time at={x.timestamp} /> },
          { id: "band", title: t("trace.band"), grow: true, cell: (x) => <>{band(x.start_freq_hz, x.stop_freq_hz)} {x.overload && <Badge tone="warn">{t("trace.overload")}</Badge>}</> },
          { id: "source", title: t("trace.source"), cell: (x) => x.source ?? "–" },
          { id: "points", title: t("trace.points"), num: true, wide: true, cell: (x) => plain(x.numpoints) },
          { id: "step", title: t("trace.step"), num: true, wide: true, cell: (x) => frequency(x.step_freq_hz) },
          { id: "noise", title: t("trace.noise"), num: true, wide: true, cell: (x) => level(x.noise, x.unit) },
        ]} />
        <Further of={r} />
      </>}
    </Shown>
  );
}

function Signals() {
  const asked = filter();
  const r = usePages(async (cursor, s) => (await signalsList({ query: { ...asked, limit: pageSize, ...cursor } }, s)).data, [JSON.stringify(asked)]);
  return (
    <Shown of={r} lines={8}>
      {(rows) => <>
        <Table label={t("spectra.signals")} rows={rows} rowKey={(x) => x.guid} empty={t("spectra.noSignals")} onOpen={(x) => go(`/spectra/${x.trace_guid}?signal=${x.guid}`)} columns={[
          { id: "time", title: t("trace.time"), cell: (x) => <Time at={x.timestamp} /> },
          { id: "f0", title: t("signal.f0"), num: true, cell: (x) => frequency(x.f0_freq_hz) },
          { id: "band", title: t("trace.band"), grow: true, cell: (x) => band(x.start_freq_hz, x.stop_freq_hz) },
          { id: "width", title: t("signal.width"), num: true, wide: true, cell: (x) => frequency(x.stop_freq_hz - x.start_freq_hz, 1) },
        ]} />
        <Further of={r} />
      </>}
    </Shown>
  );
}

const spans = [["15m", 15], ["1h", 60], ["6h", 360], ["24h", 1440], ["7d", 10080]] as const;

/** Everything that was measured in a span of time: its waterfall, and maximum, mean and occupancy of each frequency. */
function Span() {
  const { query } = place.value;
  const [threshold, setThreshold] = useState("-95");
  const asked = filter();
  const chosen = query.get("span") ?? "1h";
  const minutes = spans.find(([id]) => id === chosen)?.[1] ?? 60;
  const [until, setUntil] = useState(() => Math.floor(Date.now() / 1000) * 1000);
  const range = asked.from || asked.to ? asked : { ...asked, from: new Date(until - minutes * 60_000).toISOString(), to: new Date(until).toISOString() };
  const over = readNumber(threshold);
  const r = useResource(async (s) => (await statisticsGet({ query: { ...range, points: 2000, ...(over !== null ? { threshold: over } : {}) } }, s)).data, [JSON.stringify(range), over]);
  const picture = { ...range, theme: theme.value, lang: language.value, rows: 240, columns: 900 };
  return (
    <>
      <div class="filters">
        <SelectField label={t("spectra.lastSpan")} value={chosen} onChange={(v) => {
          setUntil(Date.now());
          go(withQuery({ span: v, from: null, to: null }));
        }} options={spans.map(([id]) => ({ value: id, title: t(`span.${id}`) }))} />
        <NumberField label={t("spectra.threshold")} value={threshold} onChange={setThreshold} unit="dBm" />
        <div class="filter-actions"><Button icon="refresh" onClick={() => setUntil(Date.now())}>{t("action.refresh")}</Button></div>
      </div>
      <Shown of={r} lines={8}>
        {(x) => <>
          <p class="muted">{t("spectra.sweeps", { n: plain(x.sweeps), sources: x.sources })}</p>
          <Chart label={t("spectra.span")} x={x.freq_hz} xText={(v) => frequency(v)} yText={(v) => `${number(v)} ${x.unit}`} rightText={(v) => `${number(v)} %`} lines={[
            { title: t("spectra.max"), values: x.max_dbm, colour: "--c1" },
            { title: t("spectra.mean"), values: x.mean_dbm, colour: "--c2" },
            { title: t("spectra.min"), values: x.min_dbm, colour: "--muted", dash: true },
            ...(x.occupancy_percent ? [{ title: t("spectra.occupancy"), values: x.occupancy_percent, colour: "--c3" as const, right: true }] : []),
          ]} />
          <h2 class="sub">{t("spectra.waterfall")}</h2>
          {x.sweeps === 0 ? <Notice tone="info">{t("spectra.none")}</Notice>
            : <img class="picture" width={1100} height={640} src={waterfallGet.url({ query: { ...picture, format: "png" } })} alt={t("spectra.waterfall.alt")} />}
          <div class="row">
            <Download href={waterfallGet.url({ query: { ...picture, format: "png" } })} name="waterfall.png">{t("spectra.waterfall")} PNG</Download>
            <Download href={statisticsGet.url({ query: { ...range, format: "csv", ...(over !== null ? { threshold: over } : {}) } })} name="statistics.csv">{t("spectra.statistics")} CSV</Download>
          </div>
        </>}
      </Shown>
    </>
  );
}
