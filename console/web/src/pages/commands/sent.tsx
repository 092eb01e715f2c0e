import { useState } from "preact/hooks";
import { commandBindingsGet, commandsApprove, commandsCancel, commandsGet, commandsReject, commandsResolve, commandsUndo, type Detailed, type Reading } from "../../../types/ctrl";
import { t, tOr } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { go } from "../../core/router";
import { can, me } from "../../core/session";
import { Badge, Button, Card, Facts, Link, Mono, Time } from "../../parts/basics";
import { CheckField, Form, SelectField, TextField } from "../../parts/form";
import { ask, Drawer, toast } from "../../parts/overlay";
import { Notice, Refusal, reasonAt, Shown } from "../../parts/states";
import { CommandState, moving, useNames } from "./names";
import { Args } from "./send";

/** One command that was sent: every step as it happens, and what may be done with it now. */
export function Sent({ id }: { id: string }) {
  const [live, setLive] = useState(true);
  const r = useResource(async (s) => {
    const { data, etag } = await commandsGet({ id }, s);
    setLive(moving(data.state) || data.state === "unknown");
    return { command: data, etag };
  }, [id], live ? 700 : 0);
  const names = useNames();
  return (
    <Shown of={r} lines={8}>
      {({ command: c, etag }) => (
        <div class="grid two">
          <Card title={<>{names.command(c.command_id)} <CommandState state={c.state} /></>}>
            {c.state === "unknown" && <Notice tone="bad">{t("command.unknown.help")}</Notice>}
            {c.reason && <Notice tone={c.state === "succeeded" ? "info" : "warn"}>{c.reason}</Notice>}
            <Facts items={[
              [t("command.equipment"), <Link to={`/equipment/${c.equipment_id}/control`}>{names.equipment(c.command_id) || `#${c.equipment_id}`}</Link>],
              [t("command.arguments"), <Args value={c.args} />],
              [t("command.sender"), <>{c.sender_login} <Mono>{c.sender}</Mono></>],
              c.approver && [t("command.approver"), <Mono>{c.approver}</Mono>],
              [t("command.created"), <Time at={c.created_at} />],
              c.sent_at && [t("command.sentAt"), <Time at={c.sent_at} />],
              moving(c.state) && [t("command.expires"), <Time at={c.expires_at} />],
              c.hazardous && [t("command.hazard"), <Badge tone="warn">{t("command.hazardous")}</Badge>],
              c.undo_of && [t("command.undoOf"), <Link to={`/commands/sent/${c.undo_of}`}><Mono>{c.undo_of}</Mono></Link>],
              [t("command.wire"), <pre class="json" tabIndex={0}>{c.wire}</pre>],
              c.reply && [t("command.reply"), <pre class="json" tabIndex={0}>{c.reply}</pre>],
              c.read_before.length > 0 && [t("command.readBefore"), <Readings list={c.read_before} />],
              c.readback.length > 0 && [t("command.readback"), <Readings list={c.readback} />],
            ]} />
            <Actions command={c} etag={etag} done={r.reload} />
          </Card>
          <Card title={t("command.steps")}>
            <ol class="steps">
              {c.steps.map((s) => (
                <li key={s.version} class={s.state}>
                  <strong>{tOr(`command.state.${s.state}`, s.state)}</strong> <span class="muted">{tOr(`command.event.${s.event}`, s.event)}</span>
                  {s.detail && <p>{s.detail}</p>}
                  <p class="muted small"><Time at={s.at} /> · {s.actor}</p>
                </li>
              ))}
            </ol>
            {moving(c.state) && <p class="muted small" role="status"><span class="pulse" aria-hidden="true" /> {t("command.moving")}</p>}
          </Card>
        </div>
      )}
    </Shown>
  );
}

function Readings({ list }: { list: Reading[] }) {
  return <>{list.map((b, i) => <span key={i} class="condition"><Mono>{b.parameter}</Mono> {b.problem ?? JSON.stringify(b.value)} </span>)}</>;
}

