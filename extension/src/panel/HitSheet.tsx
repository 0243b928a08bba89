import type { Hit } from "../../../web/src/search/searchApi";
import { texts } from "../texts";
import { linkTo } from "../worldview/permalink";
import { middle, onMap, placeText } from "../worldview/places";
import type { Explorer } from "./explorer";
import { MarkButton } from "./Hits";
import { awayFrom } from "./merge";
import { fetchPicture, Picture } from "./Picture";
import { save } from "./save";
import { Sheet } from "./Sheet";

/** Products that came from the imagery server bear their layer's name. */
const layerName = /^[A-Z][A-Za-z0-9]*(_[A-Za-z0-9]+)+$/;

/** One hit, large, and where it leads. */
export function HitSheet({ explorer, hit, onClose }: { explorer: Explorer; hit: Hit; onClose(): void }) {
  const { connection } = explorer;
  const projection = explorer.view.value?.projection ?? "geographic";
  const layers = layerName.test(hit.product) ? [hit.product] : explorer.layer.value ? [explorer.layer.value] : [];
  const away = awayFrom(explorer.place.value, hit);
  const facts: [string, string | null][] = [
    [texts.distance, hit.distance.toFixed(3)],
    [texts.date, hit.takenAt?.replace("T", " ").slice(0, 16) ?? null],
    [texts.place, hit.box && placeText(middle(hit.box))],
    [texts.fromView, away === null ? null : texts.away(away)],
    [texts.product, `${hit.product} · ${hit.resolution}`],
  ];
  const download = async () => {
    try {
      save(await (await fetch(await fetchPicture(connection, `${hit.picture}&size=2048`))).blob(), `${hit.imageId}.webp`);
    } catch (error) {
      explorer.problem.value = explorer.explained(error);
      onClose();
    }
  };
  return (
    <Sheet label={texts.picture(hit.imageId)} onClose={onClose}>
      <Picture connection={connection} path={`${hit.picture}&size=512`} alt={texts.picture(hit.imageId)} />
      <dl>
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
      <div class="marks">
        <MarkButton explorer={explorer} hit={hit} mark="good" />
        <MarkButton explorer={explorer} hit={hit} mark="bad" />
      </div>
      {hit.box && (
        <a class="button primary" href={linkTo(onMap(hit.box, projection), hit.takenAt?.slice(0, 10) ?? null, layers, projection)} target="_blank" rel="noreferrer">
          {texts.openMap}
        </a>
      )}
      {hit.box && (
        <button
          type="button"
          onClick={() => {
            explorer.near.value = hit;
            onClose();
          }}
        >
          {texts.near}
        </button>
      )}
      <button
        type="button"
        onClick={() => {
          onClose();
          void explorer.like(hit);
        }}
      >
        {texts.like}
      </button>
      <button type="button" onClick={() => void download()}>
        {texts.download}
      </button>
    </Sheet>
  );
}
