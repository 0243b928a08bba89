#!/usr/bin/env bash
# search-recall on real embeddings: patches of EuroSAT, embedded once. Needs python3-pil and python3-numpy. Further arguments go to the suite.
# usage: eurosat.sh EUROSAT FOLDER [ENCODER] [--graphs 16:100,32:200 …]
set -euo pipefail
python=${PYTHON:-/usr/bin/python3}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
source=${1:?usage: eurosat.sh EUROSAT FOLDER [ENCODER] [--option value …]}
out=${2:?usage: eurosat.sh EUROSAT FOLDER [ENCODER] [--option value …]}
shift 2
mkdir -p "$out"
out=$(cd "$out" && pwd)
encoder=statistics
case "${1:-}" in "" | --*) ;; *) encoder=$1; shift ;; esac
export CURATOR_WORKSPACE=$out/project
if [ ! -e "$out/$encoder.npy" ]; then
  [ -d "$out/patches" ] || "$python" "$here/eurosat_rows.py" cut "$source" "$out/patches"
  "$root/curator" init "$out/project"
  "$root/curator" add "$out/patches"
  "$root/curator" embed --encoder "$encoder"
  "$root/curator" embeddings export "$out/$encoder.npy" --encoder "$encoder"
fi
"$python" "$here/eurosat_rows.py" split "$out/$encoder.npy"
cd "$root"
./curator bench search-recall --vectors "$out/$encoder-rows.npy" --query-vectors "$out/$encoder-queries.npy" --cache "$out" "$@"
