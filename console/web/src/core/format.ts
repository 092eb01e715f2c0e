import { signal } from "@preact/signals";
import { language, t } from "./i18n";

/** The time of day as relative ages see it; it moves on every ten seconds. */
export const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 10_000);

const cache = new Map<string, unknown>();

function formatter<T>(key: string, make: (locale: string) => T): T {
  const full = `${language.value} ${key}`;
  let f = cache.get(full) as T | undefined;
  if (!f) {
    f = make(language.value === "ru" ? "ru-RU" : "en-GB");
    cache.set(full, f);
  }
  return f;
}

export function number(value: number, digits = 0): string {
  return formatter(`n${digits}`, (l) => new Intl.NumberFormat(l, { minimumFractionDigits: digits, maximumFractionDigits: digits })).format(value);
}

/** As many decimals as the number has, at most six. */
export function plain(value: number): string {
  return formatter("p", (l) => new Intl.NumberFormat(l, { maximumFractionDigits: 6, useGrouping: true })).format(value);
}

/** Date and time with seconds and zone. */
export function moment(value: string | number | Date): string {
  return formatter("m", (l) => new Intl.DateTimeFormat(l, {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
  })).format(new Date(value));
}

export function clock(value: string | number | Date): string {
  return formatter("c", (l) => new Intl.DateTimeFormat(l, { hour: "2-digit", minute: "2-digit", second: "2-digit" })).format(new Date(value));
}

/** A moment on an axis that is this many seconds long, as short as can be. */
export function tick(value: number, span: number): string {
  const [key, options]: [string, Intl.DateTimeFormatOptions] = span > 2 * 86400 ? ["t1", { day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit" }]
    : span > 600 ? ["t2", { hour: "2-digit", minute: "2-digit" }] : ["t3", { hour: "2-digit", minute: "2-digit", second: "2-digit" }];
  return formatter(key, (l) => new Intl.DateTimeFormat(l, options)).format(new Date(value * 1000));
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1],
];

/** How long ago, or until when: "3 minutes ago". */
export function age(value: string | number | Date): string {
  const seconds = (new Date(value).getTime() - now.value) / 1000;
  if (Math.abs(seconds) < 10) return t("time.now");
  const [unit, size] = steps.find(([, s]) => Math.abs(seconds) >= s) ?? ["second", 1];
  return formatter("r", (l) => new Intl.RelativeTimeFormat(l, { numeric: "always", style: "short" })).format(Math.round(seconds / size), unit);
}

/** A length of time in its two largest units. */
export function duration(seconds: number): string {
  const parts: [number, "unit.d" | "unit.h" | "unit.min" | "unit.s"][] = [
    [Math.floor(seconds / 86400), "unit.d"], [Math.floor(seconds / 3600) % 24, "unit.h"],
    [Math.floor(seconds / 60) % 60, "unit.min"], [Math.floor(seconds) % 60, "unit.s"],
  ];
  const from = parts.findIndex(([n]) => n > 0);
  if (from < 0) return `0 ${t("unit.s")}`;
  return parts.slice(from, from + 2).map(([n, unit]) => `${n} ${t(unit)}`).join(" ");
}

const scales: [number, "unit.GHz" | "unit.MHz" | "unit.kHz" | "unit.Hz"][] = [[1e9, "unit.GHz"], [1e6, "unit.MHz"], [1e3, "unit.kHz"], [1, "unit.Hz"]];

/** A frequency in the unit that suits it, with the digits that a step needs. */
export function frequency(hz: number, step = Math.abs(hz) / 1e6): string {
  const [size, unit] = scales.find(([s]) => Math.abs(hz) >= s) ?? [1, "unit.Hz"];
  const digits = step > 0 ? Math.min(9, Math.max(0, Math.ceil(-Math.log10(step / size)))) : 0;
  const text = formatter(`f${digits}`, (l) => new Intl.NumberFormat(l, { maximumFractionDigits: digits })).format(hz / size);
  return `${text} ${t(unit)}`;
}

/** From one frequency to another, in one unit. */
export function band(from: number, to: number): string {
  const [size, unit] = scales.find(([s]) => Math.abs(to) >= s) ?? [1, "unit.Hz"];
  const f = formatter("b", (l) => new Intl.NumberFormat(l, { maximumFractionDigits: 4 }));
  return `${f.format(from / size)}–${f.format(to / size)} ${t(unit)}`;
}

export function level(value: number | null | undefined, unit = "dBm"): string {
  return value === null || value === undefined ? "–" : `${number(value, 1)} ${unitName(unit)}`;
}

/** Units of levels as they are written: µ instead of u. */
export function unitName(unit: string): string {
  return unit.replace("uV", "µV");
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} ${t("unit.B")}`;
  return n < 1 << 20 ? `${number(n / 1024, 1)} ${t("unit.KiB")}` : `${number(n / (1 << 20), 1)} ${t("unit.MiB")}`;
}

/** Reads a number as a person writes it: with a comma or a point; null when it is none. */
export function readNumber(text: string): number | null {
  const cleaned = text.trim().replace(/\s/g, "").replace(",", ".");
  return cleaned !== "" && Number.isFinite(Number(cleaned)) ? Number(cleaned) : null;
}

/** A browser by its name and system; other programs as they call themselves. */
export function agent(text: string): string {
  const browser = /(Edg|OPR|YaBrowser|Firefox|HeadlessChrome|Chrome|Version)\/(\d+)/.exec(text);
  if (!text.startsWith("Mozilla/") || !browser) return text || "–";
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", YaBrowser: "Yandex", HeadlessChrome: "Chrome", Version: "Safari" };
  const name = names[browser[1] ?? ""] ?? browser[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(text)?.[1];
  return `${name} ${browser[2]}${system ? `, ${system.replace(" OS X", "")}` : ""}`;
}
