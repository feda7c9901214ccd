// The dynamic section and the version needs of an ELF file, and how they are changed without moving a byte of the program:
// linkers leave five dynamic entries free, and zeros stand between the first segment and the end of its last page.
import { BuildError } from '../errors.ts'
import {
  type ElfImage,
  offsetOf,
  readElf,
  readOffset,
  readText,
  SEGMENT,
  writeOffset,
} from './image.ts'

export const TAG = {
  none: 0,
  needed: 1,
  stringTable: 5,
  stringTableBytes: 10,
  path: 15,
  runPath: 29,
  symbolVersions: 0x6ffffff0,
  versionNeeds: 0x6ffffffe,
  versionNeedCount: 0x6fffffff,
} as const

const ENTRY_BYTES = 16
/** The smallest page of a Linux that Node runs on: whatever lies in the same one is loaded too. */
const PAGE_BYTES = 4096

export interface DynamicEntry {
  readonly tag: number
  readonly value: number
  /** Where it stands in the file. */
  readonly at: number
}

/** All entries up to the first empty one, and the places after that which may be filled. */
export interface DynamicSection {
  readonly entries: readonly DynamicEntry[]
  readonly freeAt: readonly number[]
}

export function readDynamic(image: ElfImage): DynamicSection {
  const segment = image.segments.find(each => each.type === SEGMENT.dynamic)
  if (segment === undefined) throw new BuildError('ELF: expected a dynamically linked program')
  const all = Array.from({ length: segment.fileBytes / ENTRY_BYTES }, (_, index) => {
    const at = segment.offset + index * ENTRY_BYTES
    return { tag: readOffset(image.bytes, at), value: readOffset(image.bytes, at + 8), at }
  })
  const count = all.findIndex(each => each.tag === TAG.none)
  return {
    entries: all.slice(0, count),
    // The last one stays empty: it is the end.
    freeAt: all.slice(count, -1).map(each => each.at),
  }
}

export function findEntry({ entries }: DynamicSection, tag: number): DynamicEntry {
  const found = entries.find(each => each.tag === tag)
  if (found === undefined)
    throw new BuildError(`ELF: expected a dynamic entry 0x${tag.toString(16)}`)
  return found
}

/** Names of the libraries that the program needs. */
export function neededLibraries(image: ElfImage): string[] {
  const dynamic = readDynamic(image)
  const strings = offsetOf(image, findEntry(dynamic, TAG.stringTable).value)
  return dynamic.entries
    .filter(each => each.tag === TAG.needed)
    .map(each => readText(image.bytes, strings + each.value))
}

/** Puts `entries` at the end of the dynamic section. Throws when it is full. */
export function addEntries(
  bytes: Buffer,
  entries: readonly (readonly [tag: number, value: number])[],
): void {
  const { freeAt } = readDynamic(readElf(bytes))
  entries.forEach(([tag, value], index) => {
    const at = freeAt[index]
    if (at === undefined)
      throw new BuildError('ELF: expected room in the dynamic section, got none')
    writeOffset(bytes, at, tag)
    writeOffset(bytes, at + 8, value)
  })
}

/** Appends texts to the table of dynamic strings; answers their offsets in it. Throws when there is no room. */
export function addStrings(bytes: Buffer, texts: readonly string[]): number[] {
  const image = readElf(bytes)
  const dynamic = readDynamic(image)
  const table = findEntry(dynamic, TAG.stringTable).value
  const tableAt = offsetOf(image, table)
  const segment = image.segments.find(
    each =>
      each.type === SEGMENT.load &&
      tableAt >= each.offset &&
      tableAt < each.offset + each.fileBytes,
  )
  if (segment === undefined || segment.fileBytes !== segment.memoryBytes)
    throw new BuildError('ELF: expected the dynamic strings in a segment of constants')
  const end = segment.offset + segment.fileBytes
  const added = Buffer.from(texts.map(text => `${text}\0`).join(''), 'latin1')
  const room = bytes.subarray(end, end + added.length)
  const staysInPage = Math.ceil(end / PAGE_BYTES) * PAGE_BYTES >= end + added.length
  if (!staysInPage || room.some(byte => byte !== 0))
    throw new BuildError(`ELF: expected ${added.length} free bytes behind the first segment`)
  added.copy(bytes, end)
  writeOffset(bytes, segment.headerAt + 32, segment.fileBytes + added.length)
  writeOffset(bytes, segment.headerAt + 40, segment.memoryBytes + added.length)
  const first = end - tableAt
  writeOffset(bytes, findEntry(dynamic, TAG.stringTableBytes).at + 8, first + added.length)
  let offset = first
  return texts.map(text => {
    const start = offset
    offset += text.length + 1
    return start
  })
}
