// Makes an official Node run where the system's libraries are older than those it was linked with, by three changes in
// place: version needs above the system's are lowered to the first version that the library had, libatomic is replaced,
// and a library of 2 KB (docker/compat/) that has what is then missing is named as needed. The system's own libc stays
// in use, with its name service and its security fixes; nothing else in the program changes.
import { BuildError } from '../errors.ts'
import { addEntries, addStrings, findEntry, neededLibraries, readDynamic, TAG } from './dynamic.ts'
import { type ElfImage, readElf, writeOffset } from './image.ts'
import { type DynamicSymbol, readSymbols } from './symbols.ts'
import {
  copyVersion,
  NEED_NEXT,
  readVersionNeeds,
  type VersionDetail,
  type VersionNeed,
} from './versions.ts'

export const COMPAT_LIBRARY = 'libbaton-compat.so'
/**
 * baton/lib, beside baton/bin/node; as RUNPATH it counts after Lambda's LD_LIBRARY_PATH. The loader knows `$ORIGIN` from
 * /proc: the two places where Lambda unpacks a layer and a package stand for a root without it.
 */
const RUN_PATH = '$ORIGIN/../lib:/opt/baton/lib:/var/task/baton/lib'
const LIBATOMIC = 'libatomic.so.1'

/** The version that a symbol has when it is as old as the machine's port of glibc. */
const FIRST_VERSION = { x64: 'GLIBC_2.2.5', arm64: 'GLIBC_2.17' } as const
/** Functions of libm that got a second version in 2.27 to 2.29, without the error handling of old standards. */
const IN_EVERY_LIBM: readonly string[] =
  'exp exp2 log log2 pow expf exp2f logf log2f powf sinf cosf sincosf'.split(' ')
/** Means that any version will do. */
const ANY_VERSION = 1

export interface Compatible {
  readonly bytes: Buffer
  /** True when the compat library has to stand beside it. */
  readonly needsLibrary: boolean
}

/**
 * `node`, changed in place where it has to be, so that the system's loader accepts it. `oldestGlibc` is the minor version of glibc it has to run with;
 * without one, only libatomic is taken care of. Throws when it asks for a function that `library` does not have.
 */
export function makeCompatible(node: Buffer, library: Buffer, oldestGlibc?: number): Compatible {
  const image = readElf(node)
  const provided = readSymbols(readElf(library)).filter(each => each.isDefined)
  const names = new Set([...provided.map(each => each.name), ...IN_EVERY_LIBM])
  const needs = readVersionNeeds(image)
  const high = oldestGlibc === undefined ? [] : highVersions(needs, oldestGlibc)
  const hasLibatomic = neededLibraries(image).includes(LIBATOMIC)
  if (high.length === 0 && !hasLibatomic) return { bytes: node, needsLibrary: false }

  const atomic = needs.filter(each => each.library === LIBATOMIC)
  const replaced = [...high.map(each => each.detail), ...atomic.flatMap(each => each.details)]
  const symbols = symbolsOf(image, replaced)
  const missing = symbols.map(each => each.name).filter(name => !names.has(name))
  if (missing.length > 0)
    throw new BuildError(`Node needs what ${COMPAT_LIBRARY} does not have: ${missing.join(', ')}`)

  for (const { detail, need } of high) copyVersion(node, detail, firstVersion(image, need))
  if (hasLibatomic) dropNeed(image, needs, LIBATOMIC)
  nameLibrary(image, hasLibatomic)
  return { bytes: node, needsLibrary: true }
}

/** Needs of glibc versions above 2.`oldestGlibc`. */
function highVersions(needs: readonly VersionNeed[], oldestGlibc: number) {
  return needs.flatMap(need =>
    need.details
      .filter(({ name }) => Number(/^GLIBC_2\.(\d+)/.exec(name)?.[1] ?? 0) > oldestGlibc)
      .map(detail => ({ need, detail })),
  )
}

function firstVersion({ architecture }: ElfImage, need: VersionNeed): VersionDetail {
  const name = FIRST_VERSION[architecture]
  const found = need.details.find(each => each.name === name)
  if (found === undefined)
    throw new BuildError(`ELF: expected a need of ${name} in ${need.library}`)
  return found
}

function symbolsOf(image: ElfImage, details: readonly VersionDetail[]): DynamicSymbol[] {
  const indexes = new Set(details.map(each => each.index))
  return readSymbols(image).filter(
    ({ versionAt }) => versionAt !== undefined && indexes.has(image.bytes.readUInt16LE(versionAt)),
  )
}

/** Takes a library's need out of the list, and lets its symbols come from anywhere. */
function dropNeed(image: ElfImage, needs: readonly VersionNeed[], library: string): void {
  const { bytes } = image
  const index = needs.findIndex(each => each.library === library)
  const need = needs[index]
  if (need === undefined) return
  for (const { versionAt } of symbolsOf(image, need.details))
    if (versionAt !== undefined) bytes.writeUInt16LE(ANY_VERSION, versionAt)
  const distance = bytes.readUInt32LE(need.at + NEED_NEXT)
  const before = needs[index - 1]
  const dynamic = readDynamic(image)
  const count = findEntry(dynamic, TAG.versionNeedCount)
  writeOffset(bytes, count.at + 8, count.value - 1)
  if (before !== undefined) {
    const step = bytes.readUInt32LE(before.at + NEED_NEXT)
    bytes.writeUInt32LE(distance === 0 ? 0 : step + distance, before.at + NEED_NEXT)
    return
  }
  if (distance === 0) throw new BuildError(`ELF: expected other needs beside that of ${library}`)
  const list = findEntry(dynamic, TAG.versionNeeds)
  writeOffset(bytes, list.at + 8, list.value + distance)
}

/** The compat library in place of libatomic, or as one more, and the folder where it is found. */
function nameLibrary(image: ElfImage, replacesLibatomic: boolean): void {
  const { bytes } = image
  const [library = 0, runPath = 0] = addStrings(bytes, [COMPAT_LIBRARY, RUN_PATH])
  const place = replacesLibatomic ? placeOf(image, LIBATOMIC) : undefined
  if (place !== undefined) writeOffset(bytes, place + 8, library)
  addEntries(bytes, [
    ...(place === undefined ? [[TAG.needed, library] as const] : []),
    [TAG.runPath, runPath],
  ])
}

function placeOf(image: ElfImage, library: string): number | undefined {
  const dynamic = readDynamic(image)
  const needed = dynamic.entries.filter(each => each.tag === TAG.needed)
  return needed[neededLibraries(image).indexOf(library)]?.at
}
