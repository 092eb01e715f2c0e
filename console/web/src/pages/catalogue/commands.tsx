import { useEffect, useState } from "preact/hooks";
import { commandsCreate, commandsDelete, commandsGet, commandsHistory, commandsList, commandsRestore, commandsTocList, commandsUpdate, equipmentsList, type Branch, type Command, type ListedCommand } from "../../../types/cfg";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { go, place, withQuery } from "../../core/router";
import { can } from "../../core/session";
import { Button, Card, Facts, Link, Mono } from "../../parts/basics";
import { CheckField, Form, SelectField, TextField } from "../../parts/form";
import { Drawer, toast } from "../../parts/overlay";
import { Loading, Notice, Refusal, reasonAt, Shown } from "../../parts/states";
import { Pager, Table } from "../../parts/table";
import { forgetNames } from "../commands/names";
import { History } from "../equipment/history";
import { archive, attempt } from "./shared";

/** Nodes of a tree for a choice, indented, with their full way. */
export function options(list: Branch[], level = 0): { value: string; title: string }[] {
  return list.flatMap((b) => [{ value: String(b.id), title: `${"\u00a0\u00a0".repeat(level)}${b.name}` }, ...options(b.content ?? [], level + 1)]);
}

export function CatalogueCommands() {
  const { query } = place.value;
  const q = query.get("q") ?? "", archived = query.get("archived") !== null;
  const [text, setText] = useState(q);
  useEffect(() => {
    const timer = setTimeout(() => text !== q && go(withQuery({ q: text }), { replace: true }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  const r = useResource(async (s) => (await commandsList({ query: { limit: 5000, ...(q ? { q } : {}), ...(archived ? { archived } : {}) } }, s)).data, [q, archived]);
  const opened = query.get("item");
  const changed = () => {
    r.reload();
    forgetNames();
  };
  const close = () => go(withQuery({ item: null }), { replace: true });
  return (
    <Card>
      <div class="filters">
        <TextField label={t("action.search")} value={text} onChange={setText} type="search" />
        <CheckField label={t("equipment.showArchived")} value={archived} onChange={(v) => go(withQuery({ archived: v ? 1 : null }))} />
        <span class="spring" />
        {can("cfg:write") && !archived && <Button kind="primary" icon="plus" onClick={() => go(withQuery({ item: "new" }))}>{t("catalogue.addCommand")}</Button>}
      </div>
      <Shown of={r} lines={8}>
        {(page) => <>
          <Table label={t("catalogue.commands")} rows={page.content} rowKey={(c) => c.id} selected={Number(opened)} onOpen={(c) => go(withQuery({ item: c.id }))} columns={[
            { id: "name", title: t("command.name"), cell: (c) => <strong>{c.name}</strong> },
            { id: "equipment", title: t("command.equipment"), cell: (c) => c.equipment_name },
            { id: "full", title: t("command.nameFull"), grow: true, wide: true, cell: (c) => <span class="clip">{c.name_full}</span> },
            { id: "undo", title: t("command.undo"), wide: true, cell: (c) => c.undo_cmd_name ?? "–" },
          ]} />
          {page.content.length > 0 && <Pager shown={page.content.length} total={page.total} more={false} onMore={() => {}} />}
        </>}
      </Shown>
      {opened && (opened === "new" ? <CommandDrawer close={close} saved={() => {
        close();
        changed();
      }} /> : archived ? <ArchivedDrawer command={r.data?.content.find((c) => String(c.id) === opened)} close={close} changed={changed} /> : <Existing id={Number(opened)} close={close} changed={changed} />)}
    </Card>
  );
}

function ArchivedDrawer({ command: c, close, changed }: { command: ListedCommand | undefined; close: () => void; changed: () => void }) {
  if (!c) return null;
  return (
    <Drawer title={c.name} onClose={close} footer={can("cfg:write") && <Button kind="primary" icon="restore" onClick={() => void attempt(() => commandsRestore({ id: c.id }), t("equipment.restored")).then((done) => {
      if (done) {
        close();
        changed();
      }
    })}>{t("equipment.restore")}</Button>}>
      <Facts items={[[t("command.equipment"), c.equipment_name], [t("command.nameFull"), c.name_full], [t("command.description"), c.description]]} />
    </Drawer>
  );
}

function Existing({ id, close, changed }: { id: number; close: () => void; changed: () => void }) {
  const [mode, setMode] = useState<"show" | "edit" | "history">("show");
  const r = useResource(async (s) => commandsGet({ id }, s), [id]);
  const c = r.data?.data;
  if (mode === "edit" && r.data) {
    return <CommandDrawer command={r.data.data} etag={r.data.etag} close={() => setMode("show")} saved={() => {
      setMode("show");
      r.reload();
      changed();
    }} />;
  }
  return (
    <Drawer title={c ? `${c.name} · ${c.equipment_name}` : "…"} onClose={close} footer={c && <>
      {can("cfg:write") && <Button kind="danger" icon="archive" onClick={() => void archive(c.name, () => commandsDelete({ id })).then((done) => {
        if (done) {
          close();
          changed();
        }
      })}>{t("equipment.archive")}</Button>}
      <span class="spring" />
      {can("commands:send") && <Button icon="commands" onClick={() => go(`/commands/send/${id}`)}>{t("command.send")}</Button>}
      {can("cfg:write") && <Button kind="primary" icon="edit" onClick={() => setMode("edit")}>{t("action.edit")}</Button>}
    </>}>
      <Shown of={r}>
        {({ data }) => <>
          <Facts items={[
            [t("command.equipment"), <Link to={`/equipment/${data.equipment_id}`}>{data.equipment_name}</Link>], [t("command.nameFull"), data.name_full],
            [t("command.description"), data.description], [t("command.undo"), data.undo_cmd_name ?? "–"], [t("equipment.id"), <Mono>{data.id}</Mono>],
          ]} />
          {mode === "history" ? <History of={commandsHistory} id={id} /> : <Button small onClick={() => setMode("history")}>{t("history.title")}</Button>}
        </>}
      </Shown>
    </Drawer>
  );
}

function CommandDrawer({ command: old, etag, close, saved }: { command?: Command; etag?: string | null; close: () => void; saved: () => void }) {
  const trees = useResource(async (s) => {
    const [equipment, sections, commands] = await Promise.all([equipmentsList(undefined, s), commandsTocList(undefined, s), commandsList({ query: { limit: 5000 } }, s)]);
    return { equipment: options(equipment.data), sections: options(sections.data), commands: commands.data.content };
  }, []);
  return (
    <Drawer title={old ? old.name : t("catalogue.addCommand")} onClose={close}>
      {!trees.data ? (trees.problem ? <Refusal problem={trees.problem} /> : <Loading />) : <CommandForm old={old} etag={etag ?? null} trees={trees.data} close={close} saved={saved} />}
    </Drawer>
  );
}

interface Trees { equipment: { value: string; title: string }[]; sections: { value: string; title: string }[]; commands: ListedCommand[] }

function CommandForm({ old, etag, trees, close, saved }: { old: Command | undefined; etag: string | null; trees: Trees; close: () => void; saved: () => void }) {
  const [name, setName] = useState(old?.name ?? "");
  const [full, setFull] = useState(old?.name_full ?? "");
  const [description, setDescription] = useState(old?.description ?? "");
  const [equipment, setEquipment] = useState(String(old?.equipment_id ?? trees.equipment[0]?.value ?? ""));
  const [section, setSection] = useState(String(old?.toc_id ?? trees.sections[0]?.value ?? ""));
  const [undo, setUndo] = useState(String(old?.undo_cmd_id ?? ""));
  const save = useAction(async () => {
    const body = { name, name_full: full, description, equipment_id: Number(equipment), toc_id: Number(section), undo_cmd_id: undo ? Number(undo) : null };
    if (old) await commandsUpdate({ id: old.id, body, ...(etag ? { ifMatch: etag } : {}) });
    else await commandsCreate({ body });
    toast(t(old ? "toast.saved" : "toast.created"));
    saved();
  });
  const p = save.problem;
  return (
    <Form label={t("action.edit")} onSubmit={() => void save.run()}>
      <TextField label={t("command.name")} value={name} onChange={setName} required autoFocus maxLength={10} error={reasonAt(p, "name")} />
      <TextField label={t("command.nameFull")} value={full} onChange={setFull} required maxLength={150} error={reasonAt(p, "name_full")} />
      <TextField label={t("command.description")} value={description} onChange={setDescription} required lines={3} maxLength={300} error={reasonAt(p, "description")} />
      <SelectField label={t("command.equipment")} value={equipment} onChange={setEquipment} options={trees.equipment} error={reasonAt(p, "equipment_id")} />
      <SelectField label={t("command.section")} value={section} onChange={setSection} options={trees.sections} error={reasonAt(p, "toc_id")} />
      <SelectField label={t("command.undo")} value={undo} onChange={setUndo} error={reasonAt(p, "undo_cmd_id")} options={[{ value: "", title: "–" },
        ...trees.commands.filter((c) => c.id !== old?.id && String(c.equipment_id) === equipment).map((c) => ({ value: String(c.id), title: `${c.name} · ${c.name_full}` }))]} />
      {p?.status === 412 && <Notice tone="warn">{t("merge.changed")}</Notice>}
      <Refusal problem={p} shown={["name", "name_full", "description", "equipment_id", "toc_id", "undo_cmd_id"]} />
      <div class="form-actions"><Button onClick={close}>{t("action.cancel")}</Button><Button kind="primary" type="submit" busy={save.busy} disabled={!name || !full || !description}>{t("action.save")}</Button></div>
    </Form>
  );
}
