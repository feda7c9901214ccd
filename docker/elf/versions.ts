// Version needs: which version of a symbol the program wants from which library. The loader refuses a program when the
// library does not define a version, whether the symbol is ever called or not.
//
//   need     (16 bytes)  u16 version=1, u16 count, u32 file (string), u32 offset of the first detail, u32 offset of the next need
//   detail   (16 bytes)  u32 hash, u16 flags, u16 index, u32 name (string), u32 offset of the next detail
import { findEntry, readDynamic, TAG } from './dynamic.ts'
import { type ElfImage, offsetOf, readText } from './image.ts'

export interface VersionNeed {
  /** Where it stands in the file. */
  readonly at: number
  readonly library: string
  readonly details: readonly VersionDetail[]
}

export interface VersionDetail {
  readonly at: number
  /** `GLIBC_2.28`. */
  readonly name: string
  /** The number by which symbols refer to it. */
  readonly index: number
}

export const NEED_NEXT = 12
const DETAIL = { hash: 0, index: 6, name: 8, next: 12 } as const

export function readVersionNeeds(image: ElfImage): VersionNeed[] {
  const { bytes } = image
  const dynamic = readDynamic(image)
  const strings = offsetOf(image, findEntry(dynamic, TAG.stringTable).value)
  const first = offsetOf(image, findEntry(dynamic, TAG.versionNeeds).value)
  return chain(bytes, first, NEED_NEXT).map(at => ({
    at,
    library: readText(bytes, strings + bytes.readUInt32LE(at + 4)),
    details: chain(bytes, at + bytes.readUInt32LE(at + 8), DETAIL.next).map(detail => ({
      at: detail,
      name: readText(bytes, strings + bytes.readUInt32LE(detail + DETAIL.name)),
      index: bytes.readUInt16LE(detail + DETAIL.index),
    })),
  }))
}

/** Records that name each other by the distance to the next one; 0 ends them. */
function chain(bytes: Buffer, first: number, nextField: number): number[] {
  const found = [first]
  for (let at = first; ; ) {
    const distance = bytes.readUInt32LE(at + nextField)
    if (distance === 0) return found
    at += distance
    found.push(at)
  }
}

/** Makes `detail` ask for the version of `other`, which has to be of the same library. */
export function copyVersion(bytes: Buffer, detail: VersionDetail, other: VersionDetail): void {
  bytes.copyWithin(detail.at + DETAIL.hash, other.at + DETAIL.hash, other.at + DETAIL.hash + 4)
  bytes.copyWithin(detail.at + DETAIL.name, other.at + DETAIL.name, other.at + DETAIL.name + 4)
}
