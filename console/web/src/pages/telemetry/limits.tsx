import { limitsList, type Level, type Limit } from "../../../types/ctrl";
import { duration, plain } from "../../core/format";
import { t } from "../../core/i18n";
import { useResource } from "../../core/resource";
import { go, place, withQuery } from "../../core/router";
import { can } from "../../core/session";
import { Button, Card, Link } from "../../parts/basics";
import { Shown } from "../../parts/states";
import { Pager, Table } from "../../parts/table";
import { LimitDrawer } from "./limit";
import { EquipmentName } from "./names";
import { useParameters } from "./parameters";

/** The bounds in one line: "> 75 °C critical, > 20 °C major". */
export function sayLevels(levels: Level[], unit: string): string {
  return levels.map((l) => `${l.high !== undefined ? ">" : "<"} ${plain(l.high ?? l.low ?? 0)}${unit ? ` ${unit}` : ""} ${t(`severity.${l.severity}`)}`).join(", ");
}

/** All limits, of whatever equipment. */
export function Limits() {
  const r = useResource(async (s) => (await limitsList({ query: { limit: 1000 } }, s)).data, []);
  const parameters = useParameters();
  const opened = place.value.query.get("limit");
  const close = () => go(withQuery({ limit: null }), { replace: true });
  return (
    <Card title={t("limits.title")} actions={can("ctrl:write") && <Button kind="primary" icon="plus" onClick={() => go(withQuery({ limit: "new" }))}>{t("limit.add")}</Button>}>
      <Shown of={r} lines={6}>
        {(page) => <>
          <Table label={t("limits.title")} rows={page.content} rowKey={(l) => l.id} selected={Number(opened)} empty={t("limits.none")} onOpen={(l) => go(withQuery({ limit: l.id }))} columns={[
            { id: "name", title: t("limit.name"), cell: (l) => <strong>{l.name}</strong> },
            { id: "parameter", title: t("telemetry.parameter"), cell: (l) => parameters.get(l.telemetry_id)?.name ?? `#${l.telemetry_id}` },
            { id: "equipment", title: t("command.equipment"), cell: (l) => <Whose limit={l} /> },
            { id: "levels", title: t("limit.levels"), grow: true, cell: (l) => sayLevels(l.levels, parameters.unit(l.telemetry_id)) || "–" },
            { id: "stale", title: t("limit.stale"), wide: true, num: true, cell: (l) => (l.stale_after === null ? "–" : duration(l.stale_after)) },
          ]} />
          {page.content.length > 0 && <Pager shown={page.content.length} total={page.total} more={false} onMore={() => {}} />}
        </>}
      </Shown>
      {opened && <LimitDrawer key={opened} edited={{ id: Number(opened) || null, equipment: null }} close={close} saved={() => {
        close();
        r.reload();
      }} />}
    </Card>
  );
}

function Whose({ limit }: { limit: Limit }) {
  const id = limit.equipment_id;
  return id === null ? <>{t("limit.all")}</> : <Link to={`/telemetry/${id}`}><EquipmentName id={id} /></Link>;
}
