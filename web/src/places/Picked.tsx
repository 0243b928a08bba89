import { texts } from "../texts";
import { Link } from "../ui/Link";
import type { Box, Placed } from "./placesApi";

const at = texts.places;
const mostListed = 60;

interface Props {
  picked: Placed[];
  /** Pictures that the view shows one by one. */
  inView: Placed[];
  onPick(images: Placed[]): void;
  onShow(image: Placed): void;
}

/** What was touched on the map, all dates of that place; below it the pictures in view, so that they can be reached without a pointer. */
export function Picked({ picked, inView, onPick, onShow }: Props) {
  return (
    <div class="places-side">
      {picked.length > 0 && (
        <section aria-label={at.picked}>
          <ul class="places-picked">
            {picked.map((image) => (
              <li key={image.imageId} class="panel">
                <img src={`${image.picture}&size=384`} alt={texts.picture(image.imageId)} />
                <div class="row-text">
                  <strong>{image.value === null ? at.unlabeled : image.byPerson ? at.said(image.value) : at.model(image.value)}</strong>
                  <span class="muted">{[image.day, place(image.box)].filter(Boolean).join(" · ")}</span>
                </div>
                <div class="row-actions">
                  <button type="button" class="button" onClick={() => onShow(image)}>
                    {at.zoomTo}
                  </button>
                  <Link class="button" href={`/search?like=${image.imageId}`}>
                    {texts.search.moreLike}
                  </Link>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      {inView.length > 0 && (
        <section aria-labelledby="places-in-view">
          <h2 id="places-in-view">{at.inView(inView.length, Math.min(inView.length, mostListed))}</h2>
          <ul class="places-tiles">
            {inView.slice(0, mostListed).map((image) => (
              <li key={image.imageId}>
                <button type="button" aria-pressed={picked.some((other) => other.imageId === image.imageId)} onClick={() => onPick([image])}>
                  <img src={`${image.picture}&size=128`} alt={texts.picture(image.imageId)} loading="lazy" />
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** The middle of a box: `12.5° N 30.1° W`. */
function place(box: Box): string {
  const east = box.east < box.west ? box.east + 360 : box.east;
  let longitude = (box.west + east) / 2;
  if (longitude > 180) longitude -= 360;
  const latitude = (box.south + box.north) / 2;
  return `${Math.abs(latitude).toFixed(2)}° ${latitude < 0 ? "S" : "N"} ${Math.abs(longitude).toFixed(2)}° ${longitude < 0 ? "W" : "E"}`;
}
