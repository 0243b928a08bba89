import { texts } from "../texts";
import { categoryColour, css, scaleColour } from "./colours";
import type { MapModel } from "./model";
import { none } from "./points";

const mostShown = 60;
const steps = none - 1;

/** What the colours mean; a tap shows or hides a category, and a scale is narrowed by its ends. All filters hold together. */
export function Legend({ model }: { model: MapModel }) {
  const column = model.column.value;
  const filters = model.filters.value;
  const points = model.loaded.value?.points;
  if (!column || !points) return <p class="muted">{texts.map.reading}</p>;
  return (
    <div class="map-legend">
      {"names" in column ? <Categories model={model} names={column.names} values={column.values} /> : <Scale model={model} low={column.low} high={column.high} unit={column.unit} />}
      <p class="muted" role="status">
        {texts.map.shown(model.shown.value, points.count)}
      </p>
      {filters.size > 0 && (
        <button type="button" class="button small" onClick={() => model.clearFilters()}>
          {texts.map.clearFilters(filters.size)}
        </button>
      )}
    </div>
  );
}

function Categories({ model, names, values }: { model: MapModel; names: string[]; values: Uint16Array }) {
  const sizes = new Uint32Array(65_536);
  for (const value of values) sizes[value]!++;
  const all = [...names.keys(), none].filter((value) => sizes[value]! > 0);
  const shown = all.length > mostShown ? [...all].sort((a, b) => sizes[b]! - sizes[a]!).slice(0, mostShown) : all;
  const filter = model.filters.value.get(model.by.value);
  const hidden = filter && "hidden" in filter ? filter.hidden : new Set<number>();
  return (
    <ul>
      {shown.map((value) => {
        const name = value === none ? texts.map.none : (names[value] ?? "");
        return (
          <li key={value}>
            <label class="map-entry">
              <input type="checkbox" checked={!hidden.has(value)} onChange={() => model.toggle(value)} />
              <span class="swatch" style={{ background: css(categoryColour(value)) }} />
              <span class="name">{name}</span>
              <span class="muted">{sizes[value]!.toLocaleString("en")}</span>
            </label>
            <button type="button" class="map-only" aria-label={texts.map.onlyName(name)} onClick={() => model.only(value, all)}>
              {texts.map.only}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Scale({ model, low, high, unit }: { model: MapModel; low: number; high: number; unit: string }) {
  const filter = model.filters.value.get(model.by.value);
  const range = filter && "low" in filter ? filter : { low: 0, high: steps };
  const text = (step: number) => {
    const value = low + ((high - low) * step) / steps;
    return unit === "date" ? new Date(value).toISOString().slice(0, 10) : value.toFixed(2);
  };
  const change = (part: Partial<{ low: number; high: number }>) => {
    const next = { ...range, ...part };
    model.filter(next.low === 0 && next.high === steps ? null : { low: Math.min(next.low, next.high), high: Math.max(next.low, next.high) });
  };
  const shades = Array.from({ length: 9 }, (_, i) => css(scaleColour(i / 8))).join(",");
  return (
    <div class="map-scale">
      <div class="bar" style={{ background: `linear-gradient(90deg, ${shades})` }} />
      {(["low", "high"] as const).map((end) => (
        <label key={end}>
          <span>{texts.map.ends[end](text(range[end]))}</span>
          <input type="range" min={0} max={steps} value={range[end]} onInput={(event) => change({ [end]: Number(event.currentTarget.value) })} />
        </label>
      ))}
    </div>
  );
}
