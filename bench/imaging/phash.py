"""PIL and scipy's side of hash.sh: 64-bit DCT hash, images per CPU second. Usage: phash.py FOLDER PASSES"""
import os
import sys
import time

import numpy
import scipy.fftpack
from PIL import Image

folder, passes = sys.argv[1], int(sys.argv[2])
files = sorted(os.path.join(folder, name) for name in os.listdir(folder))


def one_pass(small):
    for file in files:
        with Image.open(file) as image:
            if small:
                image.draft("L", (128, 128))
            pixels = numpy.asarray(image.convert("L").resize((32, 32), Image.BILINEAR), dtype=numpy.float64)
        low = scipy.fftpack.dct(scipy.fftpack.dct(pixels, axis=0, norm="ortho"), axis=1, norm="ortho")[:8, :8]
        numpy.packbits(low > numpy.median(low.ravel()[1:]))


for name, small in ("", False), (" told to decode grey and small", True):
    one_pass(small)
    before = time.process_time()
    for _ in range(passes):
        one_pass(small)
    print(f"pil+scipy{name} {len(files) * passes / (time.process_time() - before):.0f}")
