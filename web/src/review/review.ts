import { call, taskPath } from "../api";

export interface ReviewOpinion {
  person: string;
  /** A class, or null for unsure. */
  value: string | null;
  imported: boolean;
  seq: number;
}

export interface ReviewItem {
  imageId: string;
  picture: string;
  opinions: ReviewOpinion[];
  decision: { value: string | null; person: string; seq: number } | null;
  /** The newest event that the decision is made in sight of. */
  seenSeq: number;
}

export interface ReviewPage {
  items: ReviewItem[];
  waiting: number;
  next: string | null;
}

export interface Decision {
  operationId: string;
  imageId: string;
  value: string;
  seenSeq: number;
}

export const review = {
  page: (task: string, after: string | null, decided: boolean) =>
    call<ReviewPage>("GET", `${taskPath(task)}/review?count=20&decided=${decided}${after === null ? "" : `&after=${encodeURIComponent(after)}`}`),
  decide: (task: string, decision: Decision) => call<{ stored: boolean; reason: string | null; seq: number | null }>("POST", `${taskPath(task)}/decisions`, decision),
};
