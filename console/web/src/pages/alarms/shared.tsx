import type { ShownAlarm } from "../../../types/ctrl";
import { active, severities, waits, type Severity } from "../../core/alarms";
import { t } from "../../core/i18n";
import { Badge, Link, type Tone } from "../../parts/basics";
import { sayValue, type Parameters } from "../telemetry/parameters";

/** How bad it is: a word, a colour and a shape that say the same. */
export function SeverityBadge({ severity, quiet }: { severity: Severity; quiet?: boolean }) {
  return <span class={`badge severity ${severity}${quiet ? " quiet" : ""}`}><i aria-hidden="true" />{t(`severity.${severity}`)}</span>;
}

const tones: Record<ShownAlarm["state"], Tone> = {
  unack: "bad", ack: "info", "rtn-unack": "warn", normal: "ok", shelved: "idle", suppressed: "idle", "out-of-service": "idle",
};

/** Where it stands by ISA-18.2. */
export function AlarmState({ alarm }: { alarm: Pick<ShownAlarm, "state" | "flapping"> }) {
  return <><Badge tone={tones[alarm.state]}>{t(`alarm.state.${alarm.state}`)}</Badge>{alarm.flapping && <> <Badge tone="warn">{t("alarm.flapping")}</Badge></>}</>;
}

/** What is wrong, in a few words. */
export function sayAlarm(a: Pick<ShownAlarm, "type" | "parameter" | "value">, parameters: Parameters): string {
  const name = a.parameter ?? "–";
  switch (a.type) {
    case "limit": return a.value === null ? `${name}: ${t("alarm.type.limit")}` : t("alarm.say.limit", { parameter: name, value: sayValue(a.value, parameters.unit(a.parameter)) });
    case "stale": return t("alarm.say.stale", { parameter: name });
    default: return t("alarm.say.command-unknown");
  }
}

/** How many alarms there are of each severity, and how many of them wait; each a link to them. */
export function SeverityTiles({ chosen }: { chosen?: Severity | undefined }) {
  const alarms = active.value?.alarms.filter((a) => !a.is_cleared || waits(a)).filter((a) => a.state !== "shelved" && a.state !== "suppressed" && a.state !== "out-of-service");
  return (
    <ul class="severities" aria-label={t("alarms.bySeverity")}>
      {severities.map((s) => {
        const of = alarms?.filter((a) => a.severity === s);
        const n = of?.filter(waits).length ?? 0;
        return (
          <li key={s}>
            <Link to={s === chosen ? "/alarms" : `/alarms?severity=${s}`} current={s === chosen} class={`tile severity ${s}${of && of.length > 0 ? "" : " none"}`}>
              <span class="tile-title">{t(`severity.${s}`)}</span>
              <strong class="tile-value">{of ? of.length : "–"}</strong>
              <span class="tile-detail">{n > 0 ? t("alarms.waiting", { n }) : t("alarms.noneWaits")}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
