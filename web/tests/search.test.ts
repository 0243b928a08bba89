import { beforeEach, describe, expect, it } from "vitest";
import { conditions, noFilter, toFilter } from "../src/search/filter";
import { hitAction, moved } from "../src/search/gridKeys";
import { Search } from "../src/search/search";
import type { SearchAnswer, SearchRequest } from "../src/search/searchApi";
import { taskName } from "../src/search/taskName";

const hit = (row: number) => ({
  imageId: `1-${row}`, distance: row / 100, picture: `/api/images/1-${row}/picture?v=x`, takenAt: null, box: null, product: "p", resolution: "native", period: "all",
});

/** A server with ten pictures. It answers when told to, so that answers can overtake each other. */
class Server {
  asked: SearchRequest[] = [];
  waiting: (() => void)[] = [];
  held = false;

  search = async (request: SearchRequest): Promise<SearchAnswer> => {
    this.asked.push(request);
    const count = request.count;
    if (this.held) await new Promise<void>((go) => this.waiting.push(go));
    return { encoder: "statistics@1", hits: Array.from({ length: Math.min(count, 10) }, (_, row) => hit(row)), embedding: [1, 2] };
  };

  embed = async (): Promise<SearchAnswer> => ({ encoder: "statistics@1", hits: [], embedding: [0.5, 0.25] });
}

describe("a search", () => {
  let server: Server;
  let search: Search;
  beforeEach(() => {
    server = new Server();
    search = new Search(server);
  });

  it("goes by the picture that was picked", async () => {
    await search.likeImage("1-3", "/p");
    expect(server.asked.at(-1)).toEqual({ positives: [{ image: "1-3" }], negatives: [], count: 50, filter: {} });
    expect(search.hits.value).toHaveLength(10);
  });

  it("goes by an embedding, and the encoder that made it, once a picture was sent", async () => {
    await search.addPicture(new Blob(["x"]), "island.jpg", null);
    expect(server.asked.at(-1)).toMatchObject({ positives: [{ embedding: [0.5, 0.25] }], encoder: "statistics@1" });
  });

  it("does not send what the server would refuse for its size", async () => {
    await search.addPicture({ size: 17 * 1024 * 1024 } as Blob, "huge.tif", null);
    expect(search.problem.value).toContain("16 MB");
    expect(server.asked).toHaveLength(0);
  });

  it("takes marked hits into the next search, and a second mark back", async () => {
    await search.likeImage("1-0", "/p");
    search.mark("1-1", "good");
    search.mark("1-2", "bad");
    search.mark("1-4", "bad");
    search.mark("1-4", "bad");
    expect([search.good.value, search.bad.value]).toEqual([1, 1]);
    await search.refine();
    expect(server.asked.at(-1)).toMatchObject({ positives: [{ image: "1-0" }, { image: "1-1" }], negatives: [{ image: "1-2" }] });
    expect(search.marks.value.size).toBe(0);
    search.mark("1-1", "bad");
    search.mark("1-2", "good");
    await search.refine();
    expect(server.asked.at(-1)).toMatchObject({ positives: [{ image: "1-0" }, { image: "1-2" }], negatives: [{ image: "1-1" }] });
  });

  it("keeps an example when all were marked bad", async () => {
    await search.likeImage("1-0", "/p");
    search.mark("1-0", "bad");
    await search.refine();
    expect(server.asked).toHaveLength(1);
    expect(search.problem.value).toContain("must stay");
    expect(search.positives.value).toHaveLength(1);
  });

  it("keeps the newest fifty", async () => {
    await search.likeImage("9-9", "/p");
    for (let round = 0; round < 6; round++) {
      search.hits.value = Array.from({ length: 10 }, (_, i) => hit(round * 10 + i));
      for (const { imageId } of search.hits.value) search.mark(imageId, "good");
      await search.refine();
    }
    expect(search.positives.value).toHaveLength(50);
    expect(server.asked.at(-1)!.positives.at(-1)).toEqual({ image: "1-59" });
  });

  it("shows the answer to what was asked last, however late others come", async () => {
    server.held = true;
    const first = search.likeImage("1-0", "/p");
    const second = search.changeFilter({ products: ["modis"] });
    server.waiting[1]!();
    await second;
    expect(search.busy.value).toBe(false);
    search.hits.value = search.hits.value!.slice(0, 3);
    server.waiting[0]!();
    await first;
    expect(search.hits.value).toHaveLength(3);
  });

  it("begins again when the last example is taken away", async () => {
    await search.likeImage("1-0", "/p");
    search.remove(search.positives.value[0]!);
    expect(search.hits.value).toBeNull();
  });

  it("does not search with half a box", async () => {
    await search.likeImage("1-0", "/p");
    await search.changeFilter({ box: ["1", "", "", ""] });
    expect(server.asked).toHaveLength(1);
    expect(search.problem.value).toContain("box");
  });
});

