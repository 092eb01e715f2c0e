import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { t } from "../core/i18n";
import { Icon } from "./icon";

export interface TreeNode {
  id: number;
  name: string;
  level: number;
  /** Whether there is something below it. */
  branch: boolean;
  open: boolean;
  loading?: boolean;
}

const rowHeight = 32;

/**
 * A tree as the rows in sight, top down (WAI-ARIA tree view: arrows, Home, End, Enter). Only what is in the window is drawn, so
 * that a hundred thousand open nodes are no matter.
 */
export function Tree({ label, nodes, selected, onSelect, onToggle, onMove, mark }: {
  label: string; nodes: TreeNode[]; selected: number | null; onSelect: (id: number) => void; onToggle: (id: number, open: boolean) => void;
  /** Set where nodes may be moved: by dragging one onto another. */
  onMove?: ((id: number, onto: number) => void) | undefined;
  mark?: (id: number) => ComponentChildren;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [cursor, setCursor] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const at = nodes.findIndex((n) => n.id === (cursor ?? selected));
  const height = box.current?.clientHeight || 640;
  const first = Math.max(0, Math.floor(top / rowHeight) - 8);
  const last = Math.min(nodes.length, first + Math.ceil(height / rowHeight) + 16);

  function focus(index: number): void {
    const node = nodes[Math.max(0, Math.min(nodes.length - 1, index))];
    const element = box.current;
    if (!node || !element) return;
    setCursor(node.id);
    const y = nodes.indexOf(node) * rowHeight;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + rowHeight > element.scrollTop + element.clientHeight) element.scrollTop = y + rowHeight - element.clientHeight;
  }

  function key(e: KeyboardEvent): void {
    const index = at < 0 ? 0 : at;
    const node = nodes[index];
    if (!node) return;
    switch (e.key) {
      case "ArrowDown": focus(index + 1); break;
      case "ArrowUp": focus(index - 1); break;
      case "Home": focus(0); break;
      case "End": focus(nodes.length - 1); break;
      case "PageDown": focus(index + Math.floor(height / rowHeight)); break;
      case "PageUp": focus(index - Math.floor(height / rowHeight)); break;
      case "ArrowRight":
        if (node.branch && !node.open) onToggle(node.id, true);
        else if (node.branch) focus(index + 1);
        break;
      case "ArrowLeft":
        if (node.branch && node.open) onToggle(node.id, false);
        else focus(nodes.slice(0, index).findLastIndex((n) => n.level < node.level));
        break;
      case "Enter": case " ": onSelect(node.id); break;
      default: return;
    }
    e.preventDefault();
  }

  const active = at >= 0 ? `node-${nodes[at]?.id}` : undefined;
  const inSight = at >= first && at < last;
  return (
    <div class="tree" role="tree" aria-label={label} tabIndex={0} ref={box} aria-activedescendant={inSight ? active : undefined}
      onKeyDown={key} onScroll={(e) => setTop(e.currentTarget.scrollTop)}>
      <div style={{ height: nodes.length * rowHeight }} role="none">
        <div style={{ transform: `translateY(${first * rowHeight}px)` }} role="none">
          {nodes.slice(first, last).map((n, i) => (
            <div key={n.id} id={`node-${n.id}`} role="treeitem" aria-level={n.level + 1} aria-expanded={n.branch ? n.open : undefined}
              aria-selected={n.id === selected} aria-setsize={-1} aria-posinset={first + i + 1}
              class={`node${nodes[at]?.id === n.id ? " at" : ""}${over === n.id ? " over" : ""}`} style={{ paddingInlineStart: 8 + n.level * 18 }}
              draggable={onMove !== undefined}
              onDragStart={(e) => e.dataTransfer?.setData("text/plain", String(n.id))}
              onDragOver={(e) => {
                if (!onMove) return;
                e.preventDefault();
                setOver(n.id);
              }}
              onDragLeave={() => setOver(null)}
              onDrop={(e) => {
                e.preventDefault();
                setOver(null);
                const id = Number(e.dataTransfer?.getData("text/plain"));
                if (id && id !== n.id) onMove?.(id, n.id);
              }}
              onClick={() => {
                setCursor(n.id);
                onSelect(n.id);
              }}>
              <span class="twist" title={n.branch ? (n.open ? t("tree.close") : t("tree.open")) : undefined}
                onClick={(e) => {
                  if (!n.branch) return;
                  e.stopPropagation();
                  onToggle(n.id, !n.open);
                }}>
                {n.branch && <Icon name={n.open ? "down" : "right"} size={13} />}
              </span>
              <span class="name">{n.name}</span>
              {n.loading && <span class="muted small">…</span>}
              {mark?.(n.id)}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
