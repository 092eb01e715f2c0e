import type { Value } from "../../../types/ctrl";
import { t } from "../../core/i18n";
import { Badge, type Tone } from "../../parts/basics";

const tones: Record<Value["quality"], Tone> = { good: "ok", uncertain: "warn", bad: "bad", invalid: "bad" };

/** What a value is worth. */
export function Quality({ of }: { of: Value["quality"] }) {
  return <Badge tone={tones[of]}>{t(`quality.${of}`)}</Badge>;
}
