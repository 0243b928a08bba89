import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { listen, type Session, type Task } from "../api";
import { useFreshTask } from "../freshTask";
import type { Outbox } from "../outbox";
import { settings } from "../settings";
import { texts } from "../texts";
import { Card } from "./Card";
import { Controls } from "./Controls";
import { Deck, isHeld, oneByOne } from "./deck";
import { checked, directionNames, directionsKey, type Meaning } from "./directions";
import { EndScreen } from "./EndScreen";
import type { Direction } from "./gesture";
import { Header } from "./Header";
import { keyAction } from "./keys";
import { label } from "./labels";
import { ExampleSheet, ViewSheet } from "./sheets";
import { Tutorial } from "./Tutorial";

interface Props {
  task: Task;
  session: Session;
  outbox: Outbox;
  /** Present when there are other tasks to go to. */
  onBack?: () => void;
  /** To the same task as a page of thumbnails. */
  onGrid(): void;
}

/** A picture on its way out, drawn until its animation ends; it takes no touches. */
interface Leaving {
  key: number;
  address: string;
  direction: Direction;
  from: { x: number; y: number };
  stamp: { text: string; tone: string };
}

type Panel = "example" | "view" | "tutorial" | null;

export function SwipePage({ task: given, session, outbox, onBack, onGrid }: Props) {
  const { task, notice } = useFreshTask(given);
  const deck = useMemo(() => new Deck(task, outbox, session.workspace, oneByOne()), [task.name]);
  const [leaving, setLeaving] = useState<Leaving[]>([]);
  const [panel, setPanel] = useState<Panel>(settings.value.tutorialSeen ? null : "tutorial");
  const search = useRef<HTMLInputElement>(null);
  const said = useSignal("");
  const nextKey = useRef(0);

  useEffect(() => {
    void deck.open();
    const stop = listen((progress) => {
      notice(progress);
      if (progress.task === task.name) deck.observe(progress);
    });
    return () => {
      stop();
      deck.close();
    };
  }, [deck]);

  const { classes } = task;
  const binary = classes.length === 2;
  const directions = checked(settings.value.directions[directionsKey(task)], classes);
  const stampOf = (value: string | null) => ({
    text: value === null ? texts.unsure : label(value),
    tone: value === null ? "unsure" : binary && value === classes[1] ? "no" : "yes",
  });
  const meant = (meaning: Meaning) => (meaning === "none" ? null : stampOf(meaning === "unsure" ? null : classes[meaning]!));
  const meanings = { right: meant(directions.right), left: meant(directions.left), down: meant(directions.down) };

  function answer(value: string | null, direction?: Direction, from = { x: 0, y: 0 }) {
    const item = deck.current.value;
    if (!item || held) return;
    const own = directionNames.find((name) => directions[name] === (value === null ? "unsure" : classes.indexOf(value)));
    const way = direction ?? own ?? (value === null ? "down" : "right");
    const key = nextKey.current++;
    setLeaving((now) => [...now.slice(-2), { key, address: deck.pictureOf(item), direction: way, from, stamp: stampOf(value) }]);
    setTimeout(() => setLeaving((now) => now.filter((card) => card.key !== key)), 320);
    deck.answer(value);
    said.value = texts.answered(value === null ? texts.unsure : label(value));
    navigator.vibrate?.(8);
  }

  function swipe(direction: Direction, from?: { x: number; y: number }): boolean {
    const meaning = directions[direction];
    if (meaning === "none") return false;
    answer(meaning === "unsure" ? null : classes[meaning]!, direction, from);
    return true;
  }

  function undo() {
    if (!deck.undo()) return;
    setLeaving([]);
    said.value = texts.takenBack;
  }

  // Before the next event, not after the next frame: a key that follows at once must find what the last one did.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // An open panel, and a button that has the focus, use keys themselves.
      const target = event.target as HTMLElement;
      if (panel || event.repeat && event.key !== "Backspace" || target.closest("input, select, dialog")) return;
      if (event.key === " " && target.closest("button, a")) return;
      const action = keyAction(event);
      if (!action) return;
      if (action.kind === "swipe") swipe(action.direction);
      else if (action.kind === "unsure") answer(null);
      else if (action.kind === "undo") undo();
      else if (action.kind === "find" && search.current) search.current.focus();
      else if ((action.kind === "class" && binary) || (action.kind === "digit" && !binary)) {
        if (classes[action.index] === undefined) return;
        answer(classes[action.index]!);
      } else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });

  const held = isHeld(deck.progress.value.phase);
  const items = held ? [] : deck.items.value;
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
          <LeavingCard key={card.key} card={card} />
        ))}
      </div>
      <Controls classes={classes} deck={deck} directions={directions} search={search} onAnswer={(value) => answer(value)} onUndo={undo} onView={() => setPanel("view")} />
      <p class="sr-only" role="status">
        {said.value}
      </p>
      {panel === "tutorial" && <Tutorial task={task} meanings={meanings} session={session} fresh={deck.history.value.length === 0 && deck.times.value.length === 0} onClose={closePanel} />}
      {panel === "example" && <ExampleSheet task={task} beside={items[0] ? deck.pictureOf(items[0]) : null} onClose={closePanel} />}
      {panel === "view" && <ViewSheet task={task} directions={directions} onTutorial={() => setPanel("tutorial")} onGrid={onGrid} onClose={closePanel} />}
    </main>
  );
}

function LeavingCard({ card }: { card: Leaving }) {
  const start = { "--from-x": `${card.from.x}px`, "--from-y": `${card.from.y}px`, "--from-turn": `${card.from.x / 26}deg` };
  return (
    <div class={`card leaving ${card.direction}`} style={start} aria-hidden="true">
      <img src={card.address} alt="" draggable={false} />
      <div class="stamp" data-tone={card.stamp.tone} style={{ opacity: 1 }}>
        {card.stamp.text}
      </div>
    </div>
  );
}
