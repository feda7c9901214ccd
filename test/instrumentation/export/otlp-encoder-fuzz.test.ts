// Random spans, written by us and read back by the code generated from the .proto files: nothing lost, nothing added.
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { ByteWriter } from '../../../instrumentation/export/byte-writer.ts'
import { encodeSpan } from '../../../instrumentation/export/otlp-encoder.ts'
import type { AttributeValue } from '../../../instrumentation/trace/attributes.ts'
import type { Span } from '../../../instrumentation/trace/span.ts'
import type { SpanContext } from '../../../instrumentation/trace/span-context.ts'
import { startRandom } from '../../helpers/random.ts'
import { exactNs, hex, type Message, readSpans } from './decode.ts'
import { randomSpan } from './random-span.ts'

const SPANS = 6000
const BATCH = 20

// What the specification says a reader must see, from the span's own fields.

function expectedValue(of: AttributeValue | null | undefined): Message {
  if (of === null || of === undefined) return {}
  if (typeof of === 'string') return { stringValue: of.toWellFormed() }
  if (typeof of === 'boolean') return { boolValue: of }
  if (typeof of === 'number')
    return Number.isSafeInteger(of) ? { intValue: String(BigInt(of)) } : { doubleValue: of }
  return { arrayValue: of.length === 0 ? {} : { values: of.map(expectedValue) } }
}

function expectedPairs(pairs: readonly (readonly [string, AttributeValue])[]): object {
  if (pairs.length === 0) return {}
  const list = pairs.map(([key, each]) => ({ key: key.toWellFormed(), value: expectedValue(each) }))
  return { attributes: list }
}

function pairsOf(span: Span): (readonly [string, AttributeValue])[] {
  return Array.from({ length: span.attributes.length / 2 }, (_, index) => [
    span.attributes[2 * index] as string,
    span.attributes[2 * index + 1] as AttributeValue,
  ])
}

function expectedContext(of: SpanContext): object {
  const { traceId, spanId, traceState } = of
  return {
    traceId,
    spanId,
    ...(traceState !== undefined && { traceState: traceState.toWellFormed() }),
  }
}

/** Absent in protobuf where there is nothing to say. */
function unlessEmpty(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(fields).filter(([, each]) => (Array.isArray(each) ? each.length > 0 : each)),
  )
}

function expectedSpan(span: Span): Message {
  return {
    ...expectedContext(span.context),
    ...unlessEmpty({ parentSpanId: span.parentSpanId }),
    name: span.name.toWellFormed(),
    kind: span.kind,
    startTimeUnixNano: exactNs(span.startMs),
    endTimeUnixNano: exactNs(span.endMs),
    ...expectedPairs(pairsOf(span)),
    ...unlessEmpty({
      droppedAttributesCount: span.droppedAttributes,
      droppedEventsCount: span.droppedEvents,
      droppedLinksCount: span.droppedLinks,
      events: span.events.map(event => ({
        timeUnixNano: exactNs(event.timeMs),
        name: event.name.toWellFormed(),
        ...expectedPairs(event.attributes),
      })),
      links: span.links.map(link => ({
        ...expectedContext(link.context),
        ...expectedPairs(link.attributes),
        flags: link.context.traceFlags + 0x300,
      })),
      status: span.statusCode && {
        ...unlessEmpty({ message: span.statusMessage.toWellFormed() }),
        code: span.statusCode,
      },
    }),
    flags: span.context.traceFlags + (span.hasRemoteParent ? 0x300 : 0x100),
  }
}

/** Ids as hex, so that both sides are plain values. */
function plain(message: Message): Message {
  return Object.fromEntries(
    Object.entries(message).map(([key, each]) => {
      if (/id$/i.test(key)) return [key, hex(each)]
      return [key, key === 'links' ? (each as readonly Message[]).map(plain) : each]
    }),
  )
}

t.test(`${SPANS} random spans read back as they were`, async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  let bytes = 0
  for (let round = 0; round < SPANS / BATCH; round++) {
    const spans = Array.from({ length: BATCH }, () => randomSpan(random))
    const writer = new ByteWriter()
    for (const span of spans) encodeSpan(writer, span)
    const read = readSpans(writer.copy()).map(plain)
    bytes += writer.length
    const index = spans.findIndex((span, at) => !isDeepStrictEqual(read[at], expectedSpan(span)))
    if (index !== -1) {
      t.strictSame(read[index], expectedSpan(spans[index] as Span), `batch ${round}, span ${index}`)
      return
    }
    if (read.length !== BATCH) t.fail(`batch ${round}: ${read.length} spans`)
  }
  t.pass(`${bytes} bytes`)
})
