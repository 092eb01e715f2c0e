import { useState } from "preact/hooks";
import { equipmentsDelete, equipmentsRestore, equipmentsUsage, type Node } from "../../../types/cfg";
import { Problem } from "../../core/http";
import { sayProblem, t } from "../../core/i18n";
import { useResource } from "../../core/resource";
import { go, place } from "../../core/router";
import { can } from "../../core/session";
import { Button, Facts, Link, Mono, Time } from "../../parts/basics";
import { CheckField } from "../../parts/form";
import { Drawer, toast } from "../../parts/overlay";
import { Notice, Shown } from "../../parts/states";
import type { View } from "../equipment";
import { EditDrawer } from "./edit";
import { MoveDrawer } from "./move";

export function Details({ node, etag, view, changed }: { node: Node & { archived_at?: string }; etag: string | null; view: View; changed: () => void }) {
  const [panel, setPanel] = useState<"edit" | "move" | "archive" | null>(null);
  const close = () => setPanel(null);
  const writable = can("cfg:write") && !view.at;
  const restore = async (recursive: boolean) => {
    try {
      await equipmentsRestore({ id: node.id, query: recursive ? { recursive } : {} });
      toast(t("equipment.restored"));
      go(`/equipment/${node.id}`);
    } catch (e) {
      if (!(e instanceof Problem)) throw e;
      toast(sayProblem(e), "bad");
    }
  };
  return (
    <>
      <Facts items={[
        [t("equipment.name"), node.name], [t("equipment.nameFull"), node.name_full],
        [t("equipment.parent"), node.parent_id ? <Link to={`/equipment/${node.parent_id}${place.value.query.size > 0 ? `?${place.value.query}` : ""}`}>{node.parent_path_name}</Link> : t("equipment.root")],
        [t("equipment.id"), <Mono>{node.id}</Mono>],
        node.archived_at ? [t("equipment.archivedAt"), <Time at={node.archived_at} />] : null,
      ]} />
      {writable && (
        <div class="row">
          {view.archived ? <>
            <Button icon="restore" onClick={() => void restore(false)}>{t("equipment.restore")}</Button>
            <Button icon="restore" onClick={() => void restore(true)}>{t("equipment.restoreAll")}</Button>
          </> : <>
            <Button icon="edit" onClick={() => setPanel("edit")}>{t("action.edit")}</Button>
            <Button icon="move" onClick={() => setPanel("move")}>{t("equipment.move")}</Button>
            <Button icon="archive" kind="danger" onClick={() => setPanel("archive")}>{t("equipment.archive")}</Button>
          </>}
        </div>
      )}
      {panel === "edit" && <EditDrawer node={node} etag={etag} parent={node.parent_id} close={close} saved={() => {
        close();
        changed();
      }} />}
      {panel === "move" && <MoveDrawer id={node.id} target={node.parent_id} close={close} moved={() => {
        close();
        changed();
      }} />}
      {panel === "archive" && <ArchiveDrawer node={node} close={close} archived={() => {
        close();
        changed();
        go(node.parent_id ? `/equipment/${node.parent_id}` : "/equipment");
      }} />}
    </>
  );
}

/** Says first what hangs on it. */
function ArchiveDrawer({ node, close, archived }: { node: Node; close: () => void; archived: () => void }) {
  const usage = useResource(async (s) => (await equipmentsUsage({ id: node.id }, s)).data, [node.id]);
  const [recursive, setRecursive] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const go = async () => {
    try {
      await equipmentsDelete({ id: node.id, query: recursive ? { recursive } : {} });
      toast(t("equipment.archived"));
      archived();
    } catch (e) {
      if (!(e instanceof Problem)) throw e;
      setProblem(e);
    }
  };
  const used = usage.data?.in_use ?? true;
  return (
    <Drawer title={t("equipment.archiveOne", { name: node.name })} onClose={close} footer={<>
      <Button onClick={close}>{t("action.cancel")}</Button>
      <Button kind="danger" icon="archive" disabled={!usage.data || (used && !recursive)} onClick={() => void go()}>{t("equipment.archive")}</Button>
    </>}>
      <p>{t("equipment.archive.help")}</p>
      <Shown of={usage} lines={2}>
        {(u) => u.uses.length === 0 ? <Notice tone="ok">{t("equipment.unused")}</Notice> : <>
          <Notice tone="warn">{t("equipment.used")}</Notice>
          {u.uses.map((use) => (
            <div key={use.relation + use.resource}>
              <h3>{t(`use.${use.relation}`)} <span class="muted">{use.total}</span></h3>
              <ul class="plain-list">{use.items.map((i) => <li key={i.id}>{i.name}</li>)}{use.total > use.items.length && <li class="muted">…</li>}</ul>
            </div>
          ))}
          <CheckField label={t("equipment.recursive")} value={recursive} onChange={setRecursive} />
        </>}
      </Shown>
      {problem && <Notice tone="bad">{sayProblem(problem)}</Notice>}
    </Drawer>
  );
}
