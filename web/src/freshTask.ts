import { useRef, useState } from "preact/hooks";
import { api, type Progress, type Task } from "./api";

/** The task as it is now: when the progress tells that its owner has changed question, classes or guidelines, it is asked for again. */
export function useFreshTask(given: Task): { task: Task; notice(progress: Progress): void } {
  const [task, setTask] = useState(given);
  const known = useRef(given.progress.revision);
  const notice = (progress: Progress) => {
    if (progress.task !== given.name || progress.revision === known.current) return;
    const before = known.current;
    known.current = progress.revision;
    api.task(given.name).then(setTask, () => {
      // The next progress asks again.
      known.current = before;
    });
  };
  return { task: task.name === given.name ? task : given, notice };
}
