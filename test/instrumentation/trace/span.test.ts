import t from 'tap'
import type { SpanLimits } from '../../../instrumentation/trace/limits.ts'
import {
  Span,
  type SpanInit,
  STATUS_ERROR,
  STATUS_UNSET,
} from '../../../instrumentation/trace/span.ts'
import { isSampled, type SpanContext } from '../../../instrumentation/trace/span-context.ts'
import { SPAN_KIND_SERVER } from '../../../instrumentation/trace/span-kind.ts'

const CONTEXT: SpanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  traceState: undefined,
}
const LIMITS: SpanLimits = {
  attributeCount: 3,
  attributeValueLength: 5,
  eventCount: 2,
  linkCount: 2,
}

function start(fields: Partial<SpanInit> = {}): { readonly span: Span; readonly ended: Span[] } {
  const ended: Span[] = []
  const span = new Span({
    context: CONTEXT,
    parentSpanId: undefined,
    hasRemoteParent: false,
    name: 'name',
    kind: SPAN_KIND_SERVER,
    startMs: 1000,
    limits: LIMITS,
    onEnd: each => void ended.push(each),
    ...fields,
  })
  return { span, ended }
}

t.test('a span starts open, without a status, with nothing on it', async t => {
  const { span, ended } = start({ parentSpanId: 'aaaaaaaaaaaaaaaa', hasRemoteParent: true })
  t.match(span, {
    context: CONTEXT,
    parentSpanId: 'aaaaaaaaaaaaaaaa',
    hasRemoteParent: true,
    name: 'name',
    kind: SPAN_KIND_SERVER,
    startMs: 1000,
    isEnded: false,
    statusCode: STATUS_UNSET,
    statusMessage: '',
  })
  t.strictSame([span.attributes, span.events, span.links, ended], [[], [], [], []])
})

t.test('attributes are set and replaced, in the order of their first setting', async t => {
  const { span } = start()
  span.setAttribute('a', 1)
  span.setAttributes({ b: 'x', a: 2, c: undefined })
  t.strictSame(span.attributes, ['a', 2, 'b', 'x'])
})

t.test('a value can be the same as a key', async t => {
  const { span } = start()
  span.setAttribute('a', 'b')
  span.setAttribute('b', 'a')
  span.setAttribute('b', 'c')
  t.strictSame(span.attributes, ['a', 'b', 'b', 'c'])
})

t.test('as many attributes as the limit are kept, the next is dropped and counted', async t => {
  const { span } = start()
  span.setAttributes({ a: 1, b: 2, c: 3 })
  t.equal(span.droppedAttributes, 0)
  span.setAttribute('d', 4)
  span.setAttribute('e', 5)
  t.strictSame(span.attributes, ['a', 1, 'b', 2, 'c', 3])
  t.equal(span.droppedAttributes, 2)
  span.setAttribute('a', 9)
  t.strictSame(span.attributes.slice(0, 2), ['a', 9], 'one that is there can still be replaced')
  t.equal(span.droppedAttributes, 2)
})

t.test('long texts are cut; what is no attribute value is left out and not counted', async t => {
  const { span } = start()
  span.setAttribute('a', '123456')
  span.setAttribute('b', JSON.parse('{"c":1}'))
  t.strictSame(span.attributes, ['a', '12345'])
  t.equal(span.droppedAttributes, 0)
})

t.test('what is no attribute value does not replace one that is there', async t => {
  const { span } = start()
  span.setAttribute('a', 1)
  span.setAttribute('a', undefined)
  span.setAttribute('a', JSON.parse('null'))
  t.strictSame(span.attributes, ['a', 1])
})

t.test('filling sets only what is not set yet, within the same limits', async t => {
  const { span } = start()
  span.setAttribute('a', 'user')
  span.fillAttributes({ a: 'ours', b: '123456', c: undefined, d: 3, e: 4 })
  t.strictSame(span.attributes, ['a', 'user', 'b', '12345', 'd', 3])
  t.equal(span.droppedAttributes, 1)
  span.end(2000)
  span.fillAttributes({ f: 5 })
  t.equal(span.attributes.length, 6)
})

