import { send } from "./http";

/** What a call answers, with the entity tag that a change of it names (If-Match). */
export interface Reply<T> {
  data: T;
  etag: string | null;
}

export interface Operation<I, O> {
  (input: I, signal?: AbortSignal): Promise<Reply<O>>;
  /** The address of the call, for links, pictures and streams. */
  url(input: I): string;
}

interface Input {
  query?: Record<string, unknown>;
  body?: unknown;
  ifMatch?: string;
  ifNoneMatch?: string;
  [parameter: string]: unknown;
}

function address(template: string, input: Input): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  return query.size > 0 ? `${path}?${query}` : path;
}

/** Makes the call of one operation; types/ declares them all, from the services' own documents. */
export function operation<I, O>(method: string, template: string): Operation<I, O> {
  const call = async (given: I, signal?: AbortSignal): Promise<Reply<O>> => {
    const input = (given ?? {}) as Input;
    const headers: Record<string, string> = {};
    if (input.ifMatch) headers["If-Match"] = input.ifMatch;
    if (input.ifNoneMatch) headers["If-None-Match"] = input.ifNoneMatch;
    const request: Parameters<typeof send>[0] = { method, url: address(template, input), headers };
    if (signal) request.signal = signal;
    if (input.body instanceof Blob) request.raw = input.body;
    else if (input.body !== undefined) request.json = input.body;
    const answer = await send(request);
    const text = await answer.text();
    return { data: (text ? JSON.parse(text) : undefined) as O, etag: answer.headers.get("ETag") };
  };
  return Object.assign(call, { url: (input: I) => address(template, (input ?? {}) as Input) });
}
