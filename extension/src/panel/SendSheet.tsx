import { useEffect, useState } from "preact/hooks";
import { taskName } from "../../../web/src/search/taskName";
import { texts } from "../texts";
import type { Explorer } from "./explorer";
import { Sheet } from "./Sheet";

const another = "";

/** Puts hits into a labeling task's queue. */
export function SendSheet({ explorer, onClose }: { explorer: Explorer; onClose(): void }) {
  const hits = explorer.shown.value ?? [];
  const good = explorer.good.value;
  const [tasks, setTasks] = useState<{ name: string }[]>([]);
  const [onlyGood, setOnlyGood] = useState(good.length > 0);
  const [chosenTask, setTask] = useState<string | null>(null);
  const [question, setQuestion] = useState("");
  const [state, setState] = useState<{ busy: true } | { problem: string } | { task: string; queued: number } | null>(null);
  const task = chosenTask ?? tasks[0]?.name ?? another;
  const chosen = onlyGood ? good : hits;
  useEffect(() => {
    explorer.tasks().then(
      setTasks,
      (error: unknown) => setState({ problem: explorer.explained(error) }),
    );
  }, [explorer]);

  async function send() {
    setState({ busy: true });
    try {
      const wanted = task === another ? { name: taskName(question), question: question.trim() } : { name: task };
      setState({ task: wanted.name, queued: (await explorer.send(wanted, chosen)).queued });
    } catch (error) {
      setState({ problem: explorer.explained(error) });
    }
  }

  if (state && "task" in state)
    return (
      <Sheet label={texts.task.open} onClose={onClose}>
        <h2>{texts.task.sent(state.queued)}</h2>
        <a class="button primary" href={`${explorer.connection.server}/tasks/${encodeURIComponent(state.task)}`} target="_blank" rel="noreferrer">
          {texts.task.label}
        </a>
      </Sheet>
    );
  return (
    <Sheet label={texts.task.open} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <h2>{texts.task.title}</h2>
        {good.length > 0 && (
          <label>
            {texts.task.which}
            <select value={onlyGood ? "good" : "all"} onChange={(event) => setOnlyGood(event.currentTarget.value === "good")}>
              <option value="good">{texts.task.good(good.length)}</option>
              <option value="all">{texts.task.all(hits.length)}</option>
            </select>
          </label>
        )}
        <label>
          {texts.task.task}
          <select value={task} onChange={(event) => setTask(event.currentTarget.value)}>
            {tasks.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
            <option value={another}>{texts.task.another}</option>
          </select>
        </label>
        {task === another && (
          <label>
            {texts.task.question}
            <input type="text" required maxLength={300} placeholder={texts.task.example} value={question} onInput={(event) => setQuestion(event.currentTarget.value)} />
          </label>
        )}
        <p class="problem" role="alert">
          {state && "problem" in state ? state.problem : ""}
        </p>
        <button type="submit" class="primary" disabled={state !== null && "busy" in state}>
          {texts.task.send(chosen.length)}
        </button>
      </form>
    </Sheet>
  );
}
