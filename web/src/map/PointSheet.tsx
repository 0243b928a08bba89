import { useEffect, useState } from "preact/hooks";
import { explained } from "../search/search";
import { TileGrid } from "../search/TileGrid";
import { texts } from "../texts";
import { Link } from "../ui/Link";
import { CloseButton, Sheet } from "../ui/Sheet";
import { mapApi, type MapSummary, type Neighbour, type Order, type Within } from "./mapApi";

type Look = { within: Within; order: Order };

const looks: (Look & { name: keyof typeof texts.map.looks })[] = [
  { name: "nearCluster", within: "cluster", order: "nearest" },
  { name: "farCluster", within: "cluster", order: "farthest" },
  { name: "nearAll", within: "all", order: "nearest" },
  { name: "farAll", within: "all", order: "farthest" },
  { name: "randomCluster", within: "cluster", order: "random" },
];

/** One picture of the map, with those near to it and far from it. A tap on one of these goes on from there. */
export function PointSheet({ map, imageId, onGo, onClose }: { map: MapSummary; imageId: string; onGo(imageId: string): void; onClose(): void }) {
  const [look, setLook] = useState<Look>(looks[0]!);
  const [seed, setSeed] = useState(1);
  const [found, setFound] = useState<Neighbour[] | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let current = true;
    setProblem("");
    mapApi.near(map, imageId, look.within, look.order, seed).then(
      (near) => current && setFound(near),
      (error: unknown) => current && setProblem(explained(error)),
    );
    return () => {
      current = false;
    };
  }, [map, imageId, look, seed]);
  return (
    <Sheet label={texts.picture(imageId)} class="map-sheet" onClose={onClose}>
      <div class="map-picked">
        <img src={`/api/images/${imageId}/picture?size=512`} alt={texts.picture(imageId)} width={220} height={220} />
        <div>
          <h2>{texts.picture(imageId)}</h2>
          <Link class="button" href={`/search?like=${imageId}`}>
            {texts.map.searchLike}
          </Link>
        </div>
      </div>
      <div class="map-looks" role="group" aria-label={texts.map.beside}>
        {looks.map(({ name, within, order }) => (
          <button
            key={name}
            type="button"
            class="button small"
            aria-pressed={look.within === within && look.order === order}
            onClick={() => {
              setLook({ within, order });
              if (order === "random") setSeed(seed + 1);
            }}
          >
            {texts.map.looks[name]}
          </button>
        ))}
      </div>
      <p class="search-problem" role="alert">
        {problem}
      </p>
      {found?.length === 0 && <p class="muted">{texts.map.nobody}</p>}
      {found && (
        <TileGrid
          tiles={found}
          nameOf={(tile) => texts.map.neighbour(tile.imageId, tile.distance.toFixed(3))}
          onOpen={(tile) => onGo(tile.imageId)}
          below={(tile) => <span class="distance">{tile.distance.toFixed(3)}</span>}
        />
      )}
      <div class="actions">
        <CloseButton onClose={onClose} />
      </div>
    </Sheet>
  );
}
