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
