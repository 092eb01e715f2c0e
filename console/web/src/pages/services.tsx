import { useEffect, useRef, useState } from "preact/hooks";
import { deadLettersDelete, deadLettersGet, deadLettersList, deadLettersReplay, servicesList, type Letter } from "../../types/admin";
import { bytes, duration, now } from "../core/format";
import { Problem } from "../core/http";
import { sayProblem, t } from "../core/i18n";
import { useAction, useResource } from "../core/resource";
import { go, place, withQuery } from "../core/router";
import { can } from "../core/session";
import { Badge, Button, Card, Facts, Json, Mono, Page, Tabs, Time } from "../parts/basics";
import { SelectField } from "../parts/form";
import { ask, Drawer, toast } from "../parts/overlay";
import { Refusal, Shown } from "../parts/states";
import { Pager, Table } from "../parts/table";
import { Health } from "./health";

export function Services() {
  const tab = place.value.rest[0] === "letters" ? "letters" : "instances";
  return (
    <Page title={t("page.services")}>
      <Tabs label={t("page.services")} current={tab} items={[
        { id: "instances", title: t("services.instances"), to: "/services" },
        { id: "letters", title: t("letters.title"), to: "/services/letters" },
      ]} />
      {tab === "letters" ? <Letters /> : <Instances />}
    </Page>
  );
}

function Instances() {
  const r = useResource(async (s) => (await servicesList(undefined, s)).data.content, [], 3000);
  return (
    <Card>
      <Shown of={r}>
        {(rows) => (
          <Table label={t("services.instances")} rows={rows} rowKey={(i) => i.id} columns={[
            { id: "service", title: t("services.service"), cell: (i) => <strong>{i.service}</strong> },
            { id: "health", title: t("services.health"), grow: true, cell: (i) => <Health code={i.health_code} /> },
            { id: "version", title: t("services.version"), wide: true, cell: (i) => <Mono>{i.version}</Mono> },
            { id: "address", title: t("services.address"), wide: true, cell: (i) => <Mono>{i.address}</Mono> },
            { id: "up", title: t("services.uptime"), num: true, cell: (i) => duration((now.value - new Date(i.started_at).getTime()) / 1000) },
            { id: "lag", title: t("services.lag"), num: true, cell: (i) => (i.lag == null ? "–" : duration(i.lag)) },
            { id: "seen", title: t("services.seen"), cell: (i) => <Time at={i.seen_at} only="age" /> },
          ]} />
        )}
      </Shown>
    </Card>
  );
}

const pageSize = 100, mostAtOnce = 1000;

const reasons: Letter["reason"][] = ["permanent", "attempts", "unreadable", "deliveries"];

