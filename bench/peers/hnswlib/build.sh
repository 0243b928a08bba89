#!/usr/bin/env bash
# Compiles the hnswlib shim for this machine into the given folder. Fetches Debian's headers (libhnswlib-dev) without root when they are not installed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: build.sh FOLDER}
mkdir -p "$out"
out=$(cd "$out" && pwd)
[ "$out/libpeer_hnswlib.so" -nt "$here/shim.cpp" ] && exit 0
include=/usr/include
if [ ! -e "$include/hnswlib/hnswlib.h" ]; then
  include=$out/headers/usr/include
  if [ ! -e "$include/hnswlib/hnswlib.h" ]; then
    cd "$out"
    apt-get download libhnswlib-dev
    dpkg -x libhnswlib-dev_*.deb "$out/headers"
  fi
fi
g++ -std=c++17 -O3 -march=native -fPIC -shared -I "$include" "$here/shim.cpp" -o "$out/libpeer_hnswlib.so.part"
mv "$out/libpeer_hnswlib.so.part" "$out/libpeer_hnswlib.so"
