import { render, type ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Permission } from "../types/permissions";
import { waiting } from "./core/alarms";
import { Problem } from "./core/http";
import { language, t } from "./core/i18n";
import type { Key } from "./lang/en";
import { go, place } from "./core/router";
import { can, load, logout, me, setLanguage, setTheme, theme } from "./core/session";
import { Button, Link } from "./parts/basics";
import { Icon, type IconName } from "./parts/icon";
import { Overlays } from "./parts/overlay";
import { Empty, Failure, Forbidden } from "./parts/states";
import { Alarms } from "./pages/alarms";
import { Catalogue } from "./pages/catalogue";
import { Commands } from "./pages/commands";
import { Equipment } from "./pages/equipment";
import { Journal } from "./pages/journal";
import { Live } from "./pages/live";
import { Login } from "./pages/login";
import { Overview } from "./pages/overview";
import { People } from "./pages/people";
import { PasswordPage, Profile } from "./pages/profile";
import { Services } from "./pages/services";
import { Spectra } from "./pages/spectra";
import { Telemetry } from "./pages/telemetry";

interface Section {
  id: "overview" | "alarms" | "live" | "spectra" | "equipment" | "telemetry" | "commands" | "catalogue" | "journal" | "people" | "services";
  group: Key;
  page: ComponentType;
  /** Any of these is needed; none: everybody. */
  needs: Permission[];
}

const sections: Section[] = [
  { id: "overview", group: "nav.now", page: Overview, needs: [] },
  { id: "alarms", group: "nav.now", page: Alarms, needs: ["ctrl:read"] },
  { id: "live", group: "nav.spectrum", page: Live, needs: ["inbox:read"] },
  { id: "spectra", group: "nav.spectrum", page: Spectra, needs: ["inbox:read"] },
  { id: "equipment", group: "nav.plant", page: Equipment, needs: ["cfg:read"] },
  { id: "telemetry", group: "nav.plant", page: Telemetry, needs: ["ctrl:read"] },
  { id: "commands", group: "nav.plant", page: Commands, needs: ["ctrl:read"] },
  { id: "catalogue", group: "nav.plant", page: Catalogue, needs: ["cfg:read"] },
  { id: "journal", group: "nav.administration", page: Journal, needs: ["admin:read"] },
  { id: "people", group: "nav.administration", page: People, needs: ["users:read", "apikeys:write"] },
  { id: "services", group: "nav.administration", page: Services, needs: ["admin:read"] },
];

function allowed(s: Section): boolean {
  return s.needs.length === 0 || s.needs.some(can);
}

/** Switches that everybody has, logged in or not. */
export function ViewSwitches() {
  return (
    <div class="switches">
      <Button kind="quiet" icon={theme.value === "dark" ? "sun" : "moon"} label={t(theme.value === "dark" ? "theme.light" : "theme.dark")}
        onClick={() => setTheme(theme.value === "dark" ? "light" : "dark")} />
      <button type="button" class="button quiet" lang={language.value === "ru" ? "en" : "ru"}
        onClick={() => setLanguage(language.value === "ru" ? "en" : "ru")}>{language.value === "ru" ? "English" : "Русский"}</button>
    </div>
  );
}

/** How many alarms wait for somebody, wherever one is. */
function Waiting() {
  const n = waiting.value;
  return n > 0 ? <span class="count" title={t("alarms.waiting", { n })}>{n > 99 ? "99+" : n}<span class="hidden"> {t("alarms.wait")}</span></span> : null;
}

function Navigation({ current }: { current: string }) {
  const shown = sections.filter(allowed);
  const groups = [...new Set(shown.map((s) => s.group))];
  return (
    <nav class="rail-nav" aria-label={t("nav.label")}>
      {groups.map((g) => (
        <div key={g} class="rail-group">
          <h2>{t(g)}</h2>
          {shown.filter((s) => s.group === g).map((s) => (
            <Link key={s.id} to={`/${s.id}`} current={s.id === current}><Icon name={s.id as IconName} /><span>{t(`page.${s.id}`)}</span>{s.id === "alarms" && <Waiting />}</Link>
          ))}
        </div>
      ))}
    </nav>
  );
}

function Shell() {
  const [menu, setMenu] = useState(false);
  const main = useRef<HTMLElement>(null);
  const { section } = place.value;
  useEffect(() => setMenu(false), [place.value]);
  useEffect(() => {
    const heading = main.current?.querySelector("h1");
    if (heading && document.activeElement === document.body) heading.focus({ preventScroll: true });
  }, [section]);
  const found = sections.find((s) => s.id === section);
  const Body = section === "profile" ? Profile : found?.page;
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={(e) => {
        e.preventDefault();
        main.current?.focus();
      }}>{t("nav.skip")}</a>
      <header class="topbar">
        <Button kind="quiet" icon="menu" label={t("nav.menu")} pressed={menu} onClick={() => setMenu(!menu)} />
        <span class="brand"><Logo />{t("app.short")}</span>
      </header>
      <aside class={menu ? "rail open" : "rail"} aria-label={t("nav.side")} onKeyDown={(e) => e.key === "Escape" && setMenu(false)}>
        <Link to="/overview" class="brand"><Logo /><span>{t("app.name")}</span></Link>
        <Navigation current={section} />
        <div class="rail-foot">
          <Link to="/profile" current={section === "profile"} class="who"><Icon name="profile" /><span>{me.value?.name}<small>{me.value?.login}</small></span></Link>
          <div class="rail-tools">
            <ViewSwitches />
            <Button kind="quiet" icon="logout" label={t("action.logout")} onClick={() => void logout()} />
          </div>
        </div>
      </aside>
      {menu && <div class="shade" onClick={() => setMenu(false)} />}
      <main id="main" ref={main} tabIndex={-1}>
        {!Body ? <Empty title={t("state.noPage")}><Link to="/overview">{t("page.overview")}</Link></Empty>
          : found && !allowed(found) ? <Forbidden permission={found.needs.join(", ")} /> : <Body key={section} />}
      </main>
    </div>
  );
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M4 22h4l2-3 2 2 3-13 3 16 2-7 2 5h6" />
    </svg>
  );
}

function App() {
  const [failed, setFailed] = useState<Problem | null>(null);
  const start = () => {
    setFailed(null);
    load().then(
      () => {
        if (me.value === undefined) me.value = null;
      },
      (e: unknown) => {
        if (e instanceof Problem) setFailed(e);
        else throw e;
      },
    );
  };
  useEffect(start, []);
  const user = me.value;
  const { section } = place.value;
  useEffect(() => {
    if (user === null && section !== "login") go(`/login?to=${encodeURIComponent(location.pathname + location.search)}`, { replace: true });
  }, [user, section]);
  if (failed) return <main class="alone"><Failure problem={failed} retry={start} /></main>;
  if (user === undefined) return <div class="alone" role="status" aria-label={t("state.loading")} />;
  return (
    <>
      {user === null || section === "login" ? <Login /> : user.password_change_required ? <PasswordPage /> : <Shell />}
      <Overlays />
    </>
  );
}

const root = document.getElementById("app");
if (root) render(<App />, root);
