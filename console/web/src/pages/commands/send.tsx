import { useEffect, useState } from "preact/hooks";
import { commandBindingsGet, commandsCreate, type Binding, type Command } from "../../../types/ctrl";
import { commandsTocList, type Branch, type ListedCommand } from "../../../types/cfg";
import { Problem } from "../../core/http";
import { plain } from "../../core/format";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { go } from "../../core/router";
import { can } from "../../core/session";
import { Badge, Button, Card, Facts, Json, Mono } from "../../parts/basics";
import { CheckField, Form, NumberField, SelectField, TextField } from "../../parts/form";
import { toast } from "../../parts/overlay";
import { Empty, Notice, Refusal, reasonAt, Shown } from "../../parts/states";
import { useNames } from "./names";
import { fieldsOf, readField, startValue, type ArgField } from "./schema";

/** Chooses a command by equipment and section, then sends it. */
export function Send({ command }: { command: number | null }) {
  const names = useNames();
  const chosen = command ? names.get(command) : undefined;
  return (
    <div class="grid send">
      <Choose chosen={chosen} />
      <Card title={chosen ? `${chosen.name} · ${chosen.equipment_name}` : t("command.choose")}>
        {!command ? <Empty title={t("command.choose.help")} /> : <SendForm key={command} id={command} listed={chosen} />}
      </Card>
    </div>
  );
}

function Choose({ chosen }: { chosen: ListedCommand | undefined }) {
  const names = useNames();
  const [q, setQ] = useState("");
  const [section, setSection] = useState("");
  const sections = useResource(async (s) => (await commandsTocList(undefined, s)).data, []);
  const inside = new Set<number>();
  const titles: { value: string; title: string }[] = [];
  const walk = (list: Branch[], level: number, taken: boolean) => list.forEach((b) => {
    const here = taken || String(b.id) === section;
    if (here) inside.add(b.id);
    titles.push({ value: String(b.id), title: `${"\u00a0\u00a0".repeat(level)}${b.name}` });
    walk(b.content ?? [], level + 1, here);
  });
  walk(sections.data ?? [], 0, false);
  const text = q.trim().toLowerCase();
  const rows = names.all.filter((c) => (section === "" || inside.has(c.toc_id)) &&
    (text === "" || `${c.name} ${c.name_full} ${c.equipment_name}`.toLowerCase().includes(text)))
    .sort((a, b) => a.equipment_name.localeCompare(b.equipment_name) || a.name.localeCompare(b.name));
  return (
    <Card title={t("command.which")} class="chooser">
      <TextField label={t("command.filter")} value={q} onChange={setQ} type="search" />
      <SelectField label={t("command.section")} value={section} onChange={setSection} options={[{ value: "", title: t("filter.any") }, ...titles]} />
      {!names.loaded ? <p class="muted">…</p> : rows.length === 0 ? <Empty title={t("table.empty")} /> : (
        <ul class="found scroll" tabIndex={0} aria-label={t("command.which")}>
          {rows.slice(0, 300).map((c) => (
            <li key={c.id}>
              <button type="button" class={c.id === chosen?.id ? "found-one current" : "found-one"} aria-current={c.id === chosen?.id} onClick={() => go(`/commands/send/${c.id}`)}>
                <strong>{c.name}</strong><small>{c.equipment_name} · {c.name_full}</small>
              </button>
            </li>
          ))}
          {rows.length > 300 && <li class="muted small">{t("table.shown", { n: 300, total: rows.length })}</li>}
        </ul>
      )}
    </Card>
  );
}

function SendForm({ id, listed }: { id: number; listed: ListedCommand | undefined }) {
  const binding = useResource(async (s) => {
    try {
      return (await commandBindingsGet({ command_id: id }, s)).data;
    } catch (e) {
      if (e instanceof Problem && e.status === 404) return null;
      throw e;
    }
  }, [id]);
  return (
    <>
      {listed && <p class="muted">{listed.name_full}. {listed.description}</p>}
      <Shown of={binding} lines={4}>
        {(b) => b ? <Arguments id={id} binding={b} /> : <Notice tone="warn">{t("command.unbound")}</Notice>}
      </Shown>
    </>
  );
}

