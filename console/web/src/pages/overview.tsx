import type { ComponentChildren } from "preact";
import { deadLettersList, eventsList, servicesList } from "../../types/admin";
import { commandsList, queuesList } from "../../types/ctrl";
import { tracesList } from "../../types/inbox";
import { active, problem } from "../core/alarms";
import { age, band, number } from "../core/format";
import { sayProblem, t, tOr } from "../core/i18n";
import { useResource } from "../core/resource";
import { can } from "../core/session";
import { Badge, Card, Link, Page, Time } from "../parts/basics";
import { Empty, Notice, Shown } from "../parts/states";
import { SeverityTiles } from "./alarms/shared";
import { CommandState, useNames } from "./commands/names";
import { failing } from "./health";

/** How often the page reads anew, in milliseconds. */
const every = 5000;

/** Lines of each list. */
const shown = 8;

/** One number that says whether something is wrong, and where to go then. */
function Tile({ title, value, detail, tone, to }: { title: string; value: ComponentChildren; detail: ComponentChildren; tone: "ok" | "warn" | "bad" | "idle"; to: string }) {
  return (
    <Link to={to} class={`tile ${tone}`}>
      <span class="tile-title">{title}</span>
      <strong class="tile-value">{value}</strong>
      <span class="tile-detail">{detail}</span>
    </Link>
  );
}

function ServicesTile() {
  const r = useResource(async (s) => (await servicesList(undefined, s)).data.content, [], every);
  const rows = r.data;
  const ill = rows?.filter((i) => i.health_code !== 0) ?? [];
  return (
    <Tile to="/services" title={t("page.services")} tone={r.problem ? "bad" : !rows ? "idle" : ill.length > 0 ? "bad" : "ok"}
      value={rows ? `${rows.length - ill.length} / ${rows.length}` : "–"}
      detail={r.problem ? t("state.unreadable") : ill.length > 0 ? ill.map((i) => `${i.service}: ${failing(i.health_code).join(", ")}`).join("; ") : t("overview.healthy")} />
  );
}

function IntakeTile() {
  const minutes = 10;
  const r = useResource(async (s) => {
    const from = new Date(Date.now() - minutes * 60_000).toISOString();
    const [recent, last] = await Promise.all([tracesList({ query: { from, limit: 1 } }, s), tracesList({ query: { limit: 1 } }, s)]);
    return { total: recent.data.total, last: last.data.content[0] };
  }, [], every);
  const last = r.data?.last;
  return (
    <Tile to="/live" title={t("overview.intake")} tone={r.problem ? "bad" : !r.data ? "idle" : r.data.total === 0 ? "warn" : "ok"}
      value={r.data ? <>{number(r.data.total / minutes, r.data.total < 100 ? 1 : 0)}<small> {t("overview.perMinute")}</small></> : "–"}
      detail={r.problem ? t("state.unreadable") : last ? t("overview.lastTrace", { age: age(last.timestamp) }) : t("overview.noTraces")} />
  );
}

function QueuesTile() {
  const r = useResource(async (s) => (await queuesList({ query: { limit: 1000 } }, s)).data.content, [], every);
  const held = r.data?.filter((q) => q.held || q.in_flight_state === "unknown") ?? [];
  const waiting = r.data?.reduce((n, q) => n + q.awaiting_approval, 0) ?? 0;
  return (
    <Tile to="/commands/queues" title={t("overview.queues")} tone={r.problem ? "bad" : !r.data ? "idle" : held.length > 0 ? "bad" : waiting > 0 ? "warn" : "ok"}
      value={r.data ? held.length : "–"}
      detail={r.problem ? t("state.unreadable") : waiting > 0 ? t("overview.awaiting", { n: waiting }) : held.length > 0 ? t("overview.queuesHeld") : t("overview.queuesRun")} />
  );
}

