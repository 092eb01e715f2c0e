import { useState } from "preact/hooks";
import { receiversList, receiversTest, routesList, type Delivery, type Receiver, type Route } from "../../../types/ctrl";
import { duration } from "../../core/format";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { can } from "../../core/session";
import { Badge, Button, Card, Mono } from "../../parts/basics";
import { Notice, Refusal, Shown } from "../../parts/states";
import { Table } from "../../parts/table";
import { EquipmentName } from "../telemetry/names";
import { ReceiverDrawer } from "./receiver";
import { RouteDrawer } from "./route";
import { SeverityBadge } from "./shared";

/** Who is told of alarms, and of which. */
export function Notification() {
  const receivers = useResource(async (s) => (await receiversList({ query: { limit: 1000 } }, s)).data.content, []);
  const routes = useResource(async (s) => (await routesList({ query: { limit: 1000 } }, s)).data.content, []);
  const [panel, setPanel] = useState<{ receiver: Receiver | null } | { route: Route | null } | null>(null);
  const writable = can("ctrl:write");
  const saved = () => {
    setPanel(null);
    receivers.reload();
    routes.reload();
  };
  return (
    <>
      <Card title={t("receivers.title")} actions={writable && <Button icon="plus" onClick={() => setPanel({ receiver: null })}>{t("receiver.add")}</Button>}>
        <Shown of={receivers} lines={3}>
          {(rows) => (
            <Table label={t("receivers.title")} rows={rows} rowKey={(r) => r.id} empty={t("receivers.none")} {...(writable ? { onOpen: (r: Receiver) => setPanel({ receiver: r }) } : {})} columns={[
              { id: "name", title: t("receiver.name"), cell: (r) => <strong>{r.name}</strong> },
              { id: "kind", title: t("receiver.kind"), cell: (r) => t(`receiver.kind.${r.kind}`) },
              { id: "address", title: t("endpoint.address"), grow: true, cell: (r) => <Mono>{r.address}</Mono> },
              { id: "heartbeat", title: t("receiver.heartbeat"), wide: true, num: true, cell: (r) => (r.heartbeat === null ? "–" : duration(r.heartbeat)) },
              { id: "enabled", title: t("receiver.state"), cell: (r) => <Badge tone={r.enabled ? "ok" : "idle"}>{t(r.enabled ? "receiver.enabled" : "receiver.disabled")}</Badge> },
              ...(writable ? [{ id: "test", title: "", cell: (r: Receiver) => <Test receiver={r} /> }] : []),
            ]} />
          )}
        </Shown>
      </Card>
      <Card title={t("routes.title")} actions={writable && <Button icon="plus" disabled={!receivers.data?.length} onClick={() => setPanel({ route: null })}>{t("route.add")}</Button>}>
        <Shown of={routes} lines={3}>
          {(rows) => <Routes rows={rows} receivers={receivers.data ?? []} {...(writable ? { open: (route: Route) => setPanel({ route }) } : {})} />}
        </Shown>
      </Card>
      {panel && "receiver" in panel && <ReceiverDrawer receiver={panel.receiver} close={() => setPanel(null)} saved={saved} />}
      {panel && "route" in panel && <RouteDrawer route={panel.route} receivers={receivers.data ?? []} close={() => setPanel(null)} saved={saved} />}
    </>
  );
}

function Routes({ rows, receivers, open }: { rows: Route[]; receivers: Receiver[]; open?: (r: Route) => void }) {
  const named = (id: number) => receivers.find((r) => r.id === id)?.name ?? `#${id}`;
  return (
    <Table label={t("routes.title")} rows={rows} rowKey={(r) => r.id} empty={t("routes.none")} {...(open ? { onOpen: open } : {})} columns={[
      { id: "name", title: t("receiver.name"), cell: (r) => <strong>{r.name}</strong> },
      { id: "severity", title: t("route.severity"), cell: (r) => <SeverityBadge severity={r.severity} quiet /> },
      { id: "below", title: t("route.below"), grow: true, cell: (r) => (r.below === null ? t("route.everywhere") : <EquipmentName id={r.below} />) },
      { id: "types", title: t("route.types"), wide: true, cell: (r) => (r.types.length === 0 ? t("filter.any") : r.types.map((x) => t(`alarm.type.${x as "limit"}`)).join(", ")) },
      { id: "to", title: t("route.receivers"), cell: (r) => r.receivers.map(named).join(", ") },
      { id: "repeat", title: t("route.repeat"), wide: true, num: true, cell: (r) => (r.repeat === null ? t("word.never") : duration(r.repeat)) },
    ]} />
  );
}

/** Tells a receiver that this is a test, and says what has become of it. */
function Test({ receiver }: { receiver: Receiver }) {
  const [told, setTold] = useState<Delivery | null>(null);
  const test = useAction(async () => {
    setTold(null);
    setTold((await receiversTest({ id: receiver.id })).data);
  });
  return (
    <div class="row tight" onClick={(e) => e.stopPropagation()}>
      {told && <Badge tone={told.state === "delivered" ? "ok" : "bad"}>{t(`delivery.state.${told.state}`)}</Badge>}
      {told?.problem && <Notice tone="bad">{told.problem}</Notice>}
      <Refusal problem={test.problem} />
      <Button small icon="check" busy={test.busy} label={t("receiver.testOne", { name: receiver.name })} onClick={() => void test.run()}>{t("receiver.test")}</Button>
    </div>
  );
}
