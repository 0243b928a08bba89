"""The peer of `curator-benchmarks train-speed`: the same SimCLR step in PyTorch.

Reads a number of steps a line from standard input, does them, answers one line of JSON: images, wall and processor seconds, seconds spent on views.
--mode lightly  every picture decoded from its JPEG and augmented by torchvision's CPU transforms one by one, SGD, as lightly's SimCLR example does it
--mode views    our batched views written as PyTorch tensor operations on the device, AdamW
"""
import argparse
import json
import math
import os
import random
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


def conv(i, o, k, s):
    c = nn.Conv2d(i, o, k, stride=s, padding=k // 2, bias=False)
    nn.init.kaiming_normal_(c.weight, mode="fan_out", nonlinearity="relu")
    return [c, nn.BatchNorm2d(o)]


class Block(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        self.body = nn.Sequential(*conv(i, o, 3, s), nn.ReLU(inplace=True), *conv(o, o, 3, 1))
        self.short = nn.Sequential(*conv(i, o, 1, s)) if s != 1 or i != o else nn.Identity()

    def forward(self, x):
        return F.relu(self.body(x) + self.short(x), inplace=True)


def network(name, w):
    if name == "small-cnn":
        layers = conv(3, w, 3, 2) + [nn.ReLU(inplace=True)]
        for stage in range(1, 4):
            layers += conv(w << (stage - 1), w << stage, 3, 2) + [nn.ReLU(inplace=True)]
            layers += conv(w << stage, w << stage, 3, 1) + [nn.ReLU(inplace=True)]
    else:
        small = name.endswith("-small")
        layers = conv(3, w, 3 if small else 7, 1 if small else 2) + [nn.ReLU(inplace=True)]
        if not small:
            layers.append(nn.MaxPool2d(3, 2, 1))
        i = w
        for stage in range(4):
            for block in range(2):
                layers.append(Block(i, w << stage, 2 if stage and not block else 1))
                i = w << stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), 8 * w


def nt_xent(z, temperature):
    z = F.normalize(z, dim=1)
    n = z.shape[0]
    logits = (z @ z.t() / temperature).masked_fill(torch.eye(n, dtype=torch.bool, device=z.device), float("-inf"))
    return F.cross_entropy(logits, (torch.arange(n, device=z.device) + n // 2) % n)


class BatchedViews:
    """Area crop, rotation, flips in one resampling; one colour matrix; blur of a tenth of the views: the preset 'satellite'."""

    def __init__(self, device, side):
        self.device, self.side = device, side
        p = torch.arange(side, device=device, dtype=torch.float32)
        self.distance = (p[:, None] - p[None]).abs()[None]
        self.luma = torch.tensor([0.299, 0.587, 0.114], device=device)

    def __call__(self, x):
        b, s, d = x.shape[0], self.side, self.device
        u = lambda low, high: torch.rand(b, device=d) * (high - low) + low
        area, aspect = u(0.3, 1), torch.exp(u(-math.log(4 / 3), math.log(4 / 3)))
        w, h = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)
        cx, cy, angle = u(-1, 1) * (1 - w), u(-1, 1) * (1 - h), u(-math.pi, math.pi)
        w, h = w * (torch.randint(0, 2, (b,), device=d) * 2 - 1), h * (torch.randint(0, 2, (b,), device=d) * 2 - 1)
        sine, cosine = angle.sin(), angle.cos()
        theta = torch.stack([torch.stack([cosine * w, -sine * h, cx], 1), torch.stack([sine * w, cosine * h, cy], 1)], 1)
        x = F.grid_sample(x, F.affine_grid(theta, (b, 3, s, s), align_corners=False), padding_mode="reflection", align_corners=False)
        x = x.reshape(b, 3, s * s)
        brightness, contrast, saturation = u(0.9, 1.1), u(0.9, 1.1), u(0.9, 1.1)
        eye = torch.eye(3, device=d)
        matrix = (brightness * contrast)[:, None, None] * (self.luma + saturation[:, None, None] * (eye - self.luma))
        offset = ((1 - contrast) * brightness * (x.mean(2) * self.luma).sum(1))[:, None, None]
        x = (matrix.bmm(x) + offset).clamp_(0, 1).reshape(b, 3, s, s)
        chosen = (torch.rand(b) < 0.1).nonzero()[:, 0].to(d)
        if len(chosen):
            sigma = (torch.rand(len(chosen), device=d) * 0.6 + 0.1)[:, None, None]
            k = torch.exp(-0.5 * (self.distance / sigma) ** 2) * (self.distance <= (3 * sigma).ceil())
            k = (k / k.sum(2, keepdim=True))[:, None]
            x.index_copy_(0, chosen, k.matmul(x.index_select(0, chosen)).matmul(k.transpose(2, 3)))
        return x


def lightly_loader(folder, batch):
    """Decode and augment with PIL, one picture at a time: crop, flip, jitter 0.8, grey 0.2, blur 0.5 (Chen et al. 2020, appendix A)."""
    from PIL import Image, ImageFilter
    from torchvision import transforms as T

    blur = T.Lambda(lambda image: image.filter(ImageFilter.GaussianBlur(random.uniform(0.1, 2))))
    one = T.Compose([
        T.RandomResizedCrop(64, scale=(0.08, 1)), T.RandomHorizontalFlip(), T.RandomApply([T.ColorJitter(0.8, 0.8, 0.8, 0.2)], 0.8), T.RandomGrayscale(0.2),
        T.RandomApply([blur], 0.5), T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
    files = sorted(os.path.join(r, f) for r, _, fs in os.walk(folder) for f in fs if f.endswith(".jpg"))
    while True:
        random.shuffle(files)
        for first in range(0, len(files) - batch + 1, batch):
            pictures = [Image.open(f).convert("RGB") for f in files[first:first + batch]]
            yield torch.stack([one(p) for p in pictures] + [one(p) for p in pictures])


def processor_seconds():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--mode", choices=["lightly", "views"], required=True)
    a.add_argument("--network", default="resnet18")
    a.add_argument("--width", type=int, default=64)
    a.add_argument("--batch", type=int, default=256)
    a.add_argument("--precision", choices=["fp32", "tf32", "bf16"], default="fp32")
    a.add_argument("--device", default="cpu")
    a.add_argument("--threads", type=int, default=2)
    a.add_argument("--images", help="folder of JPEGs (lightly)")
    a.add_argument("--tiles", help="raw bytes [N, 64, 64, 3] (views)")
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    device = torch.device(o.device)
    cuda = device.type == "cuda"
    if cuda:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = o.precision == "tf32"
        torch.backends.cudnn.benchmark = True
    half = o.precision == "bf16"
    backbone, features = network(o.network, o.width)
    head = nn.Sequential(nn.Linear(features, features, bias=False), nn.BatchNorm1d(features), nn.ReLU(), nn.Linear(features, 128, bias=False))
    model = nn.Sequential(backbone, head).to(device)
    if half:
        model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.06) if o.mode == "lightly" else torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-4)
    loader = lightly_loader(o.images, o.batch) if o.mode == "lightly" else None
    if o.mode == "views":
        import numpy
        pool = torch.from_numpy(numpy.fromfile(o.tiles, dtype=numpy.uint8).reshape(-1, 64, 64, 3))
        views = BatchedViews(device, 64)
        mean, scale = torch.full((1, 3, 1, 1), 0.4, device=device), torch.full((1, 3, 1, 1), 1 / 0.2, device=device)

    def synchronize():
        if cuda:
            torch.cuda.synchronize()

    def make_views():
        if loader is not None:
            return next(loader)
        chosen = torch.randint(0, len(pool), (o.batch,))
        host = pool[chosen]
        x = (host.pin_memory().to(device, non_blocking=True) if cuda else host).permute(0, 3, 1, 2).contiguous().float().div_(255)
        x = views(torch.cat([x, x])).sub(mean).mul_(scale)
        return x.contiguous(memory_format=torch.channels_last) if half else x

    print(json.dumps({"torch": torch.__version__, "device": torch.cuda.get_device_name() if cuda else "cpu"}), flush=True)
    for line in sys.stdin:
        steps, what = line.split()
        synchronize()
        wall, cpu = time.perf_counter(), processor_seconds()
        for _ in range(int(steps)):
            with torch.no_grad():
                x = make_views()
            if what == "views":
                continue
            with torch.autocast(device.type, torch.bfloat16, enabled=half):
                z = backbone(x)
            loss = nt_xent(head(z.float()), 0.2)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        if what == "step":
            loss = float(loss.detach())
        synchronize()
        print(json.dumps({"images": int(steps) * o.batch, "wall": time.perf_counter() - wall, "cpu": processor_seconds() - cpu}), flush=True)


if __name__ == "__main__":
    main()
