import { useEffect, useState } from "preact/hooks";
import { telemetryCreate, telemetryDelete, telemetryGet, telemetryHistory, telemetryList, telemetryUpdate, telemetryValidate, type Parameter, type ValidateOutputBody } from "../../../types/cfg";
import { sayReason, t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { go, place, withQuery } from "../../core/router";
import { can } from "../../core/session";
import { Button, Card, Facts, Json, Mono } from "../../parts/basics";
import { Form, TextField } from "../../parts/form";
import { Drawer, toast } from "../../parts/overlay";
import { Notice, Refusal, reasonAt, Shown } from "../../parts/states";
import { Pager, Table } from "../../parts/table";
import { History } from "../equipment/history";
import { archive } from "./shared";

export function Parameters() {
  const { query } = place.value;
  const q = query.get("q") ?? "";
  const [text, setText] = useState(q);
  useEffect(() => {
    const timer = setTimeout(() => text !== q && go(withQuery({ q: text }), { replace: true }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  const r = useResource(async (s) => (await telemetryList({ query: { limit: 5000, ...(q ? { q } : {}) } }, s)).data, [q]);
  const opened = query.get("item");
  const close = () => go(withQuery({ item: null }), { replace: true });
  return (
    <Card>
      <div class="filters">
        <TextField label={t("action.search")} value={text} onChange={setText} type="search" />
        <span class="spring" />
        {can("cfg:write") && <Button kind="primary" icon="plus" onClick={() => go(withQuery({ item: "new" }))}>{t("catalogue.addParameter")}</Button>}
      </div>
      <Shown of={r} lines={8}>
        {(page) => <>
          <Table label={t("catalogue.parameters")} rows={page.content} rowKey={(p) => p.id} selected={Number(opened)} onOpen={(p) => go(withQuery({ item: p.id }))} columns={[
            { id: "name", title: t("equipment.name"), cell: (p) => <strong>{p.name}</strong> },
            { id: "full", title: t("equipment.nameFull"), cell: (p) => p.name_full },
            { id: "description", title: t("command.description"), grow: true, wide: true, cell: (p) => <span class="clip">{p.description}</span> },
            { id: "validator", title: t("parameter.validator"), wide: true, cell: (p) => <span class="clip"><Mono>{JSON.stringify(p.value_validator)}</Mono></span> },
          ]} />
          {page.content.length > 0 && <Pager shown={page.content.length} total={page.total} more={false} onMore={() => {}} />}
        </>}
      </Shown>
      {opened && (opened === "new" ? <ParameterDrawer close={close} saved={() => {
        close();
        r.reload();
      }} /> : <Existing id={Number(opened)} close={close} changed={r.reload} />)}
    </Card>
  );
}

function Existing({ id, close, changed }: { id: number; close: () => void; changed: () => void }) {
  const [edit, setEdit] = useState(false);
  const [history, setHistory] = useState(false);
  const r = useResource((s) => telemetryGet({ id }, s), [id]);
  if (edit && r.data) {
    return <ParameterDrawer parameter={r.data.data} etag={r.data.etag} close={() => setEdit(false)} saved={() => {
      setEdit(false);
      r.reload();
      changed();
    }} />;
  }
  return (
    <Drawer title={r.data?.data.name ?? "…"} onClose={close} footer={can("cfg:write") && <>
      <Button kind="danger" icon="archive" onClick={() => void archive(r.data?.data.name ?? "", () => telemetryDelete({ id })).then((done) => {
        if (done) {
          close();
          changed();
        }
      })}>{t("equipment.archive")}</Button>
      <span class="spring" />
      <Button kind="primary" icon="edit" onClick={() => setEdit(true)}>{t("action.edit")}</Button>
    </>}>
      <Shown of={r}>
        {({ data: p }) => <>
          <Facts items={[[t("equipment.nameFull"), p.name_full], [t("command.description"), p.description], [t("equipment.id"), <Mono>{p.id}</Mono>]]} />
          <h3>{t("parameter.validator")}</h3>
          <Json value={p.value_validator} />
          <TryValue id={id} />
          {history ? <History of={telemetryHistory} id={id} /> : <Button small onClick={() => setHistory(true)}>{t("history.title")}</Button>}
        </>}
      </Shown>
    </Drawer>
  );
}

/** Whether a value passes, told while it is typed. */
function TryValue({ id }: { id: number }) {
  const [text, setText] = useState("");
  const [verdict, setVerdict] = useState<ValidateOutputBody | null>(null);
  const check = useAction(async (value: unknown) => setVerdict((await telemetryValidate({ id, body: { value } })).data));
  useEffect(() => {
    setVerdict(null);
    if (text.trim() === "") return;
    const timer = setTimeout(() => {
      let value: unknown = text;
      try {
        value = JSON.parse(text);
      } catch {
        // What is no JSON is tried as a text.
      }
      void check.run(value);
    }, 300);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <Form label={t("parameter.try")} onSubmit={() => {}}>
      <TextField label={t("parameter.try")} value={text} onChange={setText} mono help={t("parameter.try.help")} />
      {verdict && (verdict.valid ? <Notice tone="ok">{t("parameter.valid")}</Notice>
        : <Notice tone="warn"><ul>{verdict.errors.map((e, i) => <li key={i}><Mono>{e.location}</Mono> {sayReason(e)}</li>)}</ul></Notice>)}
      <Refusal problem={check.problem} />
    </Form>
  );
}

function ParameterDrawer({ parameter: old, etag, close, saved }: { parameter?: Parameter; etag?: string | null; close: () => void; saved: () => void }) {
  const [name, setName] = useState(old?.name ?? "");
  const [full, setFull] = useState(old?.name_full ?? "");
  const [description, setDescription] = useState(old?.description ?? "");
  const [validator, setValidator] = useState(JSON.stringify(old?.value_validator ?? { type: "number" }, null, 2));
  let parsed: Record<string, unknown> | null = null;
  try {
    parsed = JSON.parse(validator);
  } catch {
    parsed = null;
  }
  const save = useAction(async () => {
    if (!parsed) return;
    const body = { name, name_full: full, description, value_validator: parsed };
    if (old) await telemetryUpdate({ id: old.id, body, ...(etag ? { ifMatch: etag } : {}) });
    else await telemetryCreate({ body });
    toast(t(old ? "toast.saved" : "toast.created"));
    saved();
  });
  const p = save.problem;
  return (
    <Drawer title={old ? old.name : t("catalogue.addParameter")} onClose={close}>
      <Form label={t("action.edit")} onSubmit={() => void save.run()}>
        <TextField label={t("equipment.name")} value={name} onChange={setName} required autoFocus maxLength={50} error={reasonAt(p, "name")} />
        <TextField label={t("equipment.nameFull")} value={full} onChange={setFull} required maxLength={200} error={reasonAt(p, "name_full")} />
        <TextField label={t("command.description")} value={description} onChange={setDescription} required lines={2} maxLength={300} error={reasonAt(p, "description")} />
        <TextField label={t("parameter.validator")} value={validator} onChange={setValidator} lines={8} mono help={t("parameter.validator.help")}
          error={reasonAt(p, "value_validator") ?? (parsed ? undefined : t("form.notJSON"))} />
        <Refusal problem={p} shown={["name", "name_full", "description", "value_validator"]} />
        <div class="form-actions"><Button onClick={close}>{t("action.cancel")}</Button><Button kind="primary" type="submit" busy={save.busy} disabled={!name || !full || !description || !parsed}>{t("action.save")}</Button></div>
      </Form>
    </Drawer>
  );
}
