import type { Task } from "../api";
import { go } from "../shell/path";
import { texts } from "../texts";

/** Chooses among several tasks on a page that shows one; nothing where there is one only. */
export function TaskPicker({ tasks, task, base }: { tasks: readonly Task[]; task: Task; base: string }) {
  if (tasks.length < 2) return null;
  return (
    <label class="choice">
      <span>{texts.pickTask}</span>
      <select value={task.name} onChange={(event) => go(`${base}/${encodeURIComponent(event.currentTarget.value)}`)}>
        {tasks.map(({ name, question }) => (
          <option key={name} value={name}>
            {question}
          </option>
        ))}
      </select>
    </label>
  );
}
