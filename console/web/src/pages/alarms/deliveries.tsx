import { useState } from "preact/hooks";
import { deliveriesList, receiversList, type Delivery } from "../../../types/ctrl";
import type { Severity } from "../../core/alarms";
import { t } from "../../core/i18n";
import { useResource } from "../../core/resource";
import { go, place, withQuery } from "../../core/router";
import { Badge, Card, Facts, Link, Mono, Time, type Tone } from "../../parts/basics";
import { SelectField } from "../../parts/form";
import { Drawer } from "../../parts/overlay";
import { Shown } from "../../parts/states";
import { Pager, Table } from "../../parts/table";
import { SeverityBadge } from "./shared";

const tones: Record<Delivery["state"], Tone> = { waiting: "info", delivered: "ok", failed: "bad" };
const states = ["waiting", "delivered", "failed"] as const;
const kinds = ["alarms", "heartbeat", "test"] as const;
const pageSize = 100;

/** What was told to whom, and what has become of it. */
export function Deliveries() {
  const { query } = place.value;
  const state = states.find((s) => s === query.get("state")), kind = kinds.find((k) => k === query.get("kind"));
  const receiver = Number(query.get("receiver")) || null;
  const [limit, setLimit] = useState(pageSize);
  const receivers = useResource(async (s) => (await receiversList({ query: { limit: 1000 } }, s)).data.content, []);
  const r = useResource(async (s) => (await deliveriesList({
    query: { limit, ...(state ? { state } : {}), ...(kind ? { kind } : {}), ...(receiver ? { "receiver-id": receiver } : {}) },
  }, s)).data, [state, kind, receiver, limit], 5000);
  const named = (id: number) => receivers.data?.find((x) => x.id === id)?.name ?? `#${id}`;
  const opened = r.data?.content.find((d) => d.id === query.get("delivery"));
  const any = { value: "", title: t("filter.any") };
  return (
    <Card>
      <div class="filters">
        <SelectField label={t("delivery.state")} value={state ?? ""} onChange={(v) => go(withQuery({ state: v }))} options={[any, ...states.map((s) => ({ value: s, title: t(`delivery.state.${s}`) }))]} />
        <SelectField label={t("delivery.kind")} value={kind ?? ""} onChange={(v) => go(withQuery({ kind: v }))} options={[any, ...kinds.map((k) => ({ value: k, title: t(`delivery.kind.${k}`) }))]} />
        <SelectField label={t("route.receivers")} value={receiver ? String(receiver) : ""} onChange={(v) => go(withQuery({ receiver: v }))}
          options={[any, ...(receivers.data ?? []).map((x) => ({ value: String(x.id), title: x.name }))]} />
      </div>
      <Shown of={r} lines={8}>
        {(page) => <>
          <Table label={t("alarms.deliveries")} rows={page.content} rowKey={(d) => d.id} empty={t("deliveries.none")} selected={opened?.id} onOpen={(d) => go(withQuery({ delivery: d.id }))} columns={[
            { id: "state", title: t("delivery.state"), cell: (d) => <Badge tone={tones[d.state]}>{t(`delivery.state.${d.state}`)}</Badge> },
            { id: "to", title: t("delivery.to"), cell: (d) => <strong>{named(d.receiver_id)}</strong> },
            { id: "what", title: t("alarm.what"), grow: true, cell: (d) => (d.kind === "alarms" ? d.alarms.slice(0, 3).map((i) => `${i.equipment_name} ${t(`delivery.event.${i.event}`)}`).join(", ") + (d.alarms.length > 3 ? " …" : "") : t(`delivery.kind.${d.kind}`)) },
            { id: "attempts", title: t("letters.attempts"), num: true, wide: true, cell: (d) => d.attempts },
            { id: "time", title: t("delivery.begun"), num: true, cell: (d) => <Time at={d.created_at} only="age" /> },
          ]} />
          {page.content.length > 0 && <Pager shown={page.content.length} total={page.total} more={page.content.length < page.total && limit < 1000} busy={r.loading} onMore={() => setLimit(limit + pageSize)} />}
        </>}
      </Shown>
      {opened && <One delivery={opened} to={named(opened.receiver_id)} close={() => go(withQuery({ delivery: null }))} />}
    </Card>
  );
}

function One({ delivery: d, to, close }: { delivery: Delivery; to: string; close: () => void }) {
  return (
    <Drawer title={`${to} · ${t(`delivery.kind.${d.kind}`)}`} onClose={close}>
      <Facts items={[
        [t("delivery.state"), <Badge tone={tones[d.state]}>{t(`delivery.state.${d.state}`)}</Badge>],
        d.problem && [t("letters.error"), d.problem],
        [t("letters.attempts"), d.attempts],
        [t("delivery.begun"), <Time at={d.created_at} />],
        d.ended_at ? [t("delivery.ended"), <Time at={d.ended_at} />] : [t("delivery.next"), <Time at={d.due_at} />],
        [t("equipment.id"), <Mono>{d.id}</Mono>],
      ]} />
      {d.alarms.length > 0 && <>
        <h3>{t("page.alarms")}</h3>
        <ul class="lines">
          {d.alarms.map((i) => (
            <li key={`${i.alarm_id} ${i.version} ${i.event}`}>
              <SeverityBadge severity={i.severity as Severity} quiet={i.event === "cleared"} />
              <Link to={`/alarms?alarm=${i.alarm_id}`} class="grow">{i.equipment_name}: {i.text}</Link>
              <span class="muted">{t(`delivery.event.${i.event}`)}</span>
            </li>
          ))}
        </ul>
      </>}
    </Drawer>
  );
}
