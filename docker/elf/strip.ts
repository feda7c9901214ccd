// Leaves out what is not loaded: symbol table, debugging information, comments. A seventh of Node, of no use at run
// time, and read from disk by a cold start. binutils' strip does the same, but for one machine only.
import { BuildError } from '../errors.ts'
import {
  type ElfImage,
  HEADER,
  readElf,
  readText,
  SECTION,
  SECTION_HEADER_BYTES,
  type Section,
  writeOffset,
} from './image.ts'

/** Offsets in a section's header. */
const FIELD = { offset: 24, bytes: 32 } as const

/** The same program without what is not loaded. What is loaded stands at the same offsets with the same bytes. */
export function stripElf(bytes: Buffer): Buffer {
  const image = readElf(bytes)
  const kept = keptSections(image)
  const end = Math.max(0, ...image.segments.map(each => each.offset + each.fileBytes))
  const names = nameTable(image, kept)
  const sectionsAt = Math.ceil((end + names.bytes.length) / 8) * 8
  const stripped = Buffer.alloc(sectionsAt + (kept.length + 1) * SECTION_HEADER_BYTES)
  bytes.copy(stripped, 0, 0, end)
  names.bytes.copy(stripped, end)
  kept.forEach((section, index) => {
    const at = sectionsAt + index * SECTION_HEADER_BYTES
    section.header.copy(stripped, at)
    stripped.writeUInt32LE(names.offsets[index] ?? 0, at)
  })
  const at = sectionsAt + kept.length * SECTION_HEADER_BYTES
  image.sections[image.namesIndex]?.header.copy(stripped, at)
  stripped.writeUInt32LE(names.ownOffset, at)
  writeOffset(stripped, at + FIELD.offset, end)
  writeOffset(stripped, at + FIELD.bytes, names.bytes.length)
  writeOffset(stripped, HEADER.sectionsAt, sectionsAt)
  stripped.writeUInt16LE(kept.length + 1, HEADER.sectionCount)
  stripped.writeUInt16LE(kept.length, HEADER.namesIndex)
  return stripped
}

/** Those in front, up to the last one that is loaded: sections name each other by index, which must not change. */
function keptSections({ sections }: ElfImage): readonly Section[] {
  const isLoaded = (each: Section): boolean => (each.flags & SECTION.isAllocated) !== 0
  const count = sections.findLastIndex(isLoaded) + 1
  const kept = sections.slice(0, count)
  // The first one is empty by definition.
  if (!kept.slice(1).every(isLoaded))
    throw new BuildError('ELF: expected the sections that are not loaded behind all others')
  return kept
}

interface NameTable {
  readonly bytes: Buffer
  readonly offsets: readonly number[]
  readonly ownOffset: number
}

function nameTable(image: ElfImage, kept: readonly Section[]): NameTable {
  const from = image.sections[image.namesIndex]?.offset ?? 0
  let text = ''
  const add = (name: string): number => {
    const offset = text.length
    text += `${name}\0`
    return offset
  }
  const offsets = kept.map(section => add(readText(image.bytes, from + section.nameOffset)))
  const ownOffset = add('.shstrtab')
  return { bytes: Buffer.from(text, 'latin1'), offsets, ownOffset }
}
