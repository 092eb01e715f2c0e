import { useState } from "preact/hooks";
import { alarmsAck, alarmsClose, alarmsComment, alarmsGet, alarmsUnack, limitsGet, shelvesCreate, shelvesDelete, type AlarmDetailed } from "../../../types/ctrl";
import { refresh, turn, waits, type Severity } from "../../core/alarms";
import { Problem } from "../../core/http";
import { t, tOr } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { can } from "../../core/session";
import { Badge, Button, Facts, Link, Mono, Time } from "../../parts/basics";
import { Form, SelectField, TextField } from "../../parts/form";
import { Drawer, toast } from "../../parts/overlay";
import { Notice, Refusal, reasonAt, Shown } from "../../parts/states";
import { sayValue, useParameters } from "../telemetry/parameters";
import { momentOf } from "../journal";
import { AlarmState, sayAlarm, SeverityBadge } from "./shared";

/** One alarm: where it stands and why, what may be done with it now, and what has happened to it. */
export function AlarmDrawer({ id, close }: { id: number; close: () => void }) {
  const r = useResource(async (s) => {
    const { data, etag } = await alarmsGet({ id }, s);
    const limit = data.limit_id === null ? null : await limitsGet({ id: data.limit_id }, s).then((l) => l.data.name, () => null); // it may be gone
    return { alarm: data, etag, limit };
  }, [id, turn.value]);
  const parameters = useParameters();
  return (
    <Drawer title={r.data ? `${r.data.alarm.equipment_name} · ${sayAlarm(r.data.alarm, parameters)}` : "…"} onClose={close}>
      <Shown of={r} lines={8}>
        {({ alarm: a, etag, limit }) => <>
          <p class="row tight"><SeverityBadge severity={a.severity} quiet={a.is_cleared} /> <AlarmState alarm={a} /></p>
          <p class="muted">{t(`alarm.state.${a.state}.help`)}</p>
          {can("alarms:write") && <Actions alarm={a} etag={etag} done={() => {
            r.reload();
            void refresh();
          }} />}
          <Facts items={[
            [t("command.equipment"), <Link to={`/equipment/${a.equipment_id}/alarms`}>{a.equipment_name}</Link>],
            [t("alarm.condition"), <Badge tone={a.is_cleared ? "ok" : "bad"}>{t(a.is_cleared ? "alarm.cleared" : a.present ? "alarm.present" : "alarm.held")}</Badge>],
            [t("alarm.operators"), t(`alarm.operator.${a.operator_state}`)],
            a.shelf && [t("alarm.shelf"), <>{a.shelf.reason} <span class="muted">{t("alarm.until")} <Time at={a.shelf.until} /> · <Mono>{a.shelf.actor}</Mono></span></>],
            a.parameter && [t("telemetry.parameter"), <Link to={`/telemetry/${a.equipment_id}?parameter=${encodeURIComponent(a.parameter)}`}>{a.parameter}</Link>],
            a.value !== null && [t("alarm.value"), sayValue(a.value, parameters.unit(a.parameter))],
            limit !== null && [t("alarm.limit"), <Link to={`/telemetry/limits?limit=${a.limit_id}`}>{limit}</Link>],
            [t("alarm.raised"), <Time at={a.raised_at} />],
            a.cleared_at && [t("alarm.clearedAt"), <Time at={a.cleared_at} />],
            a.type === "command-unknown" && [t("page.commands"), <Link to="/commands?state=unknown">{t("command.state.unknown")}</Link>],
            (a.latched || a.suppresses) && [t("alarm.kind"), [a.latched && t("limit.latched"), a.suppresses && t("limit.suppresses")].filter(Boolean).join("; ")],
          ]} />
          <h3>{t("history.title")}</h3>
          <Steps alarm={a} />
        </>}
      </Shown>
    </Drawer>
  );
}

function Steps({ alarm: a }: { alarm: AlarmDetailed }) {
  const parameters = useParameters();
  return (
    <ol class="steps">
      {[...a.steps].reverse().map((s) => (
        <li key={s.version} class={s.is_cleared ? "succeeded" : s.event === "raise" || s.event === "worsen" ? "failed" : undefined}>
          <strong>{tOr(`alarm.event.${s.event}`, s.event)}</strong> <SeverityBadge severity={s.severity as Severity} quiet={s.is_cleared} />
          {s.value !== null && <span class="muted"> {sayValue(s.value, parameters.unit(a.parameter))}</span>}
          {s.detail && <p>{s.detail}</p>}
          <p class="muted small"><Time at={s.at} /> · {s.actor}</p>
        </li>
      ))}
    </ol>
  );
}

type Panel = "comment" | "shelve" | null;

