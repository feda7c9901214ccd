// What the code says of a span by way of the real @opentelemetry/api.
import {
  type AttributeValue,
  INVALID_SPAN_CONTEXT,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import t from 'tap'
import { STATUS_ERROR, STATUS_OK, STATUS_UNSET } from '../../../instrumentation/trace/span.ts'
import { attributesOf, startApi } from './start-api.ts'

const { ended, warnings } = startApi()
const tracer = trace.getTracer('shop')

t.beforeEach(() => {
  ended.length = 0
})

const last = () => ended.at(-1)

t.test('attributes of every legal kind; what is none costs nothing but itself', async t => {
  const span = tracer.startSpan('s', { attributes: { start: true, none: undefined } })
  span.setAttributes({ text: 't', number: 1.5, list: ['a', null, undefined, 'b'] })
  span.setAttributes({ empty: [], nulls: [null, 1] })
  span.setAttribute('', 'no name').setAttribute('mixed', [1, 'a'] as AttributeValue)
  span.setAttribute('object', { a: 1 } as unknown as AttributeValue)
  span.setAttribute('null', null as unknown as AttributeValue)
  span.setAttributes(null as never)
  span.end()
  t.strictSame(attributesOf(last()), {
    start: true,
    text: 't',
    number: 1.5,
    list: ['a', null, null, 'b'],
    empty: [],
    nulls: [null, 1],
  })
})

t.test('limits of the tracer hold', async t => {
  const span = tracer.startSpan('n'.repeat(2000))
  for (let each = 0; each < 9; each++) {
    span.setAttribute(`key-${each}`, 'v'.repeat(65))
    span.addEvent('e').addLink({ context: span.spanContext() })
  }
  span.end()
  t.match(last(), { droppedAttributes: 1, droppedEvents: 5, droppedLinks: 5 })
  t.equal(attributesOf(last())['key-0'], 'v'.repeat(64))
  t.equal(last()?.name.length, 1024)
})

t.test('events: with attributes, with a time, with both, in either place', async t => {
  const span = tracer.startSpan('s')
  span.addEvent('plain')
  span.addEvent('attributes', { a: 1 })
  span.addEvent('time', 1_700_000_000_000)
  span.addEvent('both', { a: 1 }, [1_700_000_000, 500_000_000])
  span.end()
  const [plain, attributes, time, both] = last()?.events ?? []
  t.ok(Math.abs((plain?.timeMs ?? 0) - Date.now()) < 5000)
  t.strictSame(attributes?.attributes, [['a', 1]])
  t.match(time, { timeMs: 1_700_000_000_000, attributes: [] })
  t.match(both, { timeMs: 1_700_000_000_500, attributes: [['a', 1]] })
})

t.test('times: epoch milliseconds, a Date, seconds and nanoseconds, performance.now', async t => {
  const epochMs = Date.now() - 60_000
  const inputs = [epochMs, new Date(epochMs), [Math.floor(epochMs / 1000), (epochMs % 1000) * 1e6]]
  for (const startTime of inputs as number[]) {
    tracer.startSpan('s', { startTime }).end(startTime)
    t.match(last(), { startMs: epochMs, endMs: epochMs })
  }
  const before = Date.now()
  tracer.startSpan('s', { startTime: performance.now() }).end()
  t.ok(Math.abs((last()?.startMs ?? 0) - before) < 1000)
  for (const startTime of [Number.NaN, new Date('?'), [1], 'now', null, -1] as never[]) {
    tracer.startSpan('s', { startTime }).end(startTime)
    t.ok(Math.abs((last()?.startMs ?? 0) - before) < 5000, 'what is no time means now')
    t.ok((last()?.endMs ?? 0) >= (last()?.startMs ?? 0))
  }
  tracer.startSpan('s').end(1)
  t.equal(last()?.endMs, last()?.startMs, 'no span ends before it starts')
})

t.test('links at the start and later; those to nothing are left out', async t => {
  const other = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 1 }
  const span = tracer.startSpan('s', { links: [{ context: other, attributes: { a: 1 } }] })
  span.addLinks([{ context: other }, { context: INVALID_SPAN_CONTEXT }])
  span.addLink(undefined as never).addLinks(undefined as never)
  span.end()
  t.match(last()?.links, [
    { context: { traceId: other.traceId, spanId: other.spanId }, attributes: [['a', 1]] },
    { context: { traceId: other.traceId }, attributes: [] },
  ])
})

t.test(
  'status: an error has a message, ok is final and has none, unset changes nothing',
  async t => {
    const set = (...codes: { code: number; message?: string }[]): unknown => {
      const span = tracer.startSpan('s')
      for (const each of codes) span.setStatus(each)
      span.end()
      return [last()?.statusCode, last()?.statusMessage]
    }
    const { OK, ERROR, UNSET } = SpanStatusCode
    t.strictSame(set({ code: ERROR, message: 'm' }), [STATUS_ERROR, 'm'])
    t.strictSame(set({ code: OK, message: 'm' }), [STATUS_OK, ''])
    t.strictSame(set({ code: OK }, { code: ERROR, message: 'm' }), [STATUS_OK, ''])
    t.strictSame(set({ code: ERROR, message: 'm' }, { code: UNSET }), [STATUS_ERROR, 'm'])
    t.strictSame(set({ code: ERROR, message: {} as string }), [STATUS_ERROR, ''])
    t.strictSame(set({ code: 7 }, undefined as never), [STATUS_UNSET, ''])
  },
)

t.test('exceptions: errors, errors with a code, and what is no error', async t => {
  const record = (exception: unknown): unknown => {
    const span = tracer.startSpan('s')
    span.recordException(exception as Error, 1_700_000_000_000)
    span.end()
    t.match(last()?.events, [{ name: 'exception', timeMs: 1_700_000_000_000 }])
    return Object.fromEntries(last()?.events[0]?.attributes ?? [])
  }
  const error = new RangeError('too far')
  error.stack = 'here'
  t.strictSame(record(error), {
    'exception.type': 'RangeError',
    'exception.message': 'too far',
    'exception.stacktrace': 'here',
  })
  t.match(record(Object.assign(error, { code: 'E_FAR' })), { 'exception.type': 'E_FAR' })
  t.match(record(Object.assign(error, { code: 12 })), { 'exception.type': '12' })
  t.strictSame(record('only text'), { 'exception.message': 'only text' })
  t.strictSame(record(undefined), { 'exception.message': 'undefined' })
  t.strictSame(record({ message: 'like an error' }), { 'exception.message': 'like an error' })
})

t.test('after its end a span takes nothing, and nothing is thrown', async t => {
  const span = tracer.startSpan('s')
  t.ok(span.isRecording())
  span.end()
  t.notOk(span.isRecording())
  span.setAttribute('a', 1).setAttributes({ b: 1 }).addEvent('e').updateName('n')
  span.setStatus({ code: SpanStatusCode.ERROR }).addLink({ context: span.spanContext() })
  span.recordException(new Error('late'))
  span.end()
  t.equal(ended.length, 1)
  t.match(last(), { name: 's', attributes: [], events: [], links: [], statusCode: STATUS_UNSET })
})

t.test('nothing failed behind the API', async t => t.strictSame(warnings, []))