function Actions({ command: c, etag, done }: { command: Detailed; etag: string | null; done: () => void }) {
  const [panel, setPanel] = useState<"cancel" | "reject" | "resolve" | "undo" | null>(null);
  const match = etag ? { ifMatch: etag } : {};
  const approve = useAction(async () => {
    if (!(await ask({ title: t("command.approve"), body: <p>{t("command.approve.help", { sender: c.sender_login })}</p>, action: t("command.approve") }))) return;
    await commandsApprove({ id: c.id, ...match });
    toast(t("command.approved"));
    done();
  });
  const waiting = c.state === "awaiting_approval" || c.state === "queued";
  const own = c.sender === `user:${me.value?.id}`;
  const close = (changed: boolean) => {
    setPanel(null);
    if (changed) done();
  };
  return (
    <>
      <div class="row">
        {c.state === "awaiting_approval" && can("commands:approve") && !own && <>
          <Button kind="primary" icon="check" busy={approve.busy} onClick={() => void approve.run()}>{t("command.approve")}</Button>
          <Button icon="close" onClick={() => setPanel("reject")}>{t("command.reject")}</Button>
        </>}
        {c.state === "awaiting_approval" && own && <p class="muted">{t("command.ownApproval")}</p>}
        {waiting && can("commands:send") && <Button icon="close" onClick={() => setPanel("cancel")}>{t("command.cancel")}</Button>}
        {c.state === "unknown" && can("commands:send") && <Button kind="primary" icon="check" onClick={() => setPanel("resolve")}>{t("command.resolve")}</Button>}
        {(c.state === "succeeded" || c.state === "unverified") && can("commands:send") && <Button icon="undo" onClick={() => setPanel("undo")}>{t("command.doUndo")}</Button>}
        {can("commands:send") && !moving(c.state) && <Button icon="refresh" onClick={() => go(`/commands/send/${c.command_id}`)}>{t("command.again")}</Button>}
      </div>
      <Refusal problem={approve.problem} />
      {(panel === "cancel" || panel === "reject") && <ReasonDrawer kind={panel} close={close} act={async (reason) => {
        await (panel === "cancel" ? commandsCancel : commandsReject)({ id: c.id, ...match, body: reason ? { reason } : {} });
      }} />}
      {panel === "resolve" && <ResolveDrawer close={close} act={async (outcome, reason) => void (await commandsResolve({ id: c.id, ...match, body: { outcome, reason } }))} />}
      {panel === "undo" && <UndoDrawer command={c} match={match} close={() => close(false)} />}
    </>
  );
}

function ReasonDrawer({ kind, act, close }: { kind: "cancel" | "reject"; act: (reason: string) => Promise<void>; close: (changed: boolean) => void }) {
  const [reason, setReason] = useState("");
  const save = useAction(async () => {
    await act(reason);
    close(true);
  });
  return (
    <Drawer title={t(`command.${kind}`)} modal="dialog" onClose={() => close(false)}>
      <Form label={t(`command.${kind}`)} onSubmit={() => void save.run()}>
        <TextField label={t("command.reason")} value={reason} onChange={setReason} autoFocus error={reasonAt(save.problem, "reason")} />
        <Refusal problem={save.problem} shown={["reason"]} />
        <div class="form-actions"><Button onClick={() => close(false)}>{t("action.back")}</Button><Button kind="danger" type="submit" busy={save.busy}>{t(`command.${kind}`)}</Button></div>
      </Form>
    </Drawer>
  );
}

function ResolveDrawer({ act, close }: { act: (outcome: "succeeded" | "failed", reason: string) => Promise<void>; close: (changed: boolean) => void }) {
  const [outcome, setOutcome] = useState<"succeeded" | "failed">("succeeded");
  const [reason, setReason] = useState("");
  const save = useAction(async () => {
    await act(outcome, reason);
    close(true);
  });
  return (
    <Drawer title={t("command.resolve")} modal="dialog" onClose={() => close(false)}>
      <p>{t("command.resolve.help")}</p>
      <Form label={t("command.resolve")} onSubmit={() => void save.run()}>
        <SelectField label={t("command.outcome")} value={outcome} onChange={(v) => setOutcome(v === "failed" ? "failed" : "succeeded")}
          options={[{ value: "succeeded", title: t("command.outcome.succeeded") }, { value: "failed", title: t("command.outcome.failed") }]} />
        <TextField label={t("command.howKnown")} value={reason} onChange={setReason} required error={reasonAt(save.problem, "reason")} />
        <Refusal problem={save.problem} shown={["reason"]} />
        <div class="form-actions"><Button onClick={() => close(false)}>{t("action.cancel")}</Button><Button kind="primary" type="submit" busy={save.busy} disabled={!reason}>{t("command.resolve")}</Button></div>
      </Form>
    </Drawer>
  );
}

function UndoDrawer({ command: c, match, close }: { command: Detailed; match: { ifMatch?: string }; close: () => void }) {
  const names = useNames();
  const undoId = names.get(c.command_id)?.undo_cmd_id ?? null;
  const [own] = useState(() => crypto.randomUUID());
  const [confirmed, setConfirmed] = useState(false);
  const binding = useResource(async (s) => (undoId ? (await commandBindingsGet({ command_id: undoId }, s)).data : null), [undoId]);
  const undo = useAction(async () => {
    await commandsUndo({ id: c.id, ...match, body: { id: own, ...(confirmed ? { confirm_hazard: true } : {}) } });
    toast(t("command.undoSent"));
    go(`/commands/sent/${own}`);
  });
  const hazardous = binding.data?.hazardous ?? false;
  return (
    <Drawer title={t("command.doUndo")} modal="dialog" onClose={close} footer={<>
      <Button onClick={close}>{t("action.cancel")}</Button>
      <Button kind={hazardous ? "danger" : "primary"} icon="undo" busy={undo.busy} disabled={hazardous && !confirmed} onClick={() => void undo.run()}>{t("command.doUndo")}</Button>
    </>}>
      <p>{undoId ? t("command.undo.help", { name: names.command(undoId) }) : t("command.undo.unknown")}</p>
      {hazardous && <><Notice tone="warn"><strong>{t("command.hazard")}</strong> {binding.data?.hazard_reason}</Notice><CheckField label={t("command.confirm")} value={confirmed} onChange={setConfirmed} /></>}
      <Refusal problem={undo.problem} />
    </Drawer>
  );
}
