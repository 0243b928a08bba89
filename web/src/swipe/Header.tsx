import type { Outbox } from "../outbox";
import { texts } from "../texts";
import { BackIcon, CloudIcon } from "../ui/icons";
import type { Deck } from "./deck";
import { activeTime, perMinute } from "./pace";

/** Where the round stands, how fast it goes, and whether answers reach the server. */
export function Header({ deck, outbox, onBack }: { deck: Deck; outbox: Outbox; onBack: (() => void) | undefined }) {
  const { asked, round, positives } = deck.progress.value;
  const done = deck.doneInRound.value;
  const times = deck.times.value;
  const pace = perMinute(times);
  return (
    <header class="top">
      {onBack && (
        <button type="button" class="plain" aria-label={texts.back} onClick={onBack}>
          <BackIcon />
        </button>
      )}
      <div class="progress">
        <div class="progress-text">
          <span>{asked > 0 ? `${texts.round(round)} · ${texts.progress(done, asked)}` : texts.appName}</span>
          <Connection outbox={outbox} otherwise={[pace === null ? "" : texts.pace(pace), clock(activeTime(times)), positives > 0 ? texts.found(positives) : ""]} />
        </div>
        <div class="bar" role="progressbar" aria-label={texts.round(round)} aria-valuemin={0} aria-valuemax={Math.max(asked, 1)} aria-valuenow={done}>
          <div style={{ transform: `scaleX(${asked > 0 ? done / asked : 0})` }} />
        </div>
      </div>
    </header>
  );
}

function Connection({ outbox, otherwise }: { outbox: Outbox; otherwise: string[] }) {
  const unsent = outbox.unsent.value;
  if (outbox.offline.value)
    return (
      <span class="offline">
        <CloudIcon />
        {unsent > 0 ? texts.offline(unsent) : texts.offlineIdle}
      </span>
    );
  if (outbox.refused.value) return <span class="offline">{texts.refused(outbox.refused.value)}</span>;
  return <span class="muted">{otherwise.filter((text) => text !== "").join(" · ")}</span>;
}

function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return seconds < 10 ? "" : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
