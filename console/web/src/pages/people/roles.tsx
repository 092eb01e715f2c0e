import { useState } from "preact/hooks";
import { rolesCreate, rolesDelete, rolesList, rolesUpdate, type Role } from "../../../types/auth";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { go, place, withQuery } from "../../core/router";
import { can } from "../../core/session";
import { Button, Card } from "../../parts/basics";
import { CheckField, Form, TextField } from "../../parts/form";
import { Drawer, toast } from "../../parts/overlay";
import { Refusal, reasonAt, Shown } from "../../parts/states";
import { Table } from "../../parts/table";
import { archive } from "../catalogue/shared";
import { permissionNames, sayPermission } from "./permissions";

export function Roles() {
  const r = useResource(async (s) => (await rolesList({ query: { limit: 1000 } }, s)).data.content, []);
  const opened = place.value.query.get("role");
  const close = () => go(withQuery({ role: null }), { replace: true });
  const chosen = r.data?.find((x) => x.id === opened);
  const done = () => {
    close();
    r.reload();
  };
  return (
    <Card>
      <div class="filters"><span class="spring" />{can("roles:write") && <Button kind="primary" icon="plus" onClick={() => go(withQuery({ role: "+" }))}>{t("role.add")}</Button>}</div>
      <Shown of={r} lines={3}>
        {(rows) => (
          <Table label={t("people.roles")} rows={rows} rowKey={(x) => x.id} selected={opened} onOpen={(x) => go(withQuery({ role: x.id }))} columns={[
            { id: "id", title: t("user.role"), cell: (x) => <strong>{x.id}</strong> },
            { id: "description", title: t("command.description"), grow: true, cell: (x) => x.description },
            { id: "n", title: t("role.permissions"), num: true, cell: (x) => `${x.permissions.length} / ${permissionNames.length}` },
          ]} />
        )}
      </Shown>
      {opened === "+" && <RoleDrawer close={close} saved={done} />}
      {chosen && <RoleDrawer key={chosen.id} role={chosen} close={close} saved={done} />}
    </Card>
  );
}

/** Checkboxes for permissions; those that one does not hold cannot be given. */
export function Permissions({ value, onChange, disabled }: { value: string[]; onChange: (v: string[]) => void; disabled?: boolean }) {
  return (
    <fieldset class="permissions-field">
      <legend>{t("role.permissions")}</legend>
      {permissionNames.map((p) => (
        <CheckField key={p} label={sayPermission(p)} help={p} value={value.includes(p)} disabled={disabled || (!can(p) && !value.includes(p))}
          onChange={(on) => onChange(on ? [...value, p] : value.filter((x) => x !== p))} />
      ))}
    </fieldset>
  );
}

function RoleDrawer({ role: old, close, saved }: { role?: Role; close: () => void; saved: () => void }) {
  const [id, setId] = useState(old?.id ?? "");
  const [description, setDescription] = useState(old?.description ?? "");
  const [chosen, setChosen] = useState<string[]>(old?.permissions ?? []);
  const writable = can("roles:write");
  const save = useAction(async () => {
    if (old) await rolesUpdate({ id: old.id, body: { description, permissions: chosen } });
    else await rolesCreate({ body: { id, description, permissions: chosen } });
    toast(t(old ? "toast.saved" : "toast.created"));
    saved();
  });
  const p = save.problem;
  return (
    <Drawer title={old ? old.id : t("role.add")} onClose={close}>
      <Form label={t("people.roles")} onSubmit={() => void save.run()}>
        {!old && <TextField label={t("role.id")} value={id} onChange={setId} required autoFocus maxLength={80} error={reasonAt(p, "id")} />}
        <TextField label={t("command.description")} value={description} onChange={setDescription} required disabled={!writable} maxLength={80} error={reasonAt(p, "description")} />
        <Permissions value={chosen} onChange={setChosen} disabled={!writable} />
        <Refusal problem={p} shown={["id", "description"]} />
        {writable && (
          <div class="form-actions">
            {old && <Button kind="danger" icon="archive" onClick={() => void archive(old.id, () => rolesDelete({ id: old.id })).then((done) => done && saved())}>{t("action.delete")}</Button>}
            <span class="spring" />
            <Button onClick={close}>{t("action.cancel")}</Button>
            <Button kind="primary" type="submit" busy={save.busy} disabled={!description || (!old && !id)}>{t("action.save")}</Button>
          </div>
        )}
      </Form>
    </Drawer>
  );
}
