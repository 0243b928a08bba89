import { useRef } from "preact/hooks";
import { texts } from "../texts";
import { placeText } from "../worldview/places";
import type { Explorer } from "./explorer";
import { type Frame, middleFrame, moved, sized, squareFrame, wholeFrame } from "./merge";

const step = 0.05;
const smallestShare = 0.02;

/** The map's view as the server has it, and a frame on it for what is searched by. */
export function PartPicker({ explorer }: { explorer: Explorer }) {
  const view = explorer.view.value!;
  const preview = explorer.preview.value;
  const frame = explorer.frame.value;
  const layer = explorer.layer.value;
  return (
    <section class="part" aria-label={texts.view.title}>
      <div class="row">
        {view.b && (
          <label>
            {texts.view.side}
            <select value={explorer.side.value} onChange={(event) => void explorer.choose({ side: event.currentTarget.value as "a" | "b" })}>
              <option value="a">{texts.view.sides.a}</option>
              <option value="b">{texts.view.sides.b}</option>
            </select>
          </label>
        )}
        <label class="grow">
          {texts.view.layer}
          <select value={layer ?? ""} disabled={explorer.layers.value.length < 2} onChange={(event) => void explorer.choose({ layer: event.currentTarget.value })}>
            {explorer.layers.value.map((id) => (
              <option key={id} value={id}>
                {id.replaceAll("_", " ")}
              </option>
            ))}
          </select>
        </label>
        <label>
          {texts.view.date}
          <input type="date" required value={explorer.time.value?.slice(0, 10) ?? ""} onChange={(event) => event.currentTarget.value && void explorer.choose({ date: event.currentTarget.value })} />
        </label>
      </div>
      <p class="problem" role="alert">
        {explorer.previewProblem.value}
      </p>
      {explorer.previewBusy.value && (
        <p class="muted" role="status">
          {texts.view.loading}
        </p>
      )}
      {preview && frame && (
        <>
          <Map explorer={explorer} frame={frame} />
          <p class="muted">
            {preview.time?.replace("T", " ").replace("Z", " UTC") ?? ""} · {placeText(explorer.place.value!)}
            {preview.noDataShare > 0.02 && ` · ${texts.view.gaps(preview.noDataShare)}`}
          </p>
          <div class="row">
            <button type="button" class="primary" disabled={explorer.busy.value || explorer.previewBusy.value} onClick={() => void explorer.find()}>
              {texts.find}
            </button>
            <button type="button" onClick={() => (explorer.frame.value = middleFrame(preview.width, preview.height))}>
              {texts.view.central}
            </button>
            <button type="button" onClick={() => (explorer.frame.value = wholeFrame)}>
              {texts.view.whole}
            </button>
          </div>
          <label class="tick">
            <input type="checkbox" checked={explorer.manySizes.value} onChange={(event) => (explorer.manySizes.value = event.currentTarget.checked)} />
            {texts.view.sizes}
          </label>
        </>
      )}
    </section>
  );
}

function Map({ explorer, frame }: { explorer: Explorer; frame: Frame }) {
  const preview = explorer.preview.value!;
  const map = useRef<HTMLDivElement>(null);
  const start = useRef<{ x: number; y: number } | null>(null);

  const at = (event: PointerEvent) => {
    const box = map.current!.getBoundingClientRect();
    const share = (value: number) => Math.min(1, Math.max(0, value));
    return { x: share((event.clientX - box.left) / box.width), y: share((event.clientY - box.top) / box.height) };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const change: Record<string, () => Frame> = {
      ArrowLeft: () => moved(frame, -step, 0),
      ArrowRight: () => moved(frame, step, 0),
      ArrowUp: () => moved(frame, 0, -step),
      ArrowDown: () => moved(frame, 0, step),
      "+": () => sized(frame, 1.25),
      "-": () => sized(frame, Math.max(0.8, smallestShare / Math.min(frame.width, frame.height))),
    };
    const next = change[event.key];
    if (!next) return;
    event.preventDefault();
    explorer.frame.value = next();
  };
  const percent = (share: number) => `${share * 100}%`;
  return (
    <div
      class="map"
      ref={map}
      onPointerDown={(event) => {
        map.current!.setPointerCapture(event.pointerId);
        start.current = at(event);
      }}
      onPointerMove={(event) => {
        if (!start.current) return;
        const drawn = squareFrame(start.current, at(event), preview.width, preview.height);
        if (Math.max(drawn.width, drawn.height) >= smallestShare) explorer.frame.value = drawn;
      }}
      onPointerUp={() => (start.current = null)}
      onPointerCancel={() => (start.current = null)}
    >
      <img src={preview.picture} alt={texts.view.title} draggable={false} />
      <div
        class="frame"
        role="group"
        tabIndex={0}
        aria-label={texts.view.frame}
        title={texts.view.hint}
        onKeyDown={onKeyDown}
        style={{ left: percent(frame.x), top: percent(frame.y), width: percent(frame.width), height: percent(frame.height) }}
      />
    </div>
  );
}
