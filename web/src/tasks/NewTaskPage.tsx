import { useState } from "preact/hooks";
import { api, ApiError } from "../api";
import { PictureButton } from "../search/PictureButton";
import { previewOf, useDroppedPictures } from "../search/pictures";
import { taskName } from "../search/taskName";
import { go } from "../shell/path";
import type { PageProps } from "../shell/routes";
import { texts } from "../texts";
import "../ui/page.css";
import { freeName, readClasses } from "./newTask";
import "./newTask.css";
import { tasksApi } from "./tasksApi";

const t = texts.newTask;

/** An owner begins a task: what is asked, what may be answered, what to compare with, whom and what to ask. */
export default function NewTaskPage({ tasks }: PageProps) {
  const [example, setExample] = useState<{ file: File; address: string | null } | null>(null);
  const [asks, setAsks] = useState<"some" | "chosen">("some");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const take = (file: File) => setExample({ file, address: previewOf(file) });
  const dragged = useDroppedPictures(take);

  async function make(form: HTMLFormElement) {
    const values = new FormData(form);
    const text = (name: string) => String(values.get(name) ?? "").trim();
    const classes = readClasses(text("classes"));
    if (classes.length < 2) return setProblem(t.twoClasses);
    setBusy(true);
    setProblem("");
    try {
      const wanted = text("name") === "" ? freeName(taskName(text("question")), tasks.map((task) => task.name)) : text("name");
      const { name } = await tasksApi.make({
        name: wanted,
        question: text("question"),
        classes,
        guidelines: text("guidelines"),
        opinions: Number(text("opinions")),
        ...(asks === "some" ? { pictures: Number(text("pictures")) } : {}),
      });
      if (example) await tasksApi.setExample(name, example.file);
      const made = await api.task(name);
      // The pages share one list until the app is opened anew.
      if (!tasks.some((task) => task.name === name)) tasks.push(made);
      go(asks === "some" ? `/tasks/${encodeURIComponent(name)}` : "/search");
    } catch (error) {
      setProblem(error instanceof ApiError ? `${error.message} ${error.nextStep}` : texts.failed.offline);
      setBusy(false);
    }
  }

  return (
    <main class={dragged ? "page new-task dragged" : "page new-task"}>
      <h1>{t.title}</h1>
      <form
        class="panel task-form"
        onSubmit={(event) => {
          event.preventDefault();
          void make(event.currentTarget);
        }}
      >
        <label class="choice">
          <span>{t.question}</span>
          <input name="question" type="text" required maxLength={500} placeholder={texts.search.questionExample} />
        </label>
        <label class="choice">
          <span>{t.classes}</span>
          <textarea name="classes" rows={3} required defaultValue={"yes\nno"} />
        </label>
        <div class="choice">
          <span>{t.example}</span>
          <div class="example-choice">
            {example?.address && <img src={example.address} alt={texts.exampleAlt} />}
            {example && !example.address && <span class="muted">{example.file.name}</span>}
            <PictureButton text={example ? t.otherExample : texts.search.choose} onPicture={take} />
          </div>
        </div>
        <label class="choice">
          <span>{t.guidelines}</span>
          <textarea name="guidelines" rows={4} maxLength={20_000} />
        </label>
        <label class="choice">
          <span>{texts.live.opinionsField}</span>
          <input name="opinions" type="number" required min={1} max={20} defaultValue="1" />
        </label>
        <fieldset class="asked">
          <legend>{t.asked}</legend>
          <label class="tick">
            <input type="radio" name="asks" checked={asks === "some"} onChange={() => setAsks("some")} />
            <span>{t.some}</span>
          </label>
          {asks === "some" && (
            <label class="choice">
              <span>{t.howMany}</span>
              <input name="pictures" type="number" required min={1} max={1_000_000} defaultValue="100" />
            </label>
          )}
          <label class="tick">
            <input type="radio" name="asks" checked={asks === "chosen"} onChange={() => setAsks("chosen")} />
            <span>{t.chosen}</span>
          </label>
        </fieldset>
        <details>
          <summary>{t.more}</summary>
          <label class="choice">
            <span>{t.name}</span>
            <input name="name" type="text" maxLength={60} pattern="[A-Za-z0-9][A-Za-z0-9._\-]*" />
          </label>
        </details>
        <p role="alert" class="problem">
          {problem}
        </p>
        <div class="row-actions">
          <button type="submit" class="button primary" disabled={busy}>
            {t.make}
          </button>
        </div>
      </form>
    </main>
  );
}