describe("filters", () => {
  it("take both days in", () => {
    expect(toFilter({ ...noFilter, from: "2024-02-28", to: "2024-02-29" })).toEqual({ filter: { from: "2024-02-28T00:00:00Z", to: "2024-03-01T00:00:00Z" } });
    expect(toFilter({ ...noFilter, from: "2024-03-01", to: "2024-02-29" })).toEqual({ wrong: "dates" });
  });

  it("take a box across the antimeridian and none upside down", () => {
    expect(toFilter({ ...noFilter, box: ["-20", "170", "-10", "-170"] })).toEqual({ filter: { box: { south: -20, west: 170, north: -10, east: -170 } } });
    expect(toFilter({ ...noFilter, box: ["10", "0", "-10", "20"] })).toEqual({ wrong: "box" });
    expect(toFilter({ ...noFilter, box: ["0", "0", "x", "20"] })).toEqual({ wrong: "box" });
  });

  it.each([
    ["any", {}],
    ["none", { holds: false }],
    ["unsure", { value: "unsure" }],
    ["=none", { value: "none" }],
  ])("of labels: %s", (answer, condition) => {
    expect(toFilter({ ...noFilter, task: "island", answer })).toEqual({ filter: { labels: [{ task: "island", ...condition }] } });
  });

  it("are counted by kind", () => {
    expect(conditions(noFilter)).toBe(0);
    expect(conditions({ ...noFilter, from: "2024-01-01", to: "2024-02-01", box: ["1", "2", "3", "4"], distinct: true })).toBe(3);
  });
});

describe("keys on tiles", () => {
  it.each([
    [0, "ArrowRight", 1],
    [6, "ArrowRight", 6],
    [0, "ArrowLeft", 0],
    [1, "ArrowDown", 4],
    [5, "ArrowDown", 5],
    [4, "ArrowUp", 1],
    [2, "ArrowUp", 2],
    [3, "Home", 0],
    [3, "End", 6],
    [3, "x", null],
  ])("from %i by %s to %s, seven tiles in rows of three", (index, key, target) => expect(moved(index, key, 3, 7)).toBe(target));

  it("mark, and leave the browser its own", () => {
    const plain = { ctrlKey: false, altKey: false, metaKey: false };
    expect(hitAction({ ...plain, key: "G" })).toBe("good");
    expect(hitAction({ ...plain, key: "-" })).toBe("bad");
    expect(hitAction({ ...plain, key: "m" })).toBe("like");
    expect(hitAction({ ...plain, key: "-", ctrlKey: true })).toBeNull();
  });
});

describe("a task's name", () => {
  it.each([
    ["Is there an island?", "island"],
    ["Is there a dust storm?", "dust-storm"],
    ["Can you see it?", "can-you-see-it"],
    ["Gibt es hier Flüsse?", "gibt-es-hier-flusse"],
    ["???", "task"],
  ])("%s becomes %s", (question, name) => expect(taskName(question)).toBe(name));
});
