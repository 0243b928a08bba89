// Keeps the page itself for a start without connection. Pictures are kept by the browser's own cache, answers by the page's outbox.
const SHELL = "shell-1";

self.addEventListener("install", (event) => {
  // What is sent while the page closes would be lost on its way through this worker.
  event.addRoutes?.({ condition: { not: { requestMethod: "GET" } }, source: "network" });
  // What the page loaded before this worker was there is kept too: the very first visit may be followed by a start without connection.
  event.waitUntil(keepPage().catch(() => undefined).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(networkFirst(new Request("/")));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(cacheFirst(event.request));
});

async function keepPage() {
  const request = new Request("/");
  const response = await fetch(request, { cache: "no-cache" });
  if (!response.ok) return;
  const cache = await caches.open(SHELL);
  const assets = [...(await response.clone().text()).matchAll(/"(\/assets\/[^"]+)"/g)].map((match) => match[1]);
  await cache.addAll(assets);
  await cache.put(request, response);
}

async function networkFirst(request) {
  const cache = await caches.open(SHELL);
  try {
    const response = await fetch(request, { cache: "no-cache" });
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request);
    if (kept) return kept;
    throw error;
  }
}

async function cacheFirst(request) {
  const cache = await caches.open(SHELL);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) {
    await forgetOlder(cache);
    await cache.put(request, response.clone());
  }
  return response;
}

// Assets carry their hash in the name; a new build leaves the old ones behind.
async function forgetOlder(cache) {
  const assets = (await cache.keys()).filter((request) => new URL(request.url).pathname.startsWith("/assets/"));
  await Promise.all(assets.slice(0, Math.max(0, assets.length - 60)).map((request) => cache.delete(request)));
}
