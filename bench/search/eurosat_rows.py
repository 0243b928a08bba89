#!/usr/bin/env python3
"""Real rows for search-recall out of EuroSAT.

cut SOURCE OUT      every 64x64 tile into eight overlapping patches of 32x32: other ground on each, nothing turned or recoloured
split EXPORT.npy    held-out tiles (one in forty) give queries, the others rows: EXPORT-rows.npy, EXPORT-queries.npy; needs EXPORT.npy.csv beside it
"""
import pathlib
import sys

PLACES = [(0, 0), (16, 0), (32, 0), (0, 16), (32, 16), (0, 32), (16, 32), (32, 32)]


def cut(source, out):
    from PIL import Image

    for path in sorted(pathlib.Path(source).glob("*/*.jpg")):
        folder = pathlib.Path(out) / path.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        picture = Image.open(path).convert("RGB")
        for i, (x, y) in enumerate(PLACES):
            picture.crop((x, y, x + 32, y + 32)).save(folder / f"{path.stem}_{i}.png", compress_level=1)


def split(export):
    import numpy

    rows = numpy.load(export, mmap_mode="r")
    with open(export + ".csv", encoding="utf-8") as lines:
        tiles = [line.rsplit("/", 1)[1].rsplit("_", 1)[0] for line in list(lines)[1:]]
    held = set(sorted(set(tiles))[::40])
    mask = numpy.array([tile in held for tile in tiles])
    stem = export.removesuffix(".npy")
    numpy.save(stem + "-rows.npy", numpy.ascontiguousarray(rows[~mask]))
    numpy.save(stem + "-queries.npy", numpy.ascontiguousarray(rows[mask][::8]))


if __name__ == "__main__":
    {"cut": cut, "split": split}[sys.argv[1]](*sys.argv[2:])
