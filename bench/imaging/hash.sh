#!/usr/bin/env bash
# 64-bit perceptual hashes from 256x256 JPEGs, beside PIL and scipy, in turns; then a million hashes, all pairs; then changed copies of class folders.
# Usage: bench/imaging/hash.sh SCENE CLASS_FOLDERS [ROUNDS]     needs python3-pil and python3-scipy
set -euo pipefail
cd "$(dirname "$0")/../.."
scene=$1 folders=$2 rounds=${3:-5}
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build bench/imaging/DecodeResize -c Release --nologo -v quiet
program=(dotnet artifacts/bin/DecodeResize/release*/DecodeResize.dll)
"${program[@]}" cut "$scene" "$work/tiles"
for ((i = 0; i < rounds; i++)); do
  "${program[@]}" hash "$work/tiles" 20
  "$python" bench/imaging/phash.py "$work/tiles" 20
done
"${program[@]}" pairs 1000000 7
"${program[@]}" copies "$folders" 60
