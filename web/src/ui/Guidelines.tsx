import { texts } from "../texts";

/** What the owner wrote for those who answer; nothing where there is nothing. */
export function Guidelines({ text }: { text?: string | null | undefined }) {
  if (!text) return null;
  return (
    <section>
      <h3>{texts.guidelines}</h3>
      <p class="guidelines">{text}</p>
    </section>
  );
}
