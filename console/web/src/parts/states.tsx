import type { ComponentChildren } from "preact";
import { Problem } from "../core/http";
import { sayProblem, sayReason, t } from "../core/i18n";
import type { Resource } from "../core/resource";
import { Button } from "./basics";
import { Icon, type IconName } from "./icon";

function State({ icon, title, children, role }: { icon: IconName; title: string; children?: ComponentChildren; role?: "alert" | "status" }) {
  return (
    <div class="state" role={role}>
      <Icon name={icon} size={28} />
      <p class="state-title">{title}</p>
      {children}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return <State icon="empty" title={title}>{children}</State>;
}

export function Forbidden({ permission }: { permission?: string }) {
  return (
    <State icon="lock" title={t("state.forbidden")}>
      <p class="muted">{t("state.forbidden.help")}{permission && <> <code class="mono">{permission}</code></>}</p>
    </State>
  );
}

/** Why something could not be read, and another try. */
export function Failure({ problem, retry }: { problem: Problem; retry?: () => void }) {
  if (problem.status === 403) return <Forbidden />;
  return (
    <State icon="error" title={sayProblem(problem)} role="alert">
      {problem.requestId && <p class="muted small">{t("state.request")} <code class="mono">{problem.requestId}</code></p>}
      {retry && <Button icon="refresh" onClick={retry}>{t("action.retry")}</Button>}
    </State>
  );
}

/** Grey lines where the content will be, so that nothing jumps when it comes. */
export function Loading({ lines = 5 }: { lines?: number }) {
  return (
    <div class="loading" role="status" aria-label={t("state.loading")}>
      {Array.from({ length: lines }, (_, i) => <span key={i} class={`bar w${i % 4}`} />)}
    </div>
  );
}

/** Shows a resource in whichever state it is. */
export function Shown<T>({ of, lines, children }: { of: Resource<T>; lines?: number; children: (data: T) => ComponentChildren }) {
  if (of.data !== undefined) {
    return (
      <>
        {of.problem && <Notice tone="bad">{t("state.stale")} {sayProblem(of.problem)}</Notice>}
        {children(of.data)}
      </>
    );
  }
  if (of.problem) return <Failure problem={of.problem} retry={of.reload} />;
  return <Loading lines={lines ?? 5} />;
}

export function Notice({ tone, children }: { tone: "bad" | "warn" | "info" | "ok"; children: ComponentChildren }) {
  const icon: IconName = tone === "bad" ? "error" : tone === "ok" ? "check" : "warning";
  return <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}><Icon name={icon} size={17} /><div>{children}</div></div>;
}

/** The refusal of a form, with every reason. Those that stand at a field of the form are left out. */
export function Refusal({ problem, shown = [] }: { problem: Problem | null; shown?: string[] }) {
  if (!problem) return null;
  const rest = problem.reasons.filter((r) => !shown.some((s) => matches(r.location, s)));
  if (rest.length === 0 && problem.reasons.length > 0) return null;
  return (
    <Notice tone="bad">
      {rest.length <= 1 ? <span>{sayProblem(rest.length ? new Problem(problem.status, rest, problem.detail, "", null) : problem)}</span> : (
        <ul>{rest.map((r, i) => <li key={i}><code class="mono">{r.location.replace(/^body\./, "")}</code> {sayReason(r)}</li>)}</ul>
      )}
      {problem.retryAfter !== null && <p>{t("state.retryAfter", { n: problem.retryAfter })}</p>}
      {problem.status >= 500 && problem.requestId && <p class="small">{t("state.request")} <code class="mono">{problem.requestId}</code></p>}
    </Notice>
  );
}

function matches(location: string, field: string): boolean {
  return location === `body.${field}` || location.startsWith(`body.${field}.`) || location === field;
}

/** What a refusal says of one field. */
export function reasonAt(problem: Problem | null, field: string): string | undefined {
  const reason = problem?.reasons.find((r) => matches(r.location, field));
  return reason && sayReason(reason);
}
