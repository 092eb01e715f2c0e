import { useState } from "preact/hooks";
import { cataloguesExport, type Report } from "../../../types/cfg";
import { bytes } from "../../core/format";
import { send } from "../../core/http";
import { t } from "../../core/i18n";
import { useAction } from "../../core/resource";
import { can } from "../../core/session";
import { Badge, Button, Card, Download, Mono } from "../../parts/basics";
import { Diff } from "../../parts/diff";
import { SelectField } from "../../parts/form";
import { toast } from "../../parts/overlay";
import { Notice, Refusal } from "../../parts/states";
import { forgetNames } from "../commands/names";

const catalogues = ["equipments", "commands-toc", "commands", "telemetry"] as const;

export function Transfer() {
  return (
    <div class="grid two">
      <Card title={t("transfer.export")}>
        <p class="muted">{t("transfer.export.help")}</p>
        <div class="row"><Download href={cataloguesExport.url({})} name="catalogue.json">JSON, {t("transfer.all")}</Download></div>
        <ul class="lines">
          {catalogues.map((c) => (
            <li key={c}><span class="grow">{t(`transfer.${c}`)}</span>
              <Download href={cataloguesExport.url({ query: { catalogue: c } })} name={`${c}.json`}>JSON</Download>
              <Download href={cataloguesExport.url({ query: { catalogue: c, format: "csv", bom: true } })} name={`${c}.csv`}>CSV</Download>
            </li>
          ))}
        </ul>
      </Card>
      {can("cfg:write") && <Import />}
    </div>
  );
}

/** Shows what a file would change, and then does it. */
function Import() {
  const [file, setFile] = useState<File | null>(null);
  const [catalogue, setCatalogue] = useState<string>("equipments");
  const [report, setReport] = useState<Report | null>(null);
  const csv = file?.name.toLowerCase().endsWith(".csv") ?? false;
  const call = async (dry: boolean): Promise<Report> => {
    const query = new URLSearchParams({ "dry-run": String(dry), ...(csv ? { catalogue } : {}) });
    const answer = await send({ method: "POST", url: `/api/v1/cfg/import?${query}`, ...(file ? { raw: file } : {}), headers: { "Content-Type": csv ? "text/csv" : "application/json" } });
    return (await answer.json()) as Report;
  };
  const preview = useAction(async () => setReport(await call(true)));
  const take = useAction(async () => {
    setReport(await call(false));
    forgetNames();
    toast(t("transfer.taken"));
  });
  const changes = report?.catalogues.reduce((n, c) => n + c.created + c.updated, 0) ?? 0;
  return (
    <Card title={t("transfer.import")}>
      <p class="muted">{t("transfer.import.help")}</p>
      <div class="field">
        <label for="import-file">{t("transfer.file")}</label>
        <input id="import-file" type="file" accept=".json,.csv" onChange={(e) => {
          setFile(e.currentTarget.files?.[0] ?? null);
          setReport(null);
        }} />
        {file && <p class="help">{bytes(file.size)}</p>}
      </div>
      {csv && <SelectField label={t("transfer.catalogue")} value={catalogue} onChange={setCatalogue} options={catalogues.map((c) => ({ value: c, title: t(`transfer.${c}`) }))} />}
      <div class="row">
        <Button icon="search" busy={preview.busy} disabled={!file} onClick={() => void preview.run()}>{t("transfer.preview")}</Button>
        <Button kind="primary" busy={take.busy} disabled={!report?.dry_run || changes === 0} onClick={() => void take.run()}>{t("transfer.take")}</Button>
      </div>
      <Refusal problem={preview.problem ?? take.problem} />
      {report && (changes === 0 ? <Notice tone="ok">{t("transfer.nothing")}</Notice> : report.catalogues.map((c) => (
        <section key={c.catalogue}>
          <h3>{t(`transfer.${c.catalogue}`)}</h3>
          <p><Badge tone="ok">{t("transfer.created", { n: c.created })}</Badge> <Badge tone="info">{t("transfer.updated", { n: c.updated })}</Badge> <span class="muted">{t("transfer.unchanged", { n: c.unchanged })}</span></p>
          {c.changes.slice(0, 50).map((x) => (
            <details key={x.key}>
              <summary><Mono>{x.key}</Mono> <Badge tone={x.op === "create" ? "ok" : "info"}>{t(`transfer.op.${x.op}`)}</Badge></summary>
              <Diff before={x.before} after={x.after} />
            </details>
          ))}
          {(c.truncated || c.changes.length > 50) && <p class="muted">…</p>}
        </section>
      )))}
    </Card>
  );
}
