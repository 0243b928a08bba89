"""The peer of `curator-benchmarks embed-speed`: the same network in PyTorch eager or ONNX Runtime, pictures decoded from JPEG by PIL. A number of pictures a line in, JSON out."""
import argparse
import json
import os
import sys
import time

import numpy
import torch
from PIL import Image

from simclr import network, processor_seconds


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--network", default="resnet18")
    a.add_argument("--width", type=int, default=32)
    a.add_argument("--engine", choices=["eager-fp32", "eager-bf16", "ort"], default="eager-fp32")
    a.add_argument("--model", help="the ONNX file (ort)")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--batch", type=int, default=64)
    a.add_argument("--images", required=True)
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    model, _ = network(o.network, o.width)
    model.eval()
    half = o.engine == "eager-bf16"
    if half:
        model = model.to(memory_format=torch.channels_last)
    files = sorted(os.path.join(r, f) for r, _, fs in os.walk(o.images) for f in fs if f.endswith(".jpg"))
    session = None
    if o.engine == "ort":
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = o.threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(o.model, options, providers=["CPUExecutionProvider"])
    print(json.dumps({"torch": torch.__version__, "onnxruntime": session and onnxruntime.__version__}), flush=True)
    for line in sys.stdin:
        count = int(line.split()[0])
        wall, cpu = time.perf_counter(), processor_seconds()
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=half):
            for first in range(0, count, o.batch):
                pictures = numpy.stack([numpy.asarray(Image.open(f).convert("RGB").resize((64, 64))) for f in files[first:first + o.batch]])
                if session is not None:
                    session.run(None, {"pixels": pictures})
                    continue
                x = torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous().float().div_(255).sub_(0.4).div_(0.2)
                model(x.contiguous(memory_format=torch.channels_last) if half else x)
        print(json.dumps({"images": count, "wall": time.perf_counter() - wall, "cpu": processor_seconds() - cpu}), flush=True)


if __name__ == "__main__":
    main()
