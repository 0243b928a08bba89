// A peer of `curator-benchmarks embed-speed`: the exported network in ONNX Runtime for Node, pictures decoded from JPEG by sharp (libvips, libjpeg-turbo). A number of pictures a line in, JSON out.
// node embed.mjs --model FILE --images FOLDER [--threads 2] [--batch 64]; the modules are looked for in the folder that NODE_PATH names.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const threads = Number(option("threads", "2")), batch = Number(option("batch", "64"));
// As many decode at once as there are threads; read when the first of them is asked for.
process.env.UV_THREADPOOL_SIZE = String(threads);

const require = createRequire(join(process.env.NODE_PATH ?? import.meta.dirname, "node_modules", "from.js"));
const sharp = require("sharp"), ort = require("onnxruntime-node");
sharp.cache(false);
sharp.concurrency(1);

const side = 64;
const images = option("images");
const files = readdirSync(images, { recursive: true }).filter((name) => name.endsWith(".jpg")).map((name) => join(images, name)).sort();
const session = await ort.InferenceSession.create(option("model"), {
  intraOpNumThreads: threads, interOpNumThreads: 1, executionProviders: ["cpu"], graphOptimizationLevel: "all", extra: { session: { intra_op: { allow_spinning: "0" } } },
});
// From memory: given a path, sharp takes half as long again.
const decode = (file) => sharp(readFileSync(file)).resize(side, side, { fit: "fill" }).removeAlpha().toColourspace("srgb").raw().toBuffer();

async function embed(count) {
  for (let first = 0; first < count; first += batch) {
    const pictures = await Promise.all(files.slice(first, Math.min(count, first + batch)).map(decode));
    const pixels = new ort.Tensor("uint8", Uint8Array.from(Buffer.concat(pictures)), [pictures.length, side, side, 3]);
    const { embedding } = await session.run({ pixels });
    if (embedding.dims[0] !== pictures.length) throw new Error(`${embedding.dims} embeddings of ${pictures.length} pictures`);
  }
}

console.log(JSON.stringify({ "onnxruntime-node": require("onnxruntime-node/package.json").version, sharp: sharp.versions.sharp, libvips: sharp.versions.vips }));
for await (const line of createInterface({ input: process.stdin })) {
  const count = Number(line.split(" ")[0]);
  const wall = performance.now(), cpu = process.cpuUsage();
  await embed(count);
  const used = process.cpuUsage(cpu);
  console.log(JSON.stringify({ images: count, wall: (performance.now() - wall) / 1000, cpu: (used.user + used.system) / 1e6 }));
}
