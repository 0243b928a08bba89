import { ApiError, call, OfflineError } from "../api";
import { type Column, decodeColumn, decodePoints, type Points } from "./points";

export interface MapSummary {
  encoder: string;
  method: string;
  version: string;
  points: number;
  clusters: number;
  groups: number;
  /** Below `steps` it is a preview of a map that is being made. */
  step: number;
  steps: number;
  trustworthiness: number | null;
  neighboursKept: number | null;
}

export interface MapPicture {
  imageId: string;
  picture: string;
}

export interface MapCluster {
  number: number;
  size: number;
  pictures: MapPicture[];
}

export interface MapClusters {
  clusters: MapCluster[];
  groups: MapCluster[];
}

export interface Neighbour extends MapPicture {
  distance: number;
}

export type Within = "cluster" | "all";
export type Order = "nearest" | "farthest" | "random";

const path = (map: MapSummary) => `/api/maps/${encodeURIComponent(map.encoder)}/${map.method}`;

export const mapApi = {
  list: () => call<MapSummary[]>("GET", "/api/maps"),
  clusters: (map: MapSummary) => call<MapClusters>("GET", `${path(map)}/clusters`),
  points: async (map: MapSummary): Promise<Points> => decodePoints(await bytes(`${path(map)}/points`)),
  column: async (map: MapSummary, by: string): Promise<Column> => decodeColumn(await bytes(`${path(map)}/columns/${by}`)),
  taskColumn: async (map: MapSummary, task: string, by: "labels" | "scores"): Promise<Column> =>
    decodeColumn(await bytes(`${path(map)}/tasks/${encodeURIComponent(task)}/${by}`)),
  near: (map: MapSummary, image: string, within: Within, order: Order, seed: number) =>
    call<Neighbour[]>("GET", `${path(map)}/near?image=${image}&within=${within}&order=${order}&seed=${seed}`),
  hide: (images: string[]) => call<{ changed: number }>("POST", "/api/images/hidden", { images }),
};

async function bytes(address: string): Promise<ArrayBuffer> {
  let response: Response;
  try {
    response = await fetch(address, { credentials: "same-origin" });
  } catch {
    throw new OfflineError(address);
  }
  if (response.ok) return response.arrayBuffer();
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; nextStep?: string };
  throw new ApiError(response.status, problem.detail ?? response.statusText, problem.nextStep ?? "", null);
}
