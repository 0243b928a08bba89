"""PIL's side of run.sh: decode and resize to 224x224, images per CPU second. Usage: decode_resize.py FOLDER PASSES"""
import os
import sys
import time

from PIL import Image

folder, passes = sys.argv[1], int(sys.argv[2])
files = sorted(os.path.join(folder, name) for name in os.listdir(folder))


def one_pass():
    for file in files:
        with Image.open(file) as image:
            image.convert("RGB").resize((224, 224), Image.BILINEAR).tobytes()


one_pass()
before = time.process_time()
for _ in range(passes):
    one_pass()
print(f"pil {len(files) * passes / (time.process_time() - before):.0f}")