function Actions({ alarm: a, etag, done }: { alarm: AlarmDetailed; etag: string | null; done: () => void }) {
  const [panel, setPanel] = useState<Panel>(null);
  const [comment, setComment] = useState("");
  const match = etag ? { ifMatch: etag } : {};
  const said = comment.trim() ? { body: { comment: comment.trim() } } : {};
  const act = useAction(async (what: () => Promise<unknown>, text: string) => {
    try {
      await what();
      toast(text);
      setPanel(null);
      setComment("");
    } catch (e) {
      if (e instanceof Problem && e.status === 412) done(); // what is seen is no longer so
      throw e;
    }
    done();
  });
  const shelved = a.operator_state === "shelved";
  return (
    <div class="handle">
      <div class="row tight">
        {(a.operator_state === "none" || a.operator_state === "un-shelved") && (
          <Button kind="primary" icon="check" busy={act.busy} onClick={() => void act.run(() => alarmsAck({ id: a.id, ...match, ...said }), t("alarm.acked"))}>{t("alarm.ack")}</Button>
        )}
        {a.operator_state === "ack" && <Button icon="undo" busy={act.busy} onClick={() => void act.run(() => alarmsUnack({ id: a.id, ...match }), t("alarm.unacked"))}>{t("alarm.unack")}</Button>}
        {a.is_cleared && !shelved && a.operator_state !== "closed" && (
          <Button icon="archive" busy={act.busy} onClick={() => void act.run(() => alarmsClose({ id: a.id, ...match, ...said }), t("alarm.closed"))}>{t("alarm.close")}</Button>
        )}
        {shelved ? <Button icon="restore" busy={act.busy} onClick={() => void act.run(() => shelvesDelete({ alarm_id: a.id, ...match }), t("alarm.unshelved"))}>{t("alarm.unshelve")}</Button>
          : a.operator_state !== "closed" && <Button icon="pause" pressed={panel === "shelve"} onClick={() => setPanel(panel === "shelve" ? null : "shelve")}>{t("alarm.shelve")}</Button>}
        <Button icon="edit" pressed={panel === "comment"} onClick={() => setPanel(panel === "comment" ? null : "comment")}>{t("alarm.comment")}</Button>
      </div>
      {act.problem?.status === 412 ? <Notice tone="warn">{t("alarm.changed")}</Notice> : <Refusal problem={act.problem} />}
      {panel === "comment" && (
        <Form label={t("alarm.comment")} onSubmit={() => void act.run(() => alarmsComment({ id: a.id, body: { comment: comment.trim() } }), t("alarm.commented"))}>
          <TextField label={t("alarm.comment.text")} value={comment} onChange={setComment} lines={2} maxLength={500} autoFocus help={waits(a) ? t("alarm.comment.help") : undefined} />
          <div class="form-actions"><Button type="submit" busy={act.busy} disabled={!comment.trim()}>{t("alarm.comment.add")}</Button></div>
        </Form>
      )}
      {panel === "shelve" && <Shelve id={a.id} done={() => {
        setPanel(null);
        done();
      }} />}
    </div>
  );
}

/** For how long, in hours; the service takes at most 30 days. */
const spans = [1, 4, 8, 24, 72, 168] as const;

/** Puts an alarm aside, until a moment and for a reason. */
function Shelve({ id, done }: { id: number; done: () => void }) {
  const [span, setSpan] = useState("8");
  const [until, setUntil] = useState("");
  const [reason, setReason] = useState("");
  const end = span ? new Date(Date.now() + Number(span) * 3_600_000).toISOString() : momentOf(until);
  const save = useAction(async () => {
    if (!end) return;
    await shelvesCreate({ body: { alarm_id: id, until: end, reason: reason.trim() } });
    toast(t("alarm.isShelved"));
    done();
  });
  return (
    <Form label={t("alarm.shelve")} onSubmit={() => void save.run()}>
      <p class="muted">{t("alarm.shelve.help")}</p>
      <SelectField label={t("alarm.shelve.for")} value={span} onChange={setSpan} error={span ? reasonAt(save.problem, "until") : undefined} options={[
        ...spans.map((h) => ({ value: String(h), title: h < 24 ? t("alarm.shelve.hours", { n: h }) : t("alarm.shelve.days", { n: h / 24 }) })),
        { value: "", title: t("alarm.shelve.own") },
      ]} />
      {!span && <TextField label={t("alarm.shelve.until")} type="datetime-local" value={until} onChange={setUntil} required error={reasonAt(save.problem, "until")} />}
      <TextField label={t("command.reason")} value={reason} onChange={setReason} required maxLength={300} autoFocus error={reasonAt(save.problem, "reason")} />
      <Refusal problem={save.problem} shown={["until", "reason"]} />
      <div class="form-actions"><Button kind="primary" type="submit" busy={save.busy} disabled={!reason.trim() || !end}>{t("alarm.shelve")}</Button></div>
    </Form>
  );
}
