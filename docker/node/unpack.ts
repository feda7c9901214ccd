// From a tarball or a folder as Node is distributed to the files that matter: the binary and its licence.

import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BuildError } from '../errors.ts'

const run = promisify(execFile)

export interface NodeFiles {
  readonly binary: Buffer
  /** `undefined` when only the binary was given. */
  readonly license: string | undefined
}

/** Unpacks a tarball of any compression that `tar` knows into `scratch`, and reads it. */
export async function readTarball(tarball: string, scratch: string): Promise<NodeFiles> {
  await run('tar', ['-xf', tarball, '-C', scratch, '--no-same-owner'])
  return readDistribution(scratch)
}

/** Reads a folder that has bin/node, or has one folder in it that does. */
export async function readDistribution(folder: string): Promise<NodeFiles> {
  const inside = (await readdir(folder, { withFileTypes: true }))
    .filter(entry => entry.isDirectory())
    .map(entry => join(folder, entry.name))
  for (const candidate of [folder, ...inside]) {
    const binary = await readIfThere(join(candidate, 'bin', 'node'))
    if (binary === undefined) continue
    const license = await readIfThere(join(candidate, 'LICENSE'))
    return { binary, license: license?.toString('utf8') }
  }
  throw new BuildError(`${folder}: expected bin/node in it, or in a folder below it`)
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined
    throw error
  }
}
