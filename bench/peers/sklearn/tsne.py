"""t-SNE of scikit-learn on raw single-precision rows: INPUT OUTPUT DIMENSION PERPLEXITY STEPS. Prints one line of JSON about itself."""
import inspect
import json
import pathlib
import re
import sys
import time

import numpy
import sklearn
from sklearn.manifold import TSNE

source, target, dimension, perplexity, steps = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
rows = numpy.fromfile(source, dtype=numpy.float32).reshape(-1, dimension)
wall, cpu = time.perf_counter(), time.process_time()
# Called max_iter from 1.5 on.
limit = {"max_iter" if "max_iter" in inspect.signature(TSNE).parameters else "n_iter": steps}
layout = TSNE(perplexity=perplexity, **limit, init="pca", learning_rate="auto", n_jobs=-1, random_state=1).fit_transform(rows)
answer = {
    "name": f"t-SNE of scikit-learn {sklearn.__version__}",
    "wall": time.perf_counter() - wall,
    "cpu": time.process_time() - cpu,
    # Not getrusage's, which begins with what the process that started this one held.
    "peakMegabytes": int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path("/proc/self/status").read_text())[1]) / 1e3,
}
layout.astype(numpy.float32).tofile(target)
print(json.dumps(answer))
