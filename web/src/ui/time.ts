const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "in 6 days", "3 minutes ago"; "now" within a minute. */
export function relative(moment: string | number, now: number): string {
  const difference = (typeof moment === "number" ? moment : Date.parse(moment)) - now;
  for (const [unit, length] of steps) if (Math.abs(difference) >= length) return format.format(Math.round(difference / length), unit);
  return format.format(0, "second");
}
