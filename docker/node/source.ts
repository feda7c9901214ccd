// Where the layer's Node comes from: an npm package, a file of the user's, or a mirror of nodejs.org/dist. Each is checked
// by a hash that was known before it was fetched, or the build says that it was not.

import { readFile, stat } from 'node:fs/promises'
import { isAddress } from '../build-options.ts'
import { type Architecture, readElf } from '../elf/image.ts'
import { BuildError } from '../errors.ts'
import { sha256Of } from '../licenses.ts'
import { makeScratch } from '../scratch.ts'
import { checkIntegrity } from './integrity.ts'
import { fetchFromMirror } from './mirror.ts'
import { fetchFromNpm } from './npm.ts'
import { type NodeFiles, readDistribution, readTarball } from './unpack.ts'

export interface NodeRequest {
  readonly architecture: Architecture
  /** `undefined` only with `from` a path: the binary knows it. */
  readonly version: string | undefined
  readonly from: string | undefined
  readonly integrity: string | undefined
}

/** What each of the ways answers. */
export interface Fetched extends NodeFiles {
  /** Where it came from, as a package URL; `undefined`: from this machine. */
  readonly purl: string | undefined
  /** How it was checked, for the build's report. */
  readonly checkedBy: string
}

export interface NodeSource extends Fetched {
  /** SHA-256 of the binary as it came, in hex. */
  readonly sha256: string
}

/** Gets it. Throws when a hash differs, and when the binary is for another machine. */
export async function fetchNode(root: string, request: NodeRequest): Promise<NodeSource> {
  await using scratch = await makeScratch('baton-node-')
  const source = await fetchFrom(root, request, scratch.folder)
  const { architecture } = readElf(source.binary)
  if (architecture !== request.architecture)
    throw new BuildError(
      `Node: expected a binary for ${request.architecture}, got one for ${architecture}`,
    )
  return { ...source, sha256: sha256Of(source.binary) }
}

async function fetchFrom(root: string, request: NodeRequest, scratch: string): Promise<Fetched> {
  const { from, version } = request
  if (from !== undefined && !isAddress(from)) return readLocal(from, request.integrity, scratch)
  if (version === undefined) throw new BuildError('Node: expected a version, got none')
  if (from === undefined) return fetchFromNpm({ ...request, version, root, scratch })
  return fetchFromMirror(from, { ...request, version, scratch })
}

async function readLocal(
  path: string,
  integrity: string | undefined,
  scratch: string,
): Promise<Fetched> {
  const purl = undefined
  if ((await stat(path)).isDirectory()) {
    if (integrity !== undefined)
      throw new BuildError('--integrity: expected a file with it, got a folder')
    return { ...(await readDistribution(path)), purl, checkedBy: 'a folder of yours, not checked' }
  }
  const bytes = await readFile(path)
  if (integrity !== undefined) checkIntegrity(path, bytes, integrity)
  const checkedBy = integrity === undefined ? 'a file of yours, not checked' : '--integrity'
  const isBinary = bytes.subarray(0, 4).toString('latin1') === '\x7fELF'
  const files = isBinary ? { binary: bytes, license: undefined } : await readTarball(path, scratch)
  return { ...files, purl, checkedBy }
}
