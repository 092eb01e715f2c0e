import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../core/i18n";
import type { Pages } from "../core/resource";
import { Button } from "./basics";
import { Empty, Refusal } from "./states";

export interface Column<T> {
  id: string;
  title: string;
  cell: (row: T) => ComponentChildren;
  /** Numbers stand to the right, one below the other. */
  num?: boolean;
  /** Left out on narrow screens. */
  wide?: boolean;
  /** Takes what width is left. */
  grow?: boolean;
}

/** Height of a row in pixels, as in app.css. */
const rowHeight = 37;
/** Of more rows than so many only those in sight are drawn. */
const many = 100;

/** A table; where rows can be opened, by click and by Enter. Beyond a hundred rows only those in sight are drawn. */
export function Table<T>({ label, columns, rows, rowKey, onOpen, selected, empty, mark }: {
  label: string; columns: Column<T>[]; rows: T[]; rowKey: (row: T) => string | number; onOpen?: (row: T) => void;
  selected?: string | number | null; empty?: string;
  /** A class of app.css for a row. */
  mark?: (row: T) => string | undefined;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useKeptFocus(box);
  if (rows.length === 0) return <Empty title={empty ?? t("table.empty")} />;
  const virtual = rows.length > many;
  const first = virtual ? Math.max(0, Math.floor(top / rowHeight) - 10) : 0;
  const last = virtual ? Math.min(rows.length, first + 60) : rows.length;
  const move = (e: KeyboardEvent, row: T) => {
    if (e.target !== e.currentTarget) return;
    const at = e.currentTarget as HTMLElement;
    if (e.key === "Enter" || e.key === " ") onOpen?.(row);
    else if (e.key === "ArrowDown") (at.nextElementSibling as HTMLElement | null)?.focus();
    else if (e.key === "ArrowUp") (at.previousElementSibling as HTMLElement | null)?.focus();
    else return;
    e.preventDefault();
  };
  return (
    <div class={virtual ? "table-box virtual" : "table-box"} ref={box} tabIndex={0} role="region" aria-label={label}
      onScroll={virtual ? (e) => setTop(e.currentTarget.scrollTop) : undefined}>
      <table aria-rowcount={virtual ? rows.length : undefined}>
        <thead>
          <tr>{columns.map((c) => <th key={c.id} scope="col" class={classes(c)}>{c.title || <span class="hidden">{t("table.actions")}</span>}</th>)}</tr>
        </thead>
        <tbody>
          {first > 0 && <tr class="space" aria-hidden="true"><td colSpan={columns.length} style={{ height: first * rowHeight }} /></tr>}
          {rows.slice(first, last).map((row, i) => {
            const id = rowKey(row);
            return (
              <tr key={id} data-key={id} class={[onOpen && "open", mark?.(row)].filter(Boolean).join(" ") || undefined} tabIndex={onOpen ? 0 : undefined} aria-selected={selected === id || undefined}
                aria-rowindex={virtual ? first + i + 1 : undefined} onClick={onOpen && ((e) => !(e.target as Element).closest("a, button, input, label") && onOpen(row))} onKeyDown={onOpen && ((e) => move(e, row))}>
                {columns.map((c) => <td key={c.id} class={classes(c)}>{c.cell(row)}</td>)}
              </tr>
            );
          })}
          {last < rows.length && <tr class="space" aria-hidden="true"><td colSpan={columns.length} style={{ height: (rows.length - last) * rowHeight }} /></tr>}
        </tbody>
      </table>
    </div>
  );
}

/** Keeps the focus in a row that moves, as lists do that change by themselves: the browser takes it from what is moved. */
function useKeptFocus(box: { current: HTMLElement | null }): void {
  const at = document.activeElement;
  const row = at && box.current?.contains(at) ? at.closest("tr") : null;
  const key = row?.dataset["key"], inside = at !== row;
  useLayoutEffect(() => {
    if (key === undefined || box.current?.contains(document.activeElement)) return;
    const now = [...(box.current?.querySelectorAll<HTMLElement>("tr[data-key]") ?? [])].find((r) => r.dataset["key"] === key);
    ((inside && now?.querySelector<HTMLElement>("button:not(:disabled), a")) || now)?.focus({ preventScroll: true });
  });
}

function classes<T>(c: Column<T>): string | undefined {
  return [c.num && "num", c.wide && "wide", c.grow && "grow"].filter(Boolean).join(" ") || undefined;
}

/** How many there are, and the way on. */
export function Pager({ shown, total, more, busy, onMore }: { shown: number; total: number; more: boolean; busy?: boolean; onMore: () => void }) {
  return (
    <div class="pager">
      <span class="muted" role="status">{t("table.shown", { n: shown, total })}</span>
      {more && <Button small busy={busy ?? false} onClick={onMore}>{t("action.more")}</Button>}
    </div>
  );
}

/** The same for a list that is read page by page; nothing below one that is empty. */
export function Further<T>({ of }: { of: Pages<T> }) {
  if (!of.data?.length) return null;
  return <><Refusal problem={of.stuck} /><Pager shown={of.data.length} total={of.total} more={of.more} busy={of.loading} onMore={of.further} /></>;
}
