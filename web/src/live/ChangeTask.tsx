import { useState } from "preact/hooks";
import { api, type Task, type TaskChanges } from "../api";
import { label } from "../swipe/labels";
import { texts } from "../texts";

const t = texts.live;

/** Question, guidelines, further classes and how many people see each picture. Classes are added, never taken away: answers name them. */
export function ChangeTask({ task, onProblem }: { task: Task; onProblem(error: unknown): void }) {
  const [now, setNow] = useState(task);
  const [saved, setSaved] = useState(false);

  async function save(form: HTMLFormElement) {
    const values = new FormData(form);
    const text = (name: string) => String(values.get(name) ?? "").trim();
    const changes: TaskChanges = {};
    if (text("question") !== "" && text("question") !== now.question) changes.question = text("question");
    if (text("guidelines") !== now.guidelines) changes.guidelines = text("guidelines");
    if (Number(text("opinions")) !== now.opinions) changes.opinions = Number(text("opinions"));
    if (text("class") !== "") changes.addClasses = [text("class")];
    setSaved(false);
    if (Object.keys(changes).length === 0) return;
    try {
      const changed = await api.change(task.name, changes);
      // What other pages show of the task is this one object until the app is opened anew.
      Object.assign(task, changed);
      setNow({ ...changed });
      setSaved(true);
      const field = form.elements.namedItem("class") as HTMLInputElement;
      field.value = "";
    } catch (error) {
      onProblem(error);
    }
  }

  return (
    <section>
      <h2>{t.change}</h2>
      <form
        class="panel task-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save(event.currentTarget);
        }}
      >
        <label class="choice">
          <span>{t.question}</span>
          <input name="question" type="text" maxLength={500} defaultValue={now.question} />
        </label>
        <label class="choice">
          <span>{t.guidelines}</span>
          <textarea name="guidelines" rows={3} maxLength={20_000} defaultValue={now.guidelines} />
        </label>
        <label class="choice">
          <span>{t.opinionsField}</span>
          <input name="opinions" type="number" min={1} max={20} defaultValue={String(now.opinions)} />
        </label>
        <label class="choice">
          <span>{t.addClass}</span>
          <input name="class" type="text" maxLength={100} placeholder={now.classes.map(label).join(", ")} />
        </label>
        <div class="row-actions">
          <button type="submit" class="button primary">
            {t.save}
          </button>
          <span role="status" class="muted saved">
            {saved ? t.saved : ""}
          </span>
        </div>
      </form>
    </section>
  );
}
