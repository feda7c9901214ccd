// A span made to fit where a transport takes no more than so many bytes: what is largest goes first, and is counted on
// the span as dropped, as if a limit had cut it when it was set. This works on the span's bytes, which every format is
// made from.
//
//   9 attributes  10 dropped    11 events  12 dropped    13 links  14 dropped    3 trace_state    15 status
import { ByteReader, lengthTag, varintTag } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'

interface Field {
  readonly tag: number
  readonly start: number
  readonly end: number
}

/** Field that may be dropped -> the field that counts what was dropped. */
const COUNTED: ReadonlyMap<number, number> = new Map([
  [lengthTag(9), 10],
  [lengthTag(11), 12],
  [lengthTag(13), 14],
])
const COUNTERS: ReadonlySet<number> = new Set([...COUNTED.values()].map(varintTag))
const TRACE_STATE = lengthTag(3)
const STATUS = lengthTag(15)
/** Three counters, each a tag and up to five bytes, and a status without its message. */
const ADDED_BYTES = 24

/**
 * The Span message cut to at most `maxBytes`, or as it is when it fits; `undefined` when it is damaged or what cannot be
 * dropped, its identity and its name, is already too long.
 */
export function cutSpan(message: Uint8Array, maxBytes: number): Uint8Array | undefined {
  if (message.length <= maxBytes) return message
  try {
    const fields = readFields(message)
    const dropped = chooseDropped(fields, message.length + ADDED_BYTES - maxBytes)
    return dropped && writeFields(message, fields, dropped)
  } catch {
    return undefined
  }
}

function writeFields(
  message: Uint8Array,
  fields: readonly Field[],
  dropped: ReadonlySet<Field>,
): Uint8Array {
  const writer = new ByteWriter()
  const counts = new Map<number, number>()
  for (const field of fields) {
    const counter = COUNTED.get(field.tag)
    if (COUNTERS.has(field.tag)) addCount(counts, field.tag >> 3, readCount(message, field))
    else if (!dropped.has(field)) writer.bytes(message.subarray(field.start, field.end))
    else if (counter !== undefined) addCount(counts, counter, 1)
    else if (field.tag === STATUS) writeStatusCode(writer, message, field)
  }
  for (const [counter, count] of counts) writer.uint32(counter, count)
  return writer.copy()
}

/** The largest of what may go, until so many bytes are gone. */
function chooseDropped(fields: readonly Field[], excessBytes: number): Set<Field> | undefined {
  const dropped = new Set<Field>()
  let leftBytes = excessBytes
  const droppable = fields
    .filter(({ tag }) => COUNTED.has(tag) || tag === STATUS || tag === TRACE_STATE)
    .sort((a, b) => b.end - b.start - (a.end - a.start))
  for (const field of droppable) {
    if (leftBytes <= 0) break
    dropped.add(field)
    leftBytes -= field.end - field.start
  }
  return leftBytes <= 0 ? dropped : undefined
}

function readFields(message: Uint8Array): Field[] {
  const fields: Field[] = []
  for (const reader = new ByteReader(message); reader.next(); ) {
    const { tag, fieldStart: start } = reader
    reader.skip()
    fields.push({ tag, start, end: reader.position })
  }
  return fields
}

function readCount(message: Uint8Array, field: Field): number {
  const reader = new ByteReader(message.subarray(field.start, field.end))
  return reader.next() ? reader.uint32() : 0
}

function writeStatusCode(writer: ByteWriter, message: Uint8Array, field: Field): void {
  const outer = new ByteReader(message.subarray(field.start, field.end))
  if (!outer.next()) return
  const status = writer.begin(15)
  for (const reader = new ByteReader(outer.bytes()); reader.next(); ) {
    if (reader.tag === varintTag(3)) writer.uint32(3, reader.uint32())
    else reader.skip()
  }
  writer.end(status)
}

function addCount(counts: Map<number, number>, counter: number, count: number): void {
  counts.set(counter, (counts.get(counter) ?? 0) + count)
}
