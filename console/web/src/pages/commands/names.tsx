import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { commandsList, type ListedCommand } from "../../../types/cfg";
import type { Command } from "../../../types/ctrl";
import { Problem } from "../../core/http";
import { t } from "../../core/i18n";
import { can } from "../../core/session";
import { Badge, type Tone } from "../../parts/basics";

/** The catalogue's commands by id, read once and again when an unknown one turns up. */
const catalogue = signal<Map<number, ListedCommand> | null>(null);
let reading = false;

async function read(): Promise<void> {
  if (reading) return;
  reading = true;
  try {
    const { data } = await commandsList({ query: { limit: 5000 } });
    catalogue.value = new Map(data.content.map((c) => [c.id, c]));
  } catch (e) {
    if (!(e instanceof Problem)) throw e; // the ids have to do
  } finally {
    reading = false;
  }
}

/** Names of commands and of their equipment; ids where the catalogue may not be read. */
export function useNames(): { command(id: number): string; equipment(id: number): string; all: ListedCommand[]; loaded: boolean; get(id: number): ListedCommand | undefined } {
  useEffect(() => {
    if (catalogue.value === null && can("cfg:read")) void read();
  }, []);
  const known = catalogue.value;
  return {
    command: (id) => {
      const c = known?.get(id);
      return c ? c.name : `#${id}`;
    },
    equipment: (id) => known?.get(id)?.equipment_name ?? "",
    get: (id) => known?.get(id),
    all: known ? [...known.values()] : [],
    loaded: known !== null || !can("cfg:read"),
  };
}

/** After a change of the catalogue. */
export function forgetNames(): void {
  catalogue.value = null;
  void read();
}

export type State = Command["state"];

const tones: Record<State, Tone> = {
  awaiting_approval: "warn", queued: "info", sending: "info", accepted: "info", verifying: "info", succeeded: "ok", failed: "bad",
  unverified: "warn", unknown: "bad", rejected: "idle", expired: "idle", cancelled: "idle",
};

export function CommandState({ state }: { state: State }) {
  return <Badge tone={tones[state]}>{t(`command.state.${state}`)}</Badge>;
}

/** Whether it may still change by itself. */
export function moving(state: State): boolean {
  return state === "awaiting_approval" || state === "queued" || state === "sending" || state === "accepted" || state === "verifying";
}
