import { useState } from "preact/hooks";
import { equipmentsGet, equipmentsUpdate, equipmentsUsage } from "../../../types/cfg";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { Button, Facts } from "../../parts/basics";
import { Form, TextField } from "../../parts/form";
import { Drawer, toast } from "../../parts/overlay";
import { Refusal, Shown } from "../../parts/states";
import { FoundOne, useFound } from "./find";

/** Puts a node below another one, by mouse or by keyboard alike: it says what moves before it does. */
export function MoveDrawer({ id, target, close, moved }: { id: number; target: number | null; close: () => void; moved: () => void }) {
  const [onto, setOnto] = useState<number | null>(target);
  const [q, setQ] = useState("");
  const found = useFound(q);
  const item = useResource(async (s) => {
    const [node, usage] = await Promise.all([equipmentsGet({ id }, s), equipmentsUsage({ id }, s)]);
    const below = usage.data.uses.filter((u) => u.relation === "descendant" || u.relation === "child").reduce((n, u) => Math.max(n, u.total), 0);
    return { node: node.data, etag: node.etag, below };
  }, [id]);
  const parent = useResource(async (s) => (onto ? (await equipmentsGet({ id: onto }, s)).data : null), [onto]);
  const move = useAction(async () => {
    await equipmentsUpdate({ id, body: { parent_id: onto }, ...(item.data?.etag ? { ifMatch: item.data.etag } : {}) });
    toast(t("equipment.moved"));
    moved();
  });
  const path = parent.data ? `${parent.data.parent_path_name.replace(/\/?$/, "/")}${parent.data.name}` : "/";
  return (
    <Drawer title={t("equipment.moveOne", { name: item.data?.node.name ?? "…" })} onClose={close} footer={<>
      <Button onClick={close}>{t("action.cancel")}</Button>
      <Button kind="primary" icon="move" busy={move.busy} disabled={!item.data || parent.loading || onto === item.data.node.parent_id || onto === id} onClick={() => void move.run()}>{t("equipment.move")}</Button>
    </>}>
      <Shown of={item} lines={3}>
        {({ node, below }) => (
          <Facts items={[
            [t("move.from"), `${node.parent_path_name.replace(/\/?$/, "/")}${node.name}`],
            [t("move.to"), <strong>{`${path.replace(/\/?$/, "/")}${node.name}`}</strong>],
            [t("move.along"), below > 0 ? t("move.below", { n: below }) : t("move.alone")],
          ]} />
        )}
      </Shown>
      <Form label={t("move.choose")} onSubmit={() => {}}>
        <TextField label={t("move.choose")} value={q} onChange={setQ} type="search" autoFocus help={t("move.choose.help")} />
        <ul class="found">
          <FoundOne name="/" path={t("equipment.root")} chosen={onto === null} choose={() => setOnto(null)} />
          {(found.data ?? []).filter((b) => b.id !== id).slice(0, 12).map((b) => (
            <FoundOne key={b.id} name={b.name} path={b.parent_path_name} chosen={b.id === onto} choose={() => setOnto(b.id)} />
          ))}
        </ul>
        <Refusal problem={move.problem} />
      </Form>
    </Drawer>
  );
}
