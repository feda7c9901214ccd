#!/bin/sh
# Makes libbaton-compat-x64.so and -arm64.so, which stand in the repository so that a build needs no C compiler.
#   docker/compat/build.sh [FOLDER]
# Needs gcc and gcc-aarch64-linux-gnu. Debian 12's gcc 12.2 gives the very bytes that are here; an image test checks it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}

build() {
  arch=$1 cc=$2
  shift 2
  "$cc" "$@" -std=c11 -Os -Wall -Wextra -Werror -fPIC -fvisibility=hidden -shared -nostdlib -s \
    -fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-ident \
    -Wl,-soname,libbaton-compat.so -Wl,--hash-style=gnu -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,now \
    -o "$out/libbaton-compat-$arch.so" "$here/compat.c"
}

build x64 "${CC_X64:-x86_64-linux-gnu-gcc}" -fcf-protection=none
# Without the outline helpers, which are libgcc's.
build arm64 "${CC_ARM64:-aarch64-linux-gnu-gcc}" -mno-outline-atomics
