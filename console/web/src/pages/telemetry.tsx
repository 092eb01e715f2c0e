import { t } from "../core/i18n";
import { go, place, withQuery } from "../core/router";
import { Button, Card, Link, Page, Tabs } from "../parts/basics";
import { Browser } from "./equipment";
import { Limits } from "./telemetry/limits";
import { useEquipmentName } from "./telemetry/names";
import { Polled } from "./telemetry/polled";
import { ItemValues } from "./telemetry/values";

/** What equipment measures: the newest values, each over time, and the limits of all. */
export function Telemetry() {
  const [first = ""] = place.value.rest;
  const id = Number(first) || null;
  return (
    <Page wide title={t("page.telemetry")}>
      <Tabs label={t("page.telemetry")} current={first === "limits" ? "limits" : "values"} items={[
        { id: "values", title: t("telemetry.values"), to: "/telemetry" },
        { id: "limits", title: t("limits.title"), to: "/telemetry/limits" },
      ]} />
      {first === "limits" ? <Limits /> : (
        <div class={id ? "split chosen" : "split"}>
          <Browser view={{}} selected={id} version={0} />
          <div class="split-main">{id ? <One key={id} id={id} /> : <Card><Polled /></Card>}</div>
        </div>
      )}
    </Page>
  );
}

function One({ id }: { id: number }) {
  const name = useEquipmentName(id);
  return (
    <Card title={name} actions={<>
      <span class="only-narrow"><Button small onClick={() => go(withQuery({ parameter: null }).replace(/\/\d+/, ""))}>{t("equipment.tree")}</Button></span>
      <Link to={`/equipment/${id}`}>{t("equipment.details")}</Link>
    </>}>
      <ItemValues id={id} />
    </Card>
  );
}
