// Dynamic symbols with the number of the version that they want or have.
//
//   symbol (24 bytes)  u32 name (string), u8 info, u8 other, u16 section (0: not defined here), u64 value, u64 size
import { BuildError } from '../errors.ts'
import { findEntry, readDynamic, TAG } from './dynamic.ts'
import { type ElfImage, offsetOf, readText } from './image.ts'

const DYNAMIC_SYMBOLS = 11
const SYMBOL_BYTES = 24

export interface DynamicSymbol {
  readonly name: string
  readonly isDefined: boolean
  /** Where its version's number stands in the file; `undefined` in a library without versions. */
  readonly versionAt: number | undefined
}

export function readSymbols(image: ElfImage): DynamicSymbol[] {
  const { bytes } = image
  const dynamic = readDynamic(image)
  const table = image.sections.find(each => each.type === DYNAMIC_SYMBOLS)
  if (table === undefined) throw new BuildError('ELF: expected a table of dynamic symbols')
  const strings = offsetOf(image, findEntry(dynamic, TAG.stringTable).value)
  const versions = dynamic.entries.find(each => each.tag === TAG.symbolVersions)
  const versionsAt = versions && offsetOf(image, versions.value)
  return Array.from({ length: table.bytes / SYMBOL_BYTES }, (_, index) => {
    const at = table.offset + index * SYMBOL_BYTES
    return {
      name: readText(bytes, strings + bytes.readUInt32LE(at)),
      isDefined: bytes.readUInt16LE(at + 6) !== 0,
      versionAt: versionsAt === undefined ? undefined : versionsAt + 2 * index,
    }
  })
}
