import { t } from "../core/i18n";
import { place } from "../core/router";
import { Page, Tabs } from "../parts/basics";
import { CatalogueCommands } from "./catalogue/commands";
import { Parameters } from "./catalogue/parameters";
import { Sections } from "./catalogue/sections";
import { Transfer } from "./catalogue/transfer";

const tabs = ["commands", "sections", "parameters", "transfer"] as const;

export function Catalogue() {
  const tab = tabs.find((x) => x === place.value.rest[0]) ?? "commands";
  return (
    <Page title={t("page.catalogue")}>
      <Tabs label={t("page.catalogue")} current={tab} items={tabs.map((id) => ({ id, title: t(`catalogue.${id}`), to: id === "commands" ? "/catalogue" : `/catalogue/${id}` }))} />
      {tab === "commands" && <CatalogueCommands />}
      {tab === "sections" && <Sections />}
      {tab === "parameters" && <Parameters />}
      {tab === "transfer" && <Transfer />}
    </Page>
  );
}
