import { call } from "../api";

export type QueryTerm = { image: string } | { embedding: number[] } | { url: string };

export interface Box {
  south: number;
  west: number;
  north: number;
  east: number;
}

export interface Filter {
  products?: string[];
  resolutions?: string[];
  periods?: string[];
  /** ISO times; from inclusive, to exclusive. */
  from?: string;
  to?: string;
  box?: Box;
  labels?: { task: string; value?: string; holds?: boolean }[];
}

export interface SearchRequest {
  positives: QueryTerm[];
  negatives: QueryTerm[];
  count: number;
  encoder?: string;
  suppressOverlap?: number;
  distinct?: number;
  filter?: Filter;
}

export interface Hit {
  imageId: string;
  /** 1 − cos, 0 to 2. */
  distance: number;
  picture: string;
  takenAt: string | null;
  box: Box | null;
  product: string;
  resolution: string;
  period: string;
}

export interface SearchAnswer {
  encoder: string;
  hits: Hit[];
  /** Of the picture that was sent or fetched. */
  embedding: number[] | null;
}

export interface Choices {
  images: number;
  products: string[];
  resolutions: string[];
  periods: string[];
  encoders: string[];
  dated: boolean;
  placed: boolean;
  fetchHosts: string[];
}

export interface SampledImage {
  imageId: string;
  picture: string;
}

/** What became of pictures that were put into a queue. */
export interface QueueAddition {
  round: number;
  queued: number;
  answered: number;
  waiting: number;
}

export const searchApi = {
  choices: () => call<Choices>("GET", "/api/search/choices"),
  sample: (count: number, seed: number) => call<SampledImage[]>("GET", `/api/search/sample?count=${count}&seed=${seed}`),
  search: (request: SearchRequest) => call<SearchAnswer>("POST", "/api/search", request),
  /** Sends a picture for its embedding; the one hit is not looked at. */
  embed: (picture: Blob) => call<SearchAnswer>("POST", "/api/search/picture?count=1", picture),
  addTask: (name: string, question: string) => call<{ name: string }>("POST", "/api/tasks", { name, question }),
  queue: (task: string, images: string[]) => call<QueueAddition>("POST", `/api/tasks/${encodeURIComponent(task)}/queue`, { images }),
};
