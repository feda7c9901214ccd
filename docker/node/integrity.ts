// Hashes of what was fetched, in npm's notation, against those that were known before.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BuildError } from '../errors.ts'

/** `sha512-…` as lock files have it. */
export function integrityOf(bytes: Buffer): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`
}

/** Throws unless `bytes` are those that `expected` was made of. */
export function checkIntegrity(what: string, bytes: Buffer, expected: string): void {
  const got = integrityOf(bytes)
  if (got !== expected) throw new BuildError(`${what}: expected integrity ${expected}, got ${got}`)
}

interface LockedPackage {
  readonly name?: string
  readonly version?: string
  readonly integrity?: string
}

/** The integrity that one of the repository's lock files has for a package; `undefined` when none has it. */
export async function lockedIntegrity(
  root: string,
  name: string,
  version: string,
): Promise<string | undefined> {
  for (const folder of ['.', 'test/nodes']) {
    const lock = JSON.parse(await readFile(join(root, folder, 'package-lock.json'), 'utf8'))
    const packages = Object.entries<LockedPackage>(lock.packages)
    // An alias has its real name in it; any other package is named by its folder.
    const found = packages.find(
      ([path, each]) =>
        (each.name ?? path.replace(/^.*node_modules\//, '')) === name && each.version === version,
    )
    if (found?.[1].integrity !== undefined) return found[1].integrity
  }
  return undefined
}
