import { useEffect, useState } from "preact/hooks";
import { api, type Task } from "../api";
import { SwipePage } from "../swipe/SwipePage";
import { texts } from "../texts";
import { Notice } from "../ui/Notice";
import { TaskList } from "../ui/TaskList";
import { go } from "./path";
import { navigationFrom, reaches } from "./roles";
import type { PageProps } from "./routes";

/** Straight to the pictures where there is one task; the list of tasks otherwise. */
export function Home(props: PageProps) {
  const only = props.tasks.length === 1 ? props.tasks[0] : undefined;
  return only ? <Swipe {...props} task={only} /> : <Tasks {...props} />;
}

export function Tasks({ tasks, session }: PageProps) {
  const makes = reaches(session.role, "owner") && session.task === null;
  return <TaskList known={tasks} {...(makes ? { onNew: () => go("/new-task") } : {})} />;
}

/** The task that the address names, also one begun after the app was opened; the list where there is none of that name. */
export function SwipeTask(props: PageProps) {
  const name = props.params.task!;
  const known = props.tasks.find((candidate) => candidate.name === name);
  const [asked, setAsked] = useState<{ name: string; task: Task | null } | null>(null);
  useEffect(() => {
    if (!known) api.task(name).then((task) => setAsked({ name, task }), () => setAsked({ name, task: null }));
  }, [name]);
  if (known) return <Swipe {...props} task={known} />;
  if (asked?.name !== name) return <Notice title={texts.loading} busy />;
  return asked.task ? <Swipe {...props} task={asked.task} /> : <Tasks {...props} />;
}

function Swipe({ task, tasks, session, outbox }: PageProps & { task: Task }) {
  const elsewhere = tasks.length > 1 || reaches(session.role, navigationFrom);
  const grid = () => go(`/tasks/${encodeURIComponent(task.name)}/grid`);
  return <SwipePage key={task.name} task={task} session={session} outbox={outbox} onGrid={grid} {...(elsewhere ? { onBack: () => go("/tasks") } : {})} />;
}
