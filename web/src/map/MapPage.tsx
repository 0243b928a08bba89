import { useEffect, useMemo, useState } from "preact/hooks";
import type { PageProps } from "../shell/routes";
import { texts } from "../texts";
import { Notice } from "../ui/Notice";
import { ChosenBar } from "./ChosenBar";
import { ClusterList } from "./ClusterList";
import { Legend } from "./Legend";
import { MapCanvas, type Tool } from "./MapCanvas";
import { MapModel } from "./model";
import { PointSheet } from "./PointSheet";
import { idOf } from "./points";
import "../search/search.css";
import "./map.css";

const tools: Tool[] = ["move", "box", "lasso"];

export default function MapPage({ session, tasks, outbox }: PageProps) {
  const model = useMemo(() => new MapModel(), []);
  const [tool, setTool] = useState<Tool>("move");
  const [picked, setPicked] = useState<string | null>(null);
  useEffect(() => void model.open(), [model]);
  const maps = model.maps.value;
  const map = model.map.value;
  if (maps?.length === 0) return <Notice title={texts.map.noneTitle} text={texts.map.noneText} />;
  return (
    <main class="map" aria-busy={map !== null && model.loaded.value === null}>
      <header class="map-bar">
        <h1>{texts.map.title}</h1>
        {maps && maps.length > 1 && (
          <label class="choice">
            <span>{texts.map.which}</span>
            <select value={maps.indexOf(map!)} onChange={(event) => void model.choose(maps[Number(event.currentTarget.value)]!)}>
              {maps.map((one, i) => (
                <option key={i} value={i}>
                  {texts.map.name(one.encoder, one.method)}
                </option>
              ))}
            </select>
          </label>
        )}
        <label class="choice">
          <span>{texts.map.colour}</span>
          <select value={model.by.value} onChange={(event) => void model.colourBy(event.currentTarget.value)}>
            {(["clusters", "groups", "product", "date", "state"] as const).map((by) => (
              <option key={by} value={by}>
                {texts.map.by[by]}
              </option>
            ))}
            {tasks.flatMap(({ name, question }) => [
              <option key={`labels:${name}`} value={`labels:${name}`}>
                {texts.map.labels(question)}
              </option>,
              <option key={`scores:${name}`} value={`scores:${name}`}>
                {texts.map.scores(question)}
              </option>,
            ])}
          </select>
        </label>
        <div class="map-tools" role="group" aria-label={texts.map.tools}>
          {tools.map((one) => (
            <button key={one} type="button" class="button small" aria-pressed={tool === one} onClick={() => setTool(one)}>
              {texts.map.tool[one]}
            </button>
          ))}
        </div>
      </header>
      {map && map.step < map.steps && (
        <p class="map-note" role="status">
          {texts.map.preview(map.step, map.steps)}
        </p>
      )}
      <p class="search-problem" role="alert">
        {model.problem.value}
      </p>
      <div class="map-body">
        <div class="map-field">
          <MapCanvas
            model={model}
            tool={tool}
            onPick={(point) => {
              const points = model.loaded.value?.points;
              if (points) setPicked(idOf(points, point));
            }}
          />
          <ChosenBar model={model} session={session} tasks={tasks} outbox={outbox} />
        </div>
        <aside class="map-side" aria-label={texts.map.side}>
          <p id="map-keys" class="muted map-keys">
            {texts.map.keys}
          </p>
          <details open={innerWidth > 800}>
            <summary>{texts.map.legend}</summary>
            <Legend model={model} />
          </details>
          <details>
            <summary>{texts.map.clusterList}</summary>
            <ClusterList model={model} onOpen={setPicked} />
          </details>
          {map?.trustworthiness != null && <p class="muted">{texts.map.quality(map.trustworthiness, map.neighboursKept ?? 0)}</p>}
        </aside>
      </div>
      {picked && map && <PointSheet map={map} imageId={picked} onGo={setPicked} onClose={() => setPicked(null)} />}
    </main>
  );
}
