import { useState } from "preact/hooks";
import { equipmentsCreate, equipmentsGet, equipmentsUpdate, type Node } from "../../../types/cfg";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { Button } from "../../parts/basics";
import { Form, TextField } from "../../parts/form";
import { Merge, useMerge } from "../../parts/merge";
import { Drawer, toast } from "../../parts/overlay";
import { Refusal, reasonAt } from "../../parts/states";

/** Makes a piece of equipment, or changes one as it was seen: when somebody else was quicker, both changes are shown. */
export function EditDrawer({ node, etag, parent, close, saved }: {
  node?: Node; etag?: string | null; parent: number | null; close: () => void; saved: (node: Node) => void;
}) {
  const [name, setName] = useState(node?.name ?? "");
  const [full, setFull] = useState(node?.name_full ?? "");
  const merge = useMerge<Node>(node ? { data: node, etag: etag ?? null } : null, () => equipmentsGet({ id: node?.id ?? 0 }));
  const above = useResource(async (s) => (parent ? (await equipmentsGet({ id: parent }, s)).data : null), [parent]);
  const save = useAction(() => merge.save(async (match, base) => {
    if (!base) {
      const { data } = await equipmentsCreate({ body: { name, name_full: full, parent_id: parent } });
      toast(t("toast.created"));
      return saved(data);
    }
    const { data } = await equipmentsUpdate({ id: base.id, body: { ...(name !== base.name ? { name } : {}), ...(full !== base.name_full ? { name_full: full } : {}) }, ...match });
    toast(t("toast.saved"));
    saved(data);
  }));
  const base = merge.base?.data;
  const unchanged = base && name === base.name && full === base.name_full;
  return (
    <Drawer title={node ? t("equipment.editOne", { name: node.name }) : t("equipment.add")} onClose={close}>
      {!node && <p class="muted">{t("equipment.under")} <strong>{above.data ? above.data.parent_path_name.replace(/\/?$/, "/") + above.data.name : "/"}</strong></p>}
      <Form label={node ? t("action.edit") : t("equipment.add")} onSubmit={() => void save.run()}>
        <TextField label={t("equipment.name")} value={name} onChange={setName} required autoFocus maxLength={50} error={reasonAt(save.problem, "name")} />
        <TextField label={t("equipment.nameFull")} value={full} onChange={setFull} required maxLength={150} error={reasonAt(save.problem, "name_full")} />
        <Refusal problem={save.problem} shown={["name", "name_full"]} />
        <Merge of={merge} look={(n) => ({ name: n.name, name_full: n.name_full })} mine={{ name, name_full: full }} take={(n) => {
          setName(n.name);
          setFull(n.name_full);
        }} />
        <div class="form-actions">
          <Button onClick={close}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" busy={save.busy} disabled={!name || !full || Boolean(unchanged) || merge.theirs !== null}>{t("action.save")}</Button>
        </div>
      </Form>
    </Drawer>
  );
}
