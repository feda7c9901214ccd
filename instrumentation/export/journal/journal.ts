// What must outlive the process, however it ends: finished spans until they are accepted, and what is open. One file for
// each thread, in /tmp, written by small synchronous writes of about a microsecond each; the next process reads it.
import { closeSync, unlinkSync } from 'node:fs'
import type { Log } from '../../../runtime/contract.ts'
import type { RequestHead } from '../otlp-encoder.ts'
import { BlockFile } from './block-file.ts'
import { FinishedSpans } from './finished-spans.ts'
import { openJournalFile, prepareFolder } from './folder.ts'
import { readOomKills } from './oom-kills.ts'
import { identifyThisProcess } from './process-identity.ts'
import { BEGIN, DISCARD, decodeRecord, END, EXIT, FRAME_BYTES, OPEN } from './record.ts'

export interface JournalOptions {
  readonly folder: string
  /** Of the file; the oldest finished spans make room. */
  readonly maxBytes: number
  /** The resource and scope of the spans. */
  readonly head: RequestHead
  /** The function's memory, as far as it is known. */
  readonly memoryBytes: number | undefined
  readonly log: Log
  /** Epoch milliseconds. */
  readonly nowMs: () => number
}

/** Finished spans with consecutive numbers. */
export interface JournalBatch {
  readonly spans: Uint8Array
  readonly count: number
  /** Numbers before the first of them that the journal does not hold. */
  readonly lost: number
}

interface OpenRecord {
  readonly position: number
  readonly length: number
}

const NOTHING = new Uint8Array(0)
/** Between two looks at the process's memory, of 7 µs each. */
const MEMORY_INTERVAL_MS = 10

/** A journal in a new file; `undefined`, and one line in the log, when there cannot be one. Never throws. */
export function createJournal(options: JournalOptions): Journal | undefined {
  try {
    return new Journal(options)
  } catch (error) {
    warn(options.log, error)
    return undefined
  }
}

/**
 * States: on -> (a write fails) off -> (the last finished span is cut) on; any -> (`exit`) closed. While it is off, nothing
 * is taken, and what it holds stays readable. Nothing here throws.
 *
 * Finished spans are numbered from 0 in the order of `end`, those included that were not taken.
 */
export class Journal {
  readonly #options: JournalOptions
  readonly #file: BlockFile
  readonly #open = new Map<string, OpenRecord>()
  readonly #finished = new FinishedSpans()
  #state: 'on' | 'off' | 'closed' = 'on'
  #isWarned = false
  #ended = 0
  #dropped = 0
  #memorySeenMs = 0

  /** Throws when the file cannot be made; for `createJournal`. */
  constructor(options: JournalOptions) {
    const { folder, head, memoryBytes = 0, maxBytes } = options
    this.#options = options
    prepareFolder(folder)
    const file = openJournalFile(folder, identifyThisProcess())
    try {
      this.#file = new BlockFile(file, head, memoryBytes, maxBytes)
    } catch (error) {
      discardFile(file)
      throw error
    }
  }

  /** Finished spans that had to make room for others. */
  get dropped(): number {
    return this.#dropped
  }

  /** An invocation began: its span without the end. Once more for the same span: more is known of it. */
  begin(spanId: string, openSpan: Uint8Array, deadlineMs: number): void {
    const isMore = this.#open.has(spanId)
    this.#announce(BEGIN, spanId, openSpan, deadlineMs)
    if (isMore) this.#lookAtMemory()
  }

  /** Any other span began. */
  open(spanId: string, openSpan: Uint8Array): void {
    this.#announce(OPEN, spanId, openSpan, 0)
    this.#lookAtMemory()
  }

  /** A span ended, as `encodeSpan` wrote it; whether the journal holds it. */
  end(spanId: string, span: Uint8Array): boolean {
    const number = this.#ended++
    const position = this.#append(END, number, spanId, span)
    if (position === undefined) this.discard(spanId)
    else {
      this.#open.delete(spanId)
      this.#finished.add(number, position + FRAME_BYTES, span.length)
      this.#lookAtMemory()
    }
    return position !== undefined
  }

