// Debian's packages, checked by the hashes of packages.ts, and what a layer takes of them. A mirror forgets a package when
// Debian mends it, or when its release is old; so there are places for that, and a folder of the user's.
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
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

const { BATON_DEBIAN_MIRROR } = process.env
/** One after the other: what today's mirrors have, what they had on a day, and what releases had that are not mended any more. */
const MIRRORS: readonly string[] = BATON_DEBIAN_MIRROR
  ? [BATON_DEBIAN_MIRROR]
  : [
      'http://deb.debian.org/debian',
      'https://snapshot.debian.org/archive/debian/20261101T000000Z',
      'http://archive.debian.org/debian',
    ]

export interface Libc {
  /** Libraries by the names that the loader looks for. */
  readonly files: ReadonlyMap<string, Buffer>
  readonly components: readonly Component[]
}

/**
 * The loader, libc and C++ library for `architecture`. `scratch` is a folder to work in; `from` is a folder that holds the
 * packages by their names, or the mirrors to ask. Throws a `BuildError` when one cannot be had, or is not the one that is
 * pinned.
 */
export async function fetchLibc(
  architecture: Architecture,
  scratch: string,
  from: string | readonly string[] = MIRRORS,
): Promise<Libc> {
  const packages = libcPackages(architecture)
  const all = [...packages, ...LICENSE_PACKAGES].map(each => ({
    ...each,
    ...{ path: `${each.path}_${DEBIAN_ARCHITECTURE[architecture]}.deb` },
    sha256: each.sha256[architecture],
  }))
  const contents =
    typeof from === 'string'
      ? await readPackages(from, all)
      : await Promise.all(all.map(each => askMirrors(from, each)))
  await Promise.all(contents.map(each => unpack(each, scratch)))
  const files = new Map<string, Buffer>()
  for (const { name, libraries } of packages)
    for (const library of libraries)
      files.set(library, await readLibrary(join(scratch, name), architecture, library))
  const components = packages.map(each => describe(each, architecture, scratch))
  return { files, components: await Promise.all(components) }
}

/** One file: its place below a mirror, and its hash. */
interface PackageFile extends Pick<DebianPackage, 'name' | 'path'> {
  readonly sha256: string
}

/** With what is in it, and where that is from. */
interface Content extends PackageFile {
  readonly what: string
  readonly bytes: Buffer
}

/** Names all that are missing at once: whoever collects them wants to do it once. */
async function readPackages(folder: string, all: readonly PackageFile[]): Promise<Content[]> {
  const read = async (file: PackageFile): Promise<Content | undefined> => {
    const what = join(folder, basename(file.path))
    const bytes = await readFile(what).catch(() => undefined)
    return bytes && { ...file, what, bytes }
  }
  const contents = await Promise.all(all.map(read))
  const missing = all.filter((_, index) => contents[index] === undefined)
  if (missing.length > 0) throw new BuildError(`--libc: ${expectIn(folder, missing)}`)
  return contents.filter(each => each !== undefined)
}

function expectIn(folder: string, files: readonly PackageFile[]): string {
  const names = files.map(({ path, sha256 }) => `${basename(path)} (SHA-256 ${sha256})`)
  return `expected ${names.join(', ')} in ${folder}`
}

/** The first that has it; one that has another package under its name is not passed over. */
async function askMirrors(mirrors: readonly string[], file: PackageFile): Promise<Content> {
  const causes: Error[] = []
  for (const mirror of mirrors) {
    const what = `${mirror.replace(/\/+$/, '')}/${file.path}`
    try {
      return { ...file, what, bytes: await download(what) }
    } catch (cause) {
      causes.push(cause as Error)
    }
  }
  const told = causes.map(({ message }) => message).join('; ')
  const remedy = `${expectIn('a folder of yours', [file])}, named by --libc, or a mirror in BATON_DEBIAN_MIRROR`
  throw new BuildError(`${told}; ${remedy}`, { cause: causes.at(-1) })
}

/** Checks a package, and unpacks it into a folder of its name. */
async function unpack({ name, sha256, what, bytes }: Content, scratch: string): Promise<void> {
  const got = sha256Of(bytes)
  if (got !== sha256) throw new BuildError(`${what}: expected SHA-256 ${sha256}, got ${got}`)
  const folder = join(scratch, name)
  await mkdir(folder)
  const { member, data } = findData(bytes, what)
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
