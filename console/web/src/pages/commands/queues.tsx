import { useState } from "preact/hooks";
import { queuesList, queuesUpdate, type Queue } from "../../../types/ctrl";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { can } from "../../core/session";
import { Badge, Button, Card, Link } from "../../parts/basics";
import { Form, TextField } from "../../parts/form";
import { Drawer, toast } from "../../parts/overlay";
import { Refusal, Shown } from "../../parts/states";
import { Table } from "../../parts/table";
import { EquipmentName } from "../telemetry/names";
import { CommandState, type State } from "./names";

export function QueueState({ queue: q }: { queue: Queue }) {
  if (q.held) return <><Badge tone="bad">{t("queue.held")}</Badge> {q.reason}</>;
  if (q.in_flight_state === "unknown") return <Badge tone="bad">{t("queue.stands")}</Badge>;
  return <Badge tone="ok">{t("queue.runs")}</Badge>;
}

/** Holds a queue, with a reason, or lets it go on. */
export function QueueActions({ queue: q, done }: { queue: Queue; done: () => void }) {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const set = useAction(async (held: boolean) => {
    await queuesUpdate({ equipment_id: q.equipment_id, body: { held, ...(held && reason ? { reason } : {}) } });
    toast(t(held ? "queue.isHeld" : "queue.goesOn"));
    setAsking(false);
    done();
  });
  if (!can("ctrl:write")) return null;
  return (
    <>
      {q.held ? <Button small icon="play" busy={set.busy} onClick={() => void set.run(false)}>{t("queue.release")}</Button>
        : <Button small icon="pause" onClick={() => setAsking(true)}>{t("queue.hold")}</Button>}
      {asking && (
        <Drawer title={t("queue.hold")} modal="dialog" onClose={() => setAsking(false)}>
          <p>{t("queue.hold.help")}</p>
          <Form label={t("queue.hold")} onSubmit={() => void set.run(true)}>
            <TextField label={t("command.reason")} value={reason} onChange={setReason} autoFocus />
            <Refusal problem={set.problem} />
            <div class="form-actions"><Button onClick={() => setAsking(false)}>{t("action.cancel")}</Button><Button kind="primary" type="submit" busy={set.busy}>{t("queue.hold")}</Button></div>
          </Form>
        </Drawer>
      )}
    </>
  );
}

export function Queues() {
  const r = useResource(async (s) => (await queuesList({ query: { limit: 1000 } }, s)).data.content, [], 3000);
  return (
    <Card>
      <Shown of={r}>
        {(rows) => (
          <Table label={t("queue.queues")} rows={rows} rowKey={(q) => q.equipment_id} empty={t("queue.none")} columns={[
            { id: "equipment", title: t("command.equipment"), grow: true, cell: (q) => <Link to={`/equipment/${q.equipment_id}/control`}><EquipmentName id={q.equipment_id} /></Link> },
            { id: "state", title: t("queue.state"), cell: (q) => <QueueState queue={q} /> },
            { id: "flight", title: t("queue.inFlight"), cell: (q) => q.in_flight ? <Link to={`/commands/sent/${q.in_flight}`}><CommandState state={q.in_flight_state as State} /></Link> : <span class="muted">–</span> },
            { id: "queued", title: t("queue.queued"), num: true, cell: (q) => q.queued },
            { id: "awaiting", title: t("queue.awaiting"), num: true, wide: true, cell: (q) => q.awaiting_approval },
            { id: "act", title: "", cell: (q) => <QueueActions queue={q} done={r.reload} /> },
          ]} />
        )}
      </Shown>
    </Card>
  );
}
