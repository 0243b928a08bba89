import { useState } from "preact/hooks";
import type { Hit } from "../../../web/src/search/searchApi";
import { NoIcon } from "../../../web/src/ui/icons";
import { texts } from "../texts";
import type { Explorer, Mark } from "./explorer";
import { Picture } from "./Picture";

/** The kind of what is dragged from the hits into the query. */
export const dragged = "application/x-curator-hit";

/** What the search goes by: hits are dragged in, or marked; a touch takes them away. */
export function Query({ explorer }: { explorer: Explorer }) {
  const part = explorer.part.value;
  return (
    <section class="query">
      <Tray explorer={explorer} mark="good" hits={explorer.good.value}>
        {part && (
          <li class="term" title={texts.queryPart}>
            <Cut picture={part.preview} frame={part.frame} />
          </li>
        )}
      </Tray>
      <Tray explorer={explorer} mark="bad" hits={explorer.bad.value} />
      <button type="button" class="primary" disabled={explorer.busy.value} onClick={() => void explorer.run()}>
        {texts.refine}
      </button>
    </section>
  );
}

function Tray({ explorer, mark, hits, children }: { explorer: Explorer; mark: Mark; hits: Hit[]; children?: preact.ComponentChildren }) {
  const [over, setOver] = useState(false);
  return (
    <div
      class={`tray ${mark}${over ? " over" : ""}`}
      role="group"
      aria-label={texts[mark]}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes(dragged)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const imageId = event.dataTransfer?.getData(dragged);
        const hit = explorer.hits.value?.find((one) => one.imageId === imageId);
        if (hit) explorer.mark(hit, mark, true);
      }}
    >
      <h2>{texts[mark]}</h2>
      <ul>
        {children}
        {hits.map((hit) => (
          <li key={hit.imageId} class="term">
            <button type="button" aria-label={texts.remove(texts.picture(hit.imageId))} title={texts.remove(texts.picture(hit.imageId))} onClick={() => explorer.unmark(hit.imageId)}>
              <Picture connection={explorer.connection} path={`${hit.picture}&size=128`} alt="" />
              <NoIcon />
            </button>
          </li>
        ))}
        {hits.length === 0 && <li class="muted">{mark === "good" ? texts.dropGood : texts.dropBad}</li>}
      </ul>
    </div>
  );
}

/** The framed part of a picture. */
function Cut({ picture, frame }: { picture: string; frame: { x: number; y: number; width: number; height: number } }) {
  const place = { width: `${100 / frame.width}%`, height: `${100 / frame.height}%`, left: `${(-frame.x / frame.width) * 100}%`, top: `${(-frame.y / frame.height) * 100}%` };
  return (
    <span class="cut">
      <img src={picture} alt={texts.queryPart} style={place} draggable={false} />
    </span>
  );
}
