import { useEffect, useState } from "preact/hooks";
import { api, listen, type Task } from "../api";
import { texts } from "../texts";
import { Link } from "./Link";

/** All tasks of the link with where they stand, kept up to date. */
export function TaskList({ known, onNew }: { known: Task[]; onNew?: () => void }) {
  const [tasks, setTasks] = useState(known);
  useEffect(() => {
    api.tasks().then(setTasks, () => undefined); // offline: what is known stands
    return listen((progress) => setTasks((now) => now.map((task) => (task.name === progress.task ? { ...task, progress } : task))));
  }, []);
  return (
    <main class="list">
      <h1>{texts.tasks.title}</h1>
      {tasks.length === 0 && (
        <p class="muted">
          {texts.tasks.none} {texts.tasks.noneHint}
        </p>
      )}
      <ul>
        {tasks.map((task) => (
          <li key={task.name}>
            <Link href={`/tasks/${encodeURIComponent(task.name)}`}>
              {task.example ? <img src={`${task.example}&size=256`} alt="" /> : <span class="no-picture" />}
              <span class="list-text">
                <strong>{task.question}</strong>
                <span class="muted">
                  {state(task)}
                  {task.progress.positives > 0 && ` · ${texts.found(task.progress.positives)}`}
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {onNew && (
        <button type="button" class="button primary wide new" onClick={onNew}>
          {texts.newTask.title}
        </button>
      )}
    </main>
  );
}

function state({ progress }: Task): string {
  switch (progress.phase) {
    case "labeling":
      return texts.tasks.open(progress.open);
    case "learning":
      return texts.tasks.learning;
    case "done":
      return texts.tasks.done;
    case "paused":
      return texts.tasks.paused;
    case "stopped":
      return texts.tasks.stopped;
    default:
      return texts.tasks.notStarted;
  }
}
