#!/usr/bin/env bash
# Decode and resize 256x256 JPEGs to 224x224, beside PIL: images per CPU second, in turns; then tiles per second of a scene of 8192x4096.
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
  # PIL gives a picture's memory back to the system after each; where page faults are dear, that is most of its time. Again with memory kept.
  echo -n "memory kept: "
  MALLOC_MMAP_THRESHOLD_=100000000 MALLOC_TRIM_THRESHOLD_=1000000000 MALLOC_TOP_PAD_=100000000 "$python" bench/imaging/decode_resize.py "$work/tiles" 5
done
"${program[@]}" tiling "$scene" "$work"
