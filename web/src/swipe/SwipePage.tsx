import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { listen, type Session, type Task } from "../api";
import type { Outbox } from "../outbox";
import { settings } from "../settings";
import { texts } from "../texts";
import { BackIcon, CloudIcon } from "../ui/icons";
import { Card } from "./Card";
import { Controls, label } from "./Controls";
import { Deck } from "./deck";
import { EndScreen } from "./EndScreen";
import type { Direction } from "./gesture";
import { keyAction } from "./keys";
import { activeTime, perMinute } from "./pace";
import { ExampleSheet, ViewSheet } from "./sheets";
import { Tutorial } from "./Tutorial";

interface Props {
  task: Task;
  session: Session;
  outbox: Outbox;
  /** Present when there are other tasks to go to. */
  onBack?: () => void;
}

/** A picture on its way out, drawn until its animation ends; it takes no touches. */
interface Leaving {
  key: number;
  address: string;
  direction: Direction;
  from: { x: number; y: number };
}

type Panel = "example" | "view" | "tutorial" | null;

export function SwipePage({ task, session, outbox, onBack }: Props) {
  const deck = useMemo(() => new Deck(task, outbox, session.workspace, pictureSize()), [task.name]);
  const [leaving, setLeaving] = useState<Leaving[]>([]);
  const [panel, setPanel] = useState<Panel>(settings.value.tutorialSeen ? null : "tutorial");
  const said = useSignal("");
  const nextKey = useRef(0);

  useEffect(() => {
    void deck.open();
    const stop = listen((progress) => {
      if (progress.task === task.name) deck.observe(progress);
    });
    return () => {
      stop();
      deck.close();
    };
  }, [deck]);

  const { classes } = task;
  const binary = classes.length === 2;
  const [right, left] = settings.value.swap ? [classes[1]!, classes[0]!] : [classes[0]!, classes[1]!];
  const tone = (name: string) => (name === classes[0] ? "yes" : "no");
  const meanings = {
    right: { text: binary ? label(right) : "", tone: tone(right) },
    left: { text: binary ? label(left) : "", tone: tone(left) },
    down: { text: texts.unsure, tone: "unsure" },
  };

  function answer(value: string | null, direction?: Direction, from = { x: 0, y: 0 }) {
    const item = deck.current.value;
    if (!item) return;
    const way = direction ?? (value === null ? "down" : value === right || !binary ? "right" : "left");
    const key = nextKey.current++;
    setLeaving((now) => [...now.slice(-2), { key, address: deck.pictureOf(item), direction: way, from }]);
    setTimeout(() => setLeaving((now) => now.filter((card) => card.key !== key)), 320);
    deck.answer(value);
    said.value = texts.answered(value === null ? texts.unsure : label(value));
    navigator.vibrate?.(8);
  }

  function swipe(direction: Direction, from?: { x: number; y: number }) {
    if (direction === "down") answer(null, direction, from);
    else if (binary) answer(direction === "right" ? right : left, direction, from);
  }

  function undo() {
    if (!deck.undo()) return;
    setLeaving([]);
    said.value = texts.takenBack;
  }

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // An open panel, and a button that has the focus, use keys themselves.
      const target = event.target as HTMLElement;
      if (panel || event.repeat && event.key !== "Backspace" || target.closest("input, dialog")) return;
      if (event.key === " " && target.closest("button, a")) return;
      const action = keyAction(event);
      if (!action) return;
      if (action.kind === "swipe") swipe(action.direction);
      else if (action.kind === "undo") undo();
      else if (action.kind === "positive") answer(classes[0]!);
      else if (action.kind === "negative" && binary) answer(classes[1]!);
      else if (action.kind === "class" && !binary && classes[action.index]) answer(classes[action.index]!);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });

  const items = deck.items.value;
  const closePanel = () => setPanel(null);
  return (
    <main class="swipe">
      <Header deck={deck} outbox={outbox} onBack={onBack} />
      <div class="question">
        <h1>{task.question}</h1>
        {task.example && (
          <button type="button" class="example" title={texts.showExample} onClick={() => setPanel("example")}>
            <img src={`${task.example}&size=256`} alt={texts.exampleAlt} draggable={false} />
            <span>{texts.example}</span>
          </button>
        )}
      </div>
      <div class="stage">
        {items.length === 0 ? (
          <EndScreen deck={deck} outbox={outbox} />
        ) : (
          items
            .slice(0, 2)
            .map((item, index) => (
              <Card
                key={item.imageId}
                address={deck.pictureOf(item)}
                label={texts.picture(item.imageId)}
                below={index > 0}
                meanings={meanings}
                onSwipe={swipe}
              />
            ))
            .reverse()
        )}
        {leaving.map((card) => (
          <LeavingCard key={card.key} card={card} meaning={meanings[card.direction]} />
        ))}
      </div>
      <Controls deck={deck} swapped={settings.value.swap} onAnswer={(value) => answer(value)} onUndo={undo} onView={() => setPanel("view")} />
      <p class="sr-only" role="status">
        {said.value}
      </p>
      {panel === "tutorial" && <Tutorial task={task} right={label(right)} left={label(left)} onClose={closePanel} />}
      {panel === "example" && <ExampleSheet task={task} onClose={closePanel} />}
      {panel === "view" && <ViewSheet task={task} onTutorial={() => setPanel("tutorial")} onClose={closePanel} />}
    </main>
  );
}

function Header({ deck, outbox, onBack }: { deck: Deck; outbox: Outbox; onBack: (() => void) | undefined }) {
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

function LeavingCard({ card, meaning }: { card: Leaving; meaning: { text: string; tone: string } }) {
  const start = { "--from-x": `${card.from.x}px`, "--from-y": `${card.from.y}px`, "--from-turn": `${card.from.x / 26}deg` };
  return (
    <div class={`card leaving ${card.direction}`} style={start} aria-hidden="true">
      <img src={card.address} alt="" draggable={false} />
      <div class="stamp" data-tone={meaning.tone} style={{ opacity: 1 }}>
        {meaning.text}
      </div>
    </div>
  );
}

function clock(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return seconds < 10 ? "" : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Longest side to ask for, in device pixels: what the card can show, with some room to zoom. */
function pictureSize(): number {
  const shown = Math.min(window.innerWidth, 560) * Math.min(window.devicePixelRatio, 3);
  return [256, 512, 768, 1024, 1536].find((size) => size >= shown) ?? 1536;
}
