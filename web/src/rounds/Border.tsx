import { useCallback, useEffect, useState } from "preact/hooks";
import { type Answer, ApiError, api, type Task } from "../api";
import { newOperationId } from "../operationId";
import { texts } from "../texts";
import { percent } from "./format";
import { type Bordering, roundsApi } from "./roundsApi";

const shown = 48;
const mostAnswersAtOnce = 100;

interface Props {
  task: Task;
  round: number;
  /** Called when answers were stored. */
  onStored(): void;
}

/**
 * Pictures on either side of the sweep's threshold with the class it gave them. A tap changes the class, one button stores all as answers. The operation ids are kept with
 * the pictures, so that pressing again after a lost connection stores nothing twice.
 */
export function Border({ task, round, onStored }: Props) {
  const [items, setItems] = useState<(Bordering & { operationId: string; now: string })[] | null>(null);
  const [message, setMessage] = useState("");
  const [busy, setBusy] = useState(false);
  const words = texts.rounds.border;

  const load = useCallback(async () => {
    const found = await roundsApi.border(task.name, shown);
    setItems(found.items.map((item) => ({ ...item, operationId: newOperationId(), now: item.value })));
  }, [task.name]);
  useEffect(() => {
    load().catch((error) => setMessage(error instanceof ApiError ? error.message : texts.failed.offline));
  }, [load]);

  const accept = async () => {
    if (!items) return;
    setBusy(true);
    try {
      const answers = items.map((item): Answer => ({
        operationId: item.operationId,
        imageId: item.imageId,
        kind: "label",
        value: item.now,
        shownAt: new Date().toISOString(),
        round: Math.max(0, round),
      }));
      let refused = 0;
      for (let first = 0; first < answers.length; first += mostAnswersAtOnce) {
        const receipts = await api.answer(task.name, answers.slice(first, first + mostAnswersAtOnce));
        refused += receipts.filter((receipt) => !receipt.stored).length;
      }
      setMessage(refused > 0 ? words.partly(refused) : words.accepted(answers.length));
      await load();
      onStored();
    } catch (error) {
      setMessage(error instanceof ApiError ? `${error.message} ${error.nextStep}` : texts.failed.offline);
    }
    setBusy(false);
  };

  const toggle = (id: string) =>
    setItems((now) => now?.map((item) => (item.imageId === id ? { ...item, now: task.classes[(task.classes.indexOf(item.now) + 1) % task.classes.length]! } : item)) ?? null);

  if (!items) return message ? <p class="muted">{message}</p> : null;
  const changed = items.filter((item) => item.now !== item.value).length;
  return (
    <section class="panel" aria-label={words.title}>
      <h2>{words.title}</h2>
      {items.length === 0 ? (
        <p class="muted">{words.none}</p>
      ) : (
        <>
          <p class="muted">{words.hint}</p>
          {task.classes.map((value) => {
            const called = items.filter((item) => item.value === value);
            return (
              called.length > 0 && (
                <div key={value}>
                  <h3>{words.called(value)}</h3>
                  <ul class="tiles">
                    {called.map((item) => (
                      <li key={item.imageId}>
                        <button
                          type="button"
                          class="tile"
                          data-positive={item.now === task.classes[0]}
                          data-changed={item.now !== item.value}
                          onClick={() => toggle(item.imageId)}
                        >
                          <img src={`${item.picture}&size=128`} alt={texts.picture(item.imageId)} loading="lazy" />
                          <span class="tile-value">{item.now}</span>
                          <span class="tile-number">{percent(item.probability)}</span>
                        </button>
                      </li>
                    ))}
                  </ul>
                </div>
              )
            );
          })}
          <button type="button" class="button primary" disabled={busy} onClick={accept}>
            {words.accept(items.length, changed)}
          </button>
        </>
      )}
      <p class="muted" role="status">
        {message}
      </p>
    </section>
  );
}
