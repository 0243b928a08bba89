const fillers = new Set(["a", "an", "are", "any", "does", "do", "in", "is", "it", "of", "on", "picture", "see", "show", "shown", "tell", "the", "there", "this", "you", "can", "what", "which"]);

/** A short name for a task made from its question: `Is there a dust storm?` is `dust-storm`. */
export function taskName(question: string): string {
  const words = question.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "").match(/[a-z0-9]+/g) ?? [];
  const telling = words.filter((word) => !fillers.has(word));
  return (telling.length > 0 ? telling : words).slice(0, 4).join("-").slice(0, 60) || "task";
}
