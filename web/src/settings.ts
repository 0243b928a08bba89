import { effect, signal } from "@preact/signals";
import type { Scheme } from "./shell/scheme";

interface Settings {
  /** Percent, 50 to 250. */
  brightness: number;
  /** Left means yes. */
  swap: boolean;
  tutorialSeen: boolean;
  scheme: Scheme;
}

const key = "settings";
const defaults: Settings = { brightness: 100, swap: false, tutorialSeen: false, scheme: "device" };

function read(): Settings {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Settings>) };
  } catch {
    return defaults;
  }
}

/** How this person likes it on this device. */
export const settings = signal<Settings>(read());

effect(() => {
  const text = JSON.stringify(settings.value);
  try {
    localStorage.setItem(key, text);
  } catch {
    // A browser that keeps nothing; the settings last as long as the page.
  }
});

export function change(part: Partial<Settings>): void {
  settings.value = { ...settings.value, ...part };
}
