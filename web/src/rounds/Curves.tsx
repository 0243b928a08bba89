import { texts } from "../texts";
import { Chart } from "./Chart";
import { type Finished, isExact, positives, quality, scoreOf } from "./curves";
import { score, whole } from "./format";

/** How the rounds went, drawn and as a table. */
export function Curves({ rounds }: { rounds: Finished[] }) {
  const words = texts.rounds;
  if (rounds.length === 0) return <p class="muted">{words.none}</p>;
  const scores = quality(rounds);
  return (
    <>
      <div class="rounds-charts">
        {scores.length > 0 && (
          <section class="panel">
            <h2>{words.quality}</h2>
            <Chart label={words.quality} x={words.columns.labels} series={scores} top={1} />
            <p class="muted">{isExact(rounds) ? words.qualityExact : words.qualityEstimated}</p>
          </section>
        )}
        <section class="panel">
          <h2>{words.positives}</h2>
          <Chart label={words.positives} x={words.columns.labels} series={positives(rounds)} top={null} />
        </section>
      </div>
      <details class="panel">
        <summary>{words.numbers}</summary>
        <div class="rounds-table" tabIndex={0} role="region" aria-label={words.numbers}>
          <table>
            <thead>
              <tr>
                {Object.values(words.columns).map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rounds.map((round) => (
                <tr key={round.number}>
                  <th scope="row">{round.number}</th>
                  <td>{whole(round.asked)}</td>
                  <td>{whole(round.metrics.labels)}</td>
                  <td>{whole(round.metrics.positives)}</td>
                  <td>{whole(round.metrics.newPositives)}</td>
                  {(["f1", "precision", "recall"] as const).map((name) => (
                    <td key={name}>{cell(round, name)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

function cell(round: Finished, name: "f1" | "precision" | "recall"): string {
  const found = scoreOf(round, name);
  if (!found) return "–";
  return found.low === undefined || found.high === undefined ? score(found.value) : `${score(found.value)} (${found.low.toFixed(2)} – ${found.high.toFixed(2)})`;
}
