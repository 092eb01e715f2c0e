import { useState } from "preact/hooks";
import { endpointsDelete, endpointsReplace, endpointsTest, equipmentsGet, type Endpoint, type Equipment } from "../../../types/ctrl";
import { number } from "../../core/format";
import { Problem } from "../../core/http";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { can } from "../../core/session";
import { Badge, Button, Facts, Mono, Time } from "../../parts/basics";
import { Form, SelectField, TextField } from "../../parts/form";
import { ask, Drawer, toast } from "../../parts/overlay";
import { Empty, Notice, Refusal, reasonAt, Shown } from "../../parts/states";
import { QueueActions, QueueState } from "../commands/queues";

/** How a piece of equipment is reached, whether it answers, and what waits for it. */
export function ItemControl({ id }: { id: number }) {
  const r = useResource(async (s) => (await equipmentsGet({ equipment_id: id }, s)).data, [id], 5000);
  const [edit, setEdit] = useState(false);
  return (
    <Shown of={r}>
      {(e) => <>
        <Facts items={[
          [t("control.state"), <Badge tone={e.operational_state === "enabled" ? "ok" : "idle"}>{t(`control.${e.operational_state}`)}</Badge>],
          e.endpoint && [t("endpoint.admin"), t(`endpoint.${e.endpoint.admin_state}`)],
          e.endpoint && [t("endpoint.driver"), <Mono>{e.endpoint.driver}</Mono>],
          e.endpoint && [t("endpoint.address"), <Mono>{e.endpoint.address}</Mono>],
          e.endpoint && [t("endpoint.options"), <Mono>{JSON.stringify(e.endpoint.options)}</Mono>],
          e.endpoint && [t("endpoint.secret"), e.endpoint.secret ?? "–"],
          e.endpoint && [t("endpoint.updated"), <Time at={e.endpoint.updated_at} />],
          e.queue && [t("queue.title"), <QueueState queue={e.queue} />],
        ]} />
        {!e.endpoint && <Empty title={t("endpoint.none")} />}
        <div class="row">
          {e.endpoint && can("ctrl:write") && <TestButton id={id} />}
          {can("ctrl:write") && <Button icon="edit" onClick={() => setEdit(true)}>{t(e.endpoint ? "endpoint.edit" : "endpoint.add")}</Button>}
          {e.endpoint && can("ctrl:write") && <RemoveButton endpoint={e.endpoint} done={r.reload} />}
          {e.queue && <QueueActions queue={e.queue} done={r.reload} />}
        </div>
        {edit && <EndpointDrawer equipment={e} close={() => setEdit(false)} saved={() => {
          setEdit(false);
          r.reload();
        }} />}
      </>}
    </Shown>
  );
}

function TestButton({ id }: { id: number }) {
  const [answered, setAnswered] = useState<number | null>(null);
  const test = useAction(async () => {
    setAnswered(null);
    setAnswered((await endpointsTest({ equipment_id: id })).data.answered_ms);
  });
  return (
    <>
      <Button icon="check" busy={test.busy} onClick={() => void test.run()}>{t("endpoint.test")}</Button>
      {answered !== null && <Badge tone="ok">{t("endpoint.answered", { ms: number(answered, 1) })}</Badge>}
      <Refusal problem={test.problem} />
    </>
  );
}

function RemoveButton({ endpoint, done }: { endpoint: Endpoint; done: () => void }) {
  const remove = useAction(async () => {
    if (!(await ask({ title: t("endpoint.remove"), body: <p>{t("endpoint.remove.help")}</p>, action: t("endpoint.remove"), danger: true }))) return;
    await endpointsDelete({ equipment_id: endpoint.equipment_id });
    toast(t("endpoint.removed"));
    done();
  });
  return <><Button icon="archive" kind="danger" busy={remove.busy} onClick={() => void remove.run()}>{t("endpoint.remove")}</Button><Refusal problem={remove.problem} /></>;
}

const drivers = ["simulator", "scpi", "http", "snmp"];
const states = ["unlocked", "locked", "shutting-down"] as const;

function EndpointDrawer({ equipment, close, saved }: { equipment: Equipment; close: () => void; saved: () => void }) {
  const old = equipment.endpoint;
  const [driver, setDriver] = useState(old?.driver ?? "scpi");
  const [address, setAddress] = useState(old?.address ?? "");
  const [options, setOptions] = useState(JSON.stringify(old?.options ?? {}, null, 2));
  const [secret, setSecret] = useState(old?.secret ?? "");
  const [state, setState] = useState<Endpoint["admin_state"]>(old?.admin_state ?? "unlocked");
  let parsed: unknown;
  try {
    parsed = JSON.parse(options);
  } catch {
    parsed = undefined;
  }
  const save = useAction(async () => {
    if (parsed === undefined) throw new Problem(422, [{ location: "body.options", code: "not_json", message: "" }], "", "", null);
    await endpointsReplace({ equipment_id: equipment.id, body: { driver, address, options: parsed, admin_state: state, ...(secret ? { secret } : {}) } });
    toast(t("toast.saved"));
    saved();
  });
  return (
    <Drawer title={t("endpoint.of", { name: equipment.name })} onClose={close}>
      <Form label={t("endpoint.edit")} onSubmit={() => void save.run()}>
        <SelectField label={t("endpoint.driver")} value={driver} onChange={setDriver} error={reasonAt(save.problem, "driver")} options={drivers.map((d) => ({ value: d, title: d }))} />
        <TextField label={t("endpoint.address")} value={address} onChange={setAddress} required mono autoFocus error={reasonAt(save.problem, "address")} help={t("endpoint.address.help")} />
        <TextField label={t("endpoint.options")} value={options} onChange={setOptions} lines={4} mono error={reasonAt(save.problem, "options") ?? (parsed === undefined ? t("form.notJSON") : undefined)} />
        <TextField label={t("endpoint.secret")} value={secret} onChange={setSecret} mono error={reasonAt(save.problem, "secret")} help={t("endpoint.secret.help")} />
        <SelectField label={t("endpoint.admin")} value={state} onChange={(v) => setState(states.find((s) => s === v) ?? "locked")} options={states.map((s) => ({ value: s, title: t(`endpoint.${s}`) }))} />
        {state !== "unlocked" && <Notice tone="warn">{t("endpoint.lockedHelp")}</Notice>}
        <Refusal problem={save.problem} shown={["driver", "address", "options", "secret"]} />
        <div class="form-actions"><Button onClick={close}>{t("action.cancel")}</Button><Button kind="primary" type="submit" busy={save.busy} disabled={!address || parsed === undefined}>{t("action.save")}</Button></div>
      </Form>
    </Drawer>
  );
}
