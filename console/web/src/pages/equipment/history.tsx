import { useState } from "preact/hooks";
import { equipmentsHistory, type Version } from "../../../types/cfg";
import { t } from "../../core/i18n";
import { useResource } from "../../core/resource";
import { can } from "../../core/session";
import { Badge, Link, Mono, Time, type Tone } from "../../parts/basics";
import { Diff } from "../../parts/diff";
import { Shown } from "../../parts/states";
import { Pager } from "../../parts/table";

const tones: Record<Version["op"], Tone> = { created: "ok", updated: "info", archived: "idle", restored: "ok" };

/** Every version, the newest first, each against the one before it. */
export function Versions({ versions }: { versions: Version[] }) {
  return (
    <ol class="versions">
      {versions.map((v, i) => (
        <li key={v.version}>
          <header>
            <Badge tone={tones[v.op]}>{t(`history.${v.op}`)}</Badge>
            <strong>{t("history.version", { n: v.version })}</strong>
            <Time at={v.valid_from} />
            <span class="muted"><Mono>{v.actor}</Mono></span>
            {can("admin:read") && v.request_id && <Link to={`/journal?request-id=${encodeURIComponent(v.request_id)}`}>{t("history.request")}</Link>}
          </header>
          {v.op === "updated" && versions[i + 1] && <Diff before={versions[i + 1]?.item} after={v.item} />}
        </li>
      ))}
    </ol>
  );
}

export function ItemHistory({ id }: { id: number }) {
  const [limit, setLimit] = useState(50);
  const r = useResource(async (s) => (await equipmentsHistory({ id, query: { limit } }, s)).data, [id, limit]);
  return (
    <Shown of={r}>
      {(page) => <>
        <Versions versions={[...page.content].sort((a, b) => b.version - a.version)} />
        <Pager shown={page.content.length} total={page.total} more={page.content.length < page.total} busy={r.loading} onMore={() => setLimit(limit + 200)} />
      </>}
    </Shown>
  );
}
