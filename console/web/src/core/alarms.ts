import { computed, effect, signal } from "@preact/signals";
import { alarmsList, alarmsStream, type ShownAlarm } from "../../types/ctrl";
import { Problem } from "./http";
import { can } from "./session";
import { follow, type StreamState } from "./stream";
import { beep } from "./sound";

export type Severity = ShownAlarm["severity"];

/** The worst first. */
export const severities: readonly Severity[] = ["critical", "major", "minor", "warning", "indeterminate"];

/** How many alarms a page holds; the service lists no more at once. */
export const most = 1000;

/** Alarms that are raised, or that nobody has acknowledged or closed; undefined until they were read. */
export const active = signal<{ alarms: ShownAlarm[]; total: number } | undefined>(undefined);
/** Why they could not be read, null when they could. */
export const problem = signal<Problem | null>(null);
/** How the stream of what happens to them stands. */
export const connection = signal<{ state: StreamState; problem: Problem | null }>({ state: "connecting", problem: null });
/** Moves on with everything that happens to any alarm. */
export const turn = signal(0);
/** Alarms that were raised, or have got worse, while this page looked. */
export const fresh = signal<ReadonlySet<number>>(new Set());

/** Whether it is put aside: by somebody, by an alarm above it, or with its equipment. */
export function aside(a: ShownAlarm): boolean {
  return a.state === "shelved" || a.state === "suppressed" || a.state === "out-of-service";
}

/** Whether somebody has to acknowledge it. */
export function waits(a: ShownAlarm): boolean {
  return a.state === "unack" || a.state === "rtn-unack";
}

/** How many wait for an acknowledgement. */
export const waiting = computed(() => active.value?.alarms.filter(waits).length ?? 0);

type Choice = "sound" | "title";

function kept(name: Choice): boolean {
  return localStorage.getItem(`nms.alarms.${name}`) === "1";
}

/** Whether a new alarm is heard, and whether the window's title counts them: choices of this browser. */
export const choices = { sound: signal(kept("sound")), title: signal(kept("title")) };

export function choose(name: Choice, value: boolean): void {
  if (value) localStorage.setItem(`nms.alarms.${name}`, "1");
  else localStorage.removeItem(`nms.alarms.${name}`);
  choices[name].value = value;
  if (name === "sound" && value) beep("warning");
}

interface Step {
  alarm_id: number;
  event: string;
  severity: Severity;
  operator_state: string;
}

/** What is read together with the next steps, so that a flood of them is a few calls. */
const gather = 250;

let reading: Promise<void> | null = null, next: Promise<void> | null = null;

/** Reads the active alarms anew, one call at a time; what it returns ends with a call that began after this one. */
export function refresh(): Promise<void> {
  if (!reading) return (reading = read().finally(() => (reading = null)));
  return (next ??= reading.catch(() => {}).then(() => {
    next = null;
    return refresh();
  }));
}

async function read(): Promise<void> {
  try {
    const { data } = await alarmsList({ query: { active: true, limit: most } });
    active.value = { alarms: data.content, total: data.total };
    problem.value = null;
  } catch (e) {
    if (!(e instanceof Problem)) throw e;
    problem.value = e;
  }
}

function watch(): () => void {
  let timer = 0;
  const stream = follow(alarmsStream.url(), {
    event({ name, data }) {
      if (name === "alarms") heard(data as Step[]);
      else if (name !== "lost") return;
      turn.value++;
      timer ||= window.setTimeout(() => {
        timer = 0;
        void refresh();
      }, gather);
    },
    state(state, why) {
      connection.value = { state, problem: why };
      if (state === "open") void refresh(); // what has happened before it began
    },
  }, { hidden: () => holder && (choices.sound.peek() || choices.title.peek()) });
  return () => {
    window.clearTimeout(timer);
    stream.stop();
  };
}

function heard(steps: Step[]): void {
  const raised = steps.filter((s) => (s.event === "raise" || s.event === "worsen" || s.event === "end_shelf") && s.operator_state !== "shelved");
  if (raised.length === 0) return;
  fresh.value = new Set([...fresh.value, ...raised.map((s) => s.alarm_id)]);
  const worst = severities.find((s) => raised.some((r) => r.severity === s));
  if (worst && holder && choices.sound.value) beep(worst);
}

/** Of several tabs one makes the sound, and follows the alarms while it is hidden. */
let holder = false;

const allowed = computed(() => can("ctrl:read"));

effect(() => {
  if (!allowed.value) {
    active.value = undefined;
    return;
  }
  const stop = watch();
  const release = new AbortController();
  void navigator.locks?.request("nms.alarms", { signal: release.signal }, () => {
    holder = true;
    return new Promise<void>((done) => release.signal.addEventListener("abort", () => done()));
  }).catch(() => {}); // let go before it was granted
  return () => {
    stop();
    holder = false;
    release.abort();
  };
});
