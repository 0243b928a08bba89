import { useEffect, useMemo, useState } from "preact/hooks";
import type { Connection } from "../server";
import { texts } from "../texts";
import { follow } from "../views";
import { worldview } from "../worldview/permalink";
import { Explorer } from "./explorer";
import { Filters } from "./Filters";
import { Hits } from "./Hits";
import { geoJson } from "./merge";
import { PartPicker } from "./PartPicker";
import { Query } from "./Query";
import { save } from "./save";
import { SendSheet } from "./SendSheet";

/** From what the map shows to hits, and on from there. */
export function Explore({ connection, onRefused }: { connection: Connection; onRefused(): void }) {
  const explorer = useMemo(() => new Explorer(connection, onRefused), [connection]);
  const [sending, setSending] = useState(false);
  useEffect(() => {
    void explorer.loadChoices();
    // The map's address changes with every step of a drag or zoom: the last one counts.
    let later: ReturnType<typeof setTimeout> | undefined;
    let first = true;
    const stop = follow((followed) => {
      clearTimeout(later);
      if (followed) later = setTimeout(() => void explorer.showAddress(followed.url, new Date()), first ? 0 : 350);
      first = false;
    });
    return () => {
      clearTimeout(later);
      stop();
    };
  }, [explorer]);

  const hits = explorer.hits.value;
  return (
    <main aria-busy={explorer.busy.value || explorer.previewBusy.value}>
      {explorer.view.value ? (
        <PartPicker explorer={explorer} />
      ) : (
        <p class="empty">
          {texts.noMap}{" "}
          <a href={worldview} target="_blank" rel="noreferrer">
            {texts.openWorldview}
          </a>
        </p>
      )}
      {(explorer.part.value || explorer.good.value.length > 0) && <Query explorer={explorer} />}
      {explorer.choices.value && <Filters explorer={explorer} choices={explorer.choices.value} />}
      <p class="problem" role="alert">
        {explorer.problem.value}
      </p>
      <Hits explorer={explorer} />
      {hits && hits.length > 0 && (
        <div class="row">
          {connection.role === "owner" && (
            <button type="button" onClick={() => setSending(true)}>
              {texts.task.open}
            </button>
          )}
          <button type="button" onClick={() => save(new Blob([geoJson(hits)], { type: "application/geo+json" }), "look-alikes.geojson")}>
            {texts.downloadHits}
          </button>
        </div>
      )}
      {sending && <SendSheet explorer={explorer} onClose={() => setSending(false)} />}
    </main>
  );
}
