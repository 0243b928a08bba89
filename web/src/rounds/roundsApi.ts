/** The server's API as the rounds page uses it. */
import { call, taskPath } from "../api";

export interface Interval {
  value: number;
  low: number;
  high: number;
}

/** What the answers alone tell of the finished set. */
export interface Estimate {
  precision: Interval;
  recall: Interval;
  f1: Interval;
  positives: Interval;
}

export interface RoundMetrics {
  labels: number;
  unsure: number;
  positives: number;
  newPositives: number;
  images: number;
  threshold: number | null;
  estimate: Estimate | null;
  /** Against the truth, in a simulation. */
  exact: { precision: number; recall: number; f1: number } | null;
}

export interface Round {
  number: number;
  state: "labeling" | "done";
  asked: number;
  metrics: RoundMetrics | null;
}

export type Work = "round" | "rounds" | "sweep";
export type JobState = "idle" | "running" | "stopping" | "done" | "stopped" | "failed";

export interface Request {
  work: Work;
  labelBudget?: number;
  roundSize?: number;
  strategy?: string;
  targetF1?: number;
}

export interface Cost {
  labels: number;
  minutes: number;
  money: number;
}

export interface Learning {
  job: {
    state: JobState;
    request: Request | null;
    person: string | null;
    startedAt: string | null;
    endedAt: string | null;
    message: string | null;
    nextStep: string | null;
  };
  done: number;
  total: number;
  /** Rounds run in another process, so none can be begun here. */
  elsewhere: boolean;
  labels: number;
  budget: number;
  roundSize: number;
  images: number;
  strategies: string[];
  strategy: string;
  sweep: {
    threshold: number;
    images: number;
    unscored: number;
    positives: number;
    humanPositives: number;
    modelPositives: number;
    estimate: Estimate | null;
    stale: boolean;
  } | null;
  cost: {
    secondsPerLabel: number;
    measured: boolean;
    spent: Cost;
    everything: Cost;
    saved: Cost;
    factor: number;
    currency: string;
  };
}

export interface Queued {
  imageId: string;
  picture: string;
  probability: number | null;
  reason: string;
  answer: string | null;
  unsure: boolean;
}

export interface Bordering {
  imageId: string;
  picture: string;
  /** Of the value. */
  probability: number;
  value: string;
}

export const roundsApi = {
  rounds: (task: string) => call<Round[]>("GET", `${taskPath(task)}/rounds`),
  learning: (task: string) => call<Learning>("GET", `${taskPath(task)}/learning`),
  begin: (task: string, request: Request) => call<Learning>("POST", `${taskPath(task)}/learning`, request),
  stop: (task: string) => call<Learning>("DELETE", `${taskPath(task)}/learning`),
  queue: (task: string, round: number) => call<Queued[]>("GET", `${taskPath(task)}/queue?round=${round}`),
  border: (task: string, count: number) => call<{ threshold: number; items: Bordering[] }>("GET", `${taskPath(task)}/border?count=${count}`),
};
