import { t } from "../core/i18n";
import { place } from "../core/router";
import { can } from "../core/session";
import { Page, Tabs } from "../parts/basics";
import { Forbidden } from "../parts/states";
import { Keys } from "./people/keys";
import { Roles } from "./people/roles";
import { Users } from "./people/users";

export function People() {
  const tabs = [
    ...(can("users:read") ? [{ id: "users", title: t("people.users"), to: "/people" }, { id: "roles", title: t("people.roles"), to: "/people/roles" }] : []),
    ...(can("apikeys:write") ? [{ id: "keys", title: t("people.keys"), to: "/people/keys" }] : []),
  ];
  const tab = tabs.find((x) => x.id === place.value.rest[0]) ?? tabs[0];
  return (
    <Page title={t("page.people")}>
      <Tabs label={t("page.people")} current={tab?.id ?? ""} items={tabs} />
      {tab?.id === "users" ? <Users /> : tab?.id === "roles" ? <Roles /> : tab?.id === "keys" ? <Keys /> : <Forbidden />}
    </Page>
  );
}
