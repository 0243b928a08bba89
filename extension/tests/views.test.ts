import { beforeEach, expect, test, vi } from "vitest";
import { adopt, type Followed, follow, noteActive, noteAddress, noteClosed } from "../src/views";

const map = (view: string) => `https://worldview.earthdata.nasa.gov/?v=${view}`;
let kept: Record<string, unknown>;
let listeners: ((changes: Record<string, { newValue?: unknown }>, area: string) => void)[];
let tabs: { id: number; url: string; active: boolean }[];

beforeEach(() => {
  kept = {};
  listeners = [];
  tabs = [];
  vi.stubGlobal("chrome", {
    storage: {
      session: {
        get: async (key: string) => (key in kept ? { [key]: kept[key] } : {}),
        set: async (items: Record<string, unknown>) => {
          Object.assign(kept, items);
          for (const listener of listeners) listener(Object.fromEntries(Object.entries(items).map(([key, newValue]) => [key, { newValue }])), "session");
        },
        remove: async (key: string) => {
          delete kept[key];
        },
      },
      onChanged: { addListener: (listener: (typeof listeners)[number]) => listeners.push(listener), removeListener: () => undefined },
    },
    tabs: { query: async () => tabs },
  });
});

test("the map in front is followed; one that changes behind it is kept for when it comes to the front", async () => {
  await noteAddress(1, map("1"), true);
  await noteAddress(2, map("2"), false);
  expect(kept.followed).toEqual({ tabId: 1, url: map("1") });
  await noteActive(2);
  expect(kept.followed).toEqual({ tabId: 2, url: map("2") });
  await noteAddress(2, map("2"), false); // the followed one stays followed behind a panel that is a window of its own
  await noteActive(3); // shows no map
  expect(kept.followed).toEqual({ tabId: 2, url: map("2") });
  await noteClosed(2);
  await noteActive(1);
  await noteActive(2);
  expect(kept.followed).toEqual({ tabId: 1, url: map("1") });
});

test("other sites are not looked at", async () => {
  await noteAddress(1, "https://example.org/", true);
  expect(kept).toEqual({});
});

test("maps that were open before are taken in, the one in front last", async () => {
  tabs = [{ id: 4, url: map("4"), active: true }, { id: 5, url: map("5"), active: false }];
  await adopt();
  expect(kept.followed).toEqual({ tabId: 4, url: map("4") });
});

test("who follows is told what is there and what comes", async () => {
  await noteAddress(1, map("1"), true);
  const told: (Followed | null)[] = [];
  follow((followed) => told.push(followed));
  await vi.waitFor(() => expect(told).toHaveLength(1));
  await noteAddress(1, map("2"), true);
  expect(told.map((one) => one?.url)).toEqual([map("1"), map("2")]);
});
