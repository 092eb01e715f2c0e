import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { t } from "../core/i18n";
import { readNumber } from "../core/format";

interface Common {
  label: string;
  error?: string | undefined;
  help?: ComponentChildren;
  required?: boolean | undefined;
  disabled?: boolean | undefined;
}

function Field({ id, label, error, help, required, children }: Common & { id: string; children: ComponentChildren }) {
  return (
    <div class={error ? "field wrong" : "field"}>
      <label for={id}>{label}{required && <span class="must" aria-hidden="true"> *</span>}</label>
      {children}
      {help && <p class="help" id={`${id}-help`}>{help}</p>}
      {error && <p class="error" id={`${id}-error`}>{error}</p>}
    </div>
  );
}

function described(id: string, error?: string, help?: ComponentChildren): string | undefined {
  return [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(" ") || undefined;
}

export function TextField({ value, onChange, type = "text", autoComplete, autoFocus, lines, placeholder, mono, maxLength, ...common }: Common & {
  value: string; onChange: (value: string) => void; type?: "text" | "password" | "search" | "datetime-local"; autoComplete?: string; autoFocus?: boolean;
  lines?: number; placeholder?: string; mono?: boolean; maxLength?: number;
}) {
  const id = useId();
  const shared = {
    id, value, disabled: common.disabled, required: common.required, placeholder, maxLength, class: mono ? "mono" : undefined,
    "aria-invalid": common.error ? true : undefined, "aria-describedby": described(id, common.error, common.help),
  };
  return (
    <Field id={id} {...common}>
      {lines
        ? <textarea {...shared} rows={lines} spellcheck={!mono} onInput={(e) => onChange(e.currentTarget.value)} />
        : <input {...shared} {...{ type } as { type: "text" }} step={type === "datetime-local" ? 1 : undefined} autoComplete={autoComplete ?? "off"} autofocus={autoFocus}
            ref={(e) => void (autoFocus && e && !e.dataset.focused && (e.dataset.focused = "1", e.focus()))}
            onInput={(e) => onChange(e.currentTarget.value)} />}
    </Field>
  );
}

/** A number with its unit; what is no number is told at once, and passed on as null. */
export function NumberField({ value, onChange, unit, ...common }: Common & { value: string; onChange: (text: string) => void; unit?: string | undefined }) {
  const id = useId();
  const error = common.error ?? (value.trim() !== "" && readNumber(value) === null ? t("form.notNumber") : undefined);
  return (
    <Field id={id} {...common} error={error}>
      <div class="with-unit">
        <input id={id} class="num" inputMode="decimal" value={value} disabled={common.disabled} required={common.required} autoComplete="off"
          aria-invalid={error ? true : undefined} aria-describedby={described(id, error, common.help)} onInput={(e) => onChange(e.currentTarget.value)} />
        {unit && <span class="unit">{unit}</span>}
      </div>
    </Field>
  );
}

export function SelectField({ value, onChange, options, ...common }: Common & {
  value: string; onChange: (value: string) => void; options: { value: string; title: string }[];
}) {
  const id = useId();
  return (
    <Field id={id} {...common}>
      <select id={id} value={value} disabled={common.disabled} aria-invalid={common.error ? true : undefined}
        aria-describedby={described(id, common.error, common.help)} onChange={(e) => onChange(e.currentTarget.value)}>
        {options.map((o) => <option key={o.value} value={o.value}>{o.title}</option>)}
      </select>
    </Field>
  );
}

export function CheckField({ value, onChange, label, help, disabled, error }: Common & { value: boolean; onChange: (value: boolean) => void }) {
  const id = useId();
  return (
    <div class={error ? "check wrong" : "check"}>
      <input type="checkbox" id={id} checked={value} disabled={disabled} aria-describedby={described(id, error, help)}
        onChange={(e) => onChange(e.currentTarget.checked)} />
      <label for={id}>{label}{help && <span class="help" id={`${id}-help`}>{help}</span>}{error && <span class="error" id={`${id}-error`}>{error}</span>}</label>
    </div>
  );
}

export function Form({ onSubmit, children, label }: { onSubmit: () => void; children: ComponentChildren; label: string }) {
  return (
    <form class="form" aria-label={label} noValidate onSubmit={(e) => {
      e.preventDefault();
      onSubmit();
    }}>
      {children}
    </form>
  );
}
