// The libc that goes with a layer for Amazon Linux 2: packages of Debian 12, each pinned by its hash.
import type { Architecture } from '../elf/image.ts'

export interface DebianPackage {
  readonly name: string
  readonly version: string
  readonly license: string
  /** Below the mirror's address, without the architecture and what follows it. */
  readonly path: string
  /** SHA-256 of the .deb, in hex. */
  readonly sha256: Readonly<Record<Architecture, string>>
  /** What is taken of it. */
  readonly libraries: readonly string[]
}

/** Debian's names. */
export const DEBIAN_ARCHITECTURE = { x64: 'amd64', arm64: 'arm64' } as const
export const TRIPLET = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' } as const
/** The loader, by the name that programs know it by. */
const LOADER = { x64: 'ld-linux-x86-64.so.2', arm64: 'ld-linux-aarch64.so.1' } as const

const GLIBC = '2.36-9+deb12u14'
const GCC = '12.2.0-14+deb12u1'
const GCC_LICENSE = 'GPL-3.0-or-later WITH GCC-exception-3.1'

/** What a layer for `architecture` gets. */
export function libcPackages(architecture: Architecture): readonly DebianPackage[] {
  return [
    {
      name: 'libc6',
      version: GLIBC,
      license: 'LGPL-2.1-or-later',
      path: `pool/main/g/glibc/libc6_${GLIBC}`,
      sha256: {
        x64: 'ba4f88f73dbc3ae9055f3c20f4523bfdbaf1ad13ff95e258924f77d20b4fbedf',
        arm64: '01f4330719fd4f65580e16ea5a0527f372fca750e8f588d26deaf09f2d3b1cf4',
      },
      libraries: [
        ...[LOADER[architecture], 'libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0'],
        ...['librt.so.1', 'libresolv.so.2'],
      ],
    },
    {
      name: 'libgcc-s1',
      version: GCC,
      license: GCC_LICENSE,
      path: `pool/main/g/gcc-12/libgcc-s1_${GCC}`,
      sha256: {
        x64: '3016e62cb4b7cd8038822870601f5ed131befe942774d0f745622cc77d8a88f7',
        arm64: '576926b283613db80168ddf76380a3bd877602778cf0d226caa7bfbfa71eacf3',
      },
      libraries: ['libgcc_s.so.1'],
    },
    {
      name: 'libstdc++6',
      version: GCC,
      license: GCC_LICENSE,
      path: `pool/main/g/gcc-12/libstdc++6_${GCC}`,
      sha256: {
        x64: '5cd3171216d4ab0fc911cfe9c35509bf2dd8f47761c43b7f6a4296701551a24d',
        arm64: '26e138c677a985775331373828a6c286c551ff397cb735d00e2383cb273d1cb2',
      },
      libraries: ['libstdc++.so.6'],
    },
  ]
}

/** Where the packages above refer to for what may be done with them. */
export const LICENSE_PACKAGES: readonly DebianPackage[] = [
  {
    name: 'gcc-12-base',
    version: GCC,
    license: GCC_LICENSE,
    path: `pool/main/g/gcc-12/gcc-12-base_${GCC}`,
    sha256: {
      x64: '1896a2aacf4ad681ff5eacc24a5b0ca4d5d9c9b9c9e4b6de5197bc1e116ea619',
      arm64: '674cf6cba6d432bd200c45fe866c1652c7a53523cc2e7a613e05bc4abf7b5440',
    },
    libraries: [],
  },
  {
    name: 'base-files',
    version: '12.4+deb12u15',
    license: 'GPL-2.0-or-later',
    path: 'pool/main/b/base-files/base-files_12.4+deb12u15',
    sha256: {
      x64: '3eb1ea6d85488f488cc2a163b98ad640ef88cee4c79287cf14e361aaf6206f47',
      arm64: 'b1272fbdc197f7d5bd22c05b741a03840f8bec66ca68c8d797f567ff2c99d42d',
    },
    libraries: [],
  },
]
