import { useEffect, useState } from "preact/hooks";
import { equipmentsGet, equipmentsList, type Branch } from "../../../types/cfg";
import { t } from "../../core/i18n";
import { useResource, type Resource } from "../../core/resource";
import { TextField } from "../../parts/form";
import type { View } from "../equipment";

/** The nodes whose names have a part like this, out of their tree. */
export async function findEquipment(q: string, view: View, signal: AbortSignal): Promise<Branch[]> {
  const flat: Branch[] = [];
  const walk = (list: Branch[]) => list.forEach((b) => {
    flat.push(b);
    walk(b.content ?? []);
  });
  walk((await equipmentsList({ query: { ...view, q } }, signal)).data);
  return flat;
}

/** What a search has found, a moment after the last key. */
export function useFound(q: string): Resource<Branch[]> {
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(q.trim()), 250);
    return () => clearTimeout(timer);
  }, [q]);
  return useResource(async (s) => (asked ? findEquipment(asked, {}, s) : []), [asked]);
}

/** One node of a list to choose from. */
export function FoundOne({ name, path, chosen, choose }: { name: string; path: string; chosen: boolean; choose: () => void }) {
  return <li><button type="button" class={chosen ? "found-one current" : "found-one"} onClick={choose}><strong>{name}</strong><small>{path}</small></button></li>;
}

/** A piece of equipment, found by a part of its name; none is the first choice. */
export function EquipmentField({ label, none, value, onChange }: { label: string; none: string; value: number | null; onChange: (id: number | null) => void }) {
  const [q, setQ] = useState("");
  const found = useFound(q);
  const present = useResource(async (s) => (value === null ? null : (await equipmentsGet({ id: value }, s)).data), [value]);
  return (
    <div>
      <TextField label={label} value={q} onChange={setQ} type="search" help={t("move.choose.help")} />
      <ul class="found short">
        <FoundOne name={none} path="" chosen={value === null} choose={() => onChange(null)} />
        {present.data && value !== null && <FoundOne name={present.data.name} path={present.data.parent_path_name} chosen choose={() => {}} />}
        {(found.data ?? []).filter((b) => b.id !== value).slice(0, 12).map((b) => (
          <FoundOne key={b.id} name={b.name} path={b.parent_path_name} chosen={false} choose={() => onChange(b.id)} />
        ))}
      </ul>
    </div>
  );
}
