import { expect, test } from "vitest";
import { Explorer } from "../src/panel/explorer";
import { ApiError, OfflineError, readLink } from "../src/server";
import { texts } from "../src/texts";

const connection = { server: "http://127.0.0.1:5178", bearer: "key", role: "owner" as const };
const address = "https://worldview.earthdata.nasa.gov/?v=0,0,40,20&l=MODIS_A_TrueColor,Other_B&t=2020-09-27";
const preview = { layer: "", time: "2020-09-27", box: { south: 0, west: 0, north: 20, east: 40 }, width: 400, height: 200, noDataShare: 0, picture: "data:," };
const hit = (imageId: string, distance: number) => ({ imageId, distance, picture: `/${imageId}`, takenAt: null, box: null, product: "p", resolution: "r", period: "all" });

interface Asked {
  path: string;
  body: { part?: unknown; positives?: { part?: { box: unknown }; embedding?: number[]; image?: string }[]; negatives?: unknown[] };
}

function explorer(answer: (asked: Asked) => unknown = () => preview) {
  const asked: Asked[] = [];
  let refused = 0;
  const made = new Explorer(connection, () => refused++, async <T>(_: string, path: string, body?: unknown) => {
    const one = { path, body: body as Asked["body"] };
    asked.push(one);
    return answer(one) as T;
  });
  return { made, asked, refused: () => refused };
}

const found = ({ path, body }: Asked) => {
  if (path !== "/api/search") return preview;
  const first = body.positives![0]!;
  return first.part ? { encoder: "e@1", embedding: [asNumber(first.part.box)], hits: [hit(`1-${asNumber(first.part.box)}`, 0.2), hit("1-0", asNumber(first.part.box) / 100)] } : { encoder: "e@1", embedding: null, hits: [hit("9-9", 0.1)] };
};
const asNumber = (box: unknown) => Math.round((box as { east: number; west: number }).east - (box as { west: number }).west);

test("a view is asked for once however often its address comes, and another layer or date asks again", async () => {
  const { made, asked } = explorer();
  await made.showAddress(address, new Date());
  await made.showAddress(`${address}&ab=on`, new Date());
  expect(asked).toHaveLength(1);
  expect(asked[0]!.body.part).toMatchObject({ layer: "MODIS_A_TrueColor", time: "2020-09-27", box: { west: 0, east: 40 } });
  await made.choose({ layer: "Other_B" });
  await made.choose({ date: "2020-09-28" });
  expect(asked.at(-1)!.body.part).toMatchObject({ layer: "Other_B", time: "2020-09-28" });
  expect(made.frame.value).toEqual({ x: 0.25, y: 0, width: 0.5, height: 1 });
});

test("several sizes are searched each, and joined; searching again uses their embeddings", async () => {
  const { made, asked } = explorer(found);
  await made.showAddress(address, new Date());
  made.manySizes.value = true;
  await made.find();
  // 20 degrees wide; half of it; twice as wide, as far as the poles allow
  expect(made.hits.value!.map(({ imageId, distance }) => [imageId, distance])).toEqual([["1-0", 0.1], ["1-10", 0.2], ["1-20", 0.2], ["1-40", 0.2]]);
  const [good, bad] = [made.hits.value![1]!, made.hits.value![2]!];
  made.mark(good, "good");
  made.mark(bad, "bad");
  asked.length = 0;
  await made.run();
  expect(asked.map(({ body }) => body.positives)).toEqual([20, 10, 40].map((size) => [{ embedding: [size] }, { image: "1-10" }]));
  expect(asked[0]!.body.negatives).toEqual([{ image: "1-20" }]);
  expect(made.hits.value!.map(({ imageId }) => imageId)).toEqual(["9-9"]);
});

test("a hit is in one tray at most, and marking it again takes it away", () => {
  const { made } = explorer();
  const one = hit("1-0", 0);
  made.mark(one, "good");
  made.mark(one, "bad");
  expect([made.good.value.length, made.markOf("1-0")]).toEqual([0, "bad"]);
  made.mark(one, "bad", true);
  expect(made.bad.value).toEqual([one]);
  made.mark(one, "bad");
  expect(made.markOf("1-0")).toBeNull();
});

test("what cannot be had is said: a layer, a server, a key", async () => {
  let error: Error = new ApiError(404, "There is no layer 'X'.", "Did you mean 'Y'?", null);
  const { made, refused } = explorer(() => {
    throw error;
  });
  await made.showAddress(address, new Date());
  expect([made.previewProblem.value, made.preview.value]).toEqual(["There is no layer 'X'. Did you mean 'Y'?", null]);
  error = new OfflineError("");
  await made.showPreview();
  expect(made.previewProblem.value).toBe(texts.dead(connection.server));
  expect(refused()).toBe(0);
  error = new ApiError(401, "No session.", "", null);
  await made.showPreview();
  expect(refused()).toBe(1);
});

test("an answer that comes after a newer view's is left aside", async () => {
  const waiting: ((answer: unknown) => void)[] = [];
  const { made } = explorer(() => new Promise((resolve) => waiting.push(resolve)));
  const first = made.showAddress(address, new Date());
  const second = made.showAddress(address.replace("0,0,40,20", "50,0,90,20"), new Date());
  waiting[1]!({ ...preview, picture: "second" });
  await second;
  waiting[0]!({ ...preview, picture: "first" });
  await first;
  expect([made.preview.value?.picture, made.previewBusy.value]).toEqual(["second", false]);
});

test("links are read, and plain http is for this machine only", () => {
  const token = "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE";
  expect(readLink(`http://127.0.0.1:5178/tasks/island#token=${token}`, "")).toEqual({ server: "http://127.0.0.1:5178", token });
  expect(readLink(` ${token} `, "https://curator.example/")).toEqual({ server: "https://curator.example", token });
  for (const [text, server] of [[`http://192.168.1.5:5178/#token=${token}`, ""], [token, "ftp://127.0.0.1"], ["short", "http://127.0.0.1"], [`javascript:alert(1)#token=${token}`, ""], ["", ""]] as const)
    expect(readLink(text, server)).toBeNull();
});
