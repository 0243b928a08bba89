import { useState } from "preact/hooks";
import type { Hit } from "../../../web/src/search/searchApi";
import { NoIcon, YesIcon } from "../../../web/src/ui/icons";
import { texts } from "../texts";
import { middle, placeText } from "../worldview/places";
import type { Explorer, Mark } from "./explorer";
import { HitSheet } from "./HitSheet";
import { awayFrom } from "./merge";
import { Picture } from "./Picture";
import { dragged } from "./Query";

/** What was found, the most alike first. */
export function Hits({ explorer }: { explorer: Explorer }) {
  const [opened, setOpened] = useState<Hit | null>(null);
  const hits = explorer.shown.value;
  const near = explorer.near.value;
  if (hits === null) return explorer.busy.value ? <p role="status">{texts.searching}</p> : null;
  return (
    <section class="hits">
      <div class="row">
        <h2 aria-live="polite">{explorer.busy.value ? texts.searching : near ? texts.nearTitle(near.imageId) : texts.found(hits.length)}</h2>
        {near && (
          <button type="button" onClick={() => (explorer.near.value = null)}>
            {texts.allHits}
          </button>
        )}
      </div>
      {hits.length === 0 && <p class="muted">{texts.nothing}</p>}
      <ul class="tiles">
        {hits.map((hit) => (
          <Tile key={hit.imageId} explorer={explorer} hit={hit} onOpen={() => setOpened(hit)} />
        ))}
      </ul>
      {opened && <HitSheet explorer={explorer} hit={opened} onClose={() => setOpened(null)} />}
    </section>
  );
}

function Tile({ explorer, hit, onOpen }: { explorer: Explorer; hit: Hit; onOpen(): void }) {
  const mark = explorer.markOf(hit.imageId);
  const near = explorer.near.value;
  const away = awayFrom(near?.box ? middle(near.box) : explorer.place.value, hit);
  return (
    <li
      class={mark ?? ""}
      draggable
      onDragStart={(event) => {
        event.dataTransfer?.setData(dragged, hit.imageId);
      }}
    >
      <button type="button" class="tile" aria-label={texts.hit(hit.imageId, hit.distance.toFixed(3), mark)} onClick={onOpen}>
        <Picture connection={explorer.connection} path={`${hit.picture}&size=256`} alt="" />
        <span class="distance" aria-hidden="true">
          {hit.distance.toFixed(3)}
        </span>
      </button>
      <p class="facts-line">
        {hit.takenAt && <span>{hit.takenAt.slice(0, 10)}</span>}
        {hit.box && <span>{placeText(middle(hit.box))}</span>}
        {away !== null && <span>{texts.away(away)}</span>}
      </p>
      <div class="marks">
        <MarkButton explorer={explorer} hit={hit} mark="good" />
        <MarkButton explorer={explorer} hit={hit} mark="bad" />
      </div>
    </li>
  );
}

export function MarkButton({ explorer, hit, mark }: { explorer: Explorer; hit: Hit; mark: Mark }) {
  return (
    <button type="button" class={`mark ${mark}`} aria-pressed={explorer.markOf(hit.imageId) === mark} aria-label={texts.mark[mark](hit.imageId)} onClick={() => explorer.mark(hit, mark)}>
      {mark === "good" ? <YesIcon /> : <NoIcon />}
    </button>
  );
}
