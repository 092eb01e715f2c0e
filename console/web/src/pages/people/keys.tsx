import { useState } from "preact/hooks";
import { apiKeysCreate, apiKeysDelete, apiKeysList, type Key, type NewKeyBody } from "../../../types/auth";
import { t } from "../../core/i18n";
import { useAction, useResource } from "../../core/resource";
import { Button, Card, Facts, Mono, Time } from "../../parts/basics";
import { Form, TextField } from "../../parts/form";
import { ask, Drawer, toast } from "../../parts/overlay";
import { Notice, Refusal, reasonAt, Shown } from "../../parts/states";
import { Table } from "../../parts/table";
import { attempt } from "../catalogue/shared";
import { momentOf } from "../journal";
import { Permissions } from "./roles";

export function Keys() {
  const r = useResource(async (s) => (await apiKeysList({ query: { limit: 1000 } }, s)).data.content, []);
  const [panel, setPanel] = useState<Key | "new" | null>(null);
  const [made, setMade] = useState<NewKeyBody | null>(null);
  const revoke = async (k: Key) => {
    if (!(await ask({ title: t("key.revoke"), body: <p>{t("key.revoke.help", { name: k.name })}</p>, action: t("key.revoke"), danger: true }))) return;
    if (await attempt(() => apiKeysDelete({ id: k.id }), t("key.revoked"))) {
      setPanel(null);
      r.reload();
    }
  };
  return (
    <Card>
      <div class="filters"><span class="spring" /><Button kind="primary" icon="plus" onClick={() => setPanel("new")}>{t("key.add")}</Button></div>
      <Shown of={r} lines={3}>
        {(rows) => (
          <Table label={t("people.keys")} rows={rows} rowKey={(k) => k.id} empty={t("key.none")} onOpen={setPanel} columns={[
            { id: "name", title: t("key.name"), grow: true, cell: (k) => <strong>{k.name}</strong> },
            { id: "n", title: t("role.permissions"), num: true, cell: (k) => k.permissions.length },
            { id: "ends", title: t("key.expires"), cell: (k) => k.expires_at ? <Time at={k.expires_at} only="age" /> : t("word.never") },
            { id: "used", title: t("key.used"), cell: (k) => k.last_used_at ? <Time at={k.last_used_at} only="age" /> : t("word.never") },
          ]} />
        )}
      </Shown>
      {panel === "new" && <KeyDrawer close={() => setPanel(null)} saved={(k) => {
        setPanel(null);
        setMade(k);
        r.reload();
      }} />}
      {panel && panel !== "new" && (
        <Drawer title={panel.name} onClose={() => setPanel(null)} footer={<Button kind="danger" icon="archive" onClick={() => void revoke(panel)}>{t("key.revoke")}</Button>}>
          <Facts items={[
            [t("role.permissions"), <>{panel.permissions.map((p) => <span key={p} class="condition"><Mono>{p}</Mono> </span>)}</>],
            [t("key.networks"), panel.cidrs.length > 0 ? panel.cidrs.join(", ") : t("key.anywhere")],
            [t("key.expires"), panel.expires_at ? <Time at={panel.expires_at} /> : t("word.never")],
            [t("key.used"), panel.last_used_at ? <><Time at={panel.last_used_at} /> <Mono>{panel.last_used_address}</Mono></> : t("word.never")],
            [t("key.created"), <><Time at={panel.created_at} /> <Mono>{panel.created_by}</Mono></>],
          ]} />
        </Drawer>
      )}
      {made && <Secret made={made} close={() => setMade(null)} />}
    </Card>
  );
}

/** The one time that the key is shown. */
function Secret({ made, close }: { made: NewKeyBody; close: () => void }) {
  const [copied, setCopied] = useState(false);
  return (
    <Drawer title={made.name} modal="dialog" onClose={close} footer={<Button kind="primary" onClick={close}>{t("key.kept")}</Button>}>
      <Notice tone="warn">{t("key.once")}</Notice>
      <div class="secret">
        <code class="mono" data-secret>{made.key}</code>
        <Button icon={copied ? "check" : "copy"} onClick={() => void navigator.clipboard.writeText(made.key).then(() => setCopied(true), () => toast(t("key.notCopied"), "bad"))}>{t(copied ? "key.copied" : "key.copy")}</Button>
      </div>
    </Drawer>
  );
}

function KeyDrawer({ close, saved }: { close: () => void; saved: (k: NewKeyBody) => void }) {
  const [name, setName] = useState("");
  const [expires, setExpires] = useState("");
  const [networks, setNetworks] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const save = useAction(async () => {
    const cidrs = networks.split(/[\s,]+/).filter(Boolean), expires_at = momentOf(expires);
    const { data } = await apiKeysCreate({ body: { name, permissions: chosen, ...(expires_at ? { expires_at } : {}), ...(cidrs.length > 0 ? { cidrs } : {}) } });
    saved(data);
  });
  const p = save.problem;
  return (
    <Drawer title={t("key.add")} onClose={close}>
      <Form label={t("key.add")} onSubmit={() => void save.run()}>
        <TextField label={t("key.name")} value={name} onChange={setName} required autoFocus error={reasonAt(p, "name")} />
        <TextField label={t("key.expires")} value={expires} onChange={setExpires} type="datetime-local" help={t("key.expires.help")} error={reasonAt(p, "expires_at")} />
        <TextField label={t("key.networks")} value={networks} onChange={setNetworks} mono placeholder="10.0.0.0/8" help={t("key.networks.help")} error={reasonAt(p, "cidrs")} />
        <Permissions value={chosen} onChange={setChosen} />
        <Refusal problem={p} shown={["name", "expires_at", "cidrs"]} />
        <div class="form-actions"><Button onClick={close}>{t("action.cancel")}</Button><Button kind="primary" type="submit" busy={save.busy} disabled={!name || chosen.length === 0}>{t("key.make")}</Button></div>
      </Form>
    </Drawer>
  );
}
