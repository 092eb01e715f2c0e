import { useEffect, useState } from "preact/hooks";
import { equipmentsGet, equipmentsList, type Branch, type Node } from "../../types/cfg";
import { Problem } from "../core/http";
import { t } from "../core/i18n";
import { useResource } from "../core/resource";
import { go, place, withQuery } from "../core/router";
import { can } from "../core/session";
import { Button, Card, Page, Tabs } from "../parts/basics";
import { CheckField, TextField } from "../parts/form";
import { Empty, Failure, Loading, Notice, Shown } from "../parts/states";
import { Tree, type TreeNode } from "../parts/tree";
import { moment } from "../core/format";
import { ItemAlarms } from "./equipment/alarms";
import { ItemCommands } from "./equipment/commands";
import { ItemControl } from "./equipment/control";
import { Details } from "./equipment/details";
import { EditDrawer } from "./equipment/edit";
import { findEquipment, FoundOne } from "./equipment/find";
import { ItemHistory } from "./equipment/history";
import { MoveDrawer } from "./equipment/move";
import { localOf, momentOf } from "./journal";
import { ItemValues } from "./telemetry/values";

/** The tree as far as it was opened: children by their parent, 0 for the roots. */
type Known = Map<number, Branch[]>;

/** Which catalogue is looked at: that of now, of a moment, or what was put away. */
export interface View {
  at?: string;
  archived?: boolean;
}

export function Equipment() {
  const { rest, query } = place.value;
  const selected = Number(rest[0]) || null;
  const at = momentOf(query.get("at") ?? "");
  const view: View = { ...(at ? { at } : {}), ...(query.get("archived") ? { archived: true } : {}) };
  const [edit, setEdit] = useState<{ parent: number | null } | null>(null);
  const [version, setVersion] = useState(0);
  const changed = () => setVersion((v) => v + 1);
  const past = view.at !== undefined || view.archived === true;
  return (
    <Page wide title={t("page.equipment")} actions={can("cfg:write") && !past && (
      <Button kind="primary" icon="plus" onClick={() => setEdit({ parent: selected })}>{t(selected ? "equipment.addBelow" : "equipment.add")}</Button>
    )}>
      {past && <Notice tone="warn">{view.at ? t("equipment.asOf", { moment: moment(view.at) }) : t("equipment.archivedView")} <Button small onClick={() => go(withQuery({ at: null, archived: null }))}>{t("equipment.backToNow")}</Button></Notice>}
      <div class={selected ? "split chosen" : "split"}>
        <Browser view={view} selected={selected} version={version} changed={changed} />
        <div class="split-main">
          {selected ? <Item key={selected} id={selected} view={view} version={version} changed={changed} />
            : <Card><Empty title={t("equipment.choose")} /></Card>}
        </div>
      </div>
      {edit && <EditDrawer parent={edit.parent} close={() => setEdit(null)} saved={(node) => {
        setEdit(null);
        changed();
        go(`/equipment/${node.id}`);
      }} />}
    </Page>
  );
}

