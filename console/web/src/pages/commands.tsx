import { useState } from "preact/hooks";
import { commandsList } from "../../types/ctrl";
import { t } from "../core/i18n";
import { useResource } from "../core/resource";
import { go, place, withQuery } from "../core/router";
import { can } from "../core/session";
import { Badge, Button, Card, Page, Tabs, Time } from "../parts/basics";
import { SelectField } from "../parts/form";
import { Shown } from "../parts/states";
import { Pager, Table } from "../parts/table";
import { CommandState, moving, useNames, type State } from "./commands/names";
import { Queues } from "./commands/queues";
import { Send } from "./commands/send";
import { Sent } from "./commands/sent";

export function Commands() {
  const [part = "list", id = ""] = place.value.rest;
  const tab = part === "send" || part === "queues" ? part : "list";
  return (
    <Page title={t("page.commands")} actions={part !== "send" && can("commands:send") && <Button kind="primary" icon="commands" onClick={() => go("/commands/send")}>{t("command.send")}</Button>}>
      <Tabs label={t("page.commands")} current={tab} items={[
        { id: "list", title: t("commands.sent"), to: "/commands" },
        ...(can("commands:send") ? [{ id: "send", title: t("command.send"), to: "/commands/send" }] : []),
        { id: "queues", title: t("queue.queues"), to: "/commands/queues" },
      ]} />
      {part === "send" ? <Send command={Number(id) || null} /> : part === "queues" ? <Queues /> : part === "sent" && id ? <Sent key={id} id={id} /> : <List />}
    </Page>
  );
}

const states: State[] = ["awaiting_approval", "queued", "sending", "accepted", "verifying", "succeeded", "failed", "unverified", "unknown", "rejected", "expired", "cancelled"];
const pageSize = 100;

function List() {
  const wanted = place.value.query.get("state");
  const state = states.find((s) => s === wanted);
  const [limit, setLimit] = useState(pageSize);
  const r = useResource(async (s) => (await commandsList({ query: { limit, ...(state ? { state } : {}) } }, s)).data, [state, limit], 3000);
  const names = useNames();
  return (
    <Card>
      <div class="filters">
        <SelectField label={t("command.state")} value={state ?? ""} onChange={(v) => go(withQuery({ state: v }))}
          options={[{ value: "", title: t("filter.any") }, ...states.map((s) => ({ value: s, title: t(`command.state.${s}`) }))]} />
      </div>
      <Shown of={r} lines={8}>
        {(page) => <>
          <Table label={t("commands.sent")} rows={page.content} rowKey={(c) => c.id} empty={t("commands.none")} onOpen={(c) => go(`/commands/sent/${c.id}`)} columns={[
            { id: "state", title: t("command.state"), cell: (c) => <><CommandState state={c.state} />{moving(c.state) && <span class="pulse" aria-hidden="true" />}</> },
            { id: "name", title: t("command.name"), grow: true, cell: (c) => <><strong>{names.command(c.command_id)}</strong> {c.hazardous && <Badge tone="warn">{t("command.hazardous")}</Badge>} {c.undo_of && <Badge tone="idle">{t("command.isUndo")}</Badge>}</> },
            { id: "equipment", title: t("command.equipment"), cell: (c) => names.equipment(c.command_id) || `#${c.equipment_id}` },
            { id: "sender", title: t("command.sender"), wide: true, cell: (c) => c.sender_login },
            { id: "time", title: t("command.created"), cell: (c) => <Time at={c.created_at} only="age" /> },
          ]} />
          {page.content.length > 0 && <Pager shown={page.content.length} total={page.total} more={page.content.length < page.total && limit < 1000} busy={r.loading} onMore={() => setLimit(limit + pageSize)} />}
        </>}
      </Shown>
    </Card>
  );
}
