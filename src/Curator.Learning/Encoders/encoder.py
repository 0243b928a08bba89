"""Rebuilds an exported encoder in PyTorch: python3 encoder.py PICTURE..., or `Encoder(folder)(pixels)`."""
import json
import os
import struct
import sys

import numpy
import torch


def read_safetensors(path):
    """Name -> tensor of a safetensors file with single-precision numbers."""
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(length))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        tensors[name] = torch.from_numpy(numpy.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"]).copy())
    return tensors


class Encoder(torch.nn.Module):
    """uint8 pixels [N, S, S, C], RGB or the bands of encoder.json -> unit vectors [N, D]; without whitening.safetensors, features [N, F]."""

    def __init__(self, folder):
        super().__init__()
        with open(os.path.join(folder, "network.json")) as file:
            self.network = json.load(file)
        self.weights = read_safetensors(os.path.join(folder, "weights.safetensors"))
        path = os.path.join(folder, "whitening.safetensors")
        self.whitening = read_safetensors(path) if os.path.exists(path) else None

    def features(self, pixels):
        functional, weights = torch.nn.functional, self.weights
        mean = torch.tensor(self.network["mean"]).view(1, -1, 1, 1)
        deviation = torch.tensor(self.network["deviation"]).view(1, -1, 1, 1)
        values = [(pixels.permute(0, 3, 1, 2).float() / 255 - mean) / deviation]
        for layer in self.network["layers"]:
            value = values[layer["input"]]
            if layer["kind"] == "conv":
                norm = layer["norm"]
                value = functional.conv2d(value, weights[layer["convolution"] + ".weight"], stride=layer["stride"], padding=layer["padding"])
                value = functional.batch_norm(
                    value, weights[norm + ".running_mean"], weights[norm + ".running_var"], weights[norm + ".weight"], weights[norm + ".bias"])
            elif layer["kind"] == "relu":
                value = functional.relu(value)
            elif layer["kind"] == "add":
                value = value + values[layer["second"]]
            elif layer["kind"] == "maxpool":
                value = functional.max_pool2d(value, layer["kernel"], layer["stride"], layer["padding"])
            else:
                value = value.mean((2, 3))
            values.append(value)
        return values[-1]

    def forward(self, pixels):
        with torch.no_grad():
            features = self.features(pixels)
            if self.whitening is None:
                return features
            return functional_normalize(features @ self.whitening["matrix"].t() + self.whitening["shift"])


def functional_normalize(vectors):
    return torch.nn.functional.normalize(vectors, dim=1)


if __name__ == "__main__":
    from PIL import Image

    encoder = Encoder(os.path.dirname(os.path.abspath(__file__)))
    side = encoder.network["imageSize"]
    for picture in sys.argv[1:]:
        pixels = numpy.asarray(Image.open(picture).convert("RGB").resize((side, side), Image.BILINEAR))
        print(picture, " ".join(f"{value:.6f}" for value in encoder(torch.from_numpy(pixels.copy())[None])[0].tolist()))
