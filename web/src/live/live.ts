import { call, type Progress, type TaskState, taskPath } from "../api";

export interface LiveState {
  progress: Progress;
  state: TaskState;
  here: { person: string; perMinute: number; held: number }[];
  perMinute: number;
  /** Pictures that wait for a reviewer. */
  conflicts: number;
  /** Pictures answered by at least two. */
  agreementImages: number;
  /** 0 to 1. */
  percent: number | null;
  /** Krippendorff's; null where it is not defined. */
  alpha: number | null;
}

export interface PersonReport {
  person: string;
  answers: number;
  unsure: number;
  undone: number;
  decisions: number;
  lastAt: string;
  medianSeconds: number | null;
  perMinute: number;
  here: boolean;
  gold: number;
  goldRight: number;
  repeats: number;
  repeatsSame: number;
}

export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface Agreement {
  images: number;
  percent: Estimate;
  fleissKappa: Estimate;
  krippendorffAlpha: Estimate;
  classes: { class: string; ratings: number; alpha: Estimate }[];
  pairs: { first: string; second: string; images: number; percent: number; cohenKappa: number | null }[];
  reliabilities: { person: string; ratings: number; accuracy: number }[];
}

export interface LogEntry {
  seq: number;
  imageId: string;
  picture: string;
  kind: "label" | "unsure" | "undo" | "adjudicate" | "import";
  value: string | null;
  at: string;
  /** From shown to stored. */
  seconds: number | null;
}

export const live = {
  /** What a person did, the newest first. */
  log: (task: string, person: string, before: number | null) =>
    call<{ entries: LogEntry[]; next: number | null }>("GET", `${taskPath(task)}/log?person=${encodeURIComponent(person)}&count=30${before === null ? "" : `&before=${before}`}`),
  people: (task: string) => call<PersonReport[]>("GET", `${taskPath(task)}/people`),
  agreement: (task: string) => call<Agreement>("GET", `${taskPath(task)}/agreement`),
};

/** Follows a task until the returned function is called. Reconnects by itself, and says when it has lost the connection. */
export function watch(task: string, onState: (state: LiveState) => void, onConnected: (connected: boolean) => void): () => void {
  const source = new EventSource(`${taskPath(task)}/live`);
  source.addEventListener("live", (event) => {
    onConnected(true);
    onState(JSON.parse((event as MessageEvent<string>).data) as LiveState);
  });
  source.addEventListener("ping", () => onConnected(true));
  source.onerror = () => onConnected(false);
  return () => source.close();
}

const shownTime = 10 * 60_000;

/** What the page has seen of the pace, the last ten minutes of it. */
export interface Pace {
  at: number;
  perMinute: number;
}

export function seen(before: readonly Pace[], perMinute: number, now: number): Pace[] {
  return [...before.filter((pace) => pace.at > now - shownTime), { at: now, perMinute }];
}

/** The pace as the points of a line in a box of 100 × 30, the newest to the right; empty while there is nothing to draw. */
export function line(paces: readonly Pace[], now: number): string {
  const most = Math.max(1, ...paces.map((pace) => pace.perMinute));
  if (paces.length < 2) return "";
  const points = paces.map((pace) => [100 - ((now - pace.at) / shownTime) * 100, 29 - (pace.perMinute / most) * 27] as const);
  // A pace holds until the next one is seen.
  return points.map(([x, y], i) => `${i === 0 ? `M${x.toFixed(2)}` : `H${x.toFixed(2)}V`}${i === 0 ? ` ${y.toFixed(2)}` : y.toFixed(2)}`).join("") + "H100";
}
