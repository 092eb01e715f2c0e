import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { telemetryList, type ListedParameter } from "../../../types/cfg";
import { plain } from "../../core/format";
import { Problem } from "../../core/http";
import { can } from "../../core/session";

/** The catalogue's parameters, read once. */
const catalogue = signal<{ byId: Map<number, ListedParameter>; byName: Map<string, ListedParameter> } | null>(null);
let reading = false;

async function read(): Promise<void> {
  if (reading) return;
  reading = true;
  try {
    const { data } = await telemetryList({ query: { limit: 5000 } });
    catalogue.value = { byId: new Map(data.content.map((p) => [p.id, p])), byName: new Map(data.content.map((p) => [p.name.toLowerCase(), p])) };
  } catch (e) {
    if (!(e instanceof Problem)) throw e; // values stand without units then
  } finally {
    reading = false;
  }
}

/** After a change of the catalogue. */
export function forgetParameters(): void {
  catalogue.value = null;
}

/** Units of UCUM that people write otherwise. */
const written: Record<string, string> = { Cel: "°C", "dB[mW]": "dBm", deg: "°", "1": "" };

export interface Parameters {
  /** A parameter by its name in any letter case, or by its id. */
  get(key: string | number | null): ListedParameter | undefined;
  /** The unit that the validator names (x-unit), as people write it; empty for none. */
  unit(key: string | number | null): string;
  all: ListedParameter[];
}

export function useParameters(): Parameters {
  const known = catalogue.value;
  useEffect(() => {
    if (catalogue.value === null && can("cfg:read")) void read();
  }, [known]);
  const get: Parameters["get"] = (key) => (key === null ? undefined : typeof key === "number" ? known?.byId.get(key) : known?.byName.get(key.toLowerCase()));
  return {
    get,
    unit(key) {
      const unit = (get(key)?.value_validator as { "x-unit"?: unknown } | null | undefined)?.["x-unit"];
      return typeof unit === "string" ? (written[unit] ?? unit) : "";
    },
    all: known ? [...known.byId.values()] : [],
  };
}

/** A value as people read it: numbers with their unit. */
export function sayValue(value: unknown, unit: string): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return unit ? `${plain(value)} ${unit}` : plain(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
