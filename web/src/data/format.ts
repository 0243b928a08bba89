/** Sizes and names as people read them. */

const units = ["B", "KB", "MB", "GB", "TB"];

/** `1.4 GB`, in powers of 1000 as disks are sold. */
export function bytes(count: number): string {
  let unit = 0;
  let value = count;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export const count = (value: number) => value.toLocaleString("en");

/** A metric's number: whole ones whole, small ones with what matters. */
export const number = (value: number) => (Number.isInteger(value) ? count(value) : Math.abs(value) >= 100 ? count(Math.round(value)) : String(Number(value.toPrecision(3))));

/** `knnAccuracy` and `batch-size` as words. */
export const words = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[-_.]/g, " ")
    .toLowerCase();

export const day = (time: string) => time.slice(0, 10);
