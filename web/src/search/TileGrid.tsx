import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { moved } from "./gridKeys";

interface Tile {
  imageId: string;
  picture: string;
}

interface Props<T extends Tile> {
  tiles: readonly T[];
  /** What a screen reader says of the tile. */
  nameOf(tile: T): string;
  onOpen(tile: T): void;
  /** Keys besides those that move; true when the key was used. */
  onKey?(tile: T, event: KeyboardEvent): boolean;
  /** Beneath the picture, inside its list item. */
  below?(tile: T): ComponentChildren;
  classOf?(tile: T): string;
}

/**
 * Pictures in rows. One Tab stop for all of them: arrow keys, Home and End move the focus from picture to picture, Enter opens. What is beneath a picture
 * is for fingers and mice; {@link Props.onKey} gives the keyboard the same.
 */
export function TileGrid<T extends Tile>({ tiles, nameOf, onOpen, onKey, below, classOf }: Props<T>) {
  const list = useRef<HTMLUListElement>(null);
  const [current, setCurrent] = useState(0);
  const focused = Math.min(current, Math.max(0, tiles.length - 1));

  function onKeyDown(event: KeyboardEvent, index: number) {
    const tile = tiles[index];
    if (!tile || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = moved(index, event.key, columns(list.current), tiles.length);
    if (target !== null) {
      setCurrent(target);
      list.current?.querySelectorAll<HTMLElement>(".tile")[target]?.focus();
    } else if (!onKey?.(tile, event)) return;
    event.preventDefault();
  }

  return (
    <ul class="tiles" ref={list}>
      {tiles.map((tile, index) => (
        <li key={tile.imageId} class={classOf?.(tile) ?? ""} onKeyDown={(event) => onKeyDown(event, index)} onFocusCapture={() => setCurrent(index)}>
          <button type="button" class="tile" tabIndex={index === focused ? 0 : -1} aria-label={nameOf(tile)} onClick={() => onOpen(tile)}>
            <img src={`${tile.picture}&size=256`} alt="" width={256} height={256} loading="lazy" decoding="async" draggable={false} />
          </button>
          {below?.(tile)}
        </li>
      ))}
    </ul>
  );
}

/** Tiles in the first row, as they are laid out now. */
function columns(list: HTMLElement | null): number {
  const tops = [...(list?.children ?? [])].map((item) => (item as HTMLElement).offsetTop);
  const next = tops.findIndex((top) => top !== tops[0]);
  return next < 0 ? Math.max(1, tops.length) : next;
}
