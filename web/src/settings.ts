import { effect, signal } from "@preact/signals";
import type { Scheme } from "./shell/scheme";
import type { Directions } from "./swipe/directions";

interface Settings {
  /** Percent, 50 to 250. */
  brightness: number;
  /** What swipes mean where it is not the usual; see `directionsKey`. */
  directions: Record<string, Directions>;
  /** Side of a picture in the grid that is aimed at, in CSS pixels. */
  tileSize: number;
  tutorialSeen: boolean;
  gridTutorialSeen: boolean;
  scheme: Scheme;
}

const key = "settings";
const defaults: Settings = { brightness: 100, directions: {}, tileSize: 120, tutorialSeen: false, gridTutorialSeen: false, scheme: "device" };

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
