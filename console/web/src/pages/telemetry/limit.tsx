import { useState } from "preact/hooks";
import { limitsCreate, limitsDelete, limitsGet, limitsUpdate, type Limit } from "../../../types/ctrl";
import type { Reply } from "../../core/operation";
import { severities } from "../../core/alarms";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { can } from "../../core/session";
import { Button } from "../../parts/basics";
import { CheckField, Form, NumberField, SelectField, TextField } from "../../parts/form";
import { Merge, useMerge } from "../../parts/merge";
import { ask, Drawer, toast } from "../../parts/overlay";
import { Refusal, reasonAt, Shown } from "../../parts/states";
import { EquipmentField } from "../equipment/find";
import { bodyOf, type Draft, draftOf, type LevelDraft, severityOf } from "./draft";
import { useParameters } from "./parameters";
import { Past } from "./past";

/** Which limit is edited, or made for which parameter, and on whose values it is tried. */
export interface Edited {
  id: number | null;
  telemetry?: number;
  equipment: number | null;
}

/** Reads the limit first; one that is new begins empty. */
export function LimitDrawer({ edited, close, saved }: { edited: Edited; close: () => void; saved: () => void }) {
  const r = useResource(async (s) => (edited.id === null ? null : await limitsGet({ id: edited.id }, s)), [edited.id]);
  return (
    <Drawer title={r.data?.data.name ?? t("limit.add")} onClose={close}>
      <Shown of={r} lines={8}>{(limit) => <LimitForm old={limit} edited={edited} close={close} saved={saved} />}</Shown>
    </Drawer>
  );
}

function LimitForm({ old, edited, close, saved }: { old: Reply<Limit> | null; edited: Edited; close: () => void; saved: () => void }) {
  const parameters = useParameters();
  const [telemetry, setTelemetry] = useState<number | null>(old?.data.telemetry_id ?? edited.telemetry ?? null);
  const [own, setOwn] = useState(old ? old.data.equipment_id !== null : true);
  const [equipment, setEquipment] = useState<number | null>(old?.data.equipment_id ?? edited.equipment);
  const [d, setDraft] = useState<Draft>(() => draftOf(old?.data ?? null));
  const set = <K extends keyof Draft>(name: K) => (value: Draft[K]) => setDraft((x) => ({ ...x, [name]: value }));
  const merge = useMerge<Limit>(old, () => limitsGet({ id: old?.data.id ?? 0 }));
  const save = useAction(() => merge.save(async (match, base) => {
    const body = bodyOf(d);
    if (base) await limitsUpdate({ id: base.id, body, ...match });
    else if (telemetry !== null) {
      const { raise_after, clear_after, stale_after, ...rest } = body;
      await limitsCreate({ body: {
        telemetry_id: telemetry, ...(own && equipment !== null ? { equipment_id: equipment } : {}), ...rest,
        ...(raise_after ? { raise_after } : {}), ...(clear_after ? { clear_after } : {}), ...(stale_after === null ? {} : { stale_after }),
      } });
    }
    toast(t(base ? "toast.saved" : "toast.created"));
    saved();
  }));
  const p = save.problem;
  const unit = parameters.unit(telemetry);
  const writable = can("ctrl:write");
  return (
    <Form label={t(old ? "action.edit" : "limit.add")} onSubmit={() => void save.run()}>
      <TextField label={t("limit.name")} value={d.name} onChange={set("name")} required autoFocus maxLength={80} error={reasonAt(p, "name")} />
      {!old && edited.telemetry === undefined && <SelectField label={t("telemetry.parameter")} value={telemetry === null ? "" : String(telemetry)} onChange={(v) => setTelemetry(Number(v) || null)} error={reasonAt(p, "telemetry_id")}
        options={[{ value: "", title: "–" }, ...parameters.all.map((x) => ({ value: String(x.id), title: `${x.name} · ${x.name_full}` }))]} />}
      {!old && edited.equipment !== null && <SelectField label={t("limit.whose")} value={own ? "own" : "all"} onChange={(v) => setOwn(v === "own")}
        options={[{ value: "own", title: t("limit.own") }, { value: "all", title: t("limit.all.help") }]} />}
      {old?.data.equipment_id === null && <p class="muted">{t("limit.whose")}: {t("limit.all.help")}</p>}
      {edited.equipment === null && (!old || old.data.equipment_id === null) && <EquipmentField label={t(old ? "limit.tryOn" : "command.equipment")} none={t(old ? "limit.tryNone" : "limit.all")} value={equipment} onChange={setEquipment} />}
      <Levels levels={d.levels} unit={unit} set={set("levels")} error={(i) => reasonAt(p, `levels[${i}]`)} />
      {telemetry !== null && equipment !== null && <Past telemetry={telemetry} name={parameters.get(telemetry)?.name ?? ""} equipment={equipment} draft={d} unit={unit} />}
      <Delay title={t("limit.raiseAfter")} value={d.raise} set={set("raise")} error={reasonAt(p, "raise_after")} />
      <Delay title={t("limit.clearAfter")} value={d.clear} set={set("clear")} error={reasonAt(p, "clear_after")} />
      <div class="form-row top">
        <NumberField label={t("limit.stale")} value={d.stale} onChange={set("stale")} unit={t("unit.s")} error={reasonAt(p, "stale_after")} help={t("limit.stale.help")} />
        <SelectField label={t("limit.staleSeverity")} value={d.staleSeverity} onChange={(v) => set("staleSeverity")(severityOf(v))} options={severities.map((s) => ({ value: s, title: t(`severity.${s}`) }))} />
      </div>
      <CheckField label={t("limit.latched")} value={d.latched} onChange={set("latched")} />
      <CheckField label={t("limit.suppresses")} value={d.suppresses} onChange={set("suppresses")} />
      <Refusal problem={p} shown={["name", "telemetry_id", "raise_after", "clear_after", "stale_after", ...d.levels.map((_, i) => `levels[${i}]`)]} />
      <Merge of={merge} look={(l) => bodyOf(draftOf(l))} mine={bodyOf(d)} take={(l) => setDraft(draftOf(l))} />
      {writable && (
        <div class="form-actions">
          {old && <><Remove limit={old.data} done={saved} /><span class="spring" /></>}
          <Button onClick={close}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" busy={save.busy} disabled={!d.name || telemetry === null || merge.theirs !== null}>{t("action.save")}</Button>
        </div>
      )}
    </Form>
  );
}

