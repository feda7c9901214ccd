// One record of a journal. A file is a magic number, the STATE record, the HEAD record, and from a page's border on eight
// blocks of records. Numbers are little-endian; f64 is IEEE 754.
//
//   file     0 magic  8 STATE  128 HEAD  then, from the next multiple of 4096 on, the blocks
//   record   0 u32  length of the payload
//            4 u32  MurmurHash3 of everything behind it, seeded with that length
//            8 f64  sequence number: one more than that of the record before it in its block
//           16 f64  value      24  span id, 8 bytes      32 u8 type      33 payload
//
//   type     value                      span id   payload
//   STATE    finished spans below this  -         3 f64: open floor, resident bytes, OOM kills (-1: unknown)
//            number are done
//   HEAD     the function's memory, 0   -         3 u32: bytes of a block, of the resource, of the scope; then both
//            if unknown
//   BEGIN    the deadline, epoch ms     yes       Span message without its end: an invocation, or more of it
//   OPEN     0                          yes       Span message without its end: a call
//   END      number of the span         yes       `scope_spans.spans` entry: the span is finished
//   DISCARD  0                          yes       - : it ended and is not to be told
//   EXIT     the exit code              -         -
//
// STATE is overwritten in place, all others are appended. Blocks are filled in turn, and again from the first one on as soon
// as nothing is held: so the records of a block are those that follow one another, up to the first that is not whole, and
// blocks are read in the order of their sequence numbers. Where numbers are missing, what was opened before may have ended
// there; so may, after a write that failed, what was opened below the open floor.
import { checksum } from './checksum.ts'

export const MAGIC = 'baton\0j1'
export const STATE_AT = 8
export const HEAD_AT = 128
export const PAGE_BYTES = 4096
export const BLOCKS = 8
export const FRAME_BYTES = 33
/** A smaller block would hold no span. */
export const MIN_BLOCK_BYTES = 1024

export const STATE = 1
export const HEAD = 2
export const BEGIN = 3
export const OPEN = 4
export const END = 5
export const DISCARD = 6
export const EXIT = 7

export interface JournalRecord {
  readonly type: number
  readonly sequence: number
  readonly value: number
  /** 16 hex digits, or empty. */
  readonly spanId: string
  readonly payload: Uint8Array
}

/** Writes it at the buffer's beginning, which must have the room; its length. Not of an object: each span pays for it. */
export function encodeRecord(
  buffer: Buffer,
  type: number,
  sequence: number,
  value: number,
  spanId: string,
  payload: Uint8Array,
): number {
  const end = FRAME_BYTES + payload.length
  buffer.writeUInt32LE(payload.length, 0)
  buffer.writeDoubleLE(sequence, 8)
  buffer.writeDoubleLE(value, 16)
  if (spanId === '') buffer.fill(0, 24, 32)
  else buffer.write(spanId, 24, 8, 'hex')
  buffer[32] = type
  buffer.set(payload, FRAME_BYTES)
  buffer.writeUInt32LE(checksum(buffer, 8, end, payload.length), 4)
  return end
}

/** The record that begins at `at` and lies below `limit`; `undefined` when there is no whole one. */
export function decodeRecord(bytes: Buffer, at: number, limit: number): JournalRecord | undefined {
  const payloadAt = at + FRAME_BYTES
  if (payloadAt > limit) return undefined
  const length = bytes.readUInt32LE(at)
  const end = payloadAt + length
  if (end > limit) return undefined
  if (bytes.readUInt32LE(at + 4) !== checksum(bytes, at + 8, end, length)) return undefined
  return {
    type: bytes[at + 32] as number,
    sequence: bytes.readDoubleLE(at + 8),
    value: bytes.readDoubleLE(at + 16),
    spanId: bytes.toString('hex', at + 24, at + 32),
    payload: bytes.subarray(payloadAt, end),
  }
}
