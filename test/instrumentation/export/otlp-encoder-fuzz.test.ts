// Random spans, written by us and read back by the code generated from the .proto files: nothing lost, nothing added.
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { ByteWriter } from '../../../instrumentation/export/byte-writer.ts'
import { encodeSpan } from '../../../instrumentation/export/otlp-encoder.ts'
import type { AttributeValue } from '../../../instrumentation/trace/attributes.ts'
import type { Span } from '../../../instrumentation/trace/span.ts'
import type { SpanContext } from '../../../instrumentation/trace/span-context.ts'
import type { SpanKind } from '../../../instrumentation/trace/span-kind.ts'
import { type Random, startRandom } from '../../helpers/random.ts'
import { exactNs, hex, type Message, readSpans, startSpan } from './decode.ts'

const SPANS = 6000
const BATCH = 20

const CHARACTERS = [
  'a',
  ' ',
  '"',
  '\0',
  '\n',
  '\x7f',
  '\x80',
  'é',
  '⚡',
  '😀',
  '\ud800',
  '\udfff',
  '\uffff',
]
const LENGTHS = [0, 1, 2, 5, 39, 40, 41, 63, 64, 127, 128, 129, 300]
const NUMBERS = [
  0,
  -1,
  1,
  127,
  128,
  2 ** 31,
  2 ** 32,
  -(2 ** 32),
  2 ** 53 - 1,
  -(2 ** 53 - 1),
  2 ** 53,
]

function text(random: Random): string {
  // Once in a while one whose length takes three bytes.
  const length = random.below(500) === 0 ? 16_000 + random.below(1000) : random.pick(LENGTHS)
  const isAscii = random.below(2) === 0
  return Array.from({ length }, () => (isAscii ? 'x' : random.pick(CHARACTERS))).join('')
}

function number(random: Random): number {
  const kind = random.below(4)
  if (kind === 0) return random.pick([Number.NaN, Infinity, -Infinity, 0.1, 1e300, -5e-324])
  if (kind === 1) return (random.next() - 0.5) * 2 ** random.below(60)
  return kind === 2
    ? random.pick(NUMBERS)
    : Math.trunc((random.next() - 0.5) * 2 ** random.below(54))
}

function list<T>(random: Random, make: (random: Random) => T): T[] {
  return Array.from({ length: random.below(5) }, () => make(random))
}

const boolean = (random: Random): boolean => random.below(2) === 0

function value(random: Random): AttributeValue {
  switch (random.below(6)) {
    case 0:
      return number(random)
    case 1:
      return boolean(random)
    case 2:
      return list(random, number)
    case 3:
      return list(random, boolean)
    case 4:
      return list(random, text)
    default:
      return text(random)
  }
}

type Attributes = Readonly<Record<string, AttributeValue>>

function attributes(random: Random): Attributes {
  // Keys that look like an index would be moved to the front by the object itself.
  return Object.fromEntries(list(random, () => [`k${text(random)}`, value(random)]))
}

function digits(random: Random, length: number): string {
  return Array.from({ length }, () => random.below(16).toString(16)).join('')
}

function context(random: Random): SpanContext {
  return {
    traceId: digits(random, 32),
    spanId: digits(random, 16),
    traceFlags: random.below(256),
    traceState: boolean(random) ? undefined : text(random),
  }
}

const time = (random: Random): number => 1.6e12 + random.next() * 1e12

function randomSpan(random: Random): Span {
  const span = startSpan({
    context: context(random),
    parentSpanId: boolean(random) ? undefined : digits(random, 16),
    hasRemoteParent: boolean(random),
    name: text(random),
    kind: (1 + random.below(5)) as SpanKind,
    startMs: time(random),
    limits: { attributeCount: 4, attributeValueLength: 1e6, eventCount: 2, linkCount: 2 },
  })
  span.setAttributes(attributes(random))
  for (let count = random.below(4); count > 0; count--)
    span.addEvent(text(random), time(random), attributes(random))
  for (let count = random.below(4); count > 0; count--)
    span.addLink(context(random), attributes(random))
  if (boolean(random)) span.setError(text(random))
  span.end(span.startMs + random.next() * 1e6)
  return span
}

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
