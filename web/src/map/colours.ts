import { none } from "./points";

export type Colour = readonly [number, number, number];

const grey: Colour = [150, 150, 150];
const lightness = [0.45, 0.58, 0.36];

/** Hues a golden angle apart: neighbours in number differ most. The same as the picture that `curator map` draws. */
export function categoryColour(category: number): Colour {
  if (category === none) return grey;
  const hue = ((210 + category * 137.50776405) % 360) / 60;
  const light = lightness[category % lightness.length]!;
  const chroma = (1 - Math.abs(2 * light - 1)) * 0.7;
  const second = chroma * (1 - Math.abs((hue % 2) - 1));
  const parts: [number, number, number][] = [
    [chroma, second, 0],
    [second, chroma, 0],
    [0, chroma, second],
    [0, second, chroma],
    [second, 0, chroma],
    [chroma, 0, second],
  ];
  const floor = light - chroma / 2;
  const [red, green, blue] = parts[Math.floor(hue)]!;
  return [Math.round((red + floor) * 255), Math.round((green + floor) * 255), Math.round((blue + floor) * 255)];
}

const stops: Colour[] = [
  [46, 44, 122],
  [38, 99, 155],
  [28, 145, 132],
  [112, 172, 66],
  [235, 190, 40],
];

/** From dark blue over green to yellow, by a share from 0 to 1. */
export function scaleColour(share: number): Colour {
  const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  const part = place - low;
  const [a, b] = [stops[low]!, stops[low + 1]!];
  return [Math.round(a[0] + (b[0] - a[0]) * part), Math.round(a[1] + (b[1] - a[1]) * part), Math.round(a[2] + (b[2] - a[2]) * part)];
}

/** As numbers that a little-endian array of pixels takes: ABGR. */
export function packed([red, green, blue]: Colour): number {
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}

export const css = ([red, green, blue]: Colour) => `rgb(${red} ${green} ${blue})`;

/** Colour of each value of a column: 65,536 entries, so that a point costs one look-up. */
export function palette(column: { names: string[] } | { low: number; high: number }): Uint32Array {
  const colours = new Uint32Array(65_536).fill(packed(grey));
  if ("names" in column) for (let i = 0; i < none; i++) colours[i] = packed(categoryColour(i));
  else for (let i = 0; i < none; i++) colours[i] = packed(scaleColour(i / (none - 1)));
  return colours;
}
