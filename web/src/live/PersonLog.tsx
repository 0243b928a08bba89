import { useEffect, useState } from "preact/hooks";
import { label } from "../swipe/labels";
import { texts } from "../texts";
import { CloseButton, Sheet } from "../ui/Sheet";
import { relative } from "../ui/time";
import { live, type LogEntry } from "./live";

const t = texts.live.log;

/** What one person did, picture by picture, the newest first. */
export function PersonLog({ task, person, name, onClose, onProblem }: { task: string; person: string; name: string; onClose(): void; onProblem(error: unknown): void }) {
  const [entries, setEntries] = useState<LogEntry[]>([]);
  const [next, setNext] = useState<number | null>(null);

  const read = (before: number | null) =>
    live.log(task, person, before).then((page) => {
      setEntries((known) => [...known, ...page.entries]);
      setNext(page.next);
    }, onProblem);
  useEffect(() => void read(null), []);

  const now = Date.now();
  return (
    <Sheet label={t.title(name)} class="log" onClose={onClose}>
      <h2>{t.title(name)}</h2>
      <ol class="log-entries">
        {entries.map((entry) => (
          <li key={entry.seq}>
            <img src={`${entry.picture}&size=128`} alt={texts.picture(entry.imageId)} loading="lazy" />
            <span class="row-text">
              <strong>{said(entry)}</strong>
              <span class="muted">
                {relative(entry.at, now)}
                {entry.seconds !== null && ` · ${texts.live.seconds(entry.seconds)}`}
              </span>
            </span>
          </li>
        ))}
      </ol>
      <div class="actions">
        {next !== null && (
          <button type="button" class="button wide" onClick={() => void read(next)}>
            {t.older}
          </button>
        )}
        <CloseButton onClose={onClose} />
      </div>
    </Sheet>
  );
}

function said({ kind, value }: LogEntry): string {
  if (kind === "undo") return texts.takenBack;
  if (kind === "unsure" || value === null) return texts.unsure;
  return kind === "adjudicate" ? t.decided(label(value)) : label(value);
}
