/** Classes from a text with one a line, or with commas between; blanks and doubles are left out. */
export function readClasses(text: string): string[] {
  return [...new Set(text.split(/[\n,]/).map((name) => name.trim()).filter((name) => name !== ""))];
}

/** A name that no task has: the wanted one, or with the first free number behind it. */
export function freeName(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted;
  for (let number = 2; ; number++) if (!taken.includes(`${wanted}-${number}`)) return `${wanted}-${number}`;
}
