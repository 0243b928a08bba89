import { useEffect, useState } from "preact/hooks";
import type { Task } from "../api";
import { texts } from "../texts";
import { percent } from "./format";
import { type Queued, roundsApi } from "./roundsApi";

interface Props {
  task: Task;
  newest: number;
  /** Both only tell that the queue may have changed. */
  asked: number;
  answered: number;
}

/** What a round asks, with the probability that each picture had when it was queued. */
export function Queue({ task, newest, asked, answered }: Props) {
  const [chosen, setChosen] = useState<number | null>(null);
  const [items, setItems] = useState<Queued[]>([]);
  const round = chosen ?? newest;
  const words = texts.rounds.queue;
  useEffect(() => {
    if (round < 0) return;
    let gone = false;
    roundsApi.queue(task.name, round).then(
      (found) => {
        if (!gone) setItems(found);
      },
      () => undefined, // what is shown stands; the page says elsewhere that the server is gone
    );
    return () => {
      gone = true;
    };
  }, [task.name, round, asked, answered]);
  if (newest < 0) return null;
  return (
    <section class="panel" aria-label={words.title}>
      <div class="panel-head">
        <h2>{words.title}</h2>
        <label>
          <span class="sr-only">{words.show}</span>
          <select value={String(round)} onInput={(event) => setChosen(Number(event.currentTarget.value))}>
            {Array.from({ length: newest + 1 }, (_, index) => newest - index).map((number) => (
              <option key={number} value={String(number)}>
                {words.of(number)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {items.length === 0 && <p class="muted">{words.none}</p>}
      <ul class="tiles">
        {items.map((item) => (
          <li key={item.imageId} class="tile" data-positive={item.answer === task.classes[0]} data-open={item.answer === null && !item.unsure}>
            <img src={`${item.picture}&size=128`} alt={texts.picture(item.imageId)} loading="lazy" />
            <span class="tile-value">{item.answer ?? (item.unsure ? words.unsure : words.open)}</span>
            <span class="tile-number">{item.probability === null ? (texts.rounds.reasons[item.reason] ?? item.reason) : percent(item.probability)}</span>
            {item.probability !== null && <span class="tile-reason">{texts.rounds.reasons[item.reason] ?? item.reason}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
