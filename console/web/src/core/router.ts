import { signal } from "@preact/signals";

export interface Place {
  /** The first segment of the path: which page. */
  section: string;
  /** The other segments. */
  rest: string[];
  query: URLSearchParams;
}

function here(): Place {
  const [section = "", ...rest] = location.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  return { section: section || "overview", rest, query: new URLSearchParams(location.search) };
}

/** Where the browser is; pages read it, links change it. */
export const place = signal<Place>(here());

addEventListener("popstate", () => {
  place.value = here();
});

/** Goes to an address of the console. */
export function go(path: string, options: { replace?: boolean } = {}): void {
  if (path === location.pathname + location.search) return;
  history[options.replace ? "replaceState" : "pushState"](null, "", path);
  const before = place.value.section;
  place.value = here();
  if (place.value.section !== before) scrollTo(0, 0);
}

/** The same page with other parameters; those that are empty are left out. */
export function withQuery(changes: Record<string, string | number | boolean | null | undefined>): string {
  const query = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "" || value === false) query.delete(name);
    else query.set(name, String(value));
  }
  return location.pathname + (query.size > 0 ? "?" + query : "");
}
