import { useEffect, useLayoutEffect, useMemo } from "preact/hooks";
import type { PageProps } from "../shell/routes";
import { Card } from "../swipe/Card";
import { ClassList } from "../swipe/ClassList";
import { keyAction } from "../swipe/keys";
import { keepFocus, label } from "../swipe/labels";
import { texts } from "../texts";
import { NoIcon, YesIcon } from "../ui/icons";
import "../ui/page.css";
import { shownName } from "../ui/person";
import { TaskPicker } from "../ui/TaskPicker";
import { Queue } from "./queue";
import "./review.css";
import type { ReviewItem } from "./review";

const t = texts.review;
const still = { right: null, left: null, down: null };

/** Pictures on which people disagree, one at a time, with what each of them said; a decision stands above all answers. */
export default function ReviewPage(props: PageProps) {
  const task = props.tasks.find((candidate) => candidate.name === props.params.task) ?? props.tasks[0];
  return task ? <Review key={task.name} {...props} task={task} /> : <main class="page"><h1>{t.title}</h1><p class="muted">{texts.tasks.none}</p></main>;
}

function Review({ tasks, task }: PageProps & { task: PageProps["tasks"][number] }) {
  const queue = useMemo(() => new Queue(task.name), [task.name]);
  const search = useMemo(() => ({ current: null as HTMLInputElement | null }), []);
  const { classes } = task;
  const binary = classes.length === 2;
  useEffect(() => {
    void queue.load();
  }, [queue]);

  // Before the next event, not after the next frame: a key that follows at once must find what the last one did.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.repeat || target.closest("input, select, dialog")) return;
      const action = keyAction(event);
      const chosen =
        action?.kind === "digit" ? classes[action.index]
        : binary && action?.kind === "class" ? classes[action.index]
        : binary && action?.kind === "swipe" && action.direction !== "down" ? classes[action.direction === "right" ? 0 : 1]
        : undefined;
      if (chosen !== undefined) void queue.decide(chosen);
      else if (action?.kind === "undo") queue.back();
      else if (action?.kind === "find" && search.current) search.current.focus();
      else if (event.key.toLowerCase() === "s" && !event.ctrlKey && !event.metaKey && !event.altKey) queue.skip();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });

  const item = queue.current.value;
  return (
    <main class="page review">
      <h1>{t.title}</h1>
      <TaskPicker tasks={tasks} task={task} base="/review" />
      <p class="muted">{t.text}</p>
      <div class="review-bar">
        <strong role="status">{queue.waiting.value === null ? texts.loading : t.waiting(queue.waiting.value)}</strong>
        <label class="check">
          <input type="checkbox" checked={queue.alsoDecided.value} onChange={(event) => void queue.show(event.currentTarget.checked)} />
          <span>{t.alsoDecided}</span>
        </label>
      </div>
      <p role="alert" class="problem">
        {queue.problem.value}
      </p>
      {item ? (
        <div class="case">
          <div class="stage case-picture">
            <Card key={item.imageId} address={`${item.picture}&size=1024`} label={texts.picture(item.imageId)} meanings={still} />
          </div>
          <div class="case-side">
            <h2>{task.question}</h2>
            <Opinions item={item} classes={classes} />
            {item.decision && <p class="hint">{t.decided(item.decision.value === null ? texts.unsure : label(item.decision.value), shownName(item.decision.person))}</p>}
            <div class="decide" role="group" aria-label={t.decide}>
              {binary ? (
                <>
                  <button type="button" class="button no" onMouseDown={keepFocus} onClick={() => void queue.decide(classes[1]!)} disabled={queue.busy.value}>
                    <NoIcon />
                    {label(classes[1]!)}
                  </button>
                  <button type="button" class="button yes" onMouseDown={keepFocus} onClick={() => void queue.decide(classes[0]!)} disabled={queue.busy.value}>
                    <YesIcon />
                    {label(classes[0]!)}
                  </button>
                </>
              ) : (
                <ClassList classes={classes} disabled={queue.busy.value} search={search} onPick={(value) => void queue.decide(value)} />
              )}
            </div>
            <div class="row-actions">
              <button type="button" class="button" onMouseDown={keepFocus} onClick={() => queue.back()} disabled={!queue.canGoBack.value}>
                {t.back}
              </button>
              <button type="button" class="button" onMouseDown={keepFocus} onClick={() => queue.skip()}>
                {t.skip}
              </button>
            </div>
            <p class="muted only-keyboard">{t.keys}</p>
          </div>
        </div>
      ) : (
        queue.waiting.value !== null && (
          <div class="end">
            <h2>{t.doneTitle}</h2>
            <p>{t.done}</p>
            <div class="row-actions">
              <button type="button" class="button" onClick={() => queue.back()} disabled={!queue.canGoBack.value}>
                {t.back}
              </button>
              <button type="button" class="button primary" onClick={() => void queue.load()}>
                {t.again}
              </button>
            </div>
          </div>
        )
      )}
      <p class="sr-only" role="status">
        {queue.said.value}
      </p>
    </main>
  );
}

function Opinions({ item, classes }: { item: ReviewItem; classes: readonly string[] }) {
  const people = item.opinions.map((opinion) => opinion.person);
  return (
    <section>
      <h3>{t.opinions}</h3>
      <ul class="opinions">
        {item.opinions.map((opinion) => (
          <li key={opinion.seq}>
            <span>{opinion.imported ? t.imported : shownName(opinion.person, people)}</span>
            <strong data-tone={opinion.value === null ? "unsure" : classes.length === 2 && opinion.value === classes[1] ? "no" : "yes"}>
              {opinion.value === null ? texts.unsure : label(opinion.value)}
            </strong>
          </li>
        ))}
      </ul>
    </section>
  );
}