t.test('events up to the limit are kept, the next is dropped and counted', async t => {
  const { span } = start()
  span.addEvent('first', 1001, { text: '123456', nothing: undefined })
  span.addEvent('second', 1002)
  span.addEvent('third', 1003)
  t.strictSame(span.events, [
    { name: 'first', timeMs: 1001, attributes: [['text', '12345']] },
    { name: 'second', timeMs: 1002, attributes: [] },
  ])
  t.equal(span.droppedEvents, 1)
})

t.test('links up to the limit are kept, the next is dropped and counted', async t => {
  const { span } = start()
  span.addLink(CONTEXT, { text: '123456' })
  span.addLink(CONTEXT)
  span.addLink(CONTEXT)
  t.strictSame(span.links, [
    { context: CONTEXT, attributes: [['text', '12345']] },
    { context: CONTEXT, attributes: [] },
  ])
  t.equal(span.droppedLinks, 1)
})

t.test('an event and a link hold 128 attributes, not one more', async t => {
  const { span } = start()
  const attributes = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]))
  span.addEvent('all', 1, attributes(128))
  span.addEvent('more', 1, attributes(129))
  span.addLink(CONTEXT, attributes(129))
  t.strictSame(
    [...span.events, ...span.links].map(each => each.attributes.length),
    [128, 128, 128],
  )
  t.strictSame(span.events[1]?.attributes.at(-1), ['k127', 127])
})

t.test('limits of zero keep nothing and count all', async t => {
  const limits = { attributeCount: 0, attributeValueLength: 0, eventCount: 0, linkCount: 0 }
  const { span } = start({ limits })
  span.setAttribute('a', 1)
  span.addEvent('e', 1)
  span.addLink(CONTEXT)
  span.setError('message')
  t.strictSame([span.attributes, span.events, span.links], [[], [], []])
  t.match(span, { droppedAttributes: 1, droppedEvents: 1, droppedLinks: 1, statusMessage: '' })
})

t.test('a name of 1024 characters is kept, a longer one cut', async t => {
  t.equal(start({ name: 'n'.repeat(1024) }).span.name.length, 1024)
  t.equal(start({ name: 'n'.repeat(1025) }).span.name.length, 1024)
})

t.test('an error has a message, cut like any text', async t => {
  const { span } = start()
  span.setError('123456')
  t.match(span, { statusCode: STATUS_ERROR, statusMessage: '12345' })
})

t.test('a span ends once', async t => {
  const { span, ended } = start()
  span.end(2000)
  span.end(3000)
  t.equal(span.endMs, 2000)
  t.equal(span.isEnded, true)
  t.strictSame(ended, [span])
})

t.test('a span never ends before it started', async t => {
  const { span } = start({ startMs: 1000.5 })
  span.end(1000.4)
  t.equal(span.endMs, 1000.5)
})

t.test('nothing changes a span that has ended', async t => {
  const { span, ended } = start()
  span.setAttribute('a', 1)
  span.end(2000)
  span.setAttribute('a', 2)
  span.setAttributes({ b: 1, c: 1, d: 1, e: 1 })
  span.addEvent('e', 1)
  span.addLink(CONTEXT)
  span.setError('late')
  t.strictSame(span.attributes, ['a', 1])
  t.match(span, {
    droppedAttributes: 0,
    droppedEvents: 0,
    droppedLinks: 0,
    statusCode: STATUS_UNSET,
    statusMessage: '',
  })
  t.strictSame([span.events, span.links], [[], []])
  t.equal(ended.length, 1)
})

t.test('what onEnd does to the span is too late', async t => {
  const { span } = start({ onEnd: each => each.setAttribute('late', true) })
  span.end(2000)
  t.strictSame(span.attributes, [])
})

t.test('only bit 0 of the flags says sampled', async t => {
  for (const [traceFlags, expected] of [
    [0, false],
    [1, true],
    [2, false],
    [3, true],
    [255, true],
    [254, false],
  ] as const) {
    t.equal(isSampled({ ...CONTEXT, traceFlags }), expected, String(traceFlags))
  }
})
