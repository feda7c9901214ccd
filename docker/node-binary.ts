// Puts Node into a layer: without what is not loaded, and fit for the system that the layer is for.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { System } from './build-options.ts'
import { COMPAT_LIBRARY, makeCompatible } from './elf/compat.ts'
import { type Architecture, readElf } from './elf/image.ts'
import { stripElf } from './elf/strip.ts'

/** The oldest glibc that a system has, as its minor version, where official binaries need a newer one. */
const OLDEST_GLIBC: Readonly<Record<System, number | undefined>> = { al2023: undefined, al2: 26 }

/** Writes bin/node below `folder`, and lib/ with the compat library where it is needed. Answers the binary's path. */
export async function installNode(binary: Buffer, system: System, folder: string): Promise<string> {
  const { architecture } = readElf(binary)
  const library = await readFile(compatLibrary(architecture))
  const { bytes, needsLibrary } = makeCompatible(stripElf(binary), library, OLDEST_GLIBC[system])
  const node = join(folder, 'bin', 'node')
  await mkdir(join(folder, 'bin'), { recursive: true })
  await writeFile(node, bytes, { mode: 0o755 })
  if (needsLibrary) {
    await mkdir(join(folder, 'lib'), { recursive: true })
    await writeFile(join(folder, 'lib', COMPAT_LIBRARY), library)
  }
  return node
}

function compatLibrary(architecture: Architecture): string {
  return join(import.meta.dirname, 'compat', `libbaton-compat-${architecture}.so`)
}
