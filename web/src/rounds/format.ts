/** Numbers as people read them. */

export const whole = (value: number) => Math.round(value).toLocaleString("en");

export const score = (value: number) => value.toFixed(3);

export const percent = (probability: number) => `${Math.round(probability * 100)} %`;

/** Minutes as `12 min` or `3.5 h`. */
export function time(minutes: number): string {
  if (minutes < 10) return `${minutes.toFixed(1)} min`;
  return minutes < 90 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}

export const money = (sum: number, currency: string) => `${sum.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })} ${currency}`;

/** The smallest 1, 2 or 5 times a power of ten that makes at most so many steps up to `most`. */
export function niceStep(most: number, steps: number): number {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most / steps));
  for (const factor of [1, 2, 5]) if (factor * power * steps >= most) return factor * power;
  return 10 * power;
}
