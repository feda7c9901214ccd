// Debian's packages from a mirror of Debian, checked by the hashes of packages.ts, and what a layer takes of them. A mirror
// forgets a package when Debian mends it; snapshot.debian.org, a mirror of each day, does not.
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { download } from '../download.ts'
import type { Architecture } from '../elf/image.ts'
import { BuildError } from '../errors.ts'
import { type Component, sha256Of } from '../licenses.ts'
import {
  DEBIAN_ARCHITECTURE,
  type DebianPackage,
  LICENSE_PACKAGES,
  libcPackages,
  TRIPLET,
} from './packages.ts'

const run = promisify(execFile)

const DEBIAN_MIRROR: string = process.env.BATON_DEBIAN_MIRROR ?? 'http://deb.debian.org/debian'

export interface Libc {
  /** Libraries by the names that the loader looks for. */
  readonly files: ReadonlyMap<string, Buffer>
  readonly components: readonly Component[]
}

/** The loader, libc and C++ library for `architecture`. `scratch` is a folder to work in. */
export async function fetchLibc(
  architecture: Architecture,
  scratch: string,
  mirror: string = DEBIAN_MIRROR,
): Promise<Libc> {
  const packages = libcPackages(architecture)
  const unpack = (each: DebianPackage) => unpackPackage(each, architecture, mirror, scratch)
  await Promise.all([...packages, ...LICENSE_PACKAGES].map(unpack))
  const files = new Map<string, Buffer>()
  for (const { name, libraries } of packages)
    for (const library of libraries)
      files.set(library, await readLibrary(join(scratch, name), architecture, library))
  const components = packages.map(each => describe(each, architecture, scratch))
  return { files, components: await Promise.all(components) }
}

/** Fetches a package, checks it, and unpacks it into a folder of its name. */
async function unpackPackage(
  { name, path, sha256 }: DebianPackage,
  architecture: Architecture,
  mirror: string,
  scratch: string,
): Promise<void> {
  const url = `${mirror.replace(/\/+$/, '')}/${path}_${DEBIAN_ARCHITECTURE[architecture]}.deb`
  const bytes = await download(url).catch(cause => {
    const older = 'BATON_DEBIAN_MIRROR=https://snapshot.debian.org/archive/debian/20261101T000000Z'
    throw new BuildError(`${cause.message}; a mirror that has it: ${older}`, { cause })
  })
  const got = sha256Of(bytes)
  if (got !== sha256[architecture])
    throw new BuildError(`${url}: expected SHA-256 ${sha256[architecture]}, got ${got}`)
  const folder = join(scratch, name)
  await mkdir(folder)
  const { member, data } = findData(bytes, url)
  await writeFile(join(folder, member), data)
  await run('tar', ['-xf', member, '--no-same-owner'], { cwd: folder })
}

const MEMBER_HEADER_BYTES = 60

/** A .deb is an `ar` archive: a line, then members, each behind a header with its name (16 bytes) and, at 48, its size. */
function findData(bytes: Buffer, what: string): { member: string; data: Buffer } {
  for (let at = '!<arch>\n'.length; at + MEMBER_HEADER_BYTES <= bytes.length; ) {
    const member = bytes.toString('latin1', at, at + 16).trim()
    const size = Number(bytes.toString('latin1', at + 48, at + 58))
    const start = at + MEMBER_HEADER_BYTES
    if (/^data\.tar(\.\w+)?$/.test(member))
      return { member, data: bytes.subarray(start, start + size) }
    // Members begin at even places.
    at = start + size + (size % 2)
  }
  throw new BuildError(`${what}: expected a data.tar in it, got none`)
}

async function readLibrary(folder: string, architecture: Architecture, name: string) {
  for (const place of ['lib', 'usr/lib']) {
    const file = join(folder, place, TRIPLET[architecture], name)
    const bytes = await readFile(file).catch(() => undefined)
    if (bytes !== undefined) return bytes
  }
  throw new BuildError(`${folder}: expected ${name} in it, got none`)
}

async function describe(
  { name, version, license, sha256 }: DebianPackage,
  architecture: Architecture,
  scratch: string,
): Promise<Component> {
  const debian = DEBIAN_ARCHITECTURE[architecture]
  const document = (of: string) =>
    readFile(join(scratch, of, 'usr/share/doc', of, 'copyright'), 'utf8')
  const common = (of: string) =>
    readFile(join(scratch, 'base-files/usr/share/common-licenses', of), 'utf8')
  const source = name === 'libc6' ? 'glibc' : 'gcc-12'
  const texts = [
    `Unchanged, of Debian 12. Its source is Debian's source package ${source} ${version}.\n`,
    ...(name === 'libc6' ? [await document(name), await common('LGPL-2.1')] : []),
    ...(name === 'libgcc-s1' ? [await document('gcc-12-base'), await common('GPL-3')] : []),
    ...(name === 'libstdc++6' ? ['Its licence is that of libgcc-s1, above.'] : []),
  ]
  return {
    // Both architectures may stand in one bill of materials.
    name: `${name}:${debian}`,
    version,
    license,
    text: texts.join('\n'),
    purl: `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${debian}`,
    sha256: sha256[architecture],
  }
}
