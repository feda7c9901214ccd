// The file of one journal, written in place: blocks that are filled in turn, over and over, so that it neither grows nor
// has to be rewritten. Nothing is synced to the disk: the page cache outlives the process, and a machine that goes down
// takes /tmp with it. A write of less than a page inside one page is whole or not there, whenever the process is killed.
import { closeSync, readSync, unlinkSync, writeSync } from 'node:fs'
import type { RequestHead } from '../otlp-encoder.ts'
import type { OpenedFile } from './folder.ts'
import {
  BLOCKS,
  encodeRecord,
  FRAME_BYTES,
  HEAD,
  HEAD_AT,
  MAGIC,
  MIN_BLOCK_BYTES,
  PAGE_BYTES,
  STATE,
  STATE_AT,
} from './record.ts'

/** The STATE record: what is known of the file as a whole. */
export interface JournalState {
  /** Finished spans with a lower number need nothing more. */
  cut: number
  /** What records with a lower sequence number opened may have ended since. */
  openFloor: number
  /** Of the process, when last looked at. */
  residentBytes: number
  /** What `readOomKills` told; -1 while not known. */
  oomKills: number
}

const STATE_NUMBERS = 3
const HEAD_NUMBERS = 3

/** Everything here throws when the file cannot be written. */
export class BlockFile {
  readonly #file: OpenedFile
  readonly #start: number
  readonly #blockBytes: number
  readonly #statePayload = Buffer.alloc(STATE_NUMBERS * 8)
  #buffer: Buffer
  #block = 0
  #at = 0
  /** Of the next record. */
  sequence = 1
  readonly state: JournalState = { cut: 0, openFloor: 0, residentBytes: 0, oomKills: -1 }

  constructor(file: OpenedFile, head: RequestHead, memoryBytes: number, maxBytes: number) {
    this.#file = file
    const fixedBytes =
      HEAD_AT + FRAME_BYTES + HEAD_NUMBERS * 4 + head.resource.length + head.scope.length
    this.#start = Math.ceil(fixedBytes / PAGE_BYTES) * PAGE_BYTES
    this.#blockBytes = Math.floor((maxBytes - this.#start) / BLOCKS)
    if (this.#blockBytes < MIN_BLOCK_BYTES) throw new Error(`${maxBytes} bytes are too few`)
    this.#buffer = Buffer.alloc(this.#start)
    this.#writeBeginning(head, memoryBytes)
  }

  /** Half a block: the other half is room for what has to be kept of an older block. */
  get maxPayloadBytes(): number {
    return (this.#blockBytes >> 1) - FRAME_BYTES
  }

  fits(payloadBytes: number): boolean {
    return this.#at + FRAME_BYTES + payloadBytes <= this.#blockBytes
  }

  /** Bytes left in this block. */
  get room(): number {
    return this.#blockBytes - this.#at
  }

  /** Goes on at the beginning of the next block, over what is in it. */
  enterNext(): void {
    this.#block = (this.#block + 1) % BLOCKS
    this.#at = 0
  }

  /** Goes on at the beginning; for when nothing that was appended is needed. */
  rewind(): void {
    this.#block = 0
    this.#at = 0
  }

  /** With the state that is written next, nothing that was appended counts as open. */
  voidOpen(): void {
    // A record that could not be written may stand there all the same.
    this.state.openFloor = ++this.sequence
  }

  /** Where the block after this one, or the one after that, begins and ends in the file. */
  blockAhead(by: 1 | 2): { readonly start: number; readonly end: number } {
    const start = this.#start + ((this.#block + by) % BLOCKS) * this.#blockBytes
    return { start, end: start + this.#blockBytes }
  }

  /** Appends a record that fits; its position in the file. */
  append(type: number, value: number, spanId: string, payload: Uint8Array): number {
    const position = this.#start + this.#block * this.#blockBytes + this.#at
    this.#at += this.#write(position, type, value, spanId, payload)
    this.sequence++
    return position
  }

  writeState(): void {
    this.#write(STATE_AT, STATE, this.state.cut, '', this.#encodeState())
  }

  /** Reads back; false when it is not all there. */
  read(into: Uint8Array, at: number, length: number, position: number): boolean {
    return readSync(this.#file.descriptor, into, at, length, position) === length
  }

  close(): void {
    closeSync(this.#file.descriptor)
  }

  remove(): void {
    unlinkSync(this.#file.path)
  }

  /** All that stands before the blocks, in one write. */
  #writeBeginning({ resource, scope }: RequestHead, memoryBytes: number): void {
    const buffer = this.#buffer
    const payload = Buffer.alloc(HEAD_NUMBERS * 4 + resource.length + scope.length)
    payload.writeUInt32LE(this.#blockBytes, 0)
    payload.writeUInt32LE(resource.length, 4)
    payload.writeUInt32LE(scope.length, 8)
    payload.set(resource, HEAD_NUMBERS * 4)
    payload.set(scope, HEAD_NUMBERS * 4 + resource.length)
    buffer.write(MAGIC, 'latin1')
    encodeRecord(buffer.subarray(STATE_AT), STATE, 0, this.state.cut, '', this.#encodeState())
    encodeRecord(buffer.subarray(HEAD_AT), HEAD, 0, memoryBytes, '', payload)
    this.#writeAll(buffer, buffer.length, 0)
  }

  #encodeState(): Buffer {
    const { openFloor, residentBytes, oomKills } = this.state
    const payload = this.#statePayload
    payload.writeDoubleLE(openFloor, 0)
    payload.writeDoubleLE(residentBytes, 8)
    payload.writeDoubleLE(oomKills, 16)
    return payload
  }

  #write(
    position: number,
    type: number,
    value: number,
    spanId: string,
    payload: Uint8Array,
  ): number {
    const needed = FRAME_BYTES + payload.length
    if (needed > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(2 * needed)
    const length = encodeRecord(this.#buffer, type, this.sequence, value, spanId, payload)
    this.#writeAll(this.#buffer, length, position)
    return length
  }

  #writeAll(bytes: Buffer, length: number, position: number): void {
    let at = 0
    // More than once only when the disk is full: the second time throws.
    while (at < length) {
      at += writeSync(this.#file.descriptor, bytes, at, length - at, position + at)
    }
  }
}
