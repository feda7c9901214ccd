// Spans as lines on stdout, for functions with no network: one ExportTraceServiceRequest as JSON a line, as OTLP's file
// exporter writes them. https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/
import { encodeWithin } from '../encode-within.ts'
import { decodeHead, splitEntries } from '../otlp-decoder.ts'
import { encodeJsonFrame, encodeJsonSpan } from '../otlp-json.ts'
import type { SendResult, SpanBatch, Transport } from '../transport.ts'

export interface StdoutOptions {
  /** Writes one line and a line feed, before it returns; false when not all of it was taken. Never throws. */
  readonly writeLine: (line: string) => boolean
  /** UTF-8 bytes of a line, without its line feed. */
  readonly maxLineBytes?: number
}

/** CloudWatch Logs takes events of 256 KiB; this leaves a kibibyte for what is put around a line on its way there. */
export const MAX_LINE_BYTES: number = 255 * 1024

export function createStdoutTransport(options: StdoutOptions): Transport {
  const { writeLine, maxLineBytes = MAX_LINE_BYTES } = options
  return {
    async send(batch): Promise<SendResult> {
      const { lines, refused } = encodeLines(batch, maxLineBytes)
      if (!lines.every(writeLine)) return { status: 'retry', reason: 'stdout took no more' }
      if (refused === 0) return { status: 'accepted' }
      const reason = 'they are damaged, or too large for a line'
      if (lines.length === 0) return { status: 'rejected', reason }
      return { status: 'accepted', refused: { count: refused, reason } }
    },
  }
}

/** As few lines as the spans fit into, in their order. */
export function encodeLines(
  batch: SpanBatch,
  maxLineBytes: number,
): { readonly lines: readonly string[]; readonly refused: number } {
  const { before, after } = encodeJsonFrame(decodeHead(batch.head))
  const frameBytes = Buffer.byteLength(before) + after.length
  const lines: string[] = []
  let held: string[] = []
  let heldBytes = frameBytes
  let encoded = 0
  for (const message of splitEntries(batch.spans).messages) {
    const text = encodeWithin(message, maxLineBytes - frameBytes, encodeJsonSpan)
    if (text === undefined) continue
    encoded++
    const bytes = Buffer.byteLength(text)
    // And a comma.
    if (held.length > 0 && heldBytes + 1 + bytes > maxLineBytes) {
      lines.push(before + held.join(',') + after)
      held = []
      heldBytes = frameBytes
    }
    heldBytes += bytes + (held.length > 0 ? 1 : 0)
    held.push(text)
  }
  if (held.length > 0) lines.push(before + held.join(',') + after)
  return { lines, refused: Math.max(0, batch.count - encoded) }
}