  /** A span ended, and nobody is to be told. */
  discard(spanId: string): void {
    if (this.#open.delete(spanId)) this.#append(DISCARD, 0, spanId, NOTHING)
  }

  /** Finished spans with a lower number need nothing more. */
  cut(before: number): void {
    if (this.#state === 'closed') return
    const finished = this.#finished
    finished.removeFirst(finished.countBelow(before))
    const { state } = this.#file
    state.cut = Math.max(state.cut, Math.min(before, this.#ended))
    if (state.oomKills === -1) state.oomKills = readOomKills() ?? 0
    const isEmpty = finished.count === 0 && this.#open.size === 0
    if (isEmpty) this.#file.rewind()
    if (this.#attempt(() => this.#file.writeState()) && isEmpty) this.#state = 'on'
  }

  /** Finished spans from this number on, one at least where there is one, then as many as the limit lets in. */
  read(from: number, maxBytes: number): JournalBatch {
    const finished = this.#finished
    if (this.#state === 'closed') return { spans: NOTHING, count: 0, lost: 0 }
    const first = finished.countBelow(from)
    const firstNumber = finished.at(first)?.number ?? this.#ended
    const lost = Math.max(0, firstNumber - from)
    let [count, bytes] = [0, 0]
    for (;;) {
      const span = finished.at(first + count)
      if (span?.number !== firstNumber + count) break
      if (count > 0 && bytes + span.length > maxBytes) break
      bytes += span.length
      count++
    }
    const spans = new Uint8Array(bytes)
    const isRead = this.#attempt(() => this.#readInto(spans, first, count))
    return isRead ? { spans, count, lost } : { spans: NOTHING, count: 0, lost: lost + count }
  }

  /** The process ends with this code: the last call. The file goes unless somebody needs it. */
  exit(code: number): void {
    if (this.#state === 'closed') return
    const isNeeded = this.#finished.count > 0 || this.#open.size > 0
    if (isNeeded) this.#append(EXIT, code, '', NOTHING)
    this.#state = 'closed'
    this.#attempt(() => {
      if (!isNeeded) this.#file.remove()
      this.#file.close()
    })
  }

  #announce(type: number, spanId: string, payload: Uint8Array, value: number): void {
    const position = this.#append(type, value, spanId, payload)
    if (position !== undefined) this.#open.set(spanId, { position, length: payload.length })
  }

  /** Where the record stands; `undefined` when it was not taken. */
  #append(type: number, value: number, spanId: string, payload: Uint8Array): number | undefined {
    const file = this.#file
    if (this.#state !== 'on' || payload.length > file.maxPayloadBytes) return undefined
    try {
      if (!file.fits(payload.length)) this.#advance()
      return file.append(type, value, spanId, payload)
    } catch (error) {
      this.#turnOff(error)
      return undefined
    }
  }

  /**
   * Goes on in the next block, whose finished spans are dropped. What is open in the block after that is written again,
   * so that at no moment a record of something open is overwritten before there is another one.
   */
  #advance(): void {
    const file = this.#file
    const next = file.blockAhead(1)
    this.#dropped += this.#finished.removeWithin(next.start, next.end)
    const later = file.blockAhead(2)
    file.enterNext()
    for (const [spanId, { position, length }] of this.#open) {
      if (position < later.start || position >= later.end) continue
      const bytes = Buffer.allocUnsafe(FRAME_BYTES + length)
      const isRead = file.read(bytes, 0, bytes.length, position)
      const record = isRead ? decodeRecord(bytes, 0, bytes.length) : undefined
      if (record === undefined || file.room - bytes.length < file.maxPayloadBytes + FRAME_BYTES)
        this.#open.delete(spanId)
      else {
        const { type, value, payload } = record
        this.#open.set(spanId, { position: file.append(type, value, spanId, payload), length })
      }
    }
  }

  #readInto(spans: Uint8Array, first: number, count: number): void {
    let at = 0
    for (let index = first; index < first + count; index++) {
      const { position, length } = this.#finished.at(index) ?? { position: 0, length: 0 }
      if (!this.#file.read(spans, at, length, position)) throw new Error('its file was cut')
      at += length
    }
  }

  /** So that the next process can tell whether this one ran out of it. */
  #lookAtMemory(): void {
    const now = this.#options.nowMs()
    if (this.#state !== 'on' || now - this.#memorySeenMs < MEMORY_INTERVAL_MS) return
    this.#memorySeenMs = now
    this.#file.state.residentBytes = process.memoryUsage.rss()
    this.#attempt(() => this.#file.writeState())
  }

  #attempt(work: () => void): boolean {
    try {
      work()
      return true
    } catch (error) {
      this.#turnOff(error)
      return false
    }
  }

  /** From here on the file does not tell any more which spans ended: none in it counts as open. */
  #turnOff(error: unknown): void {
    if (!this.#isWarned) warn(this.#options.log, error)
    this.#isWarned = true
    if (this.#state !== 'on') return
    this.#state = 'off'
    this.#open.clear()
    this.#file.voidOpen()
    try {
      this.#file.writeState()
    } catch {
      // Not even what is there already can be written over: then better no file than one that tells what is not so.
      this.#attempt(() => this.#file.remove())
    }
  }
}

function discardFile(file: { readonly path: string; readonly descriptor: number }): void {
  closeSync(file.descriptor)
  unlinkSync(file.path)
}

function warn(log: Log, error: unknown): void {
  log.warn(
    `baton: spans would not outlive the process now: the journal cannot be written: ${error}`,
  )
}
