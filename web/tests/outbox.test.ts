import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Answer, ApiError, OfflineError, type Receipt } from "../src/api";
import { answeredAmong, MemoryStore, Outbox } from "../src/outbox";

const answer = (n: number, kind: Answer["kind"] = "label"): Answer => ({
  operationId: `operation-${n}`,
  imageId: `1-${n}`,
  kind,
  value: kind === "label" ? "yes" : null,
  shownAt: "2026-01-01T00:00:00Z",
  round: 0,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that fails as told, and remembers what it stored. */
function server(faults: (Error | "lost acknowledgement" | null)[]) {
  const stored: string[] = [];
  const send = async (_: string, answers: Answer[]): Promise<Receipt[]> => {
    const fault = faults.shift() ?? null;
    if (fault instanceof Error) throw fault;
    for (const { operationId } of answers) if (!stored.includes(operationId)) stored.push(operationId);
    if (fault === "lost acknowledgement") throw new OfflineError();
    return answers.map(({ operationId }) => ({ operationId, stored: true, reason: null }));
  };
  return { stored, send };
}

test("answers arrive once and in order through lost connections and lost acknowledgements", async () => {
  const { stored, send } = server([new OfflineError(), "lost acknowledgement", new ApiError(503, "busy", "wait", null), null]);
  const outbox = new Outbox(new MemoryStore(), send, "project");
  for (let n = 0; n < 120; n++) outbox.add("island", answer(n));
  await vi.runAllTimersAsync();
  expect(stored).toEqual(Array.from({ length: 120 }, (_, n) => `operation-${n}`));
  expect(outbox.unsent.value).toBe(0);
  expect(outbox.offline.value).toBe(false);
});

test("what is unsent outlives the page", async () => {
  const store = new MemoryStore();
  const before = new Outbox(store, server(Array.from({ length: 50 }, () => new OfflineError())).send, "project");
  before.add("island", answer(1));
  before.add("island", answer(1, "undo"));
  await vi.advanceTimersByTimeAsync(100);
  expect(before.offline.value).toBe(true);
  const { stored, send } = server([]);
  const after = new Outbox(store, send, "project");
  expect((await after.pending("island")).map((entry) => entry.kind)).toEqual(["label", "undo"]);
  expect(await after.pending("fire")).toEqual([]);
  await after.flush();
  expect(stored).toEqual(["operation-1"]);
});

test("another project on the same address gets none of them", async () => {
  const store = new MemoryStore();
  const here = new Outbox(store, server([new OfflineError()]).send, "here");
  here.add("island", answer(1));
  await vi.advanceTimersByTimeAsync(100);
  const { stored, send } = server([]);
  await new Outbox(store, send, "there").flush();
  expect(stored).toEqual([]);
});

test("a batch that can never be taken does not block the rest", async () => {
  const { stored, send } = server([new ApiError(404, "There is no task 'gone'.", "", null), null]);
  const outbox = new Outbox(new MemoryStore(), send, "project");
  outbox.add("gone", answer(1));
  outbox.add("island", answer(2));
  await vi.runAllTimersAsync();
  expect(stored).toEqual(["operation-2"]);
  expect(outbox.refused.value).toBe("There is no task 'gone'.");
});

test("a session that ended keeps answers and says so", async () => {
  const { stored, send } = server([new ApiError(401, "No session", "", null)]);
  const outbox = new Outbox(new MemoryStore(), send, "project");
  outbox.add("island", answer(1));
  await vi.advanceTimersByTimeAsync(100);
  expect(outbox.locked.value).toBe(true);
  await vi.runAllTimersAsync(); // the link was opened again meanwhile
  expect(stored).toEqual(["operation-1"]);
  expect(outbox.locked.value).toBe(false);
});

test("a server that asks for patience gets it", async () => {
  const { stored, send } = server([new ApiError(429, "slow down", "", 7)]);
  const outbox = new Outbox(new MemoryStore(), send, "project");
  outbox.add("island", answer(1));
  await vi.advanceTimersByTimeAsync(6_900);
  expect(stored).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(stored).toEqual(["operation-1"]);
});

test("a device that keeps nothing loses nothing while the page is open", async () => {
  const { stored, send } = server([new OfflineError()]);
  const full = { all: async () => [], add: async () => Promise.reject(new Error("quota")), remove: async () => undefined };
  const outbox = new Outbox(full, send, "project");
  outbox.add("island", answer(1));
  await vi.runAllTimersAsync();
  expect(stored).toEqual(["operation-1"]);
});

test("the last answer on a picture says whether it is answered", () => {
  expect([...answeredAmong([answer(1), answer(2, "unsure"), answer(1, "undo"), answer(3), answer(3, "undo"), answer(3)])]).toEqual(["1-2", "1-3"]);
});
