import type { Outbox } from "../outbox";
import { texts } from "../texts";
import type { Deck } from "./deck";
import { activeTime, perMinute } from "./pace";

/** What stands where the pictures were when there are none at hand. */
export function EndScreen({ deck, outbox }: { deck: Deck; outbox: Outbox }) {
  const { phase, positives, asked } = deck.progress.value;
  const problem = deck.problem.value;
  if (deck.filling.value && phase === "labeling" && deck.times.value.length === 0) return <div class="end" aria-busy="true"><div class="breathing" /></div>;
  const [title, text] = outbox.offline.value
    ? [texts.done.offlineTitle, texts.done.offline]
    : problem
      ? [texts.failed.title, `${problem.message} ${problem.nextStep}`]
      : phase === "paused"
        ? [texts.waiting.pausedTitle, texts.waiting.paused]
        : phase === "stopped"
          ? [texts.waiting.stoppedTitle, texts.waiting.stopped]
          : phase === "done"
        ? [texts.done.title, texts.done.text]
        : phase === "notStarted"
          ? [texts.waiting.notStartedTitle, texts.waiting.notStarted]
          : phase === "labeling" && deck.doneInRound.value < asked
            ? [texts.waiting.othersTitle, texts.waiting.others]
            : [texts.waiting.learningTitle, texts.waiting.learning];
  const times = deck.times.value;
  const pace = perMinute(times);
  return (
    <div class="end" role="status">
      {phase === "done" ? <DoneMark /> : <div class="breathing" />}
      <h2>{title}</h2>
      <p>{text}</p>
      {times.length > 0 && (
        <dl class="summary">
          <Figure value={times.length} name={texts.summary.you} />
          <Figure value={positives} name={texts.summary.found} />
          {pace !== null && <Figure value={pace} name={texts.summary.pace} />}
          {activeTime(times) >= 60_000 && <Figure value={Math.round(activeTime(times) / 60_000)} name={texts.summary.time} />}
        </dl>
      )}
    </div>
  );
}

function Figure({ value, name }: { value: number; name: string }) {
  return (
    <div>
      <dd>{value}</dd>
      <dt>{name}</dt>
    </div>
  );
}

function DoneMark() {
  return (
    <svg class="done-mark" viewBox="0 0 96 96" aria-hidden="true">
      <circle cx="48" cy="48" r="42" />
      <path d="M30 50l13 13 24-28" />
    </svg>
  );
}
