import { call, taskPath } from "../api";

export interface NewTask {
  /** File-name safe. */
  name: string;
  question: string;
  /** The one looked for first. */
  classes: string[];
  guidelines: string;
  /** People who answer each picture. */
  opinions: number;
  /** Asked about at once, drawn at random; absent to queue pictures otherwise. */
  pictures?: number;
}

export const tasksApi = {
  make: (task: NewTask) => call<{ name: string }>("POST", "/api/tasks", task),
  /** The picture to compare with. */
  setExample: (task: string, picture: Blob) => call<void>("PUT", `${taskPath(task)}/example`, picture),
};
