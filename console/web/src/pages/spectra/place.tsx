import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { tracesList, type SummaryDocument } from "../../../types/inbox";
import { number } from "../../core/format";
import { t } from "../../core/i18n";
import { useResource } from "../../core/resource";
import type { Box, Spot, Topology, WorldMap } from "../../map";
import { Button } from "../../parts/basics";
import { NumberField } from "../../parts/form";
import type { IconName } from "../../parts/icon";
import { Notice } from "../../parts/states";
import { boxOf, edges, type Edge, type Edges } from "./box";
import type { Filter } from "./filter";

function placeOf(lat: number, lng: number): string {
  return `${number(lat, 2)}° ${number(lng, 2)}°`;
}

/** Receivers by name and place, to a hundredth of a degree. */
function spotsOf(traces: SummaryDocument[]): Spot[] {
  const found = new Map<string, Spot>();
  for (const { source, location: { lat, lng } } of traces) {
    const key = `${source ?? ""} ${lat.toFixed(2)} ${lng.toFixed(2)}`;
    if (!found.has(key)) found.set(key, { lat, lng, title: source ?? placeOf(lat, lng) });
  }
  return [...found.values()];
}

/** So many traces tell where the receivers are: the most that one call returns. */
const newest = 1000;

/** A place as a box, drawn on the map or typed: one follows the other. */
export function Place({ typed, set, incomplete, asked }: {
  typed: Edges; set: (edges: Edges) => void; incomplete: boolean;
  /** What else is searched for: its receivers are on the map. */
  asked: Filter;
}) {
  const { box, wrong } = boxOf(typed);
  const r = useResource(async (s) => spotsOf((await tracesList({ query: { ...asked, bbox: "", limit: newest } }, s)).data.content), [JSON.stringify({ ...asked, bbox: "" })]);
  const field = (e: Edge) => (
    <NumberField label={t(`spectra.${e}`)} value={typed[e]} onChange={(v) => set({ ...typed, [e]: v })} unit="°"
      error={wrong[e] ?? (incomplete && typed[e].trim() === "" ? t("place.all") : undefined)} />
  );
  return (
    <div class="place">
      <MapBox box={box} spots={r.data} onBox={(b) => set({ south: String(b.south), west: String(b.west), north: String(b.north), east: String(b.east) })} />
      <div class="edges">
        {edges.map(field)}
        {box && box.west > box.east && <p class="help">{t("place.crosses")}</p>}
        <Button small disabled={edges.every((e) => typed[e] === "")} onClick={() => set({ south: "", west: "", north: "", east: "" })}>{t("place.none")}</Button>
        {r.data && r.data.length > 0 && (
          <details>
            <summary>{t("place.receivers", { n: r.data.length })}</summary>
            <ul class="plain-list">{r.data.slice(0, 100).map((x) => <li key={`${x.title} ${x.lat} ${x.lng}`}>{x.title === placeOf(x.lat, x.lng) ? x.title : `${x.title}: ${placeOf(x.lat, x.lng)}`}</li>)}</ul>
          </details>
        )}
      </div>
    </div>
  );
}

/** Loads the map's script and the coast lines, which no other page needs. */
async function load(): Promise<[typeof import("../../map"), Topology]> {
  const near = (name: string): string => new URL(name, import.meta.url).href;
  const land = async () => {
    const answer = await fetch(near("land-110m.json"));
    if (!answer.ok) throw new Error(`coast lines: ${answer.status}`);
    return answer.json();
  };
  return Promise.all([import(near("map.js")), land()]);
}

const ways: { icon: IconName; title: "map.west" | "map.east" | "map.north" | "map.south"; by: [number, number] }[] = [
  { icon: "left", title: "map.west", by: [-0.25, 0] }, { icon: "right", title: "map.east", by: [0.25, 0] },
  { icon: "up", title: "map.north", by: [0, -0.25] }, { icon: "down", title: "map.south", by: [0, 0.25] },
];

function MapBox({ box, spots, onBox }: { box: Box | null; spots: Spot[] | undefined; onBox: (box: Box) => void }) {
  const element = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<WorldMap | null>(null);
  const [failed, setFailed] = useState(false);
  const [sight, setSight] = useState<Box | null>(null);
  const told = useRef(onBox);
  told.current = onBox;
  useEffect(() => {
    let made: WorldMap | null = null, gone = false;
    load().then(([{ WorldMap }, land]) => {
      if (gone || !element.current) return;
      made = new WorldMap(element.current, land, { box: (b) => told.current(b), sight: setSight, degrees: number });
      setMap(made);
    }, () => setFailed(true));
    return () => {
      gone = true;
      made?.close();
    };
  }, []);
  const shown = useMemo(() => box, [JSON.stringify(box)]);
  useEffect(() => map?.show(shown, spots ?? []), [map, shown, spots]);
  if (failed) return <Notice tone="warn">{t("map.failed")}</Notice>;
  return (
    <div class="map-box">
      <div class="map" ref={element} role="application" aria-roledescription={t("map.role")} aria-label={`${t("map.title")}. ${t("map.keys")}`} tabIndex={0} aria-busy={!map} />
      <div class="row tight">
        <Button small kind="quiet" icon="zoomIn" label={t("chart.in")} disabled={!map} onClick={() => map?.zoom(0.5)} />
        <Button small kind="quiet" icon="zoomOut" label={t("chart.out")} disabled={!map} onClick={() => map?.zoom(2)} />
        <Button small kind="quiet" icon="refresh" label={t("map.all")} disabled={!map} onClick={() => map?.all()} />
        {ways.map((w) => <Button key={w.icon} small kind="quiet" icon={w.icon} label={t(w.title)} disabled={!map} onClick={() => map?.pan(...w.by)} />)}
        <span class="spring" />
        <Button small disabled={!map} onClick={() => map?.take()}>{t("map.take")}</Button>
      </div>
      <p class="help">{sight && <span role="status">{t("map.sight", { south: degrees(sight.south), north: degrees(sight.north), west: degrees(sight.west), east: degrees(sight.east) })}</span>} {t("map.help")}</p>
    </div>
  );
}

function degrees(n: number): string {
  return `${number(n, Number.isInteger(n) ? 0 : 2)}°`;
}
