/** The part of a JSON Schema (2020-12) of arguments that a form is made of. */
export interface ArgSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  default?: unknown;
  "x-unit"?: string;
  properties?: Record<string, ArgSchema>;
  required?: string[];
}

/** A field of the form; what is no scalar is written as JSON. */
export interface ArgField {
  name: string;
  kind: "number" | "text" | "boolean" | "choice" | "json";
  schema: ArgSchema;
  required: boolean;
}

export function fieldsOf(schema: unknown): ArgField[] {
  const s = (schema ?? {}) as ArgSchema;
  return Object.entries(s.properties ?? {}).map(([name, p]) => ({ name, kind: kindOf(p), schema: p, required: s.required?.includes(name) ?? false }));
}

function kindOf(p: ArgSchema): ArgField["kind"] {
  if (p.enum) return "choice";
  const type = Array.isArray(p.type) ? p.type.find((x) => x !== "null") : p.type;
  if (type === "number" || type === "integer") return "number";
  if (type === "boolean") return "boolean";
  return type === "string" ? "text" : "json";
}

export function startValue(f: ArgField): string {
  const d = f.schema.default;
  if (d === undefined) return f.kind === "boolean" ? "false" : f.kind === "choice" && f.required ? JSON.stringify(f.schema.enum?.[0]) : "";
  return f.kind === "choice" || f.kind === "json" ? JSON.stringify(d) : String(d);
}

/** What a field holds, undefined when it is empty, null when it cannot be read. */
export function readField(f: ArgField, text: string): { value: unknown } | undefined | null {
  if (f.kind === "boolean") return { value: text === "true" };
  if (text.trim() === "") return undefined;
  if (f.kind === "text") return { value: text };
  if (f.kind === "number") {
    const n = Number(text.trim().replace(/\s/g, "").replace(",", "."));
    return Number.isFinite(n) ? { value: n } : null;
  }
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
