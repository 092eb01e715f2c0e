import { useEffect, useState } from "preact/hooks";
import { limitsSimulateCreate, telemetryValues } from "../../../types/ctrl";
import { duration, plain } from "../../core/format";
import { t } from "../../core/i18n";
import { useResource } from "../../core/resource";
import { SelectField } from "../../parts/form";
import { Empty, Notice, Shown } from "../../parts/states";
import { sayReason } from "../../core/i18n";
import { bodyOf, type Draft } from "./draft";
import { SeriesChart } from "./series";

/** What can be tried on: values are kept as they came for some weeks. */
const spans = [["1h", 60], ["6h", 360], ["24h", 1440], ["7d", 10_080], ["30d", 43_200]] as const;

/** What a limit, as it is typed, would have raised: over the values of the past, and in words. */
export function Past({ telemetry, name, equipment, draft, unit }: { telemetry: number; name: string; equipment: number; draft: Draft; unit: string }) {
  const [span, setSpan] = useState("24h");
  const minutes = spans.find(([x]) => x === span)?.[1] ?? 1440;
  const text = JSON.stringify({ ...bodyOf(draft), name: "simulation" });
  const [asked, setAsked] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), 400); // until the typing pauses
    return () => clearTimeout(timer);
  }, [text]);
  const values = useResource(async (s) => {
    const to = new Date();
    const range = { from: new Date(to.getTime() - minutes * 60_000).toISOString(), to: to.toISOString() };
    return { range, series: (await telemetryValues({ query: { "equipment-id": equipment, parameter: name, ...range, points: 400 } }, s)).data };
  }, [equipment, name, minutes]);
  const range = values.data?.range;
  const tried = useResource(async (s) => {
    if (!range) return null;
    const { raise_after, clear_after, stale_after, ...rest } = JSON.parse(asked) as ReturnType<typeof bodyOf>;
    return (await limitsSimulateCreate({ body: {
      telemetry_id: telemetry, equipment_id: equipment, ...rest, ...range,
      ...(raise_after ? { raise_after } : {}), ...(clear_after ? { clear_after } : {}), ...(stale_after === null ? {} : { stale_after }),
    } }, s)).data;
  }, [asked, telemetry, equipment, JSON.stringify(range)]);
  const levels = bodyOf(draft).levels.filter((l) => l.high !== undefined || l.low !== undefined);
  return (
    <section class="past" aria-label={t("limit.past")}>
      <SelectField label={t("limit.past")} value={span} onChange={setSpan} options={spans.map(([x]) => ({ value: x, title: t(`span.${x}`) }))} />
      <Shown of={values} lines={4}>
        {({ series }) => !series.buckets.some((b) => b.n > 0) ? <Empty title={t("telemetry.noneThen")} />
          : <SeriesChart values={series} title={name} unit={unit} bounds={levels} height={220} {...(tried.data && !tried.problem ? { happenings: tried.data.happenings } : {})} />}
      </Shown>
      {tried.problem ? <Notice tone="warn">{t("limit.notTried")} {tried.problem.reasons[0] && sayReason(tried.problem.reasons[0])}</Notice>
        : tried.data && <Notice tone={tried.data.raised > 0 ? "warn" : "ok"}>{t("limit.would", { n: tried.data.raised, time: duration(tried.data.seconds), values: plain(tried.data.values) })}</Notice>}
    </section>
  );
}
