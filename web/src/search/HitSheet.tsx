import { texts } from "../texts";
import { CloseButton, Sheet } from "../ui/Sheet";
import { MarkButton } from "./Hits";
import type { Search } from "./search";
import type { Box, Hit } from "./searchApi";

/** One hit, large, with what is known of it. */
export function HitSheet({ hit, search, onLike, onClose }: { hit: Hit; search: Search; onLike(): void; onClose(): void }) {
  const facts: [string, string | null][] = [
    [texts.search.facts.distance, hit.distance.toFixed(4)],
    [texts.search.facts.date, hit.takenAt && new Date(hit.takenAt).toISOString().replace("T", " ").slice(0, 16)],
    [texts.search.facts.place, hit.box && place(hit.box)],
    [texts.search.facts.product, hit.product],
    [texts.search.facts.resolution, hit.resolution],
    [texts.search.facts.period, hit.period],
  ];
  return (
    <Sheet label={texts.picture(hit.imageId)} class="example-sheet" onClose={onClose}>
      <img src={`${hit.picture}&size=1024`} alt={texts.picture(hit.imageId)} />
      <h2>{texts.picture(hit.imageId)}</h2>
      <dl class="facts">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <div class="actions">
        <div class="marks">
          <MarkButton mark="good" hit={hit} search={search} tabIndex={0} wide />
          <MarkButton mark="bad" hit={hit} search={search} tabIndex={0} wide />
        </div>
        <button type="button" class="button wide" onClick={onLike}>
          {texts.search.moreLike}
        </button>
        <CloseButton onClose={onClose} />
      </div>
    </Sheet>
  );
}

function place(box: Box): string {
  const latitude = (degrees: number) => `${Math.abs(degrees).toFixed(2)}° ${degrees < 0 ? "S" : "N"}`;
  const longitude = (degrees: number) => `${Math.abs(degrees).toFixed(2)}° ${degrees < 0 ? "W" : "E"}`;
  return `${latitude(box.south)} to ${latitude(box.north)}, ${longitude(box.west)} to ${longitude(box.east)}`;
}
