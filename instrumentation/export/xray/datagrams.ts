// What is sent to the X-Ray daemon: a line that says what follows, then one document. Two kinds of document are known to
// it: a segment as JSON, and an OTLP request as protobuf in base64 behind a mark, `T1S` for sampled spans and `T1U` for
// others, as AWS's own distributions of OpenTelemetry send it.
//
//   {"format":"json","version":1}          {"format":"json","version":1}
//   {"name":"orders","id":"70de…",…}       T1SCpwDCtQBChYKDHNlcnZpY2UubmFtZR…
import { ByteWriter } from '../byte-writer.ts'
import { cutSpan } from '../cut-span.ts'
import { encodeWithin } from '../encode-within.ts'
import { decodeHead, decodeSpan, splitEntries } from '../otlp-decoder.ts'
import { encodeRequest, type RequestHead } from '../otlp-encoder.ts'
import type { SpanBatch } from '../transport.ts'
import { toXRayDocument } from './document.ts'

export type XRayFormat = 'segments' | 'otlp'

export interface Datagrams {
  readonly datagrams: readonly Uint8Array[]
  /** Spans that are in none of them: damaged, or too large however they are cut. */
  readonly refused: number
}

/** 65,535 without the headers of IPv4 (20) and UDP (8): the most that one datagram holds. */
export const MAX_DATAGRAM_BYTES = 65_507
const HEADER = '{"format":"json","version":1}\n'
const MARK_SAMPLED = 'T1S'
const MARK_UNSAMPLED = 'T1U'
const SAMPLED_FLAG = 0x01
const SPANS = 2
/** Two nested messages around the spans, each a tag and a length of three bytes at most. */
const FRAME_BYTES = 8
/** A tag and a length of three bytes at most. */
const ENTRY_BYTES = 4

export function encodeDatagrams(batch: SpanBatch, format: XRayFormat): Datagrams {
  const { messages } = splitEntries(batch.spans)
  return format === 'segments' ? encodeSegments(batch, messages) : encodeMarked(batch, messages)
}

/** A document a datagram. */
function encodeSegments(batch: SpanBatch, messages: readonly Uint8Array[]): Datagrams {
  const head = decodeHead(batch.head)
  const maxBytes = MAX_DATAGRAM_BYTES - HEADER.length
  const datagrams: Uint8Array[] = []
  for (const message of messages) {
    const text = encodeWithin(message, maxBytes, span => JSON.stringify(toXRayDocument(span, head)))
    if (text !== undefined) datagrams.push(Buffer.from(HEADER + text))
  }
  return { datagrams, refused: Math.max(0, batch.count - datagrams.length) }
}

/** As few datagrams as the spans fit into, sampled ones apart from others. */
function encodeMarked({ head, count }: SpanBatch, messages: readonly Uint8Array[]): Datagrams {
  const base64Bytes = MAX_DATAGRAM_BYTES - HEADER.length - MARK_SAMPLED.length
  const requestBytes = Math.floor(base64Bytes / 4) * 3
  const spanBytes = requestBytes - head.resource.length - head.scope.length - FRAME_BYTES
  const sampled = new Packer(head, MARK_SAMPLED, spanBytes)
  const unsampled = new Packer(head, MARK_UNSAMPLED, spanBytes)
  let packed = 0
  for (const message of messages) {
    const span = decodeSpan(message)
    const fitting = span && cutSpan(message, spanBytes - ENTRY_BYTES)
    if (span === undefined || fitting === undefined) continue
    const packer = (span.flags & SAMPLED_FLAG) === 0 ? unsampled : sampled
    packer.add(fitting)
    packed++
  }
  const datagrams = [...sampled.finish(), ...unsampled.finish()]
  return { datagrams, refused: Math.max(0, count - packed) }
}

class Packer {
  readonly #head: RequestHead
  readonly #mark: string
  readonly #maxSpanBytes: number
  readonly #datagrams: Uint8Array[] = []
  readonly #entries = new ByteWriter()

  constructor(head: RequestHead, mark: string, maxSpanBytes: number) {
    this.#head = head
    this.#mark = mark
    this.#maxSpanBytes = maxSpanBytes
  }

  add(message: Uint8Array): void {
    const before = this.#entries.length
    const start = this.#entries.begin(SPANS, 2)
    this.#entries.bytes(message)
    this.#entries.end(start, 2)
    if (before === 0 || this.#entries.length <= this.#maxSpanBytes) return
    const last = this.#entries.copy(before)
    this.#entries.truncate(before)
    this.#pack()
    this.#entries.bytes(last)
  }

  finish(): readonly Uint8Array[] {
    if (this.#entries.length > 0) this.#pack()
    return this.#datagrams
  }

  #pack(): void {
    const request = Buffer.from(encodeRequest(this.#head, this.#entries.view()))
    this.#datagrams.push(Buffer.from(HEADER + this.#mark + request.toString('base64')))
    this.#entries.truncate(0)
  }
}
