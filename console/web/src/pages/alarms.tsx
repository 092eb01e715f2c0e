import { useState } from "preact/hooks";
import { alarmsAck, alarmsList, type ShownAlarm } from "../../types/ctrl";
import { active, aside, choices, choose, connection, fresh, most, problem, refresh, severities, turn, waits } from "../core/alarms";
import { Problem } from "../core/http";
import { sayProblem, t } from "../core/i18n";
import { useResource } from "../core/resource";
import { go, place, withQuery } from "../core/router";
import { can } from "../core/session";
import { Button, Card, Connection, Link, Page, Tabs, Time } from "../parts/basics";
import { CheckField, SelectField, TextField } from "../parts/form";
import { ask, toast } from "../parts/overlay";
import { Empty, Failure, Loading, Notice, Shown } from "../parts/states";
import { Pager, Table } from "../parts/table";
import { AlarmDrawer } from "./alarms/one";
import { Deliveries } from "./alarms/deliveries";
import { Notification } from "./alarms/notification";
import { AlarmState, SeverityBadge, SeverityTiles, sayAlarm } from "./alarms/shared";
import { useParameters } from "./telemetry/parameters";

export function Alarms() {
  const [first = ""] = place.value.rest;
  const tab = first === "past" || first === "notification" || first === "deliveries" ? first : "now";
  const opened = Number(place.value.query.get("alarm")) || null;
  return (
    <Page title={t("page.alarms")} actions={<><Watching /><Connection state={connection.value.state} /></>}>
      <Tabs label={t("page.alarms")} current={tab} items={[
        { id: "now", title: t("alarms.now"), to: "/alarms" },
        { id: "past", title: t("alarms.past"), to: "/alarms/past" },
        { id: "notification", title: t("alarms.notification"), to: "/alarms/notification" },
        { id: "deliveries", title: t("alarms.deliveries"), to: "/alarms/deliveries" },
      ]} />
      {tab === "now" ? <Now /> : tab === "past" ? <Past /> : tab === "notification" ? <Notification /> : <Deliveries />}
      {opened !== null && <AlarmDrawer key={opened} id={opened} close={() => go(withQuery({ alarm: null }))} />}
    </Page>
  );
}

/** How a new alarm is noticed, by choice. */
function Watching() {
  return (
    <div class="row tight">
      <CheckField label={t("alarms.sound")} value={choices.sound.value} onChange={(v) => choose("sound", v)} />
      <CheckField label={t("alarms.title")} value={choices.title.value} onChange={(v) => choose("title", v)} />
    </div>
  );
}

/** What is shown of the active ones: those to be handled, or those that are put aside. */
const shelves = ["shelved", "suppressed", "out-of-service"] as const;

/** The order in which they are handled: what nobody has seen first, then the worst, then the newest. */
function order(a: ShownAlarm, b: ShownAlarm): number {
  return Number(waits(b)) - Number(waits(a)) || severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.raised_at.localeCompare(a.raised_at);
}

function Now() {
  const { query } = place.value;
  const severity = severities.find((s) => s === query.get("severity"));
  const shelf = shelves.find((s) => s === query.get("state"));
  const [text, setText] = useState("");
  const parameters = useParameters();
  const all = active.value;
  if (!all) return problem.value ? <Failure problem={problem.value} retry={() => void refresh()} /> : <Card><Loading lines={8} /></Card>;
  const words = text.trim().toLowerCase();
  const rows = all.alarms.filter((a) => (shelf ? a.state === shelf : !aside(a)) && (!severity || a.severity === severity) &&
    (words === "" || `${a.equipment_name} ${a.parameter ?? ""} ${a.text}`.toLowerCase().includes(words))).sort(order);
  const unseen = rows.filter(waits);
  return (
    <>
      {connection.value.state === "ended" && connection.value.problem && <Notice tone="bad">{t("live.ended")} {sayProblem(connection.value.problem)}</Notice>}
      {problem.value && <Notice tone="bad">{t("state.stale")} {sayProblem(problem.value)}</Notice>}
      {all.total > most && <Notice tone="warn">{t("alarms.tooMany", { n: most, total: all.total })}</Notice>}
      <SeverityTiles chosen={severity} />
      <Card>
        <div class="filters">
          <TextField label={t("alarms.find")} value={text} onChange={setText} type="search" />
          <SelectField label={t("alarms.show")} value={shelf ?? ""} onChange={(v) => go(withQuery({ state: v }))} options={[
            { value: "", title: t("alarms.toHandle") },
            ...shelves.map((s) => ({ value: s, title: `${t(`alarm.state.${s}`)} (${all.alarms.filter((a) => a.state === s).length})` })),
          ]} />
          <span class="spring" />
          {can("alarms:write") && unseen.length > 1 && <AcknowledgeAll alarms={unseen} />}
        </div>
        <List rows={rows} parameters={parameters} empty={t(shelf || severity || words ? "alarms.noneFound" : "alarms.none")} />
        <p class="muted small" role="status">{t("table.shown", { n: rows.length, total: all.total })}</p>
      </Card>
    </>
  );
}

