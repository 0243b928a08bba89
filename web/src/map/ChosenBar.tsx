import { useState } from "preact/hooks";
import type { Session, Task } from "../api";
import type { Outbox } from "../outbox";
import { explained } from "../search/search";
import { go } from "../shell/path";
import { texts } from "../texts";
import { ChosenSheet } from "./ChosenSheet";
import type { MapModel } from "./model";

const mostLike = 50;

/** What can be done with the points that were drawn around. */
export function ChosenBar({ model, session, tasks, outbox }: { model: MapModel; session: Session; tasks: Task[]; outbox: Outbox }) {
  const [sheet, setSheet] = useState<"label" | "answer" | null>(null);
  const [said, setSaid] = useState("");
  const count = model.chosen.value.length;

  function search() {
    const ids = model.ids();
    // As many as a search takes, evenly over those chosen.
    const some = ids.length <= mostLike ? ids : Array.from({ length: mostLike }, (_, i) => ids[Math.floor((i * ids.length) / mostLike)]!);
    go(`/search?like=${some.join(",")}`);
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([model.table()], { type: "text/csv" }));
    link.download = "chosen.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async function hide() {
    try {
      setSaid(texts.map.hidden(await model.hideChosen()));
    } catch (error) {
      setSaid(explained(error));
    }
  }

  if (count === 0) return said ? <p class="map-said" role="status">{said}</p> : null;
  return (
    <div class="map-chosen" role="region" aria-label={texts.map.chosenRegion}>
      <p role="status">{texts.map.chosen(count)}</p>
      <button type="button" class="button small primary" onClick={search}>
        {texts.map.searchThese}
      </button>
      {session.role === "owner" && (
        <button type="button" class="button small" onClick={() => setSheet("label")}>
          {texts.map.label}
        </button>
      )}
      {tasks.length > 0 && (
        <button type="button" class="button small" onClick={() => setSheet("answer")}>
          {texts.map.answer}
        </button>
      )}
      {session.role === "owner" && (
        <button type="button" class="button small" onClick={() => void hide()}>
          {texts.map.hide}
        </button>
      )}
      <button type="button" class="button small" onClick={save}>
        {texts.map.save}
      </button>
      <button type="button" class="button small" onClick={() => model.choosePoints([], false)}>
        {texts.map.clear}
      </button>
      {sheet && <ChosenSheet kind={sheet} images={model.ids()} tasks={tasks} outbox={outbox} onClose={() => setSheet(null)} />}
    </div>
  );
}
