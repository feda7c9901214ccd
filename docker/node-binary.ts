// Puts Node into a layer: without what is not loaded, and fit for the system that the layer is for.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { System } from './build-options.ts'
import { COMPAT_LIBRARY, makeCompatible } from './elf/compat.ts'
import { readElf } from './elf/image.ts'
import { GLIBC_FOLDER, startAnywhere } from './elf/start.ts'
import { stripElf } from './elf/strip.ts'
import { fetchLibc } from './libc/debian.ts'
import type { Component } from './licenses.ts'
import { makeScratch } from './scratch.ts'

/** The oldest glibc that a system has, as its minor version, where official binaries need a newer one. */
const OLDEST_GLIBC: Readonly<Record<System, number | undefined>> = { al2023: undefined, al2: 26 }

export interface InstalledNode {
  /** The binary's path. */
  readonly path: string
  /** Its size, with that of a libc of its own. */
  readonly bytes: number
  /** What came with it. */
  readonly components: readonly Component[]
}

/** Writes bin/node below `folder`, and lib/ with what it needs there. `libc` is a folder of Debian's packages. */
export async function installNode(
  binary: Buffer,
  { system, libc }: { readonly system: System; readonly libc?: string | undefined },
  folder: string,
): Promise<InstalledNode> {
  const { architecture } = readElf(binary)
  const lib = join(folder, 'lib')
  const compat = (name: string) => readFile(join(import.meta.dirname, 'compat', name))
  const library = await compat(`libbaton-compat-${architecture}.so`)
  const { bytes, needsLibrary } = makeCompatible(stripElf(binary), library, OLDEST_GLIBC[system])
  const path = join(folder, 'bin', 'node')
  await mkdir(join(folder, 'bin'), { recursive: true })
  if (needsLibrary) {
    await mkdir(lib, { recursive: true })
    await writeFile(join(lib, COMPAT_LIBRARY), library)
  }
  if (system !== 'al2') {
    await writeFile(path, bytes, { mode: 0o755 })
    return { path, bytes: bytes.length, components: [] }
  }
  const code = await compat(`start-${architecture}.bin`)
  const started = startAnywhere(bytes, code)
  await writeFile(path, started, { mode: 0o755 })
  await using scratch = await makeScratch('baton-libc-')
  const { files, components } = await fetchLibc(architecture, scratch.folder, libc)
  await mkdir(join(lib, GLIBC_FOLDER), { recursive: true })
  for (const [name, content] of files) await writeFile(join(lib, GLIBC_FOLDER, name), content)
  const sizes = [...files.values()].map(each => each.length)
  return { path, bytes: sizes.reduce((sum, each) => sum + each, started.length), components }
}