/** The tree, or what a search in it has found. Elsewhere than on this page it is there to choose from alone. */
export function Browser({ view, selected, version, changed }: { view: View; selected: number | null; version: number; changed?: () => void }) {
  const q = place.value.query.get("q") ?? "";
  const [text, setText] = useState(q);
  useEffect(() => {
    const timer = setTimeout(() => text !== q && go(withQuery({ q: text }), { replace: true }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <Card class="browser">
      <div class="browser-tools">
        <TextField label={t("equipment.filter")} value={text} onChange={setText} type="search" />
        {changed && <details>
          <summary>{t("equipment.view")}</summary>
          <TextField label={t("equipment.at")} type="datetime-local" value={localOf(place.value.query.get("at") ?? "")} onChange={(v) => go(withQuery({ at: v }), { replace: true })} />
          <CheckField label={t("equipment.showArchived")} value={view.archived === true} onChange={(v) => go(withQuery({ archived: v ? 1 : null }), { replace: true })} />
        </details>}
      </div>
      {q ? <Found q={q} view={view} selected={selected} /> : <Levels key={JSON.stringify(view)} view={view} selected={selected} version={version} changed={changed} />}
    </Card>
  );
}

/** Goes to a node and keeps the view. */
function open(id: number): void {
  const tab = place.value.rest[1];
  const query = place.value.query.size > 0 ? `?${place.value.query}` : "";
  go(`/${place.value.section}/${id}${tab ? `/${tab}` : ""}${query}`);
}

/** The tree, opened level by level: each call reads the children of one node. */
function Levels({ view, selected, version, changed }: { view: View; selected: number | null; version: number; changed: (() => void) | undefined }) {
  const [known, setKnown] = useState<Known>(new Map());
  const [opened, setOpened] = useState<Set<number>>(new Set());
  const [problem, setProblem] = useState<Problem | null>(null);
  const [moving, setMoving] = useState<{ id: number; onto: number } | null>(null);

  async function children(id: number): Promise<Branch[]> {
    if (id === 0) return (await equipmentsList({ query: { ...view, depth: 0 } })).data;
    const [top] = (await equipmentsList({ query: { ...view, "root-id": id, depth: 1 } })).data;
    return top?.content ?? [];
  }

  async function read(ids: number[]): Promise<void> {
    try {
      const levels = await Promise.all(ids.map(async (id) => [id, await children(id)] as const));
      setKnown((k) => new Map([...k, ...levels]));
      setProblem(null);
    } catch (e) {
      if (!(e instanceof Problem)) throw e;
      setProblem(e);
    }
  }

  // What is open stays open after a change; the way to the selected node is opened.
  useEffect(() => {
    void (async () => {
      let way: number[] = [];
      if (selected && !view.archived) {
        const path = await equipmentsGet({ id: selected, query: view.at ? { at: view.at } : {} }).then((r) => r.data.parent_path, () => "0");
        way = path.split(".").map(Number).filter((n) => n > 0);
      }
      const first = known.get(0) ? [] : ((await children(0).catch(() => [])).length === 1 ? (await children(0)).map((n) => n.id) : []);
      const all = new Set([...opened, ...way, ...first]);
      setOpened(all);
      await read([0, ...all]);
    })();
  }, [selected, version]);

  if (problem && !known.has(0)) return <Failure problem={problem} retry={() => void read([0])} />;
  if (!known.has(0)) return <Loading lines={8} />;
  const nodes: TreeNode[] = [];
  const list = (parent: number, level: number) => {
    for (const n of known.get(parent) ?? []) {
      const branch = (n.children ?? n.content?.length ?? 0) > 0 || (known.get(n.id)?.length ?? 0) > 0;
      const isOpen = branch && opened.has(n.id);
      nodes.push({ id: n.id, name: n.name, level, branch, open: isOpen, loading: isOpen && !known.has(n.id) });
      if (isOpen) list(n.id, level + 1);
    }
  };
  list(0, 0);
  if (nodes.length === 0) return <Empty title={t(view.archived ? "equipment.noneArchived" : "equipment.none")} />;
  return (
    <>
      <Tree label={t("page.equipment")} nodes={nodes} selected={selected} onSelect={open}
        onToggle={(id, isOpen) => {
          setOpened((o) => {
            const next = new Set(o);
            if (isOpen) next.add(id);
            else next.delete(id);
            return next;
          });
          if (isOpen) void read([id]);
        }}
        onMove={changed && can("cfg:write") && !view.at && !view.archived ? (id, onto) => setMoving({ id, onto }) : undefined} />
      {moving && <MoveDrawer id={moving.id} target={moving.onto} close={() => setMoving(null)} moved={() => {
        setMoving(null);
        changed?.();
      }} />}
    </>
  );
}

/** What a search has found, with the way to each. */
function Found({ q, view, selected }: { q: string; view: View; selected: number | null }) {
  const r = useResource((s) => findEquipment(q, view, s), [q, JSON.stringify(view)]);
  return (
    <Shown of={r}>
      {(rows) => rows.length === 0 ? <Empty title={t("table.empty")} /> : (
        <ul class="found">
          {rows.slice(0, 500).map((b) => (
            <FoundOne key={b.id} name={b.name} path={b.parent_path_name} chosen={b.id === selected} choose={() => open(b.id)} />
          ))}
        </ul>
      )}
    </Shown>
  );
}

const tabs = ["details", "values", "alarms", "control", "commands", "history"] as const;

function Item({ id, view, version, changed }: { id: number; view: View; version: number; changed: () => void }) {
  const r = useResource(async (s) => {
    if (view.archived) {
      const [found] = (await equipmentsList({ query: { ...view, id } }, s)).data;
      if (!found) throw new Problem(404, [{ code: "not_found", location: "path.id", message: "" }], "", "", null);
      return { node: found as Node, etag: null };
    }
    const { data, etag } = await equipmentsGet({ id, query: view.at ? { at: view.at } : {} }, s);
    return { node: data, etag };
  }, [id, JSON.stringify(view), version]);
  const keep = place.value.query.size > 0 ? `?${place.value.query}` : "";
  const past = view.at !== undefined || view.archived === true;
  const wanted = tabs.find((x) => x === place.value.rest[1]) ?? "details";
  const tab = past && wanted !== "history" ? "details" : wanted; // the others are of now
  if (view.at && r.problem?.status === 404) return <Card><Empty title={t("equipment.notThen")} /></Card>;
  return (
    <Card title={r.data?.node.name ?? "…"} class="item">
      <Shown of={r}>
        {({ node, etag }) => <>
          <p class="path muted"><button type="button" class="linkish only-narrow" onClick={() => go("/equipment" + keep)}>{t("equipment.tree")}</button> {node.parent_path_name}</p>
          <Tabs label={node.name} current={tab} items={[
            { id: "details", title: t("equipment.details"), to: `/equipment/${id}${keep}` },
            ...(can("ctrl:read") && !past ? [
              { id: "values", title: t("equipment.values"), to: `/equipment/${id}/values${keep}` },
              { id: "alarms", title: t("page.alarms"), to: `/equipment/${id}/alarms${keep}` },
              { id: "control", title: t("equipment.control"), to: `/equipment/${id}/control${keep}` },
            ] : []),
            ...(!past ? [{ id: "commands", title: t("page.commands"), to: `/equipment/${id}/commands${keep}` }] : []),
            { id: "history", title: t("history.title"), to: `/equipment/${id}/history${keep}` },
          ]} />
          {tab === "details" && <Details node={node} etag={etag} view={view} changed={changed} />}
          {tab === "values" && <ItemValues key={id} id={id} />}
          {tab === "alarms" && <ItemAlarms id={id} />}
          {tab === "control" && <ItemControl id={id} />}
          {tab === "commands" && <ItemCommands id={id} />}
          {tab === "history" && <ItemHistory id={id} at={view.at} />}
        </>}
      </Shown>
    </Card>
  );
}
