import type { Code } from "../../types/errors";

/** One reason of a refusal; `code` says it for programs, `message` in English. */
export interface Reason {
  location: string;
  message: string;
  code: Code | "offline";
}

/** A refusal (RFC 9457), or, with status 0, a console that does not answer. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly reasons: Reason[],
    readonly detail: string,
    readonly requestId: string,
    /** Seconds after which another try may succeed. */
    readonly retryAfter: number | null,
  ) {
    super(detail);
  }

  /** The code of the first reason. */
  get code(): Reason["code"] {
    return this.reasons[0]?.code ?? "internal";
  }

  has(code: Code): boolean {
    return this.reasons.some((r) => r.code === code);
  }
}

/** Called when the session has ended for good; set by core/session. */
export const events = { ended: (_: Problem) => {}, mustChangePassword: () => {} };

export interface Request {
  method: string;
  url: string;
  json?: unknown;
  raw?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The console's own operations: what is refused there is no matter of an age. */
const own = "/api/v1/console/";

let renewing: Promise<boolean> | null = null;

/** Renews the session once, however many calls ask for it; false when it has ended. */
export function renew(): Promise<boolean> {
  renewing ??= fetch(own + "refresh", { method: "POST" })
    .then((r) => r.ok || r.status !== 401)
    .catch(() => true)
    .finally(() => {
      renewing = null;
    });
  return renewing;
}

async function once(r: Request): Promise<Response> {
  const headers = new Headers(r.headers);
  if (!headers.has("Accept")) headers.set("Accept", "application/json");
  let body = r.raw;
  if (r.json !== undefined) {
    headers.set("Content-Type", "application/json");
    body = JSON.stringify(r.json);
  }
  const init: RequestInit = { method: r.method, headers };
  if (body !== undefined) init.body = body;
  if (r.signal) init.signal = r.signal;
  try {
    return await fetch(r.url, init);
  } catch (e) {
    if (e instanceof DOMException && e.name === "AbortError") throw e;
    throw new Problem(0, [{ location: "request", message: "", code: "offline" }], "", "", 2);
  }
}

export async function problemOf(answer: Response): Promise<Problem> {
  const wait = Number(answer.headers.get("Retry-After"));
  let body: Partial<{ detail: string; errors: Reason[]; request_id: string }> = {};
  try {
    body = await answer.json();
  } catch {
    // A proxy in between has answered; its status has to do.
  }
  return new Problem(
    answer.status,
    body.errors ?? [],
    body.detail ?? answer.statusText,
    body.request_id ?? answer.headers.get("X-Request-Id") ?? "",
    wait > 0 ? wait : null,
  );
}

/** Sends a call, with a renewed session once more where the first was refused for its age. Throws a Problem, or AbortError. */
export async function send(r: Request): Promise<Response> {
  let answer = await once(r);
  if (answer.status === 401 && !r.url.startsWith(own) && (await renew())) answer = await once(r);
  if (answer.ok) return answer;
  const problem = await problemOf(answer);
  if (problem.status === 401 && !r.url.startsWith(own)) events.ended(problem);
  if (problem.has("password_change_required")) events.mustChangePassword();
  throw problem;
}
