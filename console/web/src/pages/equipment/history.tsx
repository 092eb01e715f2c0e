import { equipmentsHistory, type PageVersionNoParams, type Version } from "../../../types/cfg";
import type { Reply } from "../../core/operation";
import { t } from "../../core/i18n";
import { usePages } from "../../core/resource";
import { can } from "../../core/session";
import { Badge, Link, Mono, Time, type Tone } from "../../parts/basics";
import { Diff } from "../../parts/diff";
import { Shown } from "../../parts/states";
import { Further } from "../../parts/table";

const tones: Record<Version["op"], Tone> = { created: "ok", updated: "info", archived: "idle", restored: "ok" };

/** How many versions a call reads. */
const some = 50;

/** Every version, the newest first, each against the one before it. */
export function History({ of, id, then, at }: {
  of: (call: { id: number; query: { limit: number; cursor?: string } }, signal: AbortSignal) => Promise<Reply<PageVersionNoParams>>; id: number;
  /** Where it is shown as it was at a moment. */
  then?: (moment: string) => string;
  /** The moment that is looked at. */
  at?: string | undefined;
}) {
  const r = usePages(async (cursor, s) => (await of({ id, query: { limit: some, ...cursor } }, s)).data, [id]);
  const looked = at ? Date.parse(at) : NaN;
  return (
    <Shown of={r}>
      {(versions) => <>
        <ol class="versions">
          {versions.map((v, i) => (
            <li key={v.version}>
              <header>
                <Badge tone={tones[v.op]}>{t(`history.${v.op}`)}</Badge>
                <strong>{t("history.version", { n: v.version })}</strong>
                <Time at={v.valid_from} />
                <span class="muted"><Mono>{v.actor}</Mono></span>
                {can("admin:read") && v.request_id && <Link to={`/journal?request-id=${encodeURIComponent(v.request_id)}`}>{t("history.request")}</Link>}
                {then && !v.archived && v.valid_until && <Link to={then(v.valid_from)} label={`${t("history.version", { n: v.version })}: ${t("history.then")}`}>{t("history.then")}</Link>}
                {Date.parse(v.valid_from) <= looked && !(v.valid_until && Date.parse(v.valid_until) <= looked) && <Badge tone="warn">{t("history.looked")}</Badge>}
              </header>
              {v.op === "updated" && versions[i + 1] && <Diff before={versions[i + 1]?.item} after={v.item} />}
            </li>
          ))}
        </ol>
        <Further of={r} />
      </>}
    </Shown>
  );
}

export function ItemHistory({ id, at }: { id: number; at: string | undefined }) {
  return <History of={equipmentsHistory} id={id} at={at} then={(moment) => `/equipment/${id}?at=${encodeURIComponent(moment)}`} />;
}
