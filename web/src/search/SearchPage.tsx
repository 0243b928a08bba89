import { useEffect, useMemo, useState } from "preact/hooks";
import type { PageProps } from "../shell/routes";
import { texts } from "../texts";
import { FilterPanel } from "./FilterPanel";
import { Hits } from "./Hits";
import { LabelSheet } from "./LabelSheet";
import { QueryBar } from "./QueryBar";
import { Search } from "./search";
import { type Choices, searchApi } from "./searchApi";
import { Start } from "./Start";
import { previewOf, useDroppedPictures } from "./pictures";
import "./search.css";

export default function SearchPage({ session, tasks }: PageProps) {
  const search = useMemo(() => new Search(), []);
  const [choices, setChoices] = useState<Choices | null>(null);
  const [labeling, setLabeling] = useState(false);

  useEffect(() => {
    searchApi.choices().then(setChoices, () => undefined); // without, the page works but for its filters
    const like = new URLSearchParams(location.search).get("like");
    if (like) void search.likeImages(like.split(",").map((id) => ({ imageId: id, picture: `/api/images/${encodeURIComponent(id)}/picture?v=` })));
  }, [search]);

  const add = (file: File) => void search.addPicture(file, file.name || texts.search.pasted, previewOf(file));
  const dragged = useDroppedPictures(add);
  const hits = search.hits.value;
  const started = hits !== null || search.positives.value.length > 0;
  return (
    <main class={`search${dragged ? " dragged" : ""}`} aria-busy={search.busy.value}>
      <h1>{texts.search.title}</h1>
      {started && <QueryBar search={search} onPicture={add} />}
      {choices && started && <FilterPanel search={search} choices={choices} tasks={tasks} />}
      <p class="search-problem" role="alert">
        {search.problem.value}
      </p>
      {started ? <Hits search={search} /> : <Start search={search} choices={choices} onPicture={add} />}
      {hits !== null && hits.length > 0 && (
        <div class="search-actions">
          <p role="status">
            {search.marks.value.size > 0 ? texts.search.marked(search.good.value, search.bad.value) : texts.search.markHint}
          </p>
          <button type="button" class="button primary" disabled={search.marks.value.size === 0 || search.busy.value} onClick={() => void search.refine()}>
            {texts.search.again}
          </button>
          {session.role === "owner" && (
            <button type="button" class="button" onClick={() => setLabeling(true)}>
              {texts.search.label}
            </button>
          )}
        </div>
      )}
      {labeling && hits && <LabelSheet hits={hits} marks={search.marks.value} tasks={tasks} onClose={() => setLabeling(false)} />}
    </main>
  );
}
