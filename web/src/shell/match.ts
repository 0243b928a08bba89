/**
 * What a path gives to a pattern such as `/tasks/:task`: the decoded values of its parts that begin with a colon, or null when it is another
 * page's path. A slash at the end does not count.
 */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = parts(pattern);
  const given = parts(path);
  if (wanted.length !== given.length) return null;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index]!;
    if (part.startsWith(":")) {
      const text = decoded(value);
      if (text === null) return null;
      values[part.slice(1)] = text;
    } else if (part !== value) return null;
  }
  return values;
}

function parts(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
