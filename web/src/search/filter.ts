import type { Box, Filter } from "./searchApi";

/** The filters as they stand in the form: texts as typed, names as ticked. */
export interface FilterForm {
  /** Days such as 2024-06-30, both inclusive; empty for open. */
  from: string;
  to: string;
  /** South, west, north, east as typed; all four or none count. */
  box: [string, string, string, string];
  products: string[];
  resolutions: string[];
  periods: string[];
  task: string;
  /** `any`, `none`, `unsure`, or `=` and a class. */
  answer: string;
  /** One hit a place. */
  onePerPlace: boolean;
  /** One hit of near-duplicates. */
  distinct: boolean;
}

export const noFilter: FilterForm = {
  from: "", to: "", box: ["", "", "", ""], products: [], resolutions: [], periods: [], task: "", answer: "any", onePerPlace: false, distinct: false,
};

/** How many kinds of conditions are set. */
export function conditions(form: FilterForm): number {
  return [
    form.from !== "" || form.to !== "",
    form.box.some((side) => side !== ""),
    form.products.length > 0,
    form.resolutions.length > 0,
    form.periods.length > 0,
    form.task !== "",
    form.onePerPlace,
    form.distinct,
  ].filter(Boolean).length;
}

/** The form as the server wants it, or what is wrong with it. */
export function toFilter(form: FilterForm): { filter: Filter } | { wrong: "box" | "dates" } {
  const filter: Filter = {};
  if (form.from) filter.from = `${form.from}T00:00:00Z`;
  if (form.to) filter.to = dayAfter(form.to);
  if (filter.from && filter.to && filter.from >= filter.to) return { wrong: "dates" };
  if (form.box.some((side) => side !== "")) {
    const box = toBox(form.box);
    if (!box) return { wrong: "box" };
    filter.box = box;
  }
  if (form.products.length > 0) filter.products = form.products;
  if (form.resolutions.length > 0) filter.resolutions = form.resolutions;
  if (form.periods.length > 0) filter.periods = form.periods;
  if (form.task) filter.labels = [{ task: form.task, ...answerOf(form.answer) }];
  return { filter };
}

function answerOf(answer: string): { value?: string; holds?: boolean } {
  if (answer === "none") return { holds: false };
  if (answer === "unsure") return { value: "unsure" };
  return answer.startsWith("=") ? { value: answer.slice(1) } : {};
}

function toBox(sides: readonly string[]): Box | null {
  if (sides.some((side) => side.trim() === "")) return null;
  const [south, west, north, east] = sides.map(Number) as [number, number, number, number];
  const latitudes = [south, north].every((degrees) => degrees >= -90 && degrees <= 90) && south <= north;
  const longitudes = [west, east].every((degrees) => degrees >= -180 && degrees <= 180);
  return latitudes && longitudes ? { south, west, north, east } : null;
}

function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return `${next.toISOString().slice(0, 19)}Z`;
}
