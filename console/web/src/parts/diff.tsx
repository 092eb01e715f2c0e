import { t } from "../core/i18n";

type Row = { path: string; before: unknown; after: unknown };

/** The members that differ, objects taken apart. */
export function differences(before: unknown, after: unknown, path = ""): Row[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((n) => differences(before[n], after[n], path ? `${path}.${n}` : n));
  }
  if (isObject(before) && (after === null || after === undefined)) return Object.keys(before).flatMap((n) => differences(before[n], undefined, path ? `${path}.${n}` : n));
  if (isObject(after) && (before === null || before === undefined)) return Object.keys(after).flatMap((n) => differences(undefined, after[n], path ? `${path}.${n}` : n));
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

function isObject(v: unknown): v is Record<string, unknown> {
  return typeof v === "object" && v !== null && !Array.isArray(v);
}

/** A value in one line. */
export function show(v: unknown): string {
  if (v === undefined) return "–";
  return typeof v === "string" ? v : JSON.stringify(v);
}

/** What a change has changed, member by member. */
export function Diff({ before, after, titles }: { before: unknown; after: unknown; titles?: [string, string] }) {
  const rows = differences(before ?? {}, after ?? {});
  if (rows.length === 0) return <p class="muted">{t("diff.same")}</p>;
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={t("diff.title")}>
      <table class="diff">
        <thead>
          <tr><th scope="col">{t("diff.field")}</th><th scope="col">{titles?.[0] ?? t("diff.before")}</th><th scope="col">{titles?.[1] ?? t("diff.after")}</th></tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.path}>
              <th scope="row"><code class="mono">{r.path || "·"}</code></th>
              <td class={r.before === undefined ? "muted" : "was"}>{show(r.before)}</td>
              <td class={r.after === undefined ? "muted" : "is"}>{show(r.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
