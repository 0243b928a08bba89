import { texts } from "../texts";
import { Link } from "../ui/Link";
import type { Data, ShardState, Stage } from "./dataApi";
import { count } from "./format";

const at = texts.data.work;
const states: readonly ShardState[] = ["running", "failed", "planned", "done"];

/** What runs, and the shards of each stage by state. */
export function Work({ data }: { data: Data }) {
  const stages = new Map<string, Stage[]>();
  for (const row of data.stages) stages.set(row.stage, [...(stages.get(row.stage) ?? []), row]);
  return (
    <section aria-labelledby="data-work">
      <h2 id="data-work">{at.title}</h2>
      <ul class="rows" aria-live="polite">
        {data.running.map((work) => (
          <li key={work.task} class="row">
            <span class="row-text">
              <strong>{at.works[work.work]}</strong>
              <span class="muted">{[work.task, work.total > 0 && at.done(count(work.done), count(work.total)), work.elsewhere && at.elsewhere].filter(Boolean).join(" · ")}</span>
            </span>
            <Link class="button" href={`/rounds/${encodeURIComponent(work.task)}`}>
              {texts.rounds.title}
            </Link>
          </li>
        ))}
      </ul>
      {data.running.length === 0 && <p class="muted">{at.nothing}</p>}
      {stages.size > 0 && (
        <div class="panel data-scroll" tabIndex={0} role="region" aria-label={at.shards}>
          <table class="data-shards">
            <caption class="sr-only">{at.shards}</caption>
            <thead>
              <tr>
                <th scope="col">{at.stage}</th>
                {states.map((state) => (
                  <th key={state} scope="col">
                    {at.states[state]}
                  </th>
                ))}
                <th scope="col">{at.units}</th>
                <th scope="col">{at.skipped}</th>
              </tr>
            </thead>
            <tbody>
              {[...stages].map(([stage, rows]) => (
                <tr key={stage}>
                  <th scope="row">{stage}</th>
                  {states.map((state) => (
                    <td key={state} data-state={rows.some((row) => row.state === state) ? state : undefined}>
                      {count(rows.find((row) => row.state === state)?.shards ?? 0)}
                    </td>
                  ))}
                  <td>{at.done(count(sum(rows, "done")), count(sum(rows, "units")))}</td>
                  <td>{count(sum(rows, "skipped"))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const sum = (rows: Stage[], member: "done" | "units" | "skipped") => rows.reduce((total, row) => total + row[member], 0);