function Letters() {
  const { query } = place.value;
  const state = query.get("state") === "replayed" ? "replayed" : "dead", queue = query.get("queue") ?? "";
  const reason = reasons.find((r) => r === query.get("reason"));
  const [limit, setLimit] = useState(pageSize);
  const kind = { queue, ...(reason ? { reason } : {}) };
  const r = useResource(async (s) => (await deadLettersList({ query: { ...kind, state, limit } }, s)).data, [state, queue, reason, limit], 10_000);
  const opened = Number(query.get("letter")) || null;
  const queues = [...new Set([queue, ...(r.data?.content ?? []).map((l) => l.queue)])].filter(Boolean).sort();
  const one = async (act: () => Promise<unknown>, done: string) => {
    try {
      await act();
      toast(done);
    } catch (e) {
      if (!(e instanceof Problem)) throw e;
      toast(sayProblem(e), "bad");
    }
    r.reload();
  };
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);
  const everyOne = useAction(async () => {
    let gone = 0, cursor: string | undefined;
    try {
      do {
        const { content, next } = (await deadLettersList({ query: { ...kind, limit: mostAtOnce, ...(cursor ? { cursor } : {}) } })).data;
        for (const l of content) {
          if (!here.current) return;
          await deadLettersReplay({ id: l.id }).catch((e: unknown) => {
            if (!(e instanceof Problem) || (e.status !== 404 && e.status !== 409)) throw e;
            gone++; // somebody else was at it
          });
        }
        cursor = next;
      } while (cursor);
    } finally {
      r.reload();
    }
    toast(gone ? t("letters.someFailed", { n: gone }) : t("letters.allReplayed"), gone ? "bad" : "ok");
  });
  const asked = r.data?.params;
  const current = asked !== undefined && (asked.queue ?? "") === queue && asked.reason === reason; // not what another filter has found
  const all = async (n: number) => {
    if (await ask({ title: t("letters.replayAll"), body: <p>{t("letters.replayAll.help", { n })}</p>, action: t("letters.replayAll") })) await everyOne.run();
  };
  return (
    <Card>
      <div class="filters">
        <SelectField label={t("letters.state")} value={state} onChange={(v) => go(withQuery({ state: v === "dead" ? null : v }))}
          options={[{ value: "dead", title: t("letters.dead") }, { value: "replayed", title: t("letters.replayedState") }]} />
        <SelectField label={t("letters.queue")} value={queue} onChange={(v) => go(withQuery({ queue: v }))}
          options={[{ value: "", title: t("filter.any") }, ...queues.map((q) => ({ value: q, title: q }))]} />
        <SelectField label={t("letters.reason")} value={reason ?? ""} onChange={(v) => go(withQuery({ reason: v }))}
          options={[{ value: "", title: t("filter.any") }, ...reasons.map((x) => ({ value: x, title: t(`letters.reason.${x}`) }))]} />
        <span class="spring" />
        {can("admin:write") && state === "dead" && current && r.data && r.data.content.length > 0 &&
          <Button icon="refresh" busy={everyOne.busy} onClick={() => void all(r.data?.total ?? 0)}>{t("letters.replayAll")}</Button>}
      </div>
      <Refusal problem={everyOne.problem} />
      <Shown of={r}>
        {(page) => <>
          <Table label={t("letters.title")} rows={page.content} rowKey={(l) => l.id} empty={t(queue || reason ? "table.empty" : "letters.none")} selected={opened}
            onOpen={(l) => go(withQuery({ letter: l.id }))} columns={[
              { id: "kind", title: t("letters.key"), grow: true, cell: (l) => <Mono>{l.routing_key}</Mono> },
              { id: "queue", title: t("letters.queue"), wide: true, cell: (l) => <Mono>{l.queue}</Mono> },
              { id: "reason", title: t("letters.reason"), cell: (l) => <Badge tone="warn">{t(`letters.reason.${l.reason}`)}</Badge> },
              { id: "size", title: t("letters.size"), num: true, wide: true, cell: (l) => bytes(l.size) },
              { id: "died", title: t("letters.died"), cell: (l) => <Time at={l.died_at} only="age" /> },
            ]} />
          {page.content.length > 0 && <Pager shown={page.content.length} total={page.total} more={page.content.length < page.total && limit < mostAtOnce} busy={r.loading} onMore={() => setLimit(limit + pageSize)} />}
        </>}
      </Shown>
      {opened !== null && <LetterDrawer id={opened} close={() => go(withQuery({ letter: null }))} one={one} />}
    </Card>
  );
}

function LetterDrawer({ id, close, one }: { id: number; close: () => void; one: (act: () => Promise<unknown>, done: string) => Promise<void> }) {
  const r = useResource(async (s) => (await deadLettersGet({ id }, s)).data, [id]);
  const remove = async () => {
    if (!(await ask({ title: t("letters.delete"), body: <p>{t("letters.delete.help")}</p>, action: t("letters.delete"), danger: true }))) return;
    await one(() => deadLettersDelete({ id }), t("letters.deleted"));
    close();
  };
  return (
    <Drawer title={t("letters.one", { id })} onClose={close} footer={can("admin:write") && <>
      <Button kind="danger" icon="archive" onClick={() => void remove()}>{t("letters.delete")}</Button>
      <Button kind="primary" icon="refresh" onClick={() => void one(() => deadLettersReplay({ id }), t("letters.replayed")).then(close)}>{t("letters.replay")}</Button>
    </>}>
      <Shown of={r}>
        {(l) => <>
          <Facts items={[
            [t("letters.key"), <Mono>{l.routing_key}</Mono>], [t("letters.queue"), <Mono>{l.queue}</Mono>], [t("letters.reason"), t(`letters.reason.${l.reason}`)],
            [t("letters.error"), l.error], [t("letters.attempts"), l.attempts], [t("letters.died"), <Time at={l.died_at} />],
            [t("letters.replays"), l.replays], l.replayed_at ? [t("letters.replayedAt"), <Time at={l.replayed_at} />] : null,
          ]} />
          <h3>{t("letters.message")}</h3>
          <Json value={l.message ?? l.raw ?? null} />
        </>}
      </Shown>
    </Drawer>
  );
}