function Remove({ limit, done }: { limit: Limit; done: () => void }) {
  const remove = useAction(async () => {
    if (!(await ask({ title: t("limit.remove"), body: <p>{t("limit.remove.help", { name: limit.name })}</p>, action: t("limit.remove"), danger: true }))) return;
    await limitsDelete({ id: limit.id, ifMatch: `"${limit.revision}"` });
    toast(t("limit.removed"));
    done();
  });
  return <><Button kind="danger" icon="archive" busy={remove.busy} onClick={() => void remove.run()}>{t("limit.remove")}</Button><Refusal problem={remove.problem} /></>;
}

function Levels({ levels, unit, set, error }: { levels: LevelDraft[]; unit: string; set: (l: LevelDraft[]) => void; error: (i: number) => string | undefined }) {
  const change = (i: number, part: Partial<LevelDraft>) => set(levels.map((l, k) => (k === i ? { ...l, ...part } : l)));
  return (
    <fieldset class="levels">
      <legend>{t("limit.levels")}</legend>
      {levels.map((l, i) => (
        <div key={i} role="group" aria-label={t("limit.level", { n: i + 1 })} class="level">
          <SelectField label={t("alarm.severity")} value={l.severity} onChange={(v) => change(i, { severity: severityOf(v) })} options={severities.map((s) => ({ value: s, title: t(`severity.${s}`) }))} />
          <SelectField label={t("limit.side")} value={l.side} onChange={(v) => change(i, { side: v === "low" ? "low" : "high" })} options={[{ value: "high", title: t("limit.high") }, { value: "low", title: t("limit.low") }]} />
          <NumberField label={t("limit.bound")} value={l.bound} onChange={(v) => change(i, { bound: v })} unit={unit} required error={error(i)} />
          <NumberField label={t("limit.rearm")} value={l.rearm} onChange={(v) => change(i, { rearm: v })} unit={unit} />
          <Button kind="quiet" icon="close" label={t("limit.removeLevel", { n: i + 1 })} onClick={() => set(levels.filter((_, k) => k !== i))} />
        </div>
      ))}
      <div><Button small icon="plus" disabled={levels.length >= 10} onClick={() => set([...levels, { severity: levels.length === 0 ? "major" : "critical", side: "high", bound: "", rearm: "" }])}>{t("limit.addLevel")}</Button></div>
    </fieldset>
  );
}

function Delay({ title, value: v, set, error }: { title: string; value: Draft["raise"]; set: (v: Draft["raise"]) => void; error: string | undefined }) {
  return (
    <div class="form-row">
      <SelectField label={title} value={v.kind} onChange={(kind) => set({ ...v, kind: kind === "seconds" || kind === "count" ? kind : "once" })} error={error}
        options={[{ value: "once", title: t("limit.once") }, { value: "seconds", title: t("limit.seconds") }, { value: "count", title: t("limit.count") }]} />
      {v.kind === "seconds" && <NumberField label={t("limit.secondsOf")} value={v.seconds} onChange={(seconds) => set({ ...v, seconds })} unit={t("unit.s")} />}
      {v.kind === "count" && <>
        <NumberField label={t("limit.countOf")} value={v.count} onChange={(count) => set({ ...v, count })} />
        <NumberField label={t("limit.ofLast")} value={v.of} onChange={(of) => set({ ...v, of })} />
      </>}
    </div>
  );
}
