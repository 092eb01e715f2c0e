import { signal } from "@preact/signals";
import { meanings, type Code } from "../../types/errors";
import { en, type Key } from "../lang/en";
import { ru } from "../lang/ru";
import { meaningsRu } from "../lang/errors.ru";
import type { Problem, Reason } from "./http";

export const languages = ["en", "ru"] as const;
export type Language = (typeof languages)[number];

const dictionaries: Record<Language, Record<Key, string>> = { en, ru };

function first(): Language {
  const kept = localStorage.getItem("nms.language");
  return languages.find((l) => l === kept) ?? (navigator.language.startsWith("ru") ? "ru" : "en");
}

export const language = signal<Language>(first());

/** Says it in the user's language; `{name}` stands for a value. */
export function t(key: Key, values?: Record<string, string | number>): string {
  const text = dictionaries[language.value][key];
  return values ? text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? "")) : text;
}

/** Says a key that is put together at run time, or the fallback where there is none. */
export function tOr(key: string, fallback: string): string {
  return dictionaries[language.value][key as Key] ?? fallback;
}

/** Says what a reason means, in words of the code. */
export function sayReason(reason: Reason): string {
  if (reason.code === "offline") return t("problem.offline");
  if (language.value === "ru") return meaningsRu[reason.code as Code] ?? reason.message;
  return reason.message || (meanings[reason.code as Code] ?? reason.code);
}

/** Says a refusal in one sentence. */
export function sayProblem(problem: Problem): string {
  const reason = problem.reasons[0];
  return reason ? sayReason(reason) : problem.detail || t("problem.unknown");
}
