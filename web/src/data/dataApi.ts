import { call } from "../api";

export interface Data {
  workspace: string;
  images: number;
  partitions: Partition[];
  stages: Stage[];
  running: Running[];
  disk: { kinds: { kind: string; files: number; bytes: number }[]; total: number; free: number | null };
}

export interface Partition {
  number: number;
  name: string;
  images: number;
  marked: Record<string, number>;
  refused: Record<string, number>;
  embeddedWith: string[];
  indexedWith: string[];
  bytes: number;
}

export type ShardState = "planned" | "running" | "done" | "failed";

export interface Stage {
  stage: string;
  state: ShardState;
  shards: number;
  units: number;
  done: number;
  skipped: number;
}

export interface Running {
  task: string;
  work: "round" | "rounds" | "sweep";
  state: string;
  done: number;
  total: number;
  elsewhere: boolean;
}

export interface Health {
  read: number;
  images: number;
  problems: Record<string, number>;
  examples: { problem: string; images: { imageId: string; picture: string }[] }[];
  luma: number[];
  sizes: { width: number; height: number; images: number }[];
  placed: number;
  dated: number;
  first: string | null;
  last: string | null;
  sameBytes: number;
}

export interface Encoder {
  id: string;
  createdAt: string;
  dimension: number;
  kind: string | null;
  architecture: string | null;
  imageSize: number;
  preprocessing: string | null;
  images: number;
  steps: number;
  from: string | null;
  task: string | null;
  labels: number;
  metrics: Record<string, number>;
  settings: Record<string, string>;
  bytes: number;
  problem: string | null;
}

export interface CurvePoint {
  step: number;
  value: number;
}

export interface Curve {
  loss: CurvePoint[];
  validation: CurvePoint[];
  imagesPerSecond: number | null;
}

export const dataApi = {
  data: () => call<Data>("GET", "/api/data"),
  encoders: () => call<Encoder[]>("GET", "/api/data/encoders"),
  curve: (encoder: string) => call<Curve>("GET", `/api/data/encoders/${encodeURIComponent(encoder)}/curve`),
  health: (partition: number) => call<Health>("GET", `/api/data/partitions/${partition}/health`),
};
