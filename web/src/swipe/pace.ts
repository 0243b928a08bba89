/** Pauses longer than this are breaks and count neither for the pace nor for the time. */
const longestThought = 30_000;

/** Time spent answering, in milliseconds, given when each answer was given. */
export function activeTime(times: readonly number[]): number {
  let sum = 0;
  for (let i = 1; i < times.length; i++) {
    const gap = times[i]! - times[i - 1]!;
    if (gap <= longestThought) sum += gap;
  }
  return sum;
}

/** Answers a minute over the last 20, or null while there are fewer than five. */
export function perMinute(times: readonly number[]): number | null {
  const recent = times.slice(-20);
  if (recent.length < 5) return null;
  let gaps = 0;
  for (let i = 1; i < recent.length; i++) if (recent[i]! - recent[i - 1]! <= longestThought) gaps++;
  const active = activeTime(recent);
  return gaps === 0 || active <= 0 ? null : Math.round((gaps * 60_000) / active);
}
