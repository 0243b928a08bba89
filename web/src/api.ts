/** The server's API as this page uses it. */

export type Phase = "notStarted" | "labeling" | "learning" | "done" | "paused" | "stopped";

export interface Progress {
  task: string;
  phase: Phase;
  /** Newest round, -1 before the first. */
  round: number;
  asked: number;
  open: number;
  answered: number;
  positives: number;
  unsure: number;
  /** Grows with every change of the task. */
  revision: number;
}

export interface Task {
  name: string;
  question: string;
  /** The positive class first. */
  classes: string[];
  guidelines: string;
  example: string | null;
  /** People who answer each picture. */
  opinions: number;
  state: TaskState;
  progress: Progress;
}

export type TaskState = "open" | "paused" | "stopped";

/** What an owner changes of a task; what is absent stays. */
export interface TaskChanges {
  question?: string;
  addClasses?: string[];
  guidelines?: string;
  opinions?: number;
  state?: TaskState;
}

export type Role = "viewer" | "labeler" | "reviewer" | "owner";

export interface Session {
  person: string;
  role: Role;
  /** Tells this project from others on the same address. */
  workspace: string;
  task: string | null;
  /** Id of the link that opened it. */
  link: string;
}

export interface Item {
  imageId: string;
  picture: string;
  round: number;
}

export interface Answer {
  operationId: string;
  imageId: string;
  kind: "label" | "unsure" | "undo";
  value: string | null;
  shownAt: string;
  round: number;
}

export interface Receipt {
  operationId: string;
  stored: boolean;
  reason: string | null;
}

/** The server answered, but not with what was asked for. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly nextStep: string,
    readonly retryAfterSeconds: number | null,
    /** The whole answer, for those who know more about it. */
    readonly problem: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** No answer came: no connection, or no server. */
export class OfflineError extends Error {}

/** One request to the server, for the areas' own calls too. A Blob is sent as it is, anything else as JSON. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: body === undefined ? {} : { "Content-Type": body instanceof Blob ? "application/octet-stream" : "application/json" },
      body: body === undefined ? null : body instanceof Blob ? body : JSON.stringify(body),
    });
  } catch {
    throw new OfflineError(path);
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; nextStep?: string } & Record<string, unknown>;
  // A gateway without its server answers in its place: that is no answer of ours.
  if (response.status >= 502 && response.status <= 504 && !problem.nextStep) throw new OfflineError(path);
  const retryAfter = Number(response.headers.get("Retry-After"));
  throw new ApiError(response.status, problem.detail ?? response.statusText, problem.nextStep ?? "", retryAfter > 0 ? retryAfter : null, problem);
}

export const taskPath = (task: string) => `/api/tasks/${encodeURIComponent(task)}`;

export const api = {
  session: () => call<Session>("GET", "/api/session"),
  openSession: (token: string) => call<Session>("POST", "/api/session", { token }),
  /** How the person wants to be called from now on. */
  rename: (name: string) => call<Session>("PATCH", "/api/session", { name }),
  tasks: () => call<Task[]>("GET", "/api/tasks"),
  task: (task: string) => call<Task>("GET", taskPath(task)),
  change: (task: string, changes: TaskChanges) => call<Task>("PATCH", taskPath(task), changes),
  /** Says that somebody still looks at these pictures, so that they are kept back from others. */
  renew: (task: string, imageIds: string[]) => call<unknown>("POST", `${taskPath(task)}/leases`, { imageIds }),
  /** Gives these pictures back, so that others get them at once. */
  release: (task: string, imageIds: string[]) => call<unknown>("POST", `${taskPath(task)}/leases`, { imageIds, release: true }),
  next: (task: string, count: number) => call<{ items: Item[]; progress: Progress }>("POST", `${taskPath(task)}/next`, { count }),
  answer: (task: string, answers: Answer[]) => call<Receipt[]>("POST", `${taskPath(task)}/answers`, answers),
};

/** Gives pictures back while the page closes: the browser sends it when the page is gone already. */
export function releaseOnClosing(task: string, imageIds: string[]): void {
  navigator.sendBeacon?.(`${taskPath(task)}/leases`, new Blob([JSON.stringify({ imageIds, release: true })], { type: "application/json" }));
}

/** Calls back at every change of a task's progress until the returned function is called. Reconnects by itself. */
export function listen(onProgress: (progress: Progress) => void): () => void {
  const source = new EventSource("/api/events");
  source.addEventListener("progress", (event) => onProgress(JSON.parse((event as MessageEvent<string>).data) as Progress));
  return () => source.close();
}
