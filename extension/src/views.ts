import { worldview } from "./worldview/permalink";

/** What the panel follows: the Worldview tab that was looked at last. */
export interface Followed {
  tabId: number;
  url: string;
}

/** One key a tab, so that two events at once cannot undo each other. */
const keyOf = (tabId: number) => `view:${tabId}`;

/** A tab shows another address. The followed one is followed wherever it is: a panel in a window of its own comes before it. */
export async function noteAddress(tabId: number, url: string, active: boolean): Promise<void> {
  if (!url.startsWith(worldview)) return;
  const before = (await chrome.storage.session.get("followed")).followed as Followed | undefined;
  const followed: Followed = { tabId, url };
  await chrome.storage.session.set({ [keyOf(tabId)]: url, ...(active || before?.tabId === tabId ? { followed } : {}) });
}

/** A tab came to the front. One that shows no map changes nothing: the panel keeps the last map. */
export async function noteActive(tabId: number): Promise<void> {
  const url = (await chrome.storage.session.get(keyOf(tabId)))[keyOf(tabId)];
  if (typeof url === "string") await chrome.storage.session.set({ followed: { tabId, url } satisfies Followed });
}

export async function noteClosed(tabId: number): Promise<void> {
  await chrome.storage.session.remove(keyOf(tabId));
}

/** Takes in maps that were open before the extension was there. */
export async function adopt(): Promise<void> {
  const tabs = await chrome.tabs.query({ url: `${worldview}*` });
  for (const tab of tabs.sort((a, b) => Number(a.active) - Number(b.active)))
    if (tab.id !== undefined && tab.url) await noteAddress(tab.id, tab.url, true);
}

/** The followed tab now, and at each change until the returned function is called. */
export function follow(onChange: (followed: Followed | null) => void): () => void {
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string) => {
    if (area === "session" && changes.followed) onChange((changes.followed.newValue as Followed | undefined) ?? null);
  };
  chrome.storage.onChanged.addListener(listener);
  void chrome.storage.session.get("followed").then(async ({ followed }) => {
    if (followed) onChange(followed as Followed);
    else await adopt();
  });
  return () => chrome.storage.onChanged.removeListener(listener);
}
