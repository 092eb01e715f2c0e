import { effect, signal } from "@preact/signals";
import type { Permission } from "../../types/permissions";
import { meGet, meUpdate, type User } from "../../types/auth";
import { sessionCreate, sessionDelete } from "../../types/console";
import { events, Problem, renew } from "./http";
import { language, languages, type Language } from "./i18n";
import { go, place } from "./router";

/** Who is logged in: undefined while that is not known yet, null for nobody. */
export const me = signal<User | null | undefined>(undefined);

/** Why the session has ended, for the login page. */
export const endedBy = signal<Problem | null>(null);

export type Theme = "dark" | "light";

/** The theme that is shown: the choice in this browser, else that of the profile, else the system's. */
export const theme = signal<Theme>(stored("theme", ["dark", "light"]) ?? system());

function system(): Theme {
  return matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}

/** Reads a choice of view. Nothing else is kept in the browser. */
function stored<T extends string>(name: string, values: readonly T[]): T | null {
  const value = localStorage.getItem("nms." + name);
  return values.find((v) => v === value) ?? null;
}

export function setTheme(value: Theme): void {
  localStorage.setItem("nms.theme", value);
  theme.value = value;
  if (me.value) void meUpdate({ body: { dark_theme: value === "dark" } }).then((r) => (me.value = r.data), () => {});
}

export function setLanguage(value: Language): void {
  localStorage.setItem("nms.language", value);
  language.value = value;
  if (me.value) void meUpdate({ body: { language: value } }).then((r) => (me.value = r.data), () => {});
}

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  document.documentElement.lang = language.value;
});

/** Whether the user may do it. Pages leave out what is not allowed; the services decide. */
export function can(permission: Permission): boolean {
  return me.value?.permissions.includes(permission) ?? false;
}

/** Finds out who is logged in. */
export async function load(): Promise<void> {
  try {
    await read();
  } catch (e) {
    if (e instanceof Problem && e.status === 401) return;
    throw e;
  }
}

async function read(): Promise<void> {
  const { data } = await meGet();
  if (!stored("theme", ["dark", "light"])) theme.value = data.dark_theme ? "dark" : "light";
  if (!stored("language", languages) && data.language) language.value = languages.find((l) => l === data.language) ?? language.value;
  me.value = data;
}

export async function login(name: string, password: string): Promise<void> {
  await sessionCreate({ body: { login: name, password } });
  endedBy.value = null;
  await read();
}

/** After a change of the password, which ends the tokens of before. */
export async function reload(): Promise<void> {
  await renew();
  await read();
}

export async function logout(): Promise<void> {
  await sessionDelete();
  endedBy.value = null;
  me.value = null;
  go("/login");
}

events.ended = (problem) => {
  if (me.value) endedBy.value = problem;
  me.value = null;
};
events.mustChangePassword = () => {
  if (me.value && !me.value.password_change_required) me.value = { ...me.value, password_change_required: true };
};

/** The page to go to after the login: the one that was asked for. */
export function wanted(): string {
  const to = place.value.query.get("to") ?? "/overview";
  return to.startsWith("/") && !to.startsWith("//") && !to.startsWith("/login") ? to : "/overview";
}
