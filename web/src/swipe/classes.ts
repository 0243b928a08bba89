/** Those that contain what was typed, those that begin with it first. */
export function matching(classes: readonly string[], wanted: string): string[] {
  const text = wanted.trim().toLowerCase();
  const found = classes.filter((name) => name.toLowerCase().includes(text));
  return text === "" ? found : [...found.filter((name) => name.toLowerCase().startsWith(text)), ...found.filter((name) => !name.toLowerCase().startsWith(text))];
}
