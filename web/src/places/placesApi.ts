import { call, taskPath } from "../api";

export interface Box {
  south: number;
  west: number;
  north: number;
  east: number;
}

export interface About {
  images: number;
  dated: number;
  first: string | null;
  last: string | null;
  bounds: Box | null;
  background: Background | null;
}

export interface Background {
  url: string;
  attribution: string;
  tileSize: number;
  levels: number;
  firstResolution: number;
}

export interface Cell {
  longitude: number;
  latitude: number;
  count: number;
  found: number;
  answered: number;
  bounds: Box;
}

export interface Placed {
  imageId: string;
  picture: string;
  box: Box;
  day: string | null;
  value: string | null;
  byPerson: boolean;
}

export interface Places {
  total: number;
  cells: Cell[];
  images: Placed[];
}

export type Show = "all" | "found" | "answered" | "open";

export interface Question {
  box: Box;
  /** Groups from the view's left to its right. */
  across: number;
  from: string;
  to: string;
  /** Null for none. */
  task: string | null;
  show: Show;
}

export const placesApi = {
  about: () => call<About>("GET", "/api/places/about"),
  find: (question: Question) => call<Places>("GET", addressOf(question)),
};

export function addressOf({ box, across, from, to, task, show }: Question): string {
  const query = new URLSearchParams({ south: String(box.south), west: String(box.west), north: String(box.north), east: String(box.east), across: String(across) });
  if (from) query.set("from", from);
  if (to) query.set("to", to);
  if (task !== null && show !== "all") query.set("show", show);
  return `${task === null ? "/api/places" : `${taskPath(task)}/places`}?${query}`;
}
