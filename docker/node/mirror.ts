// Node from nodejs.org/dist or a mirror of it: SHASUMS256.txt says what the tarball hashes to. Whose mirror it is says
// who is trusted: the signature of that list is not looked at.

import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { download } from '../download.ts'
import type { Architecture } from '../elf/image.ts'
import { BuildError } from '../errors.ts'
import { checkIntegrity } from './integrity.ts'
import type { Fetched } from './source.ts'
import { readTarball } from './unpack.ts'

export interface MirrorRequest {
  readonly architecture: Architecture
  readonly version: string
  readonly integrity: string | undefined
  readonly scratch: string
}

export async function fetchFromMirror(base: string, request: MirrorRequest): Promise<Fetched> {
  const { architecture, version, integrity, scratch } = request
  const folder = `${base.replace(/\/+$/, '')}/v${version}`
  const name = `node-v${version}-linux-${architecture}.tar.gz`
  const sums = (await download(`${folder}/SHASUMS256.txt`)).toString('utf8')
  const expected = findSum(sums, name)
  if (expected === undefined)
    throw new BuildError(`${folder}/SHASUMS256.txt: expected a line for ${name}`)
  const location = `${folder}/${name}`
  const bytes = await download(location)
  const got = createHash('sha256').update(bytes).digest('hex')
  if (got !== expected)
    throw new BuildError(`${location}: expected SHA-256 ${expected}, got ${got}`)
  if (integrity !== undefined) checkIntegrity(location, bytes, integrity)
  const tarball = join(scratch, name)
  await writeFile(tarball, bytes)
  const checkedBy = integrity === undefined ? 'SHASUMS256.txt' : 'SHASUMS256.txt and --integrity'
  const purl = `pkg:generic/node@${version}?download_url=${encodeURIComponent(location)}`
  return { ...(await readTarball(tarball, scratch)), purl, checkedBy }
}

/** A line is a hash, two blanks and a name. */
function findSum(sums: string, name: string): string | undefined {
  return sums
    .split('\n')
    .map(line => /^([0-9a-f]{64}) {2}(\S+)$/.exec(line))
    .find(match => match?.[2] === name)?.[1]
}
