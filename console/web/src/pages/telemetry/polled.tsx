import { useEffect, useMemo, useState } from "preact/hooks";
import { telemetryBindingsList, telemetryStream, type Value } from "../../../types/ctrl";
import { t } from "../../core/i18n";
import { useResource } from "../../core/resource";
import { go } from "../../core/router";
import { follow } from "../../core/stream";
import { Time } from "../../parts/basics";
import { Empty, Loading, Shown } from "../../parts/states";
import { Table } from "../../parts/table";
import { EquipmentName } from "./names";
import { Quality } from "./quality";
import { sayValue, useParameters } from "./parameters";

/** How many pieces of equipment one stream follows. */
const most = 100;

interface Row extends Value {
  equipment: number;
}

/** The values of all equipment that is polled, as they come: where nobody has chosen any yet. */
export function Polled() {
  const r = useResource(async (s) => {
    const { data } = await telemetryBindingsList({ query: { limit: 1000 } }, s);
    return [...new Set(data.content.map((b) => b.equipment_id))].slice(0, most);
  }, []);
  return <Shown of={r} lines={8}>{(ids) => (ids.length === 0 ? <Empty title={t("equipment.choose")} /> : <Following ids={ids} />)}</Shown>;
}

function Following({ ids }: { ids: number[] }) {
  const [rows, setRows] = useState<ReadonlyMap<string, Row>>(new Map());
  const [open, setOpen] = useState(false);
  useEffect(() => follow(telemetryStream.url({ query: { "equipment-id": ids } }), {
    event({ name, data }) {
      if (name !== "values") return;
      const come = (data as { equipment_id: number; values: Value[] }[]).flatMap((e) => e.values.map((v): [string, Row] => [`${e.equipment_id} ${v.parameter}`, { ...v, equipment: e.equipment_id }]));
      setRows((old) => new Map([...old, ...come]));
    },
    state: (s) => s === "open" && setOpen(true),
  }).stop, [ids.join()]);
  const parameters = useParameters();
  const sorted = useMemo(() => [...rows.values()].sort((a, b) => a.equipment - b.equipment || a.parameter.localeCompare(b.parameter)), [rows]);
  if (!open) return <Loading lines={8} />;
  return (
    <>
      <p class="muted">{t("telemetry.polled")}</p>
      <Table label={t("telemetry.newest")} rows={sorted} rowKey={(v) => `${v.equipment} ${v.parameter}`} empty={t("telemetry.waiting")} onOpen={(v) => go(`/telemetry/${v.equipment}?parameter=${encodeURIComponent(v.parameter)}`)} columns={[
        { id: "equipment", title: t("command.equipment"), cell: (v) => <strong><EquipmentName id={v.equipment} /></strong> },
        { id: "name", title: t("telemetry.parameter"), grow: true, cell: (v) => <>{v.parameter} <span class="muted only-wide">{parameters.get(v.parameter)?.name_full}</span></> },
        { id: "value", title: t("alarm.value"), num: true, cell: (v) => <strong>{sayValue(v.value, parameters.unit(v.parameter))}</strong> },
        { id: "quality", title: t("telemetry.quality"), wide: true, cell: (v) => <Quality of={v.quality} /> },
        { id: "age", title: t("telemetry.age"), num: true, cell: (v) => <Time at={v.at} only="age" /> },
      ]} />
    </>
  );
}
