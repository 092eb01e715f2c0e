import { useState } from "preact/hooks";
import { receiversCreate, receiversDelete, receiversGet, receiversUpdate, type Receiver } from "../../../types/ctrl";
import { readNumber } from "../../core/format";
import { t } from "../../core/i18n";
import { useAction } from "../../core/resource";
import { Button } from "../../parts/basics";
import { CheckField, Form, NumberField, SelectField, TextField } from "../../parts/form";
import { Merge, useMerge } from "../../parts/merge";
import { ask, Drawer, toast } from "../../parts/overlay";
import { Refusal, reasonAt } from "../../parts/states";

interface Mail {
  from?: string;
  to?: string[];
  user?: string;
  security?: string;
}

interface Draft {
  name: string;
  kind: Receiver["kind"];
  address: string;
  secret: string;
  heartbeat: string;
  enabled: boolean;
  from: string;
  to: string;
  user: string;
  security: string;
}

function draftOf(r: Receiver | null): Draft {
  const mail = (r?.options ?? {}) as Mail;
  return {
    name: r?.name ?? "", kind: r?.kind ?? "webhook", address: r?.address ?? "", secret: r?.secret ?? "", heartbeat: r?.heartbeat ? String(r.heartbeat) : "",
    enabled: r?.enabled ?? true, from: mail.from ?? "", to: mail.to?.join(", ") ?? "", user: mail.user ?? "", security: mail.security ?? "starttls",
  };
}

/** The fields that a service takes, empty ones as null. */
function bodyOf(d: Draft) {
  const options: Mail = { from: d.from, to: d.to.split(/[\s,;]+/).filter(Boolean), security: d.security, ...(d.user ? { user: d.user } : {}) };
  return {
    name: d.name, address: d.address, secret: d.secret || null, heartbeat: readNumber(d.heartbeat), enabled: d.enabled, ...(d.kind === "smtp" ? { options } : {}),
  };
}

/** What of a body is no null: what POST takes. */
export function given<T extends object>(body: T): { [K in keyof T]: Exclude<T[K], null> } {
  return Object.fromEntries(Object.entries(body).filter(([, v]) => v !== null)) as { [K in keyof T]: Exclude<T[K], null> };
}

/** Makes a receiver of notifications, or changes one as it was seen. */
export function ReceiverDrawer({ receiver: old, close, saved }: { receiver: Receiver | null; close: () => void; saved: () => void }) {
  const [d, setDraft] = useState(() => draftOf(old));
  const set = <K extends keyof Draft>(name: K) => (value: Draft[K]) => setDraft((x) => ({ ...x, [name]: value }));
  const merge = useMerge<Receiver>(old && { data: old, etag: `"${old.revision}"` }, () => receiversGet({ id: old?.id ?? 0 }));
  const save = useAction(() => merge.save(async (match, base) => {
    if (base) await receiversUpdate({ id: base.id, body: bodyOf(d), ...match });
    else await receiversCreate({ body: { kind: d.kind, ...given(bodyOf(d)) } });
    toast(t(base ? "toast.saved" : "toast.created"));
    saved();
  }));
  const remove = useAction(async () => {
    if (!old || !(await ask({ title: t("receiver.remove"), body: <p>{t("receiver.remove.help", { name: old.name })}</p>, action: t("receiver.remove"), danger: true }))) return;
    await receiversDelete({ id: old.id });
    toast(t("receiver.removed"));
    saved();
  });
  const p = save.problem;
  const mail = d.kind === "smtp";
  return (
    <Drawer title={old ? old.name : t("receiver.add")} onClose={close}>
      <Form label={old ? t("action.edit") : t("receiver.add")} onSubmit={() => void save.run()}>
        <TextField label={t("receiver.name")} value={d.name} onChange={set("name")} required autoFocus maxLength={80} error={reasonAt(p, "name")} />
        {!old && <SelectField label={t("receiver.kind")} value={d.kind} onChange={(v) => set("kind")(v === "smtp" ? "smtp" : "webhook")} options={[
          { value: "webhook", title: t("receiver.kind.webhook") }, { value: "smtp", title: t("receiver.kind.smtp") },
        ]} />}
        <TextField label={t("endpoint.address")} value={d.address} onChange={set("address")} required mono error={reasonAt(p, "address")} placeholder={mail ? "mail.example.org:587" : "https://example.org/alarms"} />
        {mail && <>
          <TextField label={t("receiver.from")} value={d.from} onChange={set("from")} required error={reasonAt(p, "options.from")} />
          <TextField label={t("receiver.to")} value={d.to} onChange={set("to")} required help={t("receiver.to.help")} error={reasonAt(p, "options.to")} />
          <SelectField label={t("receiver.security")} value={d.security} onChange={set("security")} options={["starttls", "tls", "none"].map((s) => ({ value: s, title: s }))} />
          <TextField label={t("receiver.user")} value={d.user} onChange={set("user")} error={reasonAt(p, "options.user")} />
        </>}
        <TextField label={t("endpoint.secret")} value={d.secret} onChange={set("secret")} mono required={!mail} error={reasonAt(p, "secret")} help={t(mail ? "receiver.secret.smtp" : "receiver.secret.webhook")} />
        <NumberField label={t("receiver.heartbeat")} value={d.heartbeat} onChange={set("heartbeat")} unit={t("unit.s")} help={t("receiver.heartbeat.help")} error={reasonAt(p, "heartbeat")} />
        <CheckField label={t("receiver.isEnabled")} value={d.enabled} onChange={set("enabled")} help={t("receiver.enabled.help")} />
        <Refusal problem={p} shown={["name", "address", "secret", "heartbeat", "options.from", "options.to", "options.user"]} />
        <Refusal problem={remove.problem} />
        <Merge of={merge} look={(r) => bodyOf(draftOf(r))} mine={bodyOf(d)} take={(r) => setDraft(draftOf(r))} />
        <div class="form-actions">
          {old && <><Button kind="danger" icon="archive" busy={remove.busy} onClick={() => void remove.run()}>{t("receiver.remove")}</Button><span class="spring" /></>}
          <Button onClick={close}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" busy={save.busy} disabled={!d.name || !d.address || merge.theirs !== null}>{t("action.save")}</Button>
        </div>
      </Form>
    </Drawer>
  );
}
