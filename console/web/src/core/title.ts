import { effect, signal } from "@preact/signals";
import { choices, waiting } from "./alarms";
import { t } from "./i18n";

/** What the page calls itself. */
export const heading = signal("");

effect(() => {
  const count = choices.title.value && waiting.value > 0 ? `(${waiting.value}) ` : "";
  document.title = `${count}${heading.value ? `${heading.value} · ` : ""}${t("app.short")}`;
});
