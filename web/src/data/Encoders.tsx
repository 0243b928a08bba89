import { useEffect, useState } from "preact/hooks";
import { Chart } from "../rounds/Chart";
import { texts } from "../texts";
import { type Curve, dataApi, type Encoder } from "./dataApi";
import { bytes, count, day, number, words } from "./format";

const at = texts.data.encoders;

/** Encoders with their cards; the training's curve is read when one is opened. */
export function Encoders({ encoders }: { encoders: Encoder[] }) {
  return (
    <section aria-labelledby="data-encoders">
      <h2 id="data-encoders">{at.title}</h2>
      {encoders.length === 0 && <p class="muted">{at.none}</p>}
      <ul class="rows">
        {encoders.map((encoder) => (
          <li key={encoder.id} class="panel">
            <EncoderPanel encoder={encoder} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function EncoderPanel({ encoder }: { encoder: Encoder }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <div class="data-head">
        <h3>{encoder.id}</h3>
        <span class="data-number">{at.dimensions(count(encoder.dimension))}</span>
      </div>
      {encoder.problem ? (
        <p class="problem">{encoder.problem}</p>
      ) : (
        <p class="muted">
          {[
            at.kinds[encoder.kind ?? ""] ?? encoder.kind,
            encoder.architecture,
            at.takes(encoder.imageSize),
            encoder.images > 0 && at.trainedOn(count(encoder.images), count(encoder.steps)),
            encoder.task && at.learned(encoder.task, count(encoder.labels)),
            encoder.from && at.from(encoder.from),
            day(encoder.createdAt),
            bytes(encoder.bytes),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      )}
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{at.card}</summary>
        {open && (
          <>
            <CurveOf encoder={encoder.id} />
            <Numbers title={at.metrics} rows={Object.entries(encoder.metrics).map(([name, value]) => [words(name), number(value)])} />
            <Numbers title={at.settings} rows={Object.entries(encoder.settings).map(([name, value]) => [words(name), value])} />
          </>
        )}
      </details>
    </>
  );
}

function CurveOf({ encoder }: { encoder: string }) {
  const [curve, setCurve] = useState<Curve | null>(null);
  useEffect(() => {
    dataApi.curve(encoder).then(setCurve, () => setCurve({ loss: [], validation: [], imagesPerSecond: null }));
  }, [encoder]);
  if (!curve) return <p class="muted">{texts.loading}</p>;
  if (curve.loss.length === 0) return <p class="muted">{at.untrained}</p>;
  const points = (line: Curve["loss"]) => line.map((point) => ({ x: point.step, y: point.value }));
  return (
    <>
      <Chart
        label={at.curve}
        x={at.steps}
        top={null}
        series={[
          { name: at.loss, tone: "first" as const, points: points(curve.loss) },
          ...(curve.validation.length > 0 ? [{ name: at.validation, tone: "second" as const, points: points(curve.validation) }] : []),
        ]}
      />
      {curve.imagesPerSecond !== null && <p class="muted">{at.speed(count(Math.round(curve.imagesPerSecond)))}</p>}
    </>
  );
}

function Numbers({ title, rows }: { title: string; rows: [string, string][] }) {
  if (rows.length === 0) return null;
  return (
    <table class="data-numbers">
      <caption>{title}</caption>
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
