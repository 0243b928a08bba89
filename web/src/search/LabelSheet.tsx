import { useState } from "preact/hooks";
import type { Task } from "../api";
import { texts } from "../texts";
import { Link } from "../ui/Link";
import { CloseButton, Sheet } from "../ui/Sheet";
import { explained, type Mark } from "./search";
import { type Hit, type QueueAddition, searchApi } from "./searchApi";
import { taskName } from "./taskName";

const anotherTask = "";

/** Puts hits into a labeling task's queue. */
export function LabelSheet({ hits, marks, tasks, onClose }: { hits: Hit[]; marks: ReadonlyMap<string, Mark>; tasks: Task[]; onClose(): void }) {
  const good = hits.filter((hit) => marks.get(hit.imageId) === "good");
  const [onlyGood, setOnlyGood] = useState(false);
  const [task, setTask] = useState(tasks[0]?.name ?? anotherTask);
  const [question, setQuestion] = useState("");
  const [state, setState] = useState<{ busy: true } | { problem: string } | { task: string; added: QueueAddition } | null>(null);
  const chosen = onlyGood ? good : hits;

  async function send() {
    setState({ busy: true });
    try {
      const name = task === anotherTask ? (await searchApi.addTask(taskName(question), question.trim())).name : task;
      setState({ task: name, added: await searchApi.queue(name, chosen.map((hit) => hit.imageId)) });
    } catch (error) {
      setState({ problem: explained(error) });
    }
  }

  if (state && "added" in state)
    return (
      <Sheet label={texts.search.label} onClose={onClose}>
        <h2>{texts.search.queued(state.added.queued)}</h2>
        {state.added.waiting + state.added.answered > 0 && <p class="muted">{texts.search.left(state.added.waiting, state.added.answered)}</p>}
        <div class="actions">
          <Link class="button primary wide" href={`/tasks/${encodeURIComponent(state.task)}`}>
            {texts.search.labelNow}
          </Link>
          <CloseButton onClose={onClose} />
        </div>
      </Sheet>
    );
  return (
    <Sheet label={texts.search.label} onClose={onClose}>
      <form
        class="actions"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <h2>{texts.search.labelTitle}</h2>
        {good.length > 0 && (
          <fieldset class="names">
            <legend>{texts.search.which}</legend>
            <label class="tick">
              <input type="radio" name="which" checked={!onlyGood} onChange={() => setOnlyGood(false)} />
              <span>{texts.search.allHits(hits.length)}</span>
            </label>
            <label class="tick">
              <input type="radio" name="which" checked={onlyGood} onChange={() => setOnlyGood(true)} />
              <span>{texts.search.goodHits(good.length)}</span>
            </label>
          </fieldset>
        )}
        <label class="text-field">
          {texts.search.filters.task}
          <select value={task} onChange={(event) => setTask(event.currentTarget.value)}>
            {tasks.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
            <option value={anotherTask}>{texts.search.newTask}</option>
          </select>
        </label>
        {task === anotherTask && (
          <label class="text-field">
            {texts.search.question}
            <input type="text" required maxLength={300} placeholder={texts.search.questionExample} value={question} onInput={(event) => setQuestion(event.currentTarget.value)} />
          </label>
        )}
        <p class="search-problem" role="alert">
          {state && "problem" in state ? state.problem : ""}
        </p>
        <button type="submit" class="button primary wide" disabled={state !== null && "busy" in state}>
          {texts.search.send(chosen.length)}
        </button>
        <button type="button" class="button wide" onClick={onClose}>
          {texts.close}
        </button>
      </form>
    </Sheet>
  );
}
