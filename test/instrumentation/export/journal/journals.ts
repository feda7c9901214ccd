// Journals for tests: made, left behind as by a process that died, and recovered.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { ByteWriter } from '../../../../instrumentation/export/byte-writer.ts'
import {
  createJournal,
  type Journal,
  type JournalOptions,
} from '../../../../instrumentation/export/journal/journal.ts'
import {
  type Recovered,
  type RecoverOptions,
  recover,
} from '../../../../instrumentation/export/journal/recover.ts'
import {
  encodeHead,
  encodeOpenSpan,
  encodeRequest,
  encodeSpan,
  type RequestHead,
} from '../../../../instrumentation/export/otlp-encoder.ts'
import type { Span } from '../../../../instrumentation/trace/span.ts'
import { hex, type Message, readRequest, startSpan } from '../decode.ts'

export const MAX_BYTES: number = 4 * 1024 * 1024
export const START_MS = 1_700_000_000_000
export const HEAD: RequestHead = encodeHead({ 'service.name': 'orders' }, 'baton', '1')
/** No process has it: above the largest that Linux gives. */
const NO_PID = 4_194_305

export function makeFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-journal-test-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function openJournal(
  folder: string,
  options: Partial<JournalOptions> = {},
  warnings: string[] = [],
): Journal {
  const journal = createJournal({
    folder,
    maxBytes: MAX_BYTES,
    head: HEAD,
    memoryBytes: undefined,
    log: { warn: message => warnings.push(message) },
    nowMs: Date.now,
    ...options,
  })
  if (journal === undefined) throw new Error(`expected a journal: ${warnings}`)
  return journal
}

export const idOf = (number: number): string => number.toString(16).padStart(16, '0')

interface SpanFields {
  readonly parent?: number
  readonly startMs?: number
  readonly text?: string
}

/** A span whose name is its number. */
export function makeSpan(
  number: number,
  { parent, startMs = START_MS, text }: SpanFields = {},
): Span {
  const span = startSpan({
    name: String(number),
    startMs,
    parentSpanId: parent === undefined ? undefined : idOf(parent),
    context: {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: idOf(number),
      traceFlags: 1,
      traceState: undefined,
    },
  })
  if (text !== undefined) span.setAttribute('text', text)
  return span
}

export function encodeOpen(span: Span): Uint8Array {
  const writer = new ByteWriter()
  encodeOpenSpan(writer, span)
  return writer.copy()
}

export function encodeFinished(span: Span): Uint8Array {
  span.end(span.startMs + 1)
  const writer = new ByteWriter()
  encodeSpan(writer, span)
  return writer.copy()
}

/** Writes a finished span; whether it was taken. */
export function finish(journal: Journal, number: number, fields?: SpanFields): boolean {
  return journal.end(idOf(number), encodeFinished(makeSpan(number, fields)))
}

export function begin(journal: Journal, number: number, deadlineMs = 0, fields?: SpanFields): void {
  journal.begin(idOf(number), encodeOpen(makeSpan(number, fields)), deadlineMs)
}

export function open(journal: Journal, number: number, fields?: SpanFields): void {
  journal.open(idOf(number), encodeOpen(makeSpan(number, fields)))
}

/** The bytes of the one journal in the folder. */
export function bytesIn(folder: string): Buffer {
  const names = readdirSync(folder)
  if (names.length !== 1) throw new Error(`expected 1 file, got ${names}`)
  return readFileSync(join(folder, names[0] ?? ''))
}

let left = 0

/** A file as a process left it that is no more. */
export function leave(folder: string, bytes: Uint8Array): string {
  const path = join(folder, `baton-journal-${NO_PID}-1-${left++}`)
  writeFileSync(path, bytes, { mode: 0o600 })
  return path
}

/** What a process leaves that wrote this and was killed. */
export function leftBy(
  t: Test,
  folder: string,
  write: (journal: Journal) => void,
  options?: Partial<JournalOptions>,
): Buffer {
  const own = makeFolder(t)
  write(openJournal(own, options))
  const bytes = bytesIn(own)
  leave(folder, bytes)
  return bytes
}

export function recoverAll(folder: string, options: Partial<RecoverOptions> = {}): Recovered {
  return recover(folder, {
    maxBytes: MAX_BYTES,
    startedMs: Date.now(),
    nowMs: Date.now,
    ...options,
  })
}

export interface DecodedSpan {
  readonly number: number
  readonly isFinished: boolean
  readonly startMs: number
  readonly endMs: number
  readonly message: string | undefined
  readonly attributes: Readonly<Record<string, unknown>>
}

/** The spans of all batches, in their order, by way of a whole request read by OpenTelemetry's own code. */
export function decode(recovered: Recovered): readonly DecodedSpan[] {
  return recovered.batches.flatMap(({ head, spans, count }) => {
    const request = readRequest(encodeRequest(head, spans))
    const [resource] = request.resourceSpans as readonly { scopeSpans: readonly Message[] }[]
    const decoded = (resource?.scopeSpans[0]?.spans ?? []) as readonly Message[]
    if (decoded.length !== count) throw new Error(`expected ${count} spans, got ${decoded.length}`)
    return decoded.map(decodeSpan)
  })
}

export function numbersIn(recovered: Recovered): readonly number[] {
  return decode(recovered).map(({ number }) => number)
}

function decodeSpan(span: Message): DecodedSpan {
  const number = Number(span.name)
  if (hex(span.spanId) !== idOf(number)) throw new Error(`span ${span.name} has another's id`)
  const status = span.status as { message?: string; code: number } | undefined
  const pairs = (span.attributes ?? []) as readonly { key: string; value: Message }[]
  return {
    number,
    isFinished: status === undefined,
    startMs: Number(span.startTimeUnixNano) / 1e6,
    endMs: Number(span.endTimeUnixNano) / 1e6,
    message: status?.message,
    attributes: Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]])),
  }
}
