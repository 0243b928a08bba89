import { useEffect, useState } from "preact/hooks";
import { texts } from "../texts";
import { explained, type Search } from "./search";
import { type Choices, type SampledImage, searchApi } from "./searchApi";
import { PictureButton } from "./PictureButton";
import { TileGrid } from "./TileGrid";

const sampled = 48;

/** Before the first search: give a picture, or begin with one of the archive's. */
export function Start({ search, choices, onPicture }: { search: Search; choices: Choices | null; onPicture(file: File): void }) {
  const [seed, setSeed] = useState(0);
  const [tiles, setTiles] = useState<SampledImage[] | null>(null);
  useEffect(() => {
    let gone = false;
    searchApi.sample(sampled, seed).then(
      (found) => {
        if (!gone) setTiles(found);
      },
      (error: unknown) => {
        search.problem.value = explained(error);
      },
    );
    return () => {
      gone = true;
    };
  }, [seed, search]);

  if (choices && choices.encoders.length === 0) return <p class="muted">{texts.search.noEmbeddings}</p>;
  return (
    <>
      <section class="drop">
        <h2>{texts.search.drop}</h2>
        <PictureButton text={texts.search.choose} onPicture={onPicture} />
        <p class="muted">{texts.search.dropHint}</p>
        {choices && choices.fetchHosts.length > 0 && <AddressField hosts={choices.fetchHosts} onAddress={(url) => void search.addAddress(url)} />}
      </section>
      <section>
        <div class="search-heading">
          <h2>{texts.search.pick}</h2>
          <button type="button" class="button" onClick={() => setSeed((now) => now + 1)}>
            {texts.search.others}
          </button>
        </div>
        {tiles?.length === 0 && <p class="muted">{texts.search.empty}</p>}
        <TileGrid
          tiles={tiles ?? []}
          nameOf={(tile) => texts.search.like(tile.imageId)}
          onOpen={(tile) => void search.likeImage(tile.imageId, tile.picture)}
        />
      </section>
    </>
  );
}

function AddressField({ hosts, onAddress }: { hosts: string[]; onAddress(url: string): void }) {
  return (
    <form
      class="address"
      onSubmit={(event) => {
        event.preventDefault();
        const url = new FormData(event.currentTarget).get("url");
        if (typeof url === "string" && url) onAddress(url);
      }}
    >
      <label>
        {texts.search.address}
        <input type="url" name="url" required placeholder={`https://${hosts[0]}/…`} />
      </label>
      <button type="submit" class="button">
        {texts.search.fetch}
      </button>
    </form>
  );
}
