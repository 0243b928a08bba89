import { useState } from "preact/hooks";
import { api, type Session, type Task } from "../api";
import { change } from "../settings";
import { texts } from "../texts";
import { ArrowIcon } from "../ui/icons";
import { CloseButton, Sheet } from "../ui/Sheet";
import { directionNames } from "./directions";
import type { Direction } from "./gesture";

interface Props {
  task: Task;
  meanings: Record<Direction, { text: string; tone: string } | null>;
  session: Session;
  /** Nothing is answered yet: earlier answers would stay under the earlier name, where they cannot be taken back any more. */
  fresh: boolean;
  onClose(): void;
}

/** Shown once on a device, and on request. */
export function Tutorial({ task, meanings, session, fresh, onClose }: Props) {
  const [name, setName] = useState("");
  const asksName = fresh && nameOf(session.person) === unnamed;
  const close = () => {
    change({ tutorialSeen: true });
    // Offline, or a name that the server does not take: the answers count all the same.
    if (name.trim() !== "") void api.rename(name.trim()).then((renamed) => (session.person = renamed.person), () => undefined);
    onClose();
  };
  const t = texts.tutorial;
  return (
    <Sheet label={texts.help} class="tutorial" onClose={close}>
      <h2>{task.question}</h2>
      {task.example && <img class="tutorial-example" src={`${task.example}&size=512`} alt={texts.exampleAlt} />}
      <ul class="gestures">
        {directionNames.map((way) => {
          const meaning = meanings[way];
          return meaning && <Gesture key={way} way={way} tone={meaning.tone} meaning={meaning.tone === "unsure" ? t.unsureMeaning : meaning.text} />;
        })}
      </ul>
      <p class="muted">{t.tips}</p>
      <p class="muted only-keyboard">{task.classes.length === 2 ? t.keys : t.keysMany}</p>
      {asksName && (
        <label class="field name">
          <span>{t.name}</span>
          <input type="text" maxLength={30} autocomplete="nickname" value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
      )}
      <CloseButton onClose={close} text={t.start} />
    </Sheet>
  );
}

function Gesture({ way, tone, meaning }: { way: Direction; tone: string; meaning: string }) {
  return (
    <li class={`${way} ${tone}`}>
      <ArrowIcon />
      <span>{texts.tutorial[way]}</span>
      <strong>{meaning}</strong>
    </li>
  );
}

/** How the server calls people who gave no name. */
const unnamed = "guest";

/** The part of a person's name that they chose; what follows the tilde keeps two of one name apart. */
function nameOf(person: string): string {
  const tilde = person.lastIndexOf("~");
  return tilde < 0 ? person : person.slice(0, tilde);
}
