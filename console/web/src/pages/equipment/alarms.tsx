import { alarmsList } from "../../../types/ctrl";
import { turn } from "../../core/alarms";
import { t } from "../../core/i18n";
import { useResource } from "../../core/resource";
import { go, place, withQuery } from "../../core/router";
import { CheckField } from "../../parts/form";
import { Shown } from "../../parts/states";
import { List } from "../alarms";
import { AlarmDrawer } from "../alarms/one";
import { useParameters } from "../telemetry/parameters";

/** The alarms of a piece of equipment, and of what is below it if that is wanted. */
export function ItemAlarms({ id }: { id: number }) {
  const { query } = place.value;
  const below = query.get("below") !== null, past = query.get("past") !== null;
  const opened = Number(query.get("alarm")) || null;
  const r = useResource(async (s) => (await alarmsList({ query: { ...(below ? { below: id } : { "equipment-id": id }), ...(past ? {} : { active: true }), limit: 200 } }, s)).data,
    [id, below, past, turn.value]);
  const parameters = useParameters();
  return (
    <>
      <div class="row">
        <CheckField label={t("alarms.below")} value={below} onChange={(v) => go(withQuery({ below: v ? 1 : null }), { replace: true })} />
        <CheckField label={t("alarms.withPast")} value={past} onChange={(v) => go(withQuery({ past: v ? 1 : null }), { replace: true })} />
      </div>
      <Shown of={r} lines={3}>
        {(page) => <>
          <List rows={page.content} parameters={parameters} empty={t(past ? "alarms.never" : "alarms.noneHere")} {...(below ? {} : { of: id })} />
          {page.total > page.content.length && <p class="muted small">{t("table.shown", { n: page.content.length, total: page.total })}</p>}
        </>}
      </Shown>
      {opened !== null && <AlarmDrawer key={opened} id={opened} close={() => go(withQuery({ alarm: null }))} />}
    </>
  );
}
