import { useState } from "preact/hooks";
import { Problem } from "../core/http";
import { t } from "../core/i18n";
import type { Reply } from "../core/operation";
import { Button } from "./basics";
import { Diff } from "./diff";
import { Notice } from "./states";

export interface Merging<T> {
  /** What the form began with, or what was there when the two changes were brought together; null when it is something new. */
  base: Reply<T> | null;
  /** What somebody else has made of it meanwhile, until it is decided. */
  theirs: Reply<T> | null;
  /** Writes a change of what was seen. When somebody else was quicker, theirs is what is there now, and nothing was written. */
  save(write: (match: { ifMatch?: string }, base: T | undefined) => Promise<void>): Promise<void>;
  decided(): void;
}

export function useMerge<T>(first: Reply<T> | null, read: () => Promise<Reply<T>>): Merging<T> {
  const [base, setBase] = useState(first);
  const [theirs, setTheirs] = useState<Reply<T> | null>(null);
  return {
    base, theirs,
    async save(write) {
      try {
        await write(base?.etag ? { ifMatch: base.etag } : {}, base?.data);
      } catch (e) {
        if (!(e instanceof Problem) || e.status !== 412) throw e;
        setTheirs(await read());
      }
    },
    decided() {
      setBase(theirs);
      setTheirs(null);
    },
  };
}

/** Both changes side by side: one goes on with theirs, or with what one has written oneself. */
export function Merge<T>({ of, look, mine, take }: { of: Merging<T>; look: (data: T) => unknown; mine: unknown; take: (data: T) => void }) {
  const theirs = of.theirs;
  if (!theirs) return null;
  return (
    <div class="merge">
      <Notice tone="warn">{t("merge.changed")}</Notice>
      <Diff before={look(theirs.data)} after={mine} titles={[t("merge.theirs"), t("merge.yours")]} />
      <div class="row">
        <Button onClick={() => {
          take(theirs.data);
          of.decided();
        }}>{t("merge.takeTheirs")}</Button>
        <Button kind="primary" onClick={of.decided}>{t("merge.keepYours")}</Button>
      </div>
    </div>
  );
}
