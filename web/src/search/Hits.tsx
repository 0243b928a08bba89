import { useState } from "preact/hooks";
import { texts } from "../texts";
import { NoIcon, YesIcon } from "../ui/icons";
import { hitAction } from "./gridKeys";
import { HitSheet } from "./HitSheet";
import { type Mark, mostHits, type Search } from "./search";
import type { Hit } from "./searchApi";
import { TileGrid } from "./TileGrid";

/** What was found, the most alike first. */
export function Hits({ search }: { search: Search }) {
  const [opened, setOpened] = useState<Hit | null>(null);
  const hits = search.hits.value;
  const marks = search.marks.value;
  if (hits === null) return search.busy.value ? <div class="search-wait"><div class="breathing" /></div> : null;

  const like = (hit: Hit) => {
    setOpened(null);
    window.scrollTo(0, 0);
    void search.likeImage(hit.imageId, hit.picture);
  };
  const onKey = (hit: Hit, event: KeyboardEvent) => {
    const action = hitAction(event);
    if (action === null) return false;
    if (action === "like") like(hit);
    else search.mark(hit.imageId, action);
    return true;
  };
  return (
    <section class="hits">
      <div class="search-heading">
        <h2>{search.busy.value ? texts.search.searching : texts.search.found(hits.length)}</h2>
      </div>
      <p class="muted only-keyboard">{texts.search.keys}</p>
      {hits.length === 0 && <p class="muted">{texts.search.nothing}</p>}
      <TileGrid<Hit>
        tiles={hits}
        nameOf={(hit) => texts.search.hit(hit.imageId, hit.distance.toFixed(3), marks.get(hit.imageId))}
        onOpen={setOpened}
        onKey={onKey}
        classOf={(hit) => marks.get(hit.imageId) ?? ""}
        below={(hit) => (
          <>
            <span class="distance" aria-hidden="true">
              {hit.distance.toFixed(3)}
            </span>
            <div class="marks">
              <MarkButton mark="good" hit={hit} search={search} />
              <MarkButton mark="bad" hit={hit} search={search} />
            </div>
          </>
        )}
      />
      {hits.length === search.count.value && hits.length < mostHits && (
        <button type="button" class="button more" disabled={search.busy.value} onClick={() => void search.more()}>
          {texts.search.more}
        </button>
      )}
      {opened && <HitSheet hit={opened} search={search} onLike={() => like(opened)} onClose={() => setOpened(null)} />}
    </section>
  );
}

export function MarkButton({ mark, hit, search, tabIndex = -1, wide = false }: { mark: Mark; hit: Hit; search: Search; tabIndex?: number; wide?: boolean }) {
  const pressed = search.marks.value.get(hit.imageId) === mark;
  return (
    <button
      type="button"
      class={`mark ${mark}${wide ? " wide" : ""}`}
      tabIndex={tabIndex}
      aria-pressed={pressed}
      aria-label={texts.search.mark[mark](hit.imageId)}
      onClick={() => search.mark(hit.imageId, mark)}
    >
      {mark === "good" ? <YesIcon /> : <NoIcon />}
      {wide && <span aria-hidden="true">{texts.search.markShort[mark]}</span>}
    </button>
  );
}
