import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../core/i18n";
import { Button } from "./basics";
import { Icon } from "./icon";

/** A panel over the page; Escape and a click beside it close it, the focus goes back where it was. */
export function Drawer({ title, onClose, children, footer, modal }: {
  title: string; onClose: () => void; children: ComponentChildren; footer?: ComponentChildren; modal?: "drawer" | "dialog";
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => { // the field with autofocus gets the focus then
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} class={modal ?? "drawer"} aria-label={title}
      onCancel={(e) => {
        e.preventDefault();
        onClose();
      }}
      onMouseDown={(e) => e.target === e.currentTarget && onClose()}>
      <div class="sheet">
        <header class="sheet-head">
          <h2>{title}</h2>
          <Button kind="quiet" icon="close" label={t("action.close")} onClick={onClose} />
        </header>
        <div class="sheet-body">{children}</div>
        {footer && <footer class="sheet-foot">{footer}</footer>}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  body: ComponentChildren;
  action: string;
  danger?: boolean;
  answer: (yes: boolean) => void;
}

const question = signal<Question | null>(null);

/** Asks before something is done that is not easily undone. */
export function ask(q: Omit<Question, "answer">): Promise<boolean> {
  return new Promise((resolve) => {
    question.value = { ...q, answer: (yes) => {
      question.value = null;
      resolve(yes);
    } };
  });
}

interface Message {
  id: number;
  tone: "ok" | "bad";
  text: string;
}

const messages = signal<Message[]>([]);
let next = 0;

/** Says briefly that something is done, or that it failed. */
export function toast(text: string, tone: "ok" | "bad" = "ok"): void {
  const id = ++next;
  messages.value = [...messages.value, { id, tone, text }];
  setTimeout(() => {
    messages.value = messages.value.filter((m) => m.id !== id);
  }, tone === "ok" ? 5000 : 12000);
}

/** Where questions and messages appear; once on each page. */
export function Overlays() {
  const q = question.value;
  return (
    <>
      {q && (
        <Drawer title={q.title} modal="dialog" onClose={() => q.answer(false)} footer={<>
          <Button onClick={() => q.answer(false)}>{t("action.cancel")}</Button>
          <Button kind={q.danger ? "danger" : "primary"} onClick={() => q.answer(true)}>{q.action}</Button>
        </>}>
          {q.body}
        </Drawer>
      )}
      <div class="toasts" role="status" aria-live="polite">
        {messages.value.map((m) => (
          <div key={m.id} class={`toast ${m.tone}`}><Icon name={m.tone === "ok" ? "check" : "error"} size={17} />{m.text}</div>
        ))}
      </div>
    </>
  );
}
