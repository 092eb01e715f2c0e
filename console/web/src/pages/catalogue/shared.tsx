import { Problem } from "../../core/http";
import { sayProblem, t } from "../../core/i18n";
import { ask, toast } from "../../parts/overlay";

/** Asks, archives, and says how it went. */
export async function archive(name: string, act: () => Promise<unknown>): Promise<boolean> {
  if (!(await ask({ title: t("catalogue.archive", { name }), body: <p>{t("catalogue.archive.help")}</p>, action: t("equipment.archive"), danger: true }))) return false;
  return attempt(act, t("equipment.archived"));
}

/** Does it and says how it went. */
export async function attempt(act: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await act();
    toast(done);
    return true;
  } catch (e) {
    if (!(e instanceof Problem)) throw e;
    toast(sayProblem(e), "bad");
    return false;
  }
}
