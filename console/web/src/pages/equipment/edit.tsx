import { useState } from "preact/hooks";
import { equipmentsCreate, equipmentsGet, equipmentsUpdate, type Node } from "../../../types/cfg";
import { Problem } from "../../core/http";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { Button } from "../../parts/basics";
import { Diff } from "../../parts/diff";
import { Form, TextField } from "../../parts/form";
import { Drawer, toast } from "../../parts/overlay";
import { Notice, Refusal, reasonAt } from "../../parts/states";

/** Makes a piece of equipment, or changes one as it was seen: when somebody else was quicker, both changes are shown. */
export function EditDrawer({ node, etag, parent, close, saved }: {
  node?: Node; etag?: string | null; parent: number | null; close: () => void; saved: (node: Node) => void;
}) {
  const [name, setName] = useState(node?.name ?? "");
  const [full, setFull] = useState(node?.name_full ?? "");
  const [base, setBase] = useState<{ node: Node | undefined; etag: string | null }>({ node, etag: etag ?? null });
  const [theirs, setTheirs] = useState<{ node: Node; etag: string | null } | null>(null);
  const above = useResource(async (s) => (parent ? (await equipmentsGet({ id: parent }, s)).data : null), [parent]);
  const save = useAction(async () => {
    if (!base.node) {
      const { data } = await equipmentsCreate({ body: { name, name_full: full, parent_id: parent } });
      toast(t("toast.created"));
      return saved(data);
    }
    const changes = { ...(name !== base.node.name ? { name } : {}), ...(full !== base.node.name_full ? { name_full: full } : {}) };
    try {
      const { data } = await equipmentsUpdate({ id: base.node.id, body: changes, ...(base.etag ? { ifMatch: base.etag } : {}) });
      toast(t("toast.saved"));
      saved(data);
    } catch (e) {
      if (!(e instanceof Problem) || e.status !== 412) throw e;
      const now = await equipmentsGet({ id: base.node.id });
      setTheirs({ node: now.data, etag: now.etag });
    }
  });
  const unchanged = node && name === base.node?.name && full === base.node?.name_full;
  return (
    <Drawer title={node ? t("equipment.editOne", { name: node.name }) : t("equipment.add")} onClose={close}>
      {!node && <p class="muted">{t("equipment.under")} <strong>{above.data ? above.data.parent_path_name.replace(/\/?$/, "/") + above.data.name : "/"}</strong></p>}
      <Form label={node ? t("action.edit") : t("equipment.add")} onSubmit={() => void save.run()}>
        <TextField label={t("equipment.name")} value={name} onChange={setName} required autoFocus maxLength={50} error={reasonAt(save.problem, "name")} />
        <TextField label={t("equipment.nameFull")} value={full} onChange={setFull} required maxLength={150} error={reasonAt(save.problem, "name_full")} />
        <Refusal problem={save.problem} shown={["name", "name_full"]} />
        {theirs && base.node && (
          <div class="merge">
            <Notice tone="warn">{t("merge.changed")}</Notice>
            <Diff before={{ name: theirs.node.name, name_full: theirs.node.name_full }} after={{ name, name_full: full }} titles={[t("merge.theirs"), t("merge.yours")]} />
            <div class="row">
              <Button onClick={() => {
                setBase({ node: theirs.node, etag: theirs.etag });
                setName(theirs.node.name);
                setFull(theirs.node.name_full);
                setTheirs(null);
              }}>{t("merge.takeTheirs")}</Button>
              <Button kind="primary" onClick={() => {
                setBase({ node: theirs.node, etag: theirs.etag });
                setTheirs(null);
              }}>{t("merge.keepYours")}</Button>
            </div>
          </div>
        )}
        <div class="form-actions">
          <Button onClick={close}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" busy={save.busy} disabled={!name || !full || Boolean(unchanged) || theirs !== null}>{t("action.save")}</Button>
        </div>
      </Form>
    </Drawer>
  );
}
