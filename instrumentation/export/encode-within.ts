// One span in another format, within so many bytes.
import { cutSpan } from './cut-span.ts'
import { type DecodedSpan, decodeSpan } from './otlp-decoder.ts'

/**
 * The Span message as text of at most `maxBytes` of UTF-8, cut where it is longer; `undefined` when it is damaged or
 * stays too long.
 */
export function encodeWithin(
  message: Uint8Array,
  maxBytes: number,
  encode: (span: DecodedSpan) => string,
): string | undefined {
  let fitting: Uint8Array | undefined = message
  while (fitting !== undefined) {
    const span = decodeSpan(fitting)
    if (span === undefined) return undefined
    const text = encode(span)
    const bytes = Buffer.byteLength(text)
    if (bytes <= maxBytes) return text
    // How much longer a format is than the span's bytes only writing it shows: cut in proportion, and look again.
    const target = Math.min(fitting.length - 1, (fitting.length * maxBytes) / bytes)
    fitting = cutSpan(fitting, Math.floor(target))
  }
  return undefined
}
