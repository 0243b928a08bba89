import { texts } from "../texts";
import { NoIcon } from "../ui/icons";
import { PictureButton } from "./PictureButton";
import type { Search, Term } from "./search";

/** What the search goes by: taking a picture away searches anew, adding one too. */
export function QueryBar({ search, onPicture }: { search: Search; onPicture(file: File): void }) {
  return (
    <section class="query" aria-label={texts.search.query}>
      <Terms name={texts.search.wanted} tone="good" terms={search.positives.value} search={search} />
      {search.negatives.value.length > 0 && <Terms name={texts.search.unwanted} tone="bad" terms={search.negatives.value} search={search} />}
      <div class="query-actions">
        <PictureButton text={texts.search.add} onPicture={onPicture} />
        <button type="button" class="button" onClick={() => search.reset()}>
          {texts.search.anew}
        </button>
      </div>
    </section>
  );
}

function Terms({ name, tone, terms, search }: { name: string; tone: string; terms: Term[]; search: Search }) {
  return (
    <div class="terms-row">
      <h2>{name}</h2>
      <ul class={`terms ${tone}`}>
        {terms.map((term) => {
          const title = term.kind === "image" ? texts.picture(term.imageId) : term.name;
          const picture = term.kind === "image" ? `${term.picture}&size=256` : term.preview;
          return (
            <li key={term.kind === "image" ? term.imageId : term.embedding}>
              <button type="button" class="term" aria-label={texts.search.remove(title)} title={texts.search.remove(title)} onClick={() => search.remove(term)}>
                {picture ? <img src={picture} alt="" /> : <span class="no-picture" />}
                <NoIcon />
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
