import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { equipmentsGet } from "../../../types/cfg";
import { Problem } from "../../core/http";
import { can } from "../../core/session";

/** Names of equipment as far as they were asked for. */
const names = signal<ReadonlyMap<number, string>>(new Map());
const asked = new Set<number>();

async function read(id: number): Promise<void> {
  try {
    const { data } = await equipmentsGet({ id, query: { fields: ["id", "name"] } });
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
    void read(id);
  }, [id]);
  return names.value.get(id) ?? `#${id}`;
}
