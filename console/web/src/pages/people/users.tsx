import { useEffect, useState } from "preact/hooks";
import { rolesList, usersBlock, usersCreate, usersDelete, usersGet, usersHistory, usersList, usersLogoutAll, usersPassword, usersSessions, usersSessionsDelete, usersUnblock, usersUpdate, type User } from "../../../types/auth";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { go, place, withQuery } from "../../core/router";
import { can, me } from "../../core/session";
import { Badge, Button, Card, Facts, Mono, Tabs, Time } from "../../parts/basics";
import { Diff } from "../../parts/diff";
import { Form, SelectField, TextField } from "../../parts/form";
import { ask, Drawer, toast } from "../../parts/overlay";
import { Loading, Refusal, reasonAt, Shown } from "../../parts/states";
import { Pager, Table } from "../../parts/table";
import { attempt } from "../catalogue/shared";
import { SessionTable } from "../profile";

function Status({ status }: { status: number }) {
  return status === 0 ? <Badge tone="ok">{t("user.enabled")}</Badge> : status === 1 ? <Badge tone="bad">{t("user.blocked")}</Badge> : <Badge tone="idle">{t("user.archived")}</Badge>;
}

export function Users() {
  const { query } = place.value;
  const q = query.get("q") ?? "";
  const [text, setText] = useState(q);
  useEffect(() => {
    const timer = setTimeout(() => text !== q && go(withQuery({ q: text }), { replace: true }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  const [limit, setLimit] = useState(200);
  const r = useResource(async (s) => (await usersList({ query: { limit, ...(q ? { q } : {}) } }, s)).data, [q, limit]);
  const opened = query.get("user");
  const close = () => go(withQuery({ user: null, tab: null }), { replace: true });
  return (
    <Card>
      <div class="filters">
        <TextField label={t("action.search")} value={text} onChange={setText} type="search" />
        <span class="spring" />
        {can("users:write") && <Button kind="primary" icon="plus" onClick={() => go(withQuery({ user: "new" }))}>{t("user.add")}</Button>}
      </div>
      <Shown of={r} lines={6}>
        {(page) => <>
          <Table label={t("people.users")} rows={page.content} rowKey={(u) => u.id} selected={Number(opened)} onOpen={(u) => go(withQuery({ user: u.id }))} columns={[
            { id: "login", title: t("user.login"), cell: (u) => <strong>{u.login}</strong> },
            { id: "name", title: t("user.name"), grow: true, cell: (u) => u.name },
            { id: "role", title: t("user.role"), cell: (u) => u.role_id ?? "–" },
            { id: "status", title: t("user.status"), cell: (u) => <Status status={u.status} /> },
            { id: "since", title: t("user.since"), wide: true, cell: (u) => <Time at={u.create_dt} only="age" /> },
          ]} />
          <Pager shown={page.content.length} total={page.total} more={page.content.length < page.total} busy={r.loading} onMore={() => setLimit(limit + 500)} />
        </>}
      </Shown>
      {opened === "new" && <UserDrawer close={close} saved={() => {
        close();
        r.reload();
      }} />}
      {opened && opened !== "new" && <Existing id={Number(opened)} close={close} changed={r.reload} />}
    </Card>
  );
}

function Existing({ id, close, changed }: { id: number; close: () => void; changed: () => void }) {
  const tab = place.value.query.get("tab") ?? "about";
  const [mode, setMode] = useState<"show" | "edit" | "password">("show");
  const r = useResource(async (s) => (await usersGet({ id }, s)).data, [id]);
  const u = r.data;
  const act = async (question: { title: string; help: string } | null, call: () => Promise<unknown>, done: string) => {
    if (question && !(await ask({ title: question.title, body: <p>{question.help}</p>, action: question.title, danger: true }))) return;
    if (await attempt(call, done)) {
      r.reload();
      changed();
    }
  };
  if (mode === "edit" && u) {
    return <UserDrawer user={u} close={() => setMode("show")} saved={() => {
      setMode("show");
      r.reload();
      changed();
    }} />;
  }
  if (mode === "password" && u) return <PasswordDrawer user={u} close={() => setMode("show")} />;
  const self = u?.id === me.value?.id;
  const to = (x: string) => withQuery({ tab: x === "about" ? null : x });
  return (
    <Drawer title={u ? u.login : "…"} onClose={close}>
      <Shown of={r}>
        {(user) => <>
          <Tabs label={user.login} current={tab} items={[
            { id: "about", title: t("user.about"), to: to("about") },
            ...(can("users:write") ? [{ id: "sessions", title: t("session.title"), to: to("sessions") }] : []),
            { id: "history", title: t("history.title"), to: to("history") },
          ]} />
          {tab === "sessions" ? <UserSessions id={id} /> : tab === "history" ? <History id={id} /> : <>
            <Facts items={[
              [t("user.name"), user.name], [t("user.role"), user.role_id ?? "–"], [t("user.status"), <Status status={user.status} />],
              user.password_change_required && [t("user.password"), <Badge tone="warn">{t("user.mustChange")}</Badge>],
              [t("user.since"), <Time at={user.create_dt} />], [t("user.changed"), <Time at={user.update_dt} />], [t("equipment.id"), <Mono>{user.id}</Mono>],
            ]} />
            {can("users:write") && user.status >= 0 && (
              <div class="row">
                <Button icon="edit" onClick={() => setMode("edit")}>{t("action.edit")}</Button>
                <Button icon="key" onClick={() => setMode("password")}>{t("user.setPassword")}</Button>
                <Button icon="logout" onClick={() => void act({ title: t("user.logoutAll"), help: t("user.logoutAll.help", { name: user.login }) }, () => usersLogoutAll({ id }), t("session.ended"))}>{t("user.logoutAll")}</Button>
                {user.status === 1 ? <Button icon="check" onClick={() => void act(null, () => usersUnblock({ id }), t("user.isUnblocked"))}>{t("user.unblock")}</Button>
                  : !self && <Button kind="danger" icon="lock" onClick={() => void act({ title: t("user.block"), help: t("user.block.help", { name: user.login }) }, () => usersBlock({ id }), t("user.isBlocked"))}>{t("user.block")}</Button>}
                {!self && <Button kind="danger" icon="archive" onClick={() => void act({ title: t("equipment.archive"), help: t("user.archive.help", { name: user.login }) }, () => usersDelete({ id }), t("equipment.archived"))}>{t("equipment.archive")}</Button>}
              </div>
            )}
          </>}
        </>}
      </Shown>
    </Drawer>
  );
}

function UserSessions({ id }: { id: number }) {
  const r = useResource(async (s) => (await usersSessions({ id }, s)).data.content, [id]);
  return <Shown of={r} lines={3}>{(rows) => <SessionTable rows={rows} onEnd={(s) => void attempt(() => usersSessionsDelete({ id, sid: s.id }), t("session.ended")).then(r.reload)} />}</Shown>;
}

function History({ id }: { id: number }) {
  const r = useResource(async (s) => (await usersHistory({ id, query: { limit: 100 } }, s)).data.content, [id]);
  return (
    <Shown of={r} lines={4}>
      {(rows) => {
        const versions = [...rows].sort((a, b) => b.version - a.version);
        return (
          <ol class="versions">
            {versions.map((v, i) => (
              <li key={v.version}>
                <header><strong>{t("history.version", { n: v.version })}</strong> <Time at={v.valid_from} /> <Mono>{v.actor}</Mono></header>
                {versions[i + 1] && <Diff before={versions[i + 1]?.item} after={v.item} />}
              </li>
            ))}
          </ol>
        );
      }}
    </Shown>
  );
}

/** Makes a user or changes one. */
function UserDrawer({ user: old, close, saved }: { user?: User; close: () => void; saved: () => void }) {
  const roles = useResource(async (s) => (await rolesList({ query: { limit: 1000 } }, s)).data.content, []);
  const [login, setLogin] = useState(old?.login ?? "");
  const [name, setName] = useState(old?.name ?? "");
  const [role, setRole] = useState(old?.role_id ?? "");
  const [password, setPassword] = useState("");
  const save = useAction(async () => {
    const role_id = role || roles.data?.[0]?.id || "";
    if (old) await usersUpdate({ id: old.id, body: { login, name, ...(role_id !== old.role_id ? { role_id } : {}) } });
    else await usersCreate({ body: { login, name, password, role_id } });
    setPassword("");
    toast(t(old ? "toast.saved" : "toast.created"));
    saved();
  });
  const p = save.problem;
  return (
    <Drawer title={old ? old.login : t("user.add")} onClose={close}>
      {!roles.data ? (roles.problem ? <Refusal problem={roles.problem} /> : <Loading />) : (
        <Form label={t("user.about")} onSubmit={() => void save.run()}>
          <TextField label={t("user.login")} value={login} onChange={setLogin} required autoFocus maxLength={50} error={reasonAt(p, "login")} />
          <TextField label={t("user.name")} value={name} onChange={setName} required maxLength={80} error={reasonAt(p, "name")} />
          <SelectField label={t("user.role")} value={role || (roles.data[0]?.id ?? "")} onChange={setRole} error={reasonAt(p, "role_id")} options={roles.data.map((x) => ({ value: x.id, title: `${x.id} – ${x.description}` }))} />
          {!old && <TextField label={t("user.firstPassword")} value={password} onChange={setPassword} type="password" autoComplete="new-password" required help={t("password.rule")} error={reasonAt(p, "password")} />}
          <Refusal problem={p} shown={["login", "name", "role_id", "password"]} />
          <div class="form-actions"><Button onClick={close}>{t("action.cancel")}</Button><Button kind="primary" type="submit" busy={save.busy} disabled={!login || !name || (!old && !password)}>{t("action.save")}</Button></div>
        </Form>
      )}
    </Drawer>
  );
}

function PasswordDrawer({ user, close }: { user: User; close: () => void }) {
  const [password, setPassword] = useState("");
  const save = useAction(async () => {
    await usersPassword({ id: user.id, body: { password } });
    setPassword("");
    toast(t("password.changed"));
    close();
  });
  return (
    <Drawer title={t("user.setPassword")} modal="dialog" onClose={close}>
      <p>{t("user.setPassword.help", { name: user.login })}</p>
      <Form label={t("user.setPassword")} onSubmit={() => void save.run()}>
        <TextField label={t("password.new")} value={password} onChange={setPassword} type="password" autoComplete="new-password" required autoFocus help={t("password.rule")} error={reasonAt(save.problem, "password")} />
        <Refusal problem={save.problem} shown={["password"]} />
        <div class="form-actions"><Button onClick={close}>{t("action.cancel")}</Button><Button kind="primary" type="submit" busy={save.busy} disabled={!password}>{t("action.save")}</Button></div>
      </Form>
    </Drawer>
  );
}
