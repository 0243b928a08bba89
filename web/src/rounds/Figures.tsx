import type { Progress, Task } from "../api";
import { texts } from "../texts";
import { type Finished, isExact, scoreOf } from "./curves";
import { money, score, time, whole } from "./format";
import type { Learning } from "./roundsApi";

/** The headline: labels, finds, quality, what was saved, and what the sweep says of the whole archive. */
export function Figures({ task, learning, rounds, progress }: { task: Task; learning: Learning; rounds: Finished[]; progress: Progress }) {
  const { figures, sweep: words } = texts.rounds;
  const last = rounds.at(-1);
  const f1 = last ? scoreOf(last, "f1") : null;
  const { cost, sweep } = learning;
  return (
    <>
      <dl class="rounds-figures">
        <Figure name={figures.labels} value={whole(learning.labels)} detail={figures.share(whole(learning.images))} />
        <Figure name={figures.found} value={whole(progress.positives)} detail="" />
        {f1 && (
          <Figure
            name={isExact(rounds) ? figures.f1 : figures.f1Estimated}
            value={score(f1.value)}
            detail={f1.low !== undefined && f1.high !== undefined ? `${f1.low.toFixed(2)} – ${f1.high.toFixed(2)}` : ""}
          />
        )}
        <Figure name={figures.saved} value={`${whole(cost.saved.labels)}`} detail={figures.savedDetail(time(cost.saved.minutes), money(cost.saved.money, cost.currency))} />
      </dl>
      <section class="panel" aria-label={words.title}>
        <h2>{words.title}</h2>
        {sweep ? (
          <p>
            {words.found(whole(sweep.positives), whole(sweep.images), task.classes[0] ?? "")}
            {sweep.estimate && ` F1 ${score(sweep.estimate.f1.value)} (${sweep.estimate.f1.low.toFixed(2)} – ${sweep.estimate.f1.high.toFixed(2)}).`}
            {sweep.stale && <span class="muted"> {words.stale}</span>}
          </p>
        ) : (
          <p class="muted">{words.none}</p>
        )}
      </section>
    </>
  );
}

function Figure({ name, value, detail }: { name: string; value: string; detail: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <b>{value}</b>
        <span>{detail}</span>
      </dd>
    </div>
  );
}