/** A list of alarms, each of which can be opened, and acknowledged where that is what it waits for. */
export function List({ rows, parameters, empty, of }: { rows: ShownAlarm[]; parameters: ReturnType<typeof useParameters>; empty: string; of?: number }) {
  const opened = Number(place.value.query.get("alarm")) || null;
  return (
    <Table label={t("page.alarms")} rows={rows} rowKey={(a) => a.id} selected={opened} empty={empty} onOpen={(a) => go(withQuery({ alarm: a.id }))}
      mark={(a) => (waits(a) ? (fresh.value.has(a.id) ? "waits fresh" : "waits") : undefined)} columns={[
        { id: "severity", title: t("alarm.severity"), cell: (a) => <SeverityBadge severity={a.severity} quiet={a.is_cleared} /> },
        ...(of === undefined ? [{ id: "equipment", title: t("command.equipment"), cell: (a: ShownAlarm) => <strong>{a.equipment_name}</strong> }] : []),
        { id: "what", title: t("alarm.what"), grow: true, cell: (a) => sayAlarm(a, parameters) },
        { id: "state", title: t("alarm.state"), wide: true, cell: (a) => <AlarmState alarm={a} /> },
        { id: "raised", title: t("alarm.raised"), num: true, wide: true, cell: (a) => <Time at={a.raised_at} only="age" /> },
        ...(can("alarms:write") ? [{ id: "act", title: "", cell: (a: ShownAlarm) => (waits(a) ? <Acknowledge alarm={a} /> : null) }] : []),
      ]} />
  );
}

/** Acknowledges what was seen: an alarm that has changed since is shown again first. */
async function acknowledge(a: ShownAlarm): Promise<Problem | null> {
  try {
    await alarmsAck({ id: a.id, ifMatch: `"${a.version}"` });
    return null;
  } catch (e) {
    if (!(e instanceof Problem)) throw e;
    return e;
  }
}

function Acknowledge({ alarm: a }: { alarm: ShownAlarm }) {
  const [busy, setBusy] = useState(false);
  return (
    <Button small icon="check" busy={busy} label={t("alarm.ackOne", { equipment: a.equipment_name })} onClick={() => {
      setBusy(true);
      void acknowledge(a).then(async (refused) => {
        if (refused) toast(refused.status === 412 ? t("alarm.changed") : sayProblem(refused), "bad");
        await refresh();
        setBusy(false);
      });
    }}>{t("alarm.ack")}</Button>
  );
}

/** How many are acknowledged at once. */
const together = 4;

function AcknowledgeAll({ alarms }: { alarms: ShownAlarm[] }) {
  const [busy, setBusy] = useState(false);
  const all = async () => {
    if (!(await ask({ title: t("alarms.ackAll"), body: <p>{t("alarms.ackAll.help", { n: alarms.length })}</p>, action: t("alarms.ackAll") }))) return;
    setBusy(true);
    const left = [...alarms];
    let failed = 0;
    await Promise.all(Array.from({ length: together }, async () => {
      for (let a = left.shift(); a; a = left.shift()) if (await acknowledge(a)) failed++;
    }));
    toast(failed ? t("alarms.someFailed", { n: failed }) : t("alarms.acked", { n: alarms.length }), failed ? "bad" : "ok");
    await refresh();
    setBusy(false);
  };
  return <Button icon="check" busy={busy} onClick={() => void all()}>{t("alarms.ackAll")}</Button>;
}

const pageSize = 100;
const states = ["normal", "unack", "ack", "rtn-unack", "shelved", "suppressed", "out-of-service"] as const;

/** Every alarm that there ever was, with what it is now. */
function Past() {
  const { query } = place.value;
  const severity = severities.find((s) => s === query.get("severity"));
  const state = states.find((s) => s === query.get("state"));
  const [limit, setLimit] = useState(pageSize);
  const r = useResource(async (s) => (await alarmsList({ query: { limit, ...(severity ? { severity: [severity] } : {}), ...(state ? { state } : {}) } }, s)).data, [severity, state, limit, turn.value]);
  const parameters = useParameters();
  return (
    <Card>
      <div class="filters">
        <SelectField label={t("alarm.severity")} value={severity ?? ""} onChange={(v) => go(withQuery({ severity: v }))}
          options={[{ value: "", title: t("filter.any") }, ...severities.map((s) => ({ value: s, title: t(`severity.${s}`) }))]} />
        <SelectField label={t("alarm.state")} value={state ?? ""} onChange={(v) => go(withQuery({ state: v }))}
          options={[{ value: "", title: t("filter.any") }, ...states.map((s) => ({ value: s, title: t(`alarm.state.${s}`) }))]} />
      </div>
      <Shown of={r} lines={8}>
        {(page) => page.content.length === 0 ? <Empty title={t("alarms.noneFound")}><Link to="/alarms/past">{t("action.clear")}</Link></Empty> : <>
          <List rows={page.content} parameters={parameters} empty="" />
          <Pager shown={page.content.length} total={page.total} more={page.content.length < page.total && limit < 1000} busy={r.loading} onMore={() => setLimit(limit + pageSize)} />
        </>}
      </Shown>
    </Card>
  );
}
