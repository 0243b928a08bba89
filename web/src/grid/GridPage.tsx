import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Item, listen } from "../api";
import { useFreshTask } from "../freshTask";
import { Kept } from "../kept";
import { settings } from "../settings";
import { go } from "../shell/path";
import type { PageProps } from "../shell/routes";
import { Deck, isHeld } from "../swipe/deck";
import { EndScreen } from "../swipe/EndScreen";
import { Header } from "../swipe/Header";
import { keyAction } from "../swipe/keys";
import { label } from "../swipe/labels";
import { ExampleSheet } from "../swipe/sheets";
import { texts } from "../texts";
import { Brushes } from "./Brushes";
import "./grid.css";
import { LargeSheet, GridTutorial, GridViewSheet } from "./GridSheets";
import { type Layout, layOut } from "./layout";
import { answers, counts, type Mark, type Marks, marksOf, type Rest, usualRest } from "./marks";
import { Tiles } from "./Tiles";

type Panel = { kind: "example" | "view" | "tutorial" } | { kind: "large"; item: Item } | null;

const taskPath = (task: string) => `/tasks/${encodeURIComponent(task)}`;

/** A page of thumbnails: mark those that are, confirm them all at once. */
export default function GridPage(props: PageProps) {
  const task = props.tasks.find((candidate) => candidate.name === props.params.task);
  useEffect(() => {
    if (!task) go("/tasks");
  }, [task]);
  return task ? <Grid key={task.name} {...props} task={task} /> : null;
}

function Grid({ task: opened, session, outbox }: PageProps & { task: PageProps["tasks"][number] }) {
  const { task, notice } = useFreshTask(opened);
  const { classes } = task;
  const keptRest = useMemo(() => new Kept<Rest>(`rest/${session.workspace}/${task.name}`), [task.name]);
  const deck = useMemo(() => new Deck(task, outbox, session.workspace, supply({ columns: 3, rows: 4, tile: 120 })), [task.name]);
  const [layout, setLayout] = useState<Layout | null>(null);
  const [marks, setMarks] = useState<Marks>(new Map());
  const [brush, setBrush] = useState<Mark>(classes[0]!);
  const [rest, setRest] = useState<Rest>(() => known(keptRest.read()[0], classes) ?? usualRest(classes));
  const [panel, setPanel] = useState<Panel>(settings.value.gridTutorialSeen ? null : { kind: "tutorial" });
  const field = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const said = useSignal("");
  const target = settings.value.tileSize;

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

  useLayoutEffect(() => {
    const measure = () => {
      const { clientWidth, clientHeight } = field.current!;
      setLayout(layOut(clientWidth, clientHeight, target));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(field.current!);
    return () => observer.disconnect();
  }, [target]);

  useEffect(() => {
    if (layout) deck.resupply(supply(layout));
  }, [deck, layout?.columns, layout?.rows, layout?.tile]);

  const page = layout && !isHeld(deck.progress.value.phase) ? deck.items.value.slice(0, layout.columns * layout.rows) : [];
  const given = answers(page, marks, rest);
  const tally = counts(given, classes);

  function confirm() {
    if (given.length === 0) return;
    const answered = new Set(given.map(({ item }) => item.imageId));
    const open = page.filter((item) => !answered.has(item.imageId));
    deck.answerAll(given);
    // What was left open comes again, after the pictures that nobody has seen yet.
    if (open.length > 0) deck.defer(open);
    setMarks(new Map());
    said.value = texts.grid.confirmed(given.length);
    navigator.vibrate?.(12);
  }

  function undo() {
    const back = deck.undo();
    if (!back) return;
    setMarks(marksOf(back, rest));
    said.value = texts.takenBack;
  }

  function changeRest(next: Rest) {
    setRest(next);
    keptRest.write([next]);
  }

  // Before the next event, not after the next frame: a key that follows at once must find what the last one did.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (panel || target.closest("input, select, dialog")) return;
      const action = keyAction(event);
      if (event.key === "Enter" && !event.ctrlKey && !target.closest("button:not(.tile), a")) confirm();
      else if (action?.kind === "undo") undo();
      else if (action?.kind === "find" && search.current) search.current.focus();
      else if (action?.kind === "digit" && classes[action.index] !== undefined) setBrush(classes[action.index]!);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });

  const close = () => setPanel(null);
  return (
    <main class="swipe grid-page">
      <Header deck={deck} outbox={outbox} onBack={() => go(taskPath(task.name))} />
      <div class="question">
        <h1>{task.question}</h1>
        {task.example && (
          <button type="button" class="example" title={texts.showExample} onClick={() => setPanel({ kind: "example" })}>
            <img src={`${task.example}&size=256`} alt={texts.exampleAlt} draggable={false} />
            <span>{texts.example}</span>
          </button>
        )}
      </div>
      <div class="grid-field" ref={field}>
        {page.length === 0 ? (
          <EndScreen deck={deck} outbox={outbox} />
        ) : (
          <Tiles
            page={page}
            layout={layout!}
            marks={marks}
            brush={brush}
            classes={classes}
            addressOf={(item) => deck.pictureOf(item)}
            onMarks={setMarks}
            onLarge={(item) => setPanel({ kind: "large", item })}
          />
        )}
      </div>
      <Brushes
        classes={classes}
        brush={brush}
        search={search}
        canUndo={deck.history.value.length > 0}
        confirmText={given.length === 0 ? texts.grid.markSome : tally.map(({ value, count }) => `${count} ${value === null ? texts.unsure : label(value)}`).join(" · ")}
        canConfirm={given.length > 0}
        onBrush={setBrush}
        onUndo={undo}
        onView={() => setPanel({ kind: "view" })}
        onConfirm={confirm}
      />
      <p class="sr-only" role="status">
        {said.value}
      </p>
      {panel?.kind === "tutorial" && <GridTutorial task={task} rest={rest} onClose={close} />}
      {panel?.kind === "example" && <ExampleSheet task={task} beside={null} onClose={close} />}
      {panel?.kind === "large" && <LargeSheet item={panel.item} onClose={close} />}
      {panel?.kind === "view" && (
        <GridViewSheet
          task={task}
          rest={rest}
          onRest={changeRest}
          onSwipe={() => go(taskPath(task.name))}
          onTutorial={() => setPanel({ kind: "tutorial" })}
          onClose={close}
        />
      )}
    </main>
  );
}

/** This page and the next one at hand, decoded at the size of a tile. */
function supply(layout: Layout) {
  const tiles = layout.columns * layout.rows;
  const shown = layout.tile * Math.min(window.devicePixelRatio, 3);
  return { hold: 50, refillBelow: Math.min(50, 2 * tiles), decodeAhead: 2 * tiles, pictureSize: [128, 256, 512].find((size) => size >= shown) ?? 768 };
}

/** What was kept, if the task still has that class. */
function known(kept: Rest | undefined, classes: readonly string[]): Rest | null {
  return kept && (kept.kind === "open" || classes.includes(kept.value)) ? kept : null;
}
