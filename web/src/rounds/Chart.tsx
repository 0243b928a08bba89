import { niceStep, whole } from "./format";
import "./chart.css";

export interface Point {
  x: number;
  y: number;
  low?: number;
  high?: number;
}

export interface Series {
  name: string;
  /** Names the colour and the dashes, so that lines differ without colour too. */
  tone: "first" | "second" | "third";
  points: Point[];
}

interface Props {
  label: string;
  x: string;
  series: Series[];
  /** Upper end of the y axis; null for that of the data. */
  top: number | null;
}

const width = 640;
const height = 300;
const left = 46;
const right = 14;
const above = 10;
const below = 40;

/** Lines against a number of labels, with bands for intervals. The numbers themselves stand in a table beside it. */
export function Chart({ label, x, series, top }: Props) {
  const points = series.flatMap((line) => line.points);
  const stepX = niceStep(Math.max(1, ...points.map((point) => point.x)), 6);
  const endX = Math.max(stepX, Math.ceil(Math.max(0, ...points.map((point) => point.x)) / stepX) * stepX);
  const highest = top ?? Math.max(1, ...points.map((point) => point.high ?? point.y));
  const stepY = top === null ? niceStep(highest, 5) : top / 5;
  const endY = top ?? Math.ceil(highest / stepY) * stepY;
  const px = (value: number) => left + (value / endX) * (width - left - right);
  const py = (value: number) => height - below - (Math.min(endY, Math.max(0, value)) / endY) * (height - above - below);
  const at = (point: Point, value: number) => `${px(point.x).toFixed(1)},${py(value).toFixed(1)}`;
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        {ticks(endY, stepY).map((tick) => (
          <g key={`y${tick}`}>
            <line class="grid" x1={left} x2={width - right} y1={py(tick)} y2={py(tick)} />
            <text x={left - 8} y={py(tick) + 4} text-anchor="end">
              {endY <= 1 ? tick.toFixed(1) : whole(tick)}
            </text>
          </g>
        ))}
        {ticks(endX, stepX).map((tick) => (
          <text key={`x${tick}`} x={px(tick)} y={height - below + 18} text-anchor="middle">
            {whole(tick)}
          </text>
        ))}
        <text x={(left + width - right) / 2} y={height - 4} text-anchor="middle">
          {x}
        </text>
        {series.map((line) => {
          const banded = line.points.filter((point) => point.low !== undefined && point.high !== undefined);
          return (
            banded.length > 1 && (
              <polygon
                key={`band ${line.name}`}
                class={`band ${line.tone}`}
                points={[...banded.map((point) => at(point, point.high!)), ...banded.toReversed().map((point) => at(point, point.low!))].join(" ")}
              />
            )
          );
        })}
        {series.map((line) => (
          <g key={line.name} class={`line ${line.tone}`}>
            <polyline points={line.points.map((point) => at(point, point.y)).join(" ")} />
            {line.points.map((point) => (
              <circle key={point.x} cx={px(point.x)} cy={py(point.y)} r={3} />
            ))}
          </g>
        ))}
      </svg>
      <figcaption>
        {series.map((line) => (
          <span key={line.name} class={`key ${line.tone}`}>
            {line.name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function ticks(end: number, step: number): number[] {
  return Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
}
