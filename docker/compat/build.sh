#!/bin/sh
# Makes libbaton-compat-x64.so and -arm64.so, start-x64.bin and start-arm64.bin, which stand in the repository so that a build
# needs no C compiler.
#   docker/compat/build.sh [FOLDER]
# Needs gcc and gcc-aarch64-linux-gnu. Debian 12's gcc 12.2 gives the very bytes that are here; an image test checks it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}

compile() {
  cc=$1
  shift
  "$cc" -std=c11 -Os -Wall -Wextra -Werror -fvisibility=hidden -nostdlib -fno-stack-protector \
    -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-ident -Wl,--build-id=none "$@"
}

build() {
  arch=$1 cc=$2
  shift 2
  compile "$cc" "$@" -fPIC -shared -s \
    -Wl,-soname,libbaton-compat.so -Wl,--hash-style=gnu -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,now \
    -o "$out/libbaton-compat-$arch.so" "$here/compat.c"
  # GNU's C, for assembler. No call of a libc's memset for a loop.
  compile "$cc" "$@" -std=gnu11 -fPIE -static -ffreestanding -fno-tree-loop-distribute-patterns \
    -Wl,-T,"$here/start.ld" -o "$out/start-$arch.elf" "$here/start.c"
  "${cc%gcc}objcopy" -O binary "$out/start-$arch.elf" "$out/start-$arch.bin"
  rm "$out/start-$arch.elf"
}

build x64 "${CC_X64:-x86_64-linux-gnu-gcc}" -fcf-protection=none
# Without the outline helpers, which are libgcc's.
build arm64 "${CC_ARM64:-aarch64-linux-gnu-gcc}" -mno-outline-atomics
