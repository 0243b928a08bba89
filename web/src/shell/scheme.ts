import { effect } from "@preact/signals";
import { change, settings } from "../settings";

export type Scheme = "device" | "light" | "dark";

const order: readonly Scheme[] = ["device", "light", "dark"];
const grounds = { light: "#f5f3ee", dark: "#0e141b" };

/** As the device has it, then light, then dark, and round again. */
export function nextScheme(scheme: Scheme): Scheme {
  return order[(order.indexOf(scheme) + 1) % order.length]!;
}

export function changeScheme(): void {
  change({ scheme: nextScheme(settings.value.scheme) });
}

/** Keeps the document, and the bar that a phone draws above it, in the colours that the person chose. */
export function followScheme(): void {
  const bars = [...document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')].map((meta) => ({ meta, own: meta.content }));
  effect(() => {
    const { scheme } = settings.value;
    document.documentElement.dataset.scheme = scheme;
    for (const { meta, own } of bars) meta.content = scheme === "device" ? own : grounds[scheme];
  });
}