function LettersTile() {
  const r = useResource(async (s) => (await deadLettersList({ query: { state: "dead", limit: 1 } }, s)).data.total, [], every);
  return (
    <Tile to="/services/letters" title={t("letters.title")} tone={r.problem ? "bad" : r.data === undefined ? "idle" : r.data > 0 ? "warn" : "ok"}
      value={r.data ?? "–"} detail={r.problem ? t("state.unreadable") : r.data ? t("overview.lettersWait") : t("overview.noLetters")} />
  );
}

function LastCommands() {
  const r = useResource(async (s) => (await commandsList({ query: { limit: shown } }, s)).data.content, [], every);
  const names = useNames();
  return (
    <Card title={t("overview.commands")} actions={<Link to="/commands">{t("action.all")}</Link>}>
      <Shown of={r} lines={4}>
        {(rows) => rows.length === 0 ? <Empty title={t("commands.none")} /> : (
          <ul class="lines">
            {rows.map((c) => (
              <li key={c.id}>
                <CommandState state={c.state} />
                <Link to={`/commands/sent/${c.id}`} class="grow clip">{names.command(c.command_id)} <span class="muted">{names.equipment(c.command_id)}</span></Link>
                <Time at={c.created_at} only="age" />
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </Card>
  );
}

function LastEvents() {
  // Without inbox, whose events are what comes in by itself.
  const r = useResource(async (s) => {
    const lists = await Promise.all(["auth", "cfg", "ctrl", "admin"].map((name) => eventsList({ query: { source: `/nms/${name}`, limit: shown } }, s)));
    return lists.flatMap((l) => l.data.content).sort((a, b) => b.time.localeCompare(a.time)).slice(0, shown);
  }, [], 2 * every);
  return (
    <Card title={t("overview.events")} actions={<Link to="/journal">{t("action.all")}</Link>}>
      <Shown of={r} lines={4}>
        {(rows) => rows.length === 0 ? <Empty title={t("journal.none")} /> : (
          <ul class="lines">
            {rows.map((e) => (
              <li key={e.id}>
                <Link to={`/journal?event=${e.id}`} class="grow clip">{tOr(`event.${e.type}`, e.type)}</Link>
                <span class="muted clip">{e.actor_login || e.actor}</span>
                <Time at={e.time} only="age" />
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </Card>
  );
}

function LastTraces() {
  const r = useResource(async (s) => (await tracesList({ query: { limit: shown } }, s)).data.content, [], every);
  return (
    <Card title={t("overview.traces")} actions={<Link to="/spectra">{t("action.all")}</Link>}>
      <Shown of={r} lines={4}>
        {(rows) => rows.length === 0 ? <Empty title={t("overview.noTraces")} /> : (
          <ul class="lines">
            {rows.map((s) => (
              <li key={s.guid}>
                {s.overload && <Badge tone="warn">{t("trace.overload")}</Badge>}
                <Link to={`/spectra/${s.guid}`} class="grow clip">{band(s.start_freq_hz, s.stop_freq_hz)}</Link>
                <span class="muted clip">{s.source ?? "–"}</span>
                <Time at={s.timestamp} only="age" />
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </Card>
  );
}

/** Alarms by severity, each a link to them. */
function Alarming() {
  if (problem.value && !active.value) return <Notice tone="bad">{t("page.alarms")}: {sayProblem(problem.value)}</Notice>;
  return <>
    <h2 class="over"><Link to="/alarms">{t("page.alarms")}</Link></h2>
    <SeverityTiles />
  </>;
}

export function Overview() {
  const any = can("admin:read") || can("inbox:read") || can("ctrl:read");
  return (
    <Page title={t("page.overview")}>
      {can("ctrl:read") && <Alarming />}
      {!any && <Empty title={t("overview.nothing")} />}
      <div class="tiles">
        {can("admin:read") && <ServicesTile />}
        {can("inbox:read") && <IntakeTile />}
        {can("ctrl:read") && <QueuesTile />}
        {can("admin:read") && <LettersTile />}
      </div>
      <div class="grid three">
        {can("ctrl:read") && <LastCommands />}
        {can("inbox:read") && <LastTraces />}
        {can("admin:read") && <LastEvents />}
      </div>
    </Page>
  );
}