/** The form of a command's arguments, made from their schema. */
function Arguments({ id, binding: b }: { id: number; binding: Binding }) {
  const fields = fieldsOf(b.args_schema);
  const [texts, setTexts] = useState<Record<string, string>>(() => Object.fromEntries(fields.map((f) => [f.name, startValue(f)])));
  const [confirmed, setConfirmed] = useState(false);
  const [preview, setPreview] = useState<Command | null>(null);
  // One id for each sending: when an answer is lost, the next try is the same command.
  const [own, setOwn] = useState(() => crypto.randomUUID());
  useEffect(() => {
    setOwn(crypto.randomUUID());
    setPreview(null);
  }, [JSON.stringify(texts), confirmed]);

  const unread: string[] = [];
  const args: Record<string, unknown> = {};
  for (const f of fields) {
    const read = readField(f, texts[f.name] ?? "");
    if (read === null || (read === undefined && f.required)) unread.push(f.name);
    else if (read) args[f.name] = read.value;
  }
  const body = { id: own, command_id: id, args, ...(b.hazardous ? { confirm_hazard: confirmed } : {}) };
  const dry = useAction(async () => setPreview((await commandsCreate({ query: { "dry-run": true }, body })).data));
  const send = useAction(async () => {
    await commandsCreate({ body });
    toast(t(b.approvals > 0 ? "command.sentForApproval" : "command.sentNow"));
    go(`/commands/sent/${own}`);
  });
  const problem = send.problem ?? dry.problem;
  const may = !b.hazardous || can("commands:hazardous");
  return (
    <Form label={t("command.arguments")} onSubmit={() => void send.run()}>
      {fields.length === 0 && <p class="muted">{t("command.noArguments")}</p>}
      {fields.map((f) => <Argument key={f.name} field={f} text={texts[f.name] ?? ""} error={reasonAt(problem, `args.${f.name}`)}
        onChange={(v) => setTexts({ ...texts, [f.name]: v })} />)}
      <Facts items={[
        [t("command.driver"), <Mono>{b.driver}</Mono>],
        [t("command.ttl"), `${plain(b.ttl)} ${t("unit.s")}`],
        b.preconditions.length > 0 && [t("command.before"), <Conditions list={b.preconditions} />],
        b.verifiers.length > 0 && [t("command.after"), <Conditions list={b.verifiers} />],
        [t("command.undoable"), b.undo_args ? t("word.yes") : t("word.no")],
      ]} />
      {b.approvals > 0 && <Notice tone="info">{t("command.needsApproval")}</Notice>}
      {b.hazardous && (
        <div class="hazard">
          <Notice tone="warn"><strong>{t("command.hazard")}</strong> {b.hazard_reason}</Notice>
          {may ? <CheckField label={t("command.confirm")} value={confirmed} onChange={setConfirmed} error={reasonAt(problem, "confirm_hazard")} /> : <Notice tone="bad">{t("command.mayNot")}</Notice>}
        </div>
      )}
      <Refusal problem={problem} shown={[...fields.map((f) => `args.${f.name}`), "confirm_hazard"]} />
      {preview && <div class="preview" role="status"><h3>{t("command.wire")}</h3><pre class="json" tabIndex={0}>{preview.wire}</pre></div>}
      <div class="form-actions">
        <Button icon="search" busy={dry.busy} disabled={unread.length > 0 || (b.hazardous && !confirmed)} onClick={() => void dry.run()}>{t("command.dryRun")}</Button>
        <Button kind={b.hazardous ? "danger" : "primary"} icon="commands" type="submit" busy={send.busy}
          disabled={unread.length > 0 || !may || (b.hazardous && !confirmed)}>{t("command.send")}</Button>
      </div>
    </Form>
  );
}

export function Conditions({ list }: { list: Binding["verifiers"] }) {
  const ops = { eq: "=", ne: "≠", lt: "<", le: "≤", gt: ">", ge: "≥" };
  return <>{list.map((c, i) => <span key={i} class="condition"><Mono>{c.parameter} {ops[c.op]} {c.arg ? `{${c.arg}}` : JSON.stringify(c.value)}</Mono>{c.within ? ` ${t("command.within", { n: c.within })}` : ""} </span>)}</>;
}

function Argument({ field: f, text, error, onChange }: { field: ArgField; text: string; error: string | undefined; onChange: (v: string) => void }) {
  const s = f.schema;
  const bounds = s.minimum !== undefined && s.maximum !== undefined ? t("form.between", { a: plain(s.minimum), b: plain(s.maximum) })
    : s.minimum !== undefined ? t("form.atLeast", { a: plain(s.minimum) }) : s.maximum !== undefined ? t("form.atMost", { b: plain(s.maximum) }) : "";
  const help = [s.description, bounds && `${bounds}${s["x-unit"] ? ` ${s["x-unit"]}` : ""}`].filter(Boolean).join(". ") || undefined;
  const shared = { label: s.title ?? f.name, value: text, onChange, required: f.required, help, error };
  if (f.kind === "number") return <NumberField {...shared} unit={s["x-unit"]} />;
  if (f.kind === "choice") {
    return <SelectField {...shared} options={[...(f.required ? [] : [{ value: "", title: "–" }]), ...(s.enum ?? []).map((v) => ({ value: JSON.stringify(v), title: String(v) }))]} />;
  }
  if (f.kind === "boolean") return <CheckField label={shared.label} help={help} error={error} value={text === "true"} onChange={(v) => onChange(String(v))} />;
  return <TextField {...shared} {...(f.kind === "json" ? { lines: 3, mono: true } : {})} />;
}

/** Arguments as they were given. */
export function Args({ value }: { value: unknown }) {
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  if (entries.length === 0) return <span class="muted">–</span>;
  if (entries.some(([, v]) => typeof v === "object")) return <Json value={value} />;
  return <>{entries.map(([k, v]) => <span key={k} class="condition"><Badge tone="idle">{k}</Badge> <Mono>{String(v)}</Mono> </span>)}</>;
}
