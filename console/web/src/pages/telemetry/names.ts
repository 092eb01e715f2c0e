import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { equipmentsGet } from "../../../types/cfg";
import { Problem } from "../../core/http";
import { can } from "../../core/session";

/** Names of equipment as far as they were asked for. */
const names = signal<ReadonlyMap<number, string>>(new Map());
const asked = new Set<number>();
/** So many are read at a time: a long list asks for many at once. */
const lanes = Array.from({ length: 4 }, () => Promise.resolve());

async function read(id: number): Promise<void> {
  try {
    const { data } = await equipmentsGet({ id, query: { fields: ["name"] } });
    names.value = new Map(names.value).set(id, data.name);
  } catch (e) {
    if (!(e instanceof Problem)) throw e; // the id has to do
  }
}

/** The name of a piece of equipment; its id until it is known, and where the catalogue may not be read. */
export function useEquipmentName(id: number): string {
  useEffect(() => {
    if (!can("cfg:read") || asked.has(id)) return;
    asked.add(id);
    const lane = asked.size % lanes.length;
    lanes[lane] = (lanes[lane] ?? Promise.resolve()).then(() => read(id));
  }, [id]);
  return names.value.get(id) ?? `#${id}`;
}

/** The same where a hook cannot stand, as in the cell of a table. */
export function EquipmentName({ id }: { id: number }): string {
  return useEquipmentName(id);
}
