import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./http";

/** What is read from a service: the newest answer stays while the next one is on its way. */
export interface Resource<T> {
  data: T | undefined;
  problem: Problem | null;
  loading: boolean;
  reload(): void;
  set(data: T): void;
}

/** Reads anew whenever a dependency changes. `every` milliseconds it does so by itself, while somebody looks. */
export function useResource<T>(read: (signal: AbortSignal) => Promise<T>, deps: unknown[], every = 0): Resource<T> {
  const [state, setState] = useState<{ data: T | undefined; problem: Problem | null; loading: boolean }>({
    data: undefined, problem: null, loading: true,
  });
  const [turn, setTurn] = useState(0);
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    const abort = new AbortController();
    setState((s) => ({ ...s, loading: true }));
    latest.current(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setState({ data, problem: null, loading: false });
      },
      (e: unknown) => {
        if (abort.signal.aborted) return;
        if (e instanceof Problem) setState((s) => ({ data: s.data, problem: e, loading: false }));
        else throw e;
      },
    );
    return () => abort.abort();
  }, [...deps, turn]);
  useEffect(() => {
    if (every <= 0) return;
    const timer = setInterval(() => {
      if (!document.hidden) setTurn((n) => n + 1);
    }, every);
    return () => clearInterval(timer);
  }, [every]);
  return {
    ...state,
    reload: () => setTurn((n) => n + 1),
    set: (data) => setState({ data, problem: null, loading: false }),
  };
}

/** One page of a list, as the services return it. */
interface Listed<T> {
  content: T[];
  /** Cursor of the next page; absent on the last one. */
  next?: string;
  total: number;
}

/** A list as far as it was read. */
export interface Pages<T> extends Resource<T[]> {
  total: number;
  /** Whether there is more of it. */
  more: boolean;
  /** Reads the next page behind the others. */
  further(): void;
  /** Why that failed. */
  stuck: Problem | null;
}

/** Reads a list anew whenever a dependency changes, and its further pages when they are asked for. */
export function usePages<T>(read: (cursor: { cursor?: string }, signal: AbortSignal) => Promise<Listed<T>>, deps: unknown[]): Pages<T> {
  const first = useResource((s) => read({}, s), deps);
  const [rest, setRest] = useState<{ behind: Listed<T>; content: T[]; next?: string } | null>(null);
  const page = first.data;
  const known = rest && rest.behind === page ? rest : null; // not of another search
  const next = known ? known.next : page?.next;
  const act = useAction(async () => {
    if (!page || !next) return;
    const { content, next: after } = await read({ cursor: next }, new AbortController().signal);
    setRest({ behind: page, content: [...(known?.content ?? []), ...content], ...(after ? { next: after } : {}) });
  });
  return {
    ...first, loading: first.loading || act.busy, data: page && [...page.content, ...(known?.content ?? [])], total: page?.total ?? 0, more: next !== undefined, stuck: act.problem,
    further: () => void act.run(), set: (content) => first.set({ content, total: content.length }),
  };
}

/** Does something once at a time and keeps its refusal for the form. */
export function useAction<A extends unknown[]>(act: (...args: A) => Promise<void>): {
  run(...args: A): Promise<boolean>;
  busy: boolean;
  problem: Problem | null;
  clear(): void;
} {
  const [state, setState] = useState<{ busy: boolean; problem: Problem | null }>({ busy: false, problem: null });
  const busy = useRef(false);
  const alive = useRef(true);
  useEffect(() => () => void (alive.current = false), []);
  return {
    ...state,
    clear: () => setState({ busy: false, problem: null }),
    async run(...args: A) {
      if (busy.current) return false;
      busy.current = true;
      setState({ busy: true, problem: null });
      let problem: Problem | null = null;
      try {
        await act(...args);
      } catch (e) {
        if (!(e instanceof Problem)) throw e;
        problem = e;
      } finally {
        busy.current = false;
        if (alive.current) setState({ busy: false, problem });
      }
      return problem === null;
    },
  };
}
