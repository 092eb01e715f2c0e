import { useEffect, useState } from "preact/hooks";
import { ViewSwitches, Logo } from "../app";
import { sayProblem, t } from "../core/i18n";
import { useAction } from "../core/resource";
import { go } from "../core/router";
import { endedBy, login, me, wanted } from "../core/session";
import { heading } from "../core/title";
import { Button } from "../parts/basics";
import { Form, TextField } from "../parts/form";
import { Notice, Refusal } from "../parts/states";

export function Login() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const enter = useAction(async () => {
    await login(name.trim(), password);
    go(wanted(), { replace: true });
  });
  useEffect(() => {
    if (me.value) go(wanted(), { replace: true });
  }, []);
  heading.value = t("login.title");
  // Browsers keep the session's cookie on TLS and on this very machine alone.
  const insecure = !window.isSecureContext;
  return (
    <main class="alone login">
      <div class="login-box">
        <div class="brand"><Logo /><span>{t("app.name")}</span></div>
        <h1>{t("login.title")}</h1>
        {insecure && <Notice tone="bad">{t("login.insecure")}</Notice>}
        {endedBy.value && <Notice tone="warn">{t("login.ended")} {sayProblem(endedBy.value)}</Notice>}
        <Form label={t("login.title")} onSubmit={() => void enter.run()}>
          <TextField label={t("login.name")} value={name} onChange={setName} autoComplete="username" autoFocus required />
          <TextField label={t("login.password")} value={password} onChange={setPassword} type="password" autoComplete="current-password" required />
          <Refusal problem={enter.problem} />
          <Button kind="primary" type="submit" busy={enter.busy} disabled={insecure || name.trim() === "" || password === ""}>{t("login.enter")}</Button>
        </Form>
        <ViewSwitches />
      </div>
    </main>
  );
}
