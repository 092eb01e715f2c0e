import { number, readNumber } from "../../core/format";
import { t } from "../../core/i18n";
import type { Box } from "../../map";

export const edges = ["south", "west", "north", "east"] as const;
export type Edge = (typeof edges)[number];
export type Edges = Record<Edge, string>;

/** The box that is typed, none while an edge is missing or wrong; and what is wrong. A western edge above the eastern one crosses the 180th meridian. */
export function boxOf(typed: Edges): { box: Box | null; wrong: Partial<Edges> } {
  const wrong: Partial<Edges> = {};
  const value = (e: Edge, most: number) => {
    const n = readNumber(typed[e]);
    if (n !== null && Math.abs(n) > most) wrong[e] = t("form.between", { a: number(-most), b: number(most) });
    return n;
  };
  const south = value("south", 90), west = value("west", 180), north = value("north", 90), east = value("east", 180);
  if (south !== null && north !== null && south > north) wrong.north = t("place.order");
  const whole = south !== null && west !== null && north !== null && east !== null && Object.keys(wrong).length === 0;
  return { box: whole ? { south, west, north, east } : null, wrong };
}
