import type { Task } from "../api";
import { texts } from "../texts";

export function TaskList({ tasks, onOpen }: { tasks: Task[]; onOpen(task: string): void }) {
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
            <a
              href={`/tasks/${encodeURIComponent(task.name)}`}
              onClick={(event) => {
                event.preventDefault();
                onOpen(task.name);
              }}
            >
              {task.example ? <img src={`${task.example}&size=256`} alt="" /> : <span class="no-picture" />}
              <span class="list-text">
                <strong>{task.question}</strong>
                <span class="muted">
                  {state(task)}
                  {task.progress.positives > 0 && ` · ${texts.found(task.progress.positives)}`}
                </span>
              </span>
            </a>
          </li>
        ))}
      </ul>
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
    default:
      return texts.tasks.notStarted;
  }
}
