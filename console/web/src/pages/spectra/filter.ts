import { readNumber } from "../../core/format";
import { place } from "../../core/router";
import { momentOf } from "../journal";
import { boxOf, edges } from "./box";

export const names = ["from", "to", "start", "stop", "source", ...edges] as const;
export type Name = (typeof names)[number];

/** What is searched for, in the terms of the service. */
export interface Filter {
  from?: string;
  to?: string;
  "start-freq-hz"?: number;
  "stop-freq-hz"?: number;
  source?: string;
  bbox?: string;
}

/** What the address asks for, as it was typed. */
export function typed(): Record<Name, string> {
  return Object.fromEntries(names.map((n) => [n, place.value.query.get(n) ?? ""])) as Record<Name, string>;
}

/** What the address asks for; frequencies are typed in MHz. */
export function filter(): Filter {
  const asked = typed();
  const hz = (mhz: string) => {
    const value = readNumber(mhz);
    return value === null ? undefined : Math.round(value * 1e6);
  };
  const from = momentOf(asked.from), to = momentOf(asked.to), start = hz(asked.start), stop = hz(asked.stop);
  const { box } = boxOf(asked);
  return {
    ...(from ? { from } : {}), ...(to ? { to } : {}), ...(start !== undefined ? { "start-freq-hz": start } : {}), ...(stop !== undefined ? { "stop-freq-hz": stop } : {}),
    ...(asked.source ? { source: asked.source } : {}), ...(box ? { bbox: [box.west, box.south, box.east, box.north].join() } : {}),
  };
}
