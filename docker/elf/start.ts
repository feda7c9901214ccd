// Lets a program start where the system has no loader: the kernel begins it in docker/compat/start.c, which takes the
// system's loader, or the one that lies beside the program. That code goes behind the program's last byte. The header that
// named the loader for the kernel becomes the one that loads the code; a copy of the headers as they were goes with it,
// for whichever loader it is.
import { BuildError } from '../errors.ts'
import { addStrings, readDynamic, TAG } from './dynamic.ts'
import {
  type Architecture,
  type ElfImage,
  HEADER,
  readElf,
  readOffset,
  readText,
  SEGMENT,
  SEGMENT_HEADER_BYTES,
  type Segment,
  writeOffset,
} from './image.ts'

/** Baton's own libc, beside the compat library. */
export const GLIBC_FOLDER = 'glibc'
/**
 * RPATH, which goes before Lambda's LD_LIBRARY_PATH: half of another libc would end the process. Only Baton's own loader
 * sees it.
 */
const OWN_PATH = ['$ORIGIN/..', '/opt/baton', '/var/task/baton']
  .flatMap(each => [`${each}/lib/${GLIBC_FOLDER}`, `${each}/lib`])
  .join(':')
/** Parts of glibc that Node does without, and an addon with a run path of its own would not find. */
const FOR_ADDONS = ['librt.so.1', 'libresolv.so.2']

/** The largest page of a Linux for the machine. */
const PAGE_BYTES: Readonly<Record<Architecture, number>> = { x64: 0x1000, arm64: 0x10000 }
/** arm64's instructions name a page of this size, and a place in it. */
const CODE_ALIGNMENT = 0x1000
const READ_AND_EXECUTE = 5
/** `struct parameters` in start.c. */
const MOST_CHANGES = 4
const PATH_BYTES = 64

type Change = readonly [address: number, tag: number, value: number]

/**
 * `node`, as `makeCompatible` leaves it, beginning in `code`. Its own loader is looked for in baton/lib/glibc under the name of the
 * system's. Changes `node`, and answers a longer one.
 */
export function startAnywhere(node: Buffer, code: Buffer): Buffer {
  const changes = prepareChanges(node)
  const image = readElf(node)
  const page = PAGE_BYTES[image.architecture]
  const offset = roundUp(node.length, CODE_ALIGNMENT)
  const loaded = image.segments.filter(each => each.type === SEGMENT.load)
  const end = Math.max(...loaded.map(each => each.address + each.memoryBytes))
  const address = roundUp(end, page) + (offset % page)

  const parametersAt = address + code.length
  const systemLoader = readText(node, segmentOf(image, SEGMENT.interpreter).offset)
  const ownLoader = `../lib/${GLIBC_FOLDER}/${systemLoader.replace(/^.*\//, '')}`
  const headersAt = parametersAt + PARAMETER_BYTES
  const parameters = encodeParameters(
    [parametersAt, readOffset(node, HEADER.entry), headersAt],
    changes,
    [systemLoader, ownLoader],
  )
  const headers = image.segments.map(each =>
    Buffer.from(node.subarray(each.headerAt, each.headerAt + SEGMENT_HEADER_BYTES)),
  )
  const added = Buffer.concat([code, parameters, ...copyHeaders(image, headers, headersAt)])
  const started = Buffer.concat([node, Buffer.alloc(offset - node.length), added])
  const codeHeader = loadHeader(offset, address, added.length, page)
  orderHeaders(image, headers, codeHeader).forEach((header, index) => {
    header.copy(started, (image.segments[0]?.headerAt ?? 0) + index * SEGMENT_HEADER_BYTES)
  })
  writeOffset(started, HEADER.entry, address)
  return started
}

/** Makes room for what Baton's own libc needs in the dynamic section; answers what is to be written there. */
function prepareChanges(node: Buffer): Change[] {
  const image = readElf(node)
  const { entries, freeAt } = readDynamic(image)
  const runPath = entries.find(each => each.tag === TAG.runPath)
  if (runPath === undefined) throw new BuildError('ELF: expected a run path, got none')
  const segment = segmentOf(image, SEGMENT.dynamic)
  const addressOf = (at: number): number => segment.address + at - segment.offset
  const [ownPath = 0, ...libraries] = addStrings(node, [OWN_PATH, ...FOR_ADDONS])
  const needed = libraries.map((library, index): Change => {
    const at = freeAt[index]
    if (at === undefined)
      throw new BuildError('ELF: expected room in the dynamic section, got none')
    return [addressOf(at), TAG.needed, library]
  })
  return [[addressOf(runPath.at), TAG.path, ownPath], ...needed]
}

const PARAMETER_BYTES = 3 * 8 + MOST_CHANGES * 3 * 8 + 2 * PATH_BYTES

/** `struct parameters` in start.c: three numbers, four changes of three, two paths. */
function encodeParameters(
  numbers: readonly [address: number, entry: number, headers: number],
  changes: readonly Change[],
  paths: readonly string[],
): Buffer {
  const bytes = Buffer.alloc(PARAMETER_BYTES)
  const all = [...numbers, ...changes.flat()]
  if (changes.length > MOST_CHANGES || paths.some(each => each.length >= PATH_BYTES))
    throw new BuildError('ELF: expected shorter paths and fewer changes')
  all.forEach((value, index) => {
    writeOffset(bytes, index * 8, value)
  })
  paths.forEach((path, index) => {
    bytes.write(path, PARAMETER_BYTES - (2 - index) * PATH_BYTES, 'latin1')
  })
  return bytes
}

/** The headers as they were, but for the one that says where they are: loaders take the program's place from it. */
function copyHeaders(image: ElfImage, headers: readonly Buffer[], address: number): Buffer[] {
  return headers.map((header, index) => {
    if (image.segments[index]?.type !== SEGMENT.headers) return header
    const copy = Buffer.from(header)
    for (const field of [16, 24]) writeOffset(copy, field, address)
    return copy
  })
}

/** For the kernel: `added` in place of the loader's name, behind the last one that is loaded, as its address wants it. */
function orderHeaders(image: ElfImage, headers: readonly Buffer[], added: Buffer): Buffer[] {
  const last = image.segments.findLastIndex(each => each.type === SEGMENT.load)
  return headers.flatMap((header, index) => {
    if (index === last) return [header, added]
    return image.segments[index]?.type === SEGMENT.interpreter ? [] : [header]
  })
}

function loadHeader(offset: number, address: number, bytes: number, page: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES)
  header.writeUInt32LE(SEGMENT.load, 0)
  header.writeUInt32LE(READ_AND_EXECUTE, 4)
  for (const [index, value] of [offset, address, address, bytes, bytes, page].entries())
    writeOffset(header, 8 + index * 8, value)
  return header
}

function segmentOf({ segments }: ElfImage, type: number): Segment {
  const found = segments.find(each => each.type === type)
  if (found === undefined) throw new BuildError(`ELF: expected a segment of type ${type}, got none`)
  return found
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit
}
