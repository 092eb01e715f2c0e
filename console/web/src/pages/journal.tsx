import { useState } from "preact/hooks";
import { eventsList, type Event } from "../../types/admin";
import { t, tOr } from "../core/i18n";
import { useResource } from "../core/resource";
import { go, place, withQuery } from "../core/router";
import { Button, Card, Facts, Json, Link, Mono, Page, Time } from "../parts/basics";
import { Diff } from "../parts/diff";
import { Form, SelectField, TextField } from "../parts/form";
import { Drawer } from "../parts/overlay";
import { Shown } from "../parts/states";
import { Pager, Table } from "../parts/table";

const pageSize = 100;

/** Which events: those of one kind of thing begin alike. */
const sources = ["auth", "cfg", "inbox", "ctrl", "admin"] as const;

export function sayEvent(type: string): string {
  return tOr(`event.${type}`, type);
}

/** A local date and time as a moment with its offset; one that has an offset stays as exact as it is, empty stays empty. */
export function momentOf(text: string): string | undefined {
  const time = new Date(text);
  if (!text || Number.isNaN(time.getTime())) return undefined;
  return zoned.test(text) ? text : time.toISOString();
}

const zoned = /(Z|[+-]\d\d:\d\d)$/;

/** The same as a field shows it: local, one with an offset to the second. */
export function localOf(text: string): string {
  const time = new Date(text);
  if (!zoned.test(text) || Number.isNaN(time.getTime())) return text;
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

export function Journal() {
  const { query } = place.value;
  const filters = {
    type: query.get("type") ?? "", source: query.get("source") ?? "", actor: query.get("actor") ?? "", subject: query.get("subject") ?? "",
    "request-id": query.get("request-id") ?? "", from: query.get("from") ?? "", to: query.get("to") ?? "",
  };
  const [limit, setLimit] = useState(pageSize);
  const asked = JSON.stringify(filters);
  const r = useResource(async (s) => (await eventsList({
    query: { ...filters, source: filters.source && `/nms/${filters.source}`, from: momentOf(filters.from) ?? "", to: momentOf(filters.to) ?? "", limit },
  }, s)).data, [asked, limit]);
  const opened = query.get("event");
  const shown = r.data?.content.find((e) => e.id === opened);
  return (
    <Page title={t("page.journal")} actions={<Button icon="refresh" busy={r.loading} onClick={r.reload}>{t("action.refresh")}</Button>}>
      <Card>
        <Filters key={asked} filters={filters} />
        <Shown of={r} lines={8}>
          {(page) => <>
            <Table label={t("page.journal")} rows={page.content} rowKey={(e) => e.id} selected={opened} empty={t("journal.none")}
              onOpen={(e) => go(withQuery({ event: e.id }))} columns={[
                { id: "time", title: t("journal.time"), cell: (e) => <Time at={e.time} /> },
                { id: "type", title: t("journal.what"), grow: true, cell: (e) => sayEvent(e.type) },
                { id: "subject", title: t("journal.subject"), wide: true, cell: (e) => <Mono>{e.subject}</Mono> },
                { id: "actor", title: t("journal.who"), cell: (e) => e.actor_login || <Mono>{e.actor}</Mono> },
              ]} />
            {page.content.length > 0 && <Pager shown={page.content.length} total={page.total} more={page.content.length < page.total && limit < 1000} busy={r.loading} onMore={() => setLimit(limit + pageSize)} />}
          </>}
        </Shown>
      </Card>
      {opened && shown && <EventDrawer event={shown} close={() => go(withQuery({ event: null }))} />}
    </Page>
  );
}

type FilterName = "type" | "source" | "actor" | "subject" | "request-id" | "from" | "to";

function Filters({ filters }: { filters: Record<FilterName, string> }) {
  const [draft, setDraft] = useState(filters);
  const set = (name: FilterName) => (value: string) => setDraft({ ...draft, [name]: value });
  return (
    <Form label={t("filter.title")} onSubmit={() => go(withQuery({ ...draft, event: null }))}>
      <div class="filters">
        <SelectField label={t("journal.source")} value={draft.source} onChange={set("source")}
          options={[{ value: "", title: t("filter.any") }, ...sources.map((s) => ({ value: s, title: s }))]} />
        <TextField label={t("journal.type")} value={draft.type} onChange={set("type")} placeholder="cfg.equipment.updated" mono />
        <TextField label={t("journal.actor")} value={draft.actor} onChange={set("actor")} placeholder="user:1" mono />
        <TextField label={t("journal.subject")} value={draft.subject} onChange={set("subject")} mono />
        <TextField label={t("journal.request")} value={draft["request-id"]} onChange={set("request-id")} mono />
        <TextField label={t("filter.from")} value={draft.from} onChange={set("from")} type="datetime-local" />
        <TextField label={t("filter.to")} value={draft.to} onChange={set("to")} type="datetime-local" />
        <div class="filter-actions">
          <Button kind="primary" type="submit" icon="search">{t("action.search")}</Button>
          <Button onClick={() => go("/journal")}>{t("action.clear")}</Button>
        </div>
      </div>
    </Form>
  );
}

function EventDrawer({ event: e, close }: { event: Event; close: () => void }) {
  const change = e.before !== undefined || e.after !== undefined;
  return (
    <Drawer title={sayEvent(e.type)} onClose={close}>
      <Facts items={[
        [t("journal.time"), <Time at={e.time} />],
        [t("journal.who"), <>{e.actor_login} <Mono>{e.actor}</Mono></>],
        [t("journal.type"), <Mono>{e.type}</Mono>],
        [t("journal.subject"), <Mono>{e.subject}</Mono>],
        [t("journal.request"), e.request_id ? <Link to={`/journal?request-id=${encodeURIComponent(e.request_id)}`}><Mono>{e.request_id}</Mono></Link> : "–"],
      ]} />
      <h3>{t("diff.title")}</h3>
      {change && (e.before !== null || e.after !== null) ? <Diff before={e.before} after={e.after} /> : <Json value={e.data} />}
    </Drawer>
  );
}
