import { texts } from "../texts";
import type { Series } from "./Chart";
import type { Round, RoundMetrics } from "./roundsApi";

type Score = "f1" | "precision" | "recall";

export interface Finished {
  number: number;
  asked: number;
  metrics: RoundMetrics;
}

export const finished = (rounds: Round[]): Finished[] =>
  rounds.flatMap((round) => (round.metrics && typeof round.metrics.labels === "number" ? [{ number: round.number, asked: round.asked, metrics: round.metrics }] : []));

/** Whether the numbers are against a truth. */
export const isExact = (rounds: Finished[]) => rounds.some((round) => round.metrics.exact);

/** A score of a round: exact, or estimated with its interval; null while there is none. */
export function scoreOf(round: Finished, score: Score): { value: number; low?: number; high?: number } | null {
  const { exact, estimate } = round.metrics;
  if (exact) return { value: exact[score] };
  return estimate ? { value: estimate[score].value, low: estimate[score].low, high: estimate[score].high } : null;
}

export function quality(rounds: Finished[]): Series[] {
  const line = (score: Score, name: string, tone: Series["tone"]): Series => ({
    name,
    tone,
    points: rounds.flatMap((round) => {
      const found = scoreOf(round, score);
      if (!found) return [];
      const { value, ...interval } = found;
      return [{ x: round.metrics.labels, y: value, ...interval }];
    }),
  });
  const { f1, precision, recall } = texts.rounds.columns;
  return [line("f1", f1, "first"), line("precision", precision, "second"), line("recall", recall, "third")].filter((series) => series.points.length > 0);
}

export const positives = (rounds: Finished[]): Series[] => [
  { name: texts.rounds.columns.positives, tone: "first", points: rounds.map((round) => ({ x: round.metrics.labels, y: round.metrics.positives })) },
];
