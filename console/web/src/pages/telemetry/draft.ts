import type { Delay, Level, Limit, LimitPatch } from "../../../types/ctrl";
import { severities, type Severity } from "../../core/alarms";
import { readNumber } from "../../core/format";

/** A level as it is typed. */
export interface LevelDraft {
  severity: Severity;
  side: "high" | "low";
  bound: string;
  rearm: string;
}

export interface DelayDraft {
  kind: "once" | "seconds" | "count";
  seconds: string;
  count: string;
  of: string;
}

/** A limit as it is typed. */
export interface Draft {
  name: string;
  levels: LevelDraft[];
  raise: DelayDraft;
  clear: DelayDraft;
  stale: string;
  staleSeverity: Severity;
  latched: boolean;
  suppresses: boolean;
}

export function severityOf(text: string): Severity {
  return severities.find((s) => s === text) ?? "warning";
}

function typed(n: number | null | undefined): string {
  return n === null || n === undefined ? "" : String(n);
}

function delayDraft(d: Delay | undefined): DelayDraft {
  return { kind: !d ? "once" : d.seconds !== undefined ? "seconds" : "count", seconds: typed(d?.seconds ?? 60), count: typed(d?.count ?? 2), of: typed(d?.of ?? 3) };
}

export function draftOf(l: Limit | null): Draft {
  return {
    name: l?.name ?? "",
    levels: (l?.levels ?? []).map((x) => ({ severity: x.severity, side: x.high !== undefined ? "high" : "low", bound: typed(x.high ?? x.low), rearm: typed(x.clear) })),
    raise: delayDraft(l?.raise_after), clear: delayDraft(l?.clear_after),
    stale: typed(l?.stale_after), staleSeverity: l?.stale_severity ?? "warning", latched: l?.latched ?? false, suppresses: l?.suppresses ?? false,
  };
}

function levelOf(l: LevelDraft): Level {
  const bound = readNumber(l.bound), clear = readNumber(l.rearm);
  return { severity: l.severity, ...(bound === null ? {} : { [l.side]: bound }), ...(clear === null ? {} : { clear }) };
}

function delayOf(d: DelayDraft): Delay | null {
  if (d.kind === "once") return null;
  return d.kind === "seconds" ? { seconds: readNumber(d.seconds) ?? 0 } : { count: readNumber(d.count) ?? 1, of: readNumber(d.of) ?? 1 };
}

/** The whole limit as a change of it, empty fields as null. */
export function bodyOf(d: Draft): Required<LimitPatch> {
  return {
    name: d.name, levels: d.levels.map(levelOf), raise_after: delayOf(d.raise), clear_after: delayOf(d.clear),
    stale_after: readNumber(d.stale), stale_severity: d.staleSeverity, latched: d.latched, suppresses: d.suppresses,
  };
}
