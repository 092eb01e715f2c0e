import { t } from "../core/i18n";
import { Badge } from "../parts/basics";
import type { Key } from "../lang/en";

/** The bits of health_code, as the services' documents name them. */
const bits: [number, Key][] = [[1, "health.auth"], [2, "health.nms"], [4, "health.dwh"], [8, "health.admin"], [16, "health.bus"], [32, "health.cache"]];

/** The dependencies that fail, in words. */
export function failing(code: number): string[] {
  const names = bits.filter(([bit]) => (code & bit) !== 0).map(([, key]) => t(key));
  const rest = bits.reduce((left, [bit]) => left & ~bit, code);
  return rest === 0 ? names : [...names, t("health.other", { code: rest })];
}

export function Health({ code }: { code: number }) {
  return code === 0 ? <Badge tone="ok">{t("health.good")}</Badge> : <Badge tone="bad">{failing(code).join(", ")}</Badge>;
}
