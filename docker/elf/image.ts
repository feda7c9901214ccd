// Reads the parts of a 64-bit little-endian ELF file that the build changes: https://refspecs.linuxfoundation.org/elf,
// chapters 4 (files), 5 (loading) and the symbol versions of the LSB. Works on the bytes, needs no tool of the system,
// and so does the same for arm64 on x64.
import { BuildError } from '../errors.ts'

export type Architecture = 'x64' | 'arm64'

export interface Segment {
  /** Where its header stands in the file. */
  readonly headerAt: number
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly fileBytes: number
  readonly memoryBytes: number
}

export interface Section {
  readonly nameOffset: number
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly bytes: number
  /** Its header as it stands in the file. */
  readonly header: Buffer
}

export interface ElfImage {
  readonly bytes: Buffer
  readonly architecture: Architecture
  readonly segments: readonly Segment[]
  readonly sections: readonly Section[]
  /** Index of the section that holds the sections' names. */
  readonly namesIndex: number
}

/** Offsets in the file header. */
export const HEADER = { entry: 24, sectionsAt: 40, sectionCount: 60, namesIndex: 62 } as const
const MACHINES: Readonly<Record<number, Architecture>> = { 62: 'x64', 183: 'arm64' }
export const SECTION_HEADER_BYTES = 64
export const SEGMENT_HEADER_BYTES = 56

export const SEGMENT = { load: 1, dynamic: 2, interpreter: 3, headers: 6 } as const
export const SECTION = { noBits: 8, isAllocated: 2 } as const

/** Throws when `bytes` are not an executable of a machine that Lambda has. */
export function readElf(bytes: Buffer): ElfImage {
  const magic = bytes.subarray(0, 6).toString('latin1')
  const architecture = MACHINES[bytes.length < 64 ? 0 : bytes.readUInt16LE(18)]
  if (magic !== '\x7fELF\x02\x01' || architecture === undefined)
    throw new BuildError('expected a 64-bit ELF file for x86-64 or aarch64, got something else')
  const segmentsAt = readOffset(bytes, 32)
  const sectionsAt = readOffset(bytes, HEADER.sectionsAt)
  return {
    bytes,
    architecture,
    segments: Array.from({ length: bytes.readUInt16LE(56) }, (_, index) =>
      readSegment(bytes, segmentsAt + index * SEGMENT_HEADER_BYTES),
    ),
    sections: Array.from({ length: bytes.readUInt16LE(HEADER.sectionCount) }, (_, index) =>
      readSection(bytes, sectionsAt + index * SECTION_HEADER_BYTES),
    ),
    namesIndex: bytes.readUInt16LE(HEADER.namesIndex),
  }
}

function readSegment(bytes: Buffer, at: number): Segment {
  return {
    headerAt: at,
    type: bytes.readUInt32LE(at),
    offset: readOffset(bytes, at + 8),
    address: readOffset(bytes, at + 16),
    fileBytes: readOffset(bytes, at + 32),
    memoryBytes: readOffset(bytes, at + 40),
  }
}

function readSection(bytes: Buffer, at: number): Section {
  return {
    nameOffset: bytes.readUInt32LE(at),
    type: bytes.readUInt32LE(at + 4),
    flags: readOffset(bytes, at + 8),
    offset: readOffset(bytes, at + 24),
    bytes: readOffset(bytes, at + 32),
    header: bytes.subarray(at, at + SECTION_HEADER_BYTES),
  }
}

/** A 64-bit number; every offset and address of a program that can be loaded is far below 2^53. */
export function readOffset(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at))
}

export function writeOffset(bytes: Buffer, at: number, value: number): void {
  bytes.writeBigUInt64LE(BigInt(value), at)
}

/** The text that begins at `at` and ends before a zero byte. */
export function readText(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, bytes.indexOf(0, at))
}

/** Where in the file the byte stands that is loaded at `address`. */
export function offsetOf({ segments }: ElfImage, address: number): number {
  const found = segments.find(
    each =>
      each.type === SEGMENT.load &&
      address >= each.address &&
      address < each.address + each.fileBytes,
  )
  if (found === undefined)
    throw new BuildError(`ELF: nothing is loaded at 0x${address.toString(16)}`)
  return address - found.address + found.offset
}
