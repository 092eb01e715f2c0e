import { useState } from "preact/hooks";
import { commandsTocCreate, commandsTocDelete, commandsTocGet, commandsTocList, commandsTocUpdate, type Branch } from "../../../types/cfg";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { can } from "../../core/session";
import { Button, Card } from "../../parts/basics";
import { Form, SelectField, TextField } from "../../parts/form";
import { Drawer, toast } from "../../parts/overlay";
import { Empty, Refusal, reasonAt, Shown } from "../../parts/states";
import { options } from "./commands";
import { archive } from "./shared";

interface Row extends Branch { level: number }

export function Sections() {
  const r = useResource(async (s) => (await commandsTocList(undefined, s)).data, []);
  const [edit, setEdit] = useState<Branch | "new" | null>(null);
  const flat: Row[] = [];
  const walk = (list: Branch[], level: number) => list.forEach((b) => {
    flat.push({ ...b, level });
    walk(b.content ?? [], level + 1);
  });
  walk(r.data ?? [], 0);
  const close = () => setEdit(null);
  return (
    <Card>
      <div class="filters"><span class="spring" />{can("cfg:write") && <Button kind="primary" icon="plus" onClick={() => setEdit("new")}>{t("catalogue.addSection")}</Button>}</div>
      <Shown of={r}>
        {(tree) => flat.length === 0 ? <Empty title={t("table.empty")} /> : (
          <>
            <ul class="lines">
              {flat.map((b) => (
                <li key={b.id}>
                  <span class="grow" style={{ paddingInlineStart: b.level * 20 }}><strong>{b.name}</strong> <span class="muted">{b.name_full !== b.name && b.name_full}</span></span>
                  {can("cfg:write") && <>
                    <Button small kind="quiet" icon="edit" label={`${t("action.edit")}: ${b.name}`} onClick={() => setEdit(b)} />
                    <Button small kind="quiet" icon="archive" label={`${t("equipment.archive")}: ${b.name}`} onClick={() => void archive(b.name, () => commandsTocDelete({ id: b.id })).then((done) => done && r.reload())} />
                  </>}
                </li>
              ))}
            </ul>
            {edit && <SectionDrawer section={edit === "new" ? null : edit} tree={tree} close={close} saved={() => {
              close();
              r.reload();
            }} />}
          </>
        )}
      </Shown>
    </Card>
  );
}

function SectionDrawer({ section, tree, close, saved }: { section: Branch | null; tree: Branch[]; close: () => void; saved: () => void }) {
  const [name, setName] = useState(section?.name ?? "");
  const [full, setFull] = useState(section?.name_full ?? "");
  const [parent, setParent] = useState(String(section?.parent_id ?? ""));
  const save = useAction(async () => {
    const body = { name, name_full: full || null, parent_id: parent ? Number(parent) : null };
    if (section) {
      const { etag } = await commandsTocGet({ id: section.id });
      await commandsTocUpdate({ id: section.id, body, ...(etag ? { ifMatch: etag } : {}) });
    } else await commandsTocCreate({ body });
    toast(t(section ? "toast.saved" : "toast.created"));
    saved();
  });
  return (
    <Drawer title={section ? section.name : t("catalogue.addSection")} onClose={close}>
      <Form label={t("action.edit")} onSubmit={() => void save.run()}>
        <TextField label={t("equipment.name")} value={name} onChange={setName} required autoFocus maxLength={100} error={reasonAt(save.problem, "name")} />
        <TextField label={t("equipment.nameFull")} value={full} onChange={setFull} error={reasonAt(save.problem, "name_full")} />
        <SelectField label={t("equipment.parent")} value={parent} onChange={setParent} error={reasonAt(save.problem, "parent_id")}
          options={[{ value: "", title: t("equipment.root") }, ...options(tree).filter((o) => o.value !== String(section?.id))]} />
        <Refusal problem={save.problem} shown={["name", "name_full", "parent_id"]} />
        <div class="form-actions"><Button onClick={close}>{t("action.cancel")}</Button><Button kind="primary" type="submit" busy={save.busy} disabled={!name}>{t("action.save")}</Button></div>
      </Form>
    </Drawer>
  );
}
