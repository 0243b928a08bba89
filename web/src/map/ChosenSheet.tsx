import { useState } from "preact/hooks";
import type { Task } from "../api";
import { newOperationId } from "../operationId";
import type { Outbox } from "../outbox";
import { explained } from "../search/search";
import { type QueueAddition, searchApi } from "../search/searchApi";
import { taskName } from "../search/taskName";
import { texts } from "../texts";
import { CloseButton, Sheet } from "../ui/Sheet";

const queuedAtOnce = 500;
const mostAnswered = 1000;
const anotherTask = "";

interface Props {
  kind: "label" | "answer";
  images: string[];
  tasks: Task[];
  outbox: Outbox;
  onClose(): void;
}

/** Has the chosen pictures asked next, or answers them all at once. */
export function ChosenSheet({ kind, images, tasks, outbox, onClose }: Props) {
  const [name, setName] = useState(tasks[0]?.name ?? anotherTask);
  const [question, setQuestion] = useState("");
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const [done, setDone] = useState("");
  const task = tasks.find((candidate) => candidate.name === name);

  async function queue() {
    setBusy(true);
    setSaid("");
    try {
      const target = name === anotherTask ? (await searchApi.addTask(taskName(question), question.trim())).name : name;
      const sum: QueueAddition = { round: 0, queued: 0, answered: 0, waiting: 0 };
      for (let first = 0; first < images.length; first += queuedAtOnce) {
        const part = await searchApi.queue(target, images.slice(first, first + queuedAtOnce));
        sum.queued += part.queued;
        sum.answered += part.answered;
        sum.waiting += part.waiting;
      }
      setDone([texts.search.queued(sum.queued), texts.search.left(sum.waiting, sum.answered)].filter(Boolean).join(". "));
    } catch (error) {
      setSaid(explained(error));
    } finally {
      setBusy(false);
    }
  }

  function answer(value: string) {
    const shownAt = new Date().toISOString();
    for (const imageId of images) outbox.add(name, { operationId: newOperationId(), imageId, kind: "label", value, shownAt, round: 0 });
    setDone(texts.map.answered(images.length, value));
  }

  const label = kind === "label" ? texts.map.label : texts.map.answer;
  return (
    <Sheet label={label} onClose={onClose}>
      <div class="actions">
        <h2>{done || texts.map.chosen(images.length)}</h2>
        {!done && (
          <>
            <label class="text-field">
              {texts.search.filters.task}
              <select value={name} onChange={(event) => setName(event.currentTarget.value)}>
                {tasks.map((candidate) => (
                  <option key={candidate.name} value={candidate.name}>
                    {candidate.question}
                  </option>
                ))}
                {kind === "label" && <option value={anotherTask}>{texts.search.newTask}</option>}
              </select>
            </label>
            {kind === "label" && name === anotherTask && (
              <label class="text-field">
                {texts.search.question}
                <input type="text" maxLength={300} placeholder={texts.search.questionExample} value={question} onInput={(event) => setQuestion(event.currentTarget.value)} />
              </label>
            )}
            <p class="search-problem" role="alert">
              {said}
            </p>
            {kind === "label" ? (
              <button type="button" class="button primary wide" disabled={busy || (name === anotherTask && !question.trim())} onClick={() => void queue()}>
                {texts.search.send(images.length)}
              </button>
            ) : images.length > mostAnswered ? (
              <p>{texts.map.tooMany(mostAnswered)}</p>
            ) : (
              task?.classes.map((value) => (
                <button key={value} type="button" class="button wide" onClick={() => answer(value)}>
                  {texts.map.allAre(images.length, value)}
                </button>
              ))
            )}
          </>
        )}
        <CloseButton onClose={onClose} />
      </div>
    </Sheet>
  );
}
