import type { Task } from "../api";
import { change } from "../settings";
import { texts } from "../texts";
import { ArrowIcon } from "../ui/icons";
import { CloseButton, Sheet } from "../ui/Sheet";

/** Shown once on a device, and on request. */
export function Tutorial({ task, right, left, onClose }: { task: Task; right: string; left: string; onClose(): void }) {
  const close = () => {
    change({ tutorialSeen: true });
    onClose();
  };
  const t = texts.tutorial;
  const binary = task.classes.length === 2;
  return (
    <Sheet label={texts.help} class="tutorial" onClose={close}>
      <h2>{task.question}</h2>
      {task.example && <img class="tutorial-example" src={`${task.example}&size=512`} alt={texts.exampleAlt} />}
      <ul class="gestures">
        {binary && <Gesture way="right" name={t.right} meaning={right} />}
        {binary && <Gesture way="left" name={t.left} meaning={left} />}
        <Gesture way="down" name={t.down} meaning={t.downMeaning} />
      </ul>
      <p class="muted">{t.tips}</p>
      <p class="muted only-keyboard">{t.keys}</p>
      <CloseButton onClose={close} text={t.start} />
    </Sheet>
  );
}

function Gesture({ way, name, meaning }: { way: "right" | "left" | "down"; name: string; meaning: string }) {
  return (
    <li class={way}>
      <ArrowIcon />
      <span>{name}</span>
      <strong>{meaning}</strong>
    </li>
  );
}
