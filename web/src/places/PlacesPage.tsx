import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api";
import { settings } from "../settings";
import type { PageProps } from "../shell/routes";
import { texts } from "../texts";
import { Notice } from "../ui/Notice";
import { Filters } from "./Filters";
import { Picked } from "./Picked";
import { type About, type Box, type Placed, type Places, placesApi, type Show } from "./placesApi";
import { PlacesMap } from "./placesMap";
import "../ui/page.css";
import "./places.css";

export interface Choice {
  task: string | null;
  show: Show;
  from: string;
  to: string;
  background: boolean;
}

/** Footprints, finds and labels on the map, by date. */
export default function PlacesPage({ tasks, params }: PageProps) {
  const [about, setAbout] = useState<About | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [choice, setChoice] = useState<Choice>({ task: params.task ?? tasks[0]?.name ?? null, show: "all", from: "", to: "", background: false });
  const [view, setView] = useState<{ box: Box; across: number } | null>(null);
  const [places, setPlaces] = useState<Places | null>(null);
  const [picked, setPicked] = useState<Placed[]>([]);
  const [busy, setBusy] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  const map = useRef<PlacesMap | null>(null);
  const asked = useRef(0);

  useEffect(() => {
    placesApi.about().then(setAbout, (error) => setFault(error instanceof ApiError ? error.message : texts.failed.offline));
  }, []);

  const any = about !== null && about.images > 0;
  useEffect(() => {
    if (!any || !element.current) return;
    const made = new PlacesMap(element.current, { onView: (box, across) => setView({ box, across }), onPick: setPicked });
    map.current = made;
    if (about.bounds) made.fit(about.bounds);
    const recolour = () => made.recolour();
    const device = matchMedia("(prefers-color-scheme: dark)");
    device.addEventListener("change", recolour);
    return () => {
      device.removeEventListener("change", recolour);
      made.dispose();
    };
  }, [any]);

  const scheme = settings.value.scheme;
  useEffect(() => map.current?.recolour(), [scheme]);

  const positive = tasks.find((task) => task.name === choice.task)?.classes[0] ?? null;
  const read = useCallback(async () => {
    if (!view) return;
    const number = ++asked.current;
    setBusy(true);
    try {
      const found = await placesApi.find({ ...view, ...choice });
      // A slower answer to an earlier view never replaces a newer one.
      if (number !== asked.current) return;
      setPlaces(found);
      map.current?.show(found, positive);
      setFault(null);
    } catch (error) {
      if (number === asked.current) setFault(error instanceof ApiError ? error.message : texts.failed.offline);
    } finally {
      if (number === asked.current) setBusy(false);
    }
  }, [view, choice.task, choice.show, choice.from, choice.to, positive]);
  useEffect(() => void read(), [read]);

  useEffect(() => map.current?.pick(picked), [picked]);
  const backgroundDay = choice.to || choice.from || about?.last || "";
  useEffect(() => map.current?.setBackground(choice.background ? (about?.background ?? null) : null, backgroundDay), [choice.background, backgroundDay, about]);

  if (!about) return fault ? <Notice title={texts.failed.title} text={fault} action={{ text: texts.failed.retry, onClick: () => location.reload() }} /> : <Notice title={texts.loading} busy />;
  if (!any) return <Notice title={texts.places.none} text={texts.places.noneHint} />;
  return (
    <main class="places">
      <header class="places-head">
        <h1>{texts.places.title}</h1>
        <p class="muted" role="status" aria-busy={busy}>
          {places ? texts.places.total(places.total, places.cells.length) : texts.places.reading}
        </p>
      </header>
      <Filters about={about} tasks={tasks} choice={choice} onChange={(change) => setChoice((now) => ({ ...now, ...change }))} />
      {fault && (
        <p class="problem" role="alert">
          {fault}
        </p>
      )}
      <div class="places-map" ref={element} tabIndex={0} role="application" aria-label={texts.places.map} />
      <Picked picked={picked} inView={places?.images ?? []} onPick={setPicked} onShow={(image) => map.current?.fit(image.box)} />
    </main>
  );
}
