import { texts } from "../texts";
import { categoryColour, css } from "./colours";
import type { MapModel } from "./model";

/** Each cluster with a few pictures of it: the map in words and pictures, for those who cannot see dots too. */
export function ClusterList({ model, onOpen }: { model: MapModel; onOpen(imageId: string): void }) {
  const kind = model.by.value === "groups" ? "groups" : "clusters";
  const clusters = model.clusters.value?.[kind] ?? [];
  return (
    <ul class="map-clusters">
      {clusters.map(({ number, size, pictures }) => (
        <li key={number}>
          <button type="button" class="map-cluster-name" onClick={() => model.chooseCluster(kind, number)}>
            <span class="swatch" style={{ background: css(categoryColour(number)) }} />
            {texts.map.cluster[kind](number + 1, size)}
          </button>
          <div class="map-strip">
            {pictures.slice(0, 5).map(({ imageId, picture }) => (
              <button key={imageId} type="button" aria-label={texts.picture(imageId)} onClick={() => onOpen(imageId)}>
                <img src={`${picture}&size=128`} alt="" width={48} height={48} loading="lazy" />
              </button>
            ))}
          </div>
        </li>
      ))}
    </ul>
  );
}
