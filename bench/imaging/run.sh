#!/usr/bin/env bash
# Decode and resize 256x256 JPEGs to 224x224, beside PIL: images per CPU second, in turns.
# Usage: bench/imaging/run.sh SCENE [ROUNDS]     needs python3-pil
set -euo pipefail
cd "$(dirname "$0")/../.."
scene=$1
rounds=${2:-5}
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build bench/imaging/DecodeResize -c Release --nologo -v quiet
program=(dotnet artifacts/bin/DecodeResize/release*/DecodeResize.dll)
"${program[@]}" cut "$scene" "$work/tiles"
for ((i = 0; i < rounds; i++)); do
  "${program[@]}" decode "$work/tiles" 5
  "$python" bench/imaging/decode_resize.py "$work/tiles" 5
done
