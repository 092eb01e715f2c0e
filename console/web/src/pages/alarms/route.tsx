import { useState } from "preact/hooks";
import { routesCreate, routesDelete, routesGet, routesUpdate, type Receiver, type Route } from "../../../types/ctrl";
import { severities, type Severity } from "../../core/alarms";
import { readNumber } from "../../core/format";
import { t } from "../../core/i18n";
import { useAction } from "../../core/resource";
import { Button } from "../../parts/basics";
import { CheckField, Form, NumberField, SelectField, TextField } from "../../parts/form";
import { Merge, useMerge } from "../../parts/merge";
import { ask, Drawer, toast } from "../../parts/overlay";
import { Refusal, reasonAt } from "../../parts/states";
import { EquipmentField } from "../equipment/find";
import { given } from "./receiver";

const types = ["limit", "stale", "command-unknown"] as const;
type Kind = (typeof types)[number];

interface Draft {
  name: string;
  receivers: number[];
  severity: Severity;
  below: number | null;
  types: Kind[];
  group: string;
  repeat: string;
}

function draftOf(r: Route | null, only: number[]): Draft {
  return {
    name: r?.name ?? "", receivers: r?.receivers ?? only, severity: r?.severity ?? "warning", below: r?.below ?? null,
    types: types.filter((x) => r?.types.includes(x)), group: String(r?.group ?? 5), repeat: r?.repeat ? String(r.repeat) : "",
  };
}

function bodyOf(d: Draft) {
  return { name: d.name, receivers: d.receivers, severity: d.severity, below: d.below, types: d.types, group: readNumber(d.group) ?? 5, repeat: readNumber(d.repeat) };
}

function toggled<T>(list: T[], item: T, on: boolean): T[] {
  return on ? [...list, item] : list.filter((x) => x !== item);
}

/** Says which alarms are told to whom, or changes it as it was seen. */
export function RouteDrawer({ route: old, receivers, close, saved }: { route: Route | null; receivers: Receiver[]; close: () => void; saved: () => void }) {
  const only = receivers.length === 1 ? receivers.map((r) => r.id) : [];
  const [d, setDraft] = useState(() => draftOf(old, only));
  const set = <K extends keyof Draft>(name: K) => (value: Draft[K]) => setDraft((x) => ({ ...x, [name]: value }));
  const merge = useMerge<Route>(old && { data: old, etag: `"${old.revision}"` }, () => routesGet({ id: old?.id ?? 0 }));
  const save = useAction(() => merge.save(async (match, base) => {
    if (base) await routesUpdate({ id: base.id, body: bodyOf(d), ...match });
    else await routesCreate({ body: given(bodyOf(d)) });
    toast(t(base ? "toast.saved" : "toast.created"));
    saved();
  }));
  const remove = useAction(async () => {
    if (!old || !(await ask({ title: t("route.remove"), body: <p>{t("route.remove.help", { name: old.name })}</p>, action: t("route.remove"), danger: true }))) return;
    await routesDelete({ id: old.id });
    toast(t("route.removed"));
    saved();
  });
  const p = save.problem;
  return (
    <Drawer title={old ? old.name : t("route.add")} onClose={close}>
      <Form label={old ? t("action.edit") : t("route.add")} onSubmit={() => void save.run()}>
        <TextField label={t("receiver.name")} value={d.name} onChange={set("name")} required autoFocus maxLength={80} error={reasonAt(p, "name")} />
        <fieldset class="checks">
          <legend>{t("route.receivers")}</legend>
          {receivers.map((r) => <CheckField key={r.id} label={r.name} value={d.receivers.includes(r.id)} onChange={(on) => set("receivers")(toggled(d.receivers, r.id, on))} />)}
          {reasonAt(p, "receivers") && <p class="error">{reasonAt(p, "receivers")}</p>}
        </fieldset>
        <SelectField label={t("route.severity")} value={d.severity} onChange={(v) => set("severity")(severities.find((s) => s === v) ?? "warning")}
          options={severities.map((s) => ({ value: s, title: t(`severity.${s}`) }))} error={reasonAt(p, "severity")} />
        <EquipmentField label={t("route.below")} none={t("route.everywhere")} value={d.below} onChange={set("below")} />
        {reasonAt(p, "below") && <p class="error">{reasonAt(p, "below")}</p>}
        <fieldset class="checks">
          <legend>{t("route.types")}</legend>
          <p class="help">{t("route.types.help")}</p>
          {types.map((x) => <CheckField key={x} label={t(`alarm.type.${x}`)} value={d.types.includes(x)} onChange={(on) => set("types")(toggled(d.types, x, on))} />)}
        </fieldset>
        <NumberField label={t("route.group")} value={d.group} onChange={set("group")} unit={t("unit.s")} help={t("route.group.help")} error={reasonAt(p, "group")} />
        <NumberField label={t("route.repeat")} value={d.repeat} onChange={set("repeat")} unit={t("unit.s")} help={t("route.repeat.help")} error={reasonAt(p, "repeat")} />
        <Refusal problem={p} shown={["name", "receivers", "severity", "below", "group", "repeat"]} />
        <Refusal problem={remove.problem} />
        <Merge of={merge} look={(r) => bodyOf(draftOf(r, []))} mine={bodyOf(d)} take={(r) => setDraft(draftOf(r, []))} />
        <div class="form-actions">
          {old && <><Button kind="danger" icon="archive" busy={remove.busy} onClick={() => void remove.run()}>{t("route.remove")}</Button><span class="spring" /></>}
          <Button onClick={close}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" busy={save.busy} disabled={!d.name || d.receivers.length === 0 || merge.theirs !== null}>{t("action.save")}</Button>
        </div>
      </Form>
    </Drawer>
  );
}
