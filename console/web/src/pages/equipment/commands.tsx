import { commandsList as catalogueList } from "../../../types/cfg";
import { commandsList } from "../../../types/ctrl";
import { t } from "../../core/i18n";
import { useResource } from "../../core/resource";
import { go } from "../../core/router";
import { can } from "../../core/session";
import { Button, Time } from "../../parts/basics";
import { Shown } from "../../parts/states";
import { Table } from "../../parts/table";
import { CommandState, useNames } from "../commands/names";

/** The commands that a piece of equipment knows, and what was sent to it lately. */
export function ItemCommands({ id }: { id: number }) {
  const known = useResource(async (s) => (await catalogueList({ query: { "equipment-id": id, limit: 1000 } }, s)).data.content, [id]);
  return (
    <>
      <h3>{t("catalogue.commands")}</h3>
      <Shown of={known} lines={3}>
        {(rows) => (
          <Table label={t("catalogue.commands")} rows={rows} rowKey={(c) => c.id} empty={t("equipment.noCommands")} columns={[
            { id: "name", title: t("command.name"), cell: (c) => <strong>{c.name}</strong> },
            { id: "full", title: t("command.nameFull"), grow: true, cell: (c) => c.name_full },
            { id: "undo", title: t("command.undo"), wide: true, cell: (c) => c.undo_cmd_name ?? "–" },
            ...(can("commands:send") ? [{ id: "send", title: "", cell: (c: { id: number; name: string }) =>
              <Button small icon="commands" onClick={() => go(`/commands/send/${c.id}`)}>{t("command.send")}</Button> }] : []),
          ]} />
        )}
      </Shown>
      {can("ctrl:read") && <Sent id={id} />}
    </>
  );
}

function Sent({ id }: { id: number }) {
  const sent = useResource(async (s) => (await commandsList({ query: { "equipment-id": id, limit: 20 } }, s)).data.content, [id], 3000);
  const names = useNames();
  return (
    <>
      <h3>{t("commands.sent")}</h3>
      <Shown of={sent} lines={3}>
        {(rows) => (
          <Table label={t("commands.sent")} rows={rows} rowKey={(c) => c.id} empty={t("commands.none")} onOpen={(c) => go(`/commands/sent/${c.id}`)} columns={[
            { id: "state", title: t("command.state"), cell: (c) => <CommandState state={c.state} /> },
            { id: "name", title: t("command.name"), grow: true, cell: (c) => names.command(c.command_id) },
            { id: "sender", title: t("command.sender"), wide: true, cell: (c) => c.sender_login },
            { id: "time", title: t("command.created"), cell: (c) => <Time at={c.created_at} only="age" /> },
          ]} />
        )}
      </Shown>
    </>
  );
}
