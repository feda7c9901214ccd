// Spans at random: texts and numbers at the edges of their encodings, lists, events, links, cut by limits.
import type { AttributeValue } from '../../../instrumentation/trace/attributes.ts'
import type { Span } from '../../../instrumentation/trace/span.ts'
import type { SpanContext } from '../../../instrumentation/trace/span-context.ts'
import type { SpanKind } from '../../../instrumentation/trace/span-kind.ts'
import type { Random } from '../../helpers/random.ts'
import { startSpan } from './decode.ts'

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

/** Ended, with anything in it that a function's code could put there. */
export function randomSpan(random: Random): Span {
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
