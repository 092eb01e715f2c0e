import { useState } from "preact/hooks";
import { meSessions, meSessionsDelete, mePassword, meUpdate, tokenLogoutAll, type Session } from "../../types/auth";
import { ViewSwitches, Logo } from "../app";
import { agent } from "../core/format";
import { language, languages, t } from "../core/i18n";
import { useAction, useResource } from "../core/resource";
import { can, logout, me, reload, setLanguage, setTheme, theme } from "../core/session";
import { heading } from "../core/title";
import { Badge, Button, Card, Facts, Page, Time } from "../parts/basics";
import { Form, SelectField, TextField } from "../parts/form";
import { ask, toast } from "../parts/overlay";
import { Notice, Refusal, reasonAt, Shown } from "../parts/states";
import { Table } from "../parts/table";
import { permissionNames, sayPermission } from "./people/permissions";

/** Form to change one's own password; passwords never stay in it. */
function PasswordForm({ done }: { done: () => void }) {
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const change = useAction(async () => {
    await mePassword({ body: { current_password: current, new_password: fresh } });
    setCurrent("");
    setFresh("");
    setAgain("");
    await reload();
    toast(t("password.changed"));
    done();
  });
  const differs = again !== "" && again !== fresh;
  return (
    <Form label={t("password.title")} onSubmit={() => void (!differs && change.run())}>
      <TextField label={t("password.current")} value={current} onChange={setCurrent} type="password" autoComplete="current-password" required
        error={reasonAt(change.problem, "current_password")} />
      <TextField label={t("password.new")} value={fresh} onChange={setFresh} type="password" autoComplete="new-password" required help={t("password.rule")}
        error={reasonAt(change.problem, "new_password")} />
      <TextField label={t("password.again")} value={again} onChange={setAgain} type="password" autoComplete="new-password" required
        error={differs ? t("password.differs") : undefined} />
      <Refusal problem={change.problem} shown={["current_password", "new_password"]} />
      <div class="form-actions">
        <Button kind="primary" type="submit" busy={change.busy} disabled={!current || !fresh || again !== fresh}>{t("password.change")}</Button>
      </div>
    </Form>
  );
}

/** What somebody sees first whose password was given by another. */
export function PasswordPage() {
  heading.value = t("password.title");
  return (
    <main class="alone login">
      <div class="login-box">
        <div class="brand"><Logo /><span>{t("app.name")}</span></div>
        <h1>{t("password.title")}</h1>
        <Notice tone="info">{t("password.must")}</Notice>
        <PasswordForm done={() => {}} />
        <div class="row spread"><ViewSwitches /><Button kind="quiet" icon="logout" onClick={() => void logout()}>{t("action.logout")}</Button></div>
      </div>
    </main>
  );
}

export function Profile() {
  const user = me.value;
  const [name, setName] = useState(user?.name ?? "");
  const save = useAction(async () => {
    me.value = (await meUpdate({ body: { name } })).data;
    toast(t("toast.saved"));
  });
  if (!user) return null;
  return (
    <Page title={t("page.profile")}>
      <div class="grid two">
        <Card title={t("profile.you")}>
          <Facts items={[
            [t("user.login"), user.login],
            [t("user.role"), user.role_id],
            [t("user.since"), <Time at={user.create_dt} />],
          ]} />
          <Form label={t("profile.you")} onSubmit={() => void save.run()}>
            <TextField label={t("user.name")} value={name} onChange={setName} autoComplete="name" error={reasonAt(save.problem, "name")} required />
            <Refusal problem={save.problem} shown={["name"]} />
            <div class="form-actions"><Button kind="primary" type="submit" busy={save.busy} disabled={name === user.name || name === ""}>{t("action.save")}</Button></div>
          </Form>
          <div class="form-row">
            <SelectField label={t("profile.language")} value={language.value} onChange={(v) => setLanguage(languages.find((l) => l === v) ?? "en")}
              options={[{ value: "en", title: "English" }, { value: "ru", title: "Русский" }]} />
            <SelectField label={t("profile.theme")} value={theme.value} onChange={(v) => setTheme(v === "dark" ? "dark" : "light")}
              options={[{ value: "dark", title: t("theme.dark") }, { value: "light", title: t("theme.light") }]} />
          </div>
        </Card>
        <Card title={t("password.title")}><PasswordForm done={() => {}} /></Card>
      </div>
      <Sessions />
      <Card title={t("profile.may")}>
        <ul class="permissions">
          {permissionNames.map((p) => (
            <li key={p} class={can(p) ? "" : "muted"}><Badge tone={can(p) ? "ok" : "idle"}>{can(p) ? t("word.yes") : t("word.no")}</Badge> <span>{sayPermission(p)}</span> <code class="mono small">{p}</code></li>
          ))}
        </ul>
      </Card>
    </Page>
  );
}

function Sessions() {
  const sessions = useResource(async (signal) => (await meSessions(undefined, signal)).data.content, []);
  const end = async (s: Session) => {
    if (!(await ask({ title: t("session.end"), body: <p>{t("session.end.help", { agent: s.user_agent ? agent(s.user_agent) : s.address })}</p>, action: t("session.end"), danger: true }))) return;
    await meSessionsDelete({ id: s.id });
    toast(t("session.ended"));
    sessions.reload();
  };
  const all = async () => {
    if (!(await ask({ title: t("session.endAll"), body: <p>{t("session.endAll.help")}</p>, action: t("session.endAll"), danger: true }))) return;
    await tokenLogoutAll();
    await logout();
  };
  return (
    <Card title={t("session.title")} actions={<Button small kind="danger" onClick={() => void all()}>{t("session.endAll")}</Button>}>
      <Shown of={sessions} lines={3}>
        {(rows) => <SessionTable rows={rows} onEnd={(s) => void end(s)} />}
      </Shown>
    </Card>
  );
}

/** Sessions of a user, one's own or another's. */
export function SessionTable({ rows, onEnd }: { rows: Session[]; onEnd: (s: Session) => void }) {
  return (
    <Table label={t("session.title")} rows={rows} rowKey={(s) => s.id} columns={[
      { id: "agent", title: t("session.agent"), grow: true, cell: (s) => <span class="clip" title={s.user_agent}>{agent(s.user_agent)}</span> },
      { id: "address", title: t("session.address"), cell: (s) => <code class="mono">{s.address}</code> },
      { id: "begun", title: t("session.begun"), wide: true, cell: (s) => <Time at={s.created_at} only="age" /> },
      { id: "seen", title: t("session.seen"), cell: (s) => <Time at={s.last_seen_at} only="age" /> },
      { id: "act", title: "", cell: (s) => s.current
        ? <Badge tone="ok">{t("session.this")}</Badge>
        : <Button small kind="quiet" icon="close" label={t("session.end")} onClick={() => onEnd(s)} /> },
    ]} />
  );
}
