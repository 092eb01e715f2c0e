import type { ComponentChildren } from "preact";
import { t } from "../core/i18n";
import { age, moment } from "../core/format";
import { go } from "../core/router";
import type { StreamState } from "../core/stream";
import { heading } from "../core/title";
import { Icon, type IconName } from "./icon";

/** A link within the console; with a modifier key the browser opens it as any other. */
export function Link({ to, children, class: name, current, label }: {
  to: string; children: ComponentChildren; class?: string; current?: boolean | undefined; label?: string;
}) {
  return (
    <a href={to} class={name} aria-current={current ? "page" : undefined} aria-label={label}
      onClick={(e) => {
        if (e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
        e.preventDefault();
        go(to);
      }}>
      {children}
    </a>
  );
}

export type Kind = "primary" | "plain" | "danger" | "quiet";

export function Button({ children, kind = "plain", icon, busy, disabled, onClick, type = "button", label, pressed, small }: {
  children?: ComponentChildren; kind?: Kind; icon?: IconName; busy?: boolean; disabled?: boolean; small?: boolean;
  onClick?: () => void; type?: "button" | "submit"; label?: string; pressed?: boolean;
}) {
  return (
    <button type={type} class={`button ${kind}${small ? " small" : ""}${children ? "" : " bare"}`} disabled={disabled || busy} aria-label={label}
      title={label} aria-pressed={pressed} aria-busy={busy || undefined} onClick={onClick}>
      {icon && <Icon name={icon} size={small ? 15 : 17} />}
      {children && <span>{children}</span>}
    </button>
  );
}

export type Tone = "ok" | "warn" | "bad" | "info" | "idle";

/** A state in a word; the colour only repeats what the word and the mark say. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}><i aria-hidden="true" />{children}</span>;
}

/** A moment with its zone, and how long ago it is. */
export function Time({ at, only }: { at: string | null | undefined; only?: "age" | "moment" }) {
  if (!at) return <span class="muted">–</span>;
  const full = moment(at);
  return (
    <time dateTime={at} title={only === "age" ? full : age(at)} class="time">
      {only === "age" ? age(at) : full}
      {!only && <small class="muted"> {age(at)}</small>}
    </time>
  );
}

export function Page({ title, actions, children, wide, back }: {
  title: string; actions?: ComponentChildren; children: ComponentChildren; wide?: boolean; back?: { to: string; title: string };
}) {
  heading.value = title;
  return (
    <div class={wide ? "page wide" : "page"}>
      <header class="page-head">
        <div>
          {back && <Link to={back.to} class="back">{back.title}</Link>}
          <h1 tabIndex={-1}>{title}</h1>
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Card({ title, actions, children, class: name }: {
  title?: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren; class?: string;
}) {
  return (
    <section class={`card ${name ?? ""}`}>
      {title && <header class="card-head"><h2>{title}</h2>{actions && <div class="actions">{actions}</div>}</header>}
      {children}
    </section>
  );
}

/** Names and values, one below the other. */
export function Facts({ items }: { items: ([string, ComponentChildren] | null | false | "" | undefined)[] }) {
  return (
    <dl class="facts">
      {items.map((item) => item && (
        <div key={item[0]}>
          <dt>{item[0]}</dt>
          <dd>{item[1] ?? "–"}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Tabs({ items, current, label }: { items: { id: string; title: string; to: string }[]; current: string; label: string }) {
  return (
    <nav class="tabs" aria-label={label}>
      {items.map((i) => <Link key={i.id} to={i.to} current={i.id === current}>{i.title}</Link>)}
    </nav>
  );
}

export function Mono({ children }: { children: ComponentChildren }) {
  return <code class="mono">{children}</code>;
}

/** Any JSON, indented. */
export function Json({ value }: { value: unknown }) {
  return <pre class="json" tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>;
}

export function Download({ href, children, name }: { href: string; children: ComponentChildren; name?: string }) {
  return <a class="button plain small" href={href} download={name ?? ""}><Icon name="download" size={15} /><span>{children}</span></a>;
}

/** Whether a stream is there. */
export function Connection({ state }: { state: StreamState }) {
  const tone = state === "open" ? "ok" : state === "ended" ? "bad" : "warn";
  return <span role="status"><Badge tone={tone}>{t(`stream.${state}`)}</Badge></span>;
}
