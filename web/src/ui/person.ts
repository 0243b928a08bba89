/** A person's own name; what the server appended to tell two of one name apart is shown only where there are two. */
export function shownName(person: string, others: Iterable<string> = []): string {
  const own = base(person);
  for (const other of others) if (other !== person && base(other) === own) return `${own} (${person.slice(own.length + 1)})`;
  return own;
}

function base(person: string): string {
  const tilde = person.lastIndexOf("~");
  return tilde <= 0 ? person : person.slice(0, tilde);
}
