import { events, problemOf, Problem, renew } from "./http";

export interface StreamEvent {
  name: string;
  data: unknown;
}

export type StreamState = "connecting" | "open" | "waiting" | "ended";

/** What a stream tells its reader. */
export interface Listener {
  event(e: StreamEvent): void;
  state(s: StreamState, problem: Problem | null): void;
}

/** Pauses between tries to connect, in milliseconds. */
const pauses = [500, 1000, 2000, 5000, 10000];

/**
 * Follows server-sent events (WHATWG HTML, 9.2) until stop is called or the session has ended. It goes on behind the last
 * event after every break, and lets go while nobody looks at the page, unless `hidden` says that it is needed all the same:
 * browsers have few connections for each host.
 */
export function follow(url: string, listener: Listener, { hidden }: { hidden?: () => boolean } = {}): { stop(): void } {
  let stopped = false;
  let lastId = "";
  let failures = 0;
  let abort: AbortController | null = null;
  let timer = 0;

  const away = () => document.hidden && !hidden?.();

  async function connect(): Promise<void> {
    if (stopped || abort || away()) return;
    const mine = new AbortController();
    abort = mine;
    listener.state("connecting", null);
    let problem: Problem | null = null;
    try {
      problem = await read(mine.signal);
    } catch {
      problem = null; // the connection broke, or was let go
    }
    if (abort === mine) abort = null;
    if (stopped || mine.signal.aborted) return;
    if (problem?.status === 401 && !(await renew())) return end(problem);
    if (problem?.status === 403 || problem?.status === 422) return end(problem);
    listener.state("waiting", problem);
    const pause = problem?.retryAfter ? problem.retryAfter * 1000 : pauses[Math.min(failures++, pauses.length - 1)];
    timer = window.setTimeout(connect, pause);
  }

  /** Reads until the end; the answer is the refusal, or that of the last event, null when it just broke. */
  async function read(signal: AbortSignal): Promise<Problem | null> {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (lastId) headers["Last-Event-ID"] = lastId;
    const answer = await fetch(url, { headers, signal });
    if (!answer.ok || !answer.body) return problemOf(answer);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return null;
      if (failures >= 0 && text === "") {
        failures = 0;
        listener.state("open", null);
      }
      text += value;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const last = handle(block);
        if (last) return last;
      }
    }
  }

  function handle(block: string): Problem | null {
    let name = "message";
    const data: string[] = [];
    for (const line of block.split("\n")) {
      if (line.startsWith("event:")) name = line.slice(6).trim();
      else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
      else if (line.startsWith("id:")) lastId = line.slice(3).trim();
    }
    if (data.length === 0) return null;
    const body: unknown = JSON.parse(data.join("\n"));
    if (name === "end") {
      const p = body as { status: number; detail: string; errors: Problem["reasons"]; request_id: string };
      return new Problem(p.status, p.errors, p.detail, p.request_id, null);
    }
    listener.event({ name, data: body });
    return null;
  }

  function end(problem: Problem): void {
    stopped = true;
    listener.state("ended", problem);
    if (problem.status === 401) events.ended(problem);
  }

  function visibility(): void {
    if (away()) {
      window.clearTimeout(timer);
      abort?.abort();
      abort = null;
      if (!stopped) listener.state("waiting", null);
    } else void connect();
  }

  document.addEventListener("visibilitychange", visibility);
  void connect();
  return {
    stop() {
      stopped = true;
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", visibility);
      abort?.abort();
    },
  };
}
