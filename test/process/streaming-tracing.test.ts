// What the span of an invocation says of a streamed answer.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type CollectedSpan, expectTree, startCollector } from '../helpers/otlp.ts'
import { errorOf, startStreamingFunction, untilLogged } from '../helpers/streaming.ts'

const FUNCTION_URL = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'events', 'function-url.json'), 'utf8'),
)

/** The one span of an invocation whose streaming handler has this body. */
async function spanOf(t: Test, body: string, event: object = FUNCTION_URL): Promise<CollectedSpan> {
  await using collector = await startCollector()
  await using fn = await startStreamingFunction(body, {
    events: [{ body: JSON.stringify(event) }],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  const spans = await collector.waitForSpans(1)
  const [span] = spans
  if (span === undefined) throw new Error('expected a span')
  expectTree(t, spans, [span.name])
  return span
}

function expectTimes(t: Test, { attributes }: CollectedSpan): void {
  const first = Number(attributes['baton.stream.first_byte_ms'])
  const end = Number(attributes['baton.stream.end_ms'])
  t.ok(first > 0 && end >= first, `first byte after ${first} ms, end after ${end} ms`)
}

t.test('a streamed HTTP response: its status, the size of its body, its times', async t => {
  const span = await spanOf(
    t,
    `s = awslambda.HttpResponseStream.from(s, { statusCode: 201, headers: {} })
    s.write('hello')
    await new Promise(resolve => setTimeout(resolve, 5))
    s.end(' world')`,
  )
  t.match(span.attributes, { 'http.response.status_code': 201, 'http.response.body.size': 11 })
  t.not(span.status.code, 'ERROR')
  expectTimes(t, span)
})

t.test('a streamed status of 500 or above is an error', async t => {
  const span = await spanOf(t, 'awslambda.HttpResponseStream.from(s, { statusCode: 503 }).end()')
  t.match(span.attributes, {
    'http.response.status_code': 503,
    'http.response.body.size': 0,
    'error.type': '503',
  })
  t.equal(span.status.code, 'ERROR')
})

t.test('a stream without a prelude is a 200 of a function URL', async t => {
  const span = await spanOf(t, 's.end("x")')
  t.match(span.attributes, { 'http.response.status_code': 200, 'http.response.body.size': 1 })
})

t.test('a stream that fails in the middle: the status that was sent, and the error', async t => {
  const span = await spanOf(
    t,
    `s = awslambda.HttpResponseStream.from(s, { statusCode: 200 })
    s.write('ab')
    throw new RangeError('mid')`,
  )
  t.match(span.attributes, {
    'http.response.status_code': 200,
    'http.response.body.size': 2,
    'error.type': 'RangeError',
  })
  t.equal(span.status.code, 'ERROR')
  expectTimes(t, span)
})

t.test('an error before the first byte has no status and no first byte', async t => {
  const span = await spanOf(t, 'throw new RangeError("early")')
  t.match(span.attributes, { 'http.response.body.size': 0, 'error.type': 'RangeError' })
  t.notOk('baton.stream.first_byte_ms' in span.attributes)
  t.notOk('http.response.status_code' in span.attributes)
})

t.test('a stream to whoever is no HTTP client has bytes of its own', async t => {
  const span = await spanOf(t, 's.end("abc")', { direct: true })
  t.equal(span.attributes['baton.stream.bytes'], 3)
  t.notOk('http.response.body.size' in span.attributes)
  expectTimes(t, span)
})

t.test('C69 C123 the tracer keeps no event loop busy: what never ends is seen', async t => {
  await using collector = await startCollector()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
  await using unsettled = await startStreamingFunction(
    's.write("a"); await new Promise(() => {})',
    { events: [{}, {}], env },
  )
  await unsettled.answered(2)
  t.match(unsettled.api.posts, [{ body: 'a' }, { body: 'a' }])
  t.equal(errorOf(unsettled.api.posts[0]).type, 'Runtime.NodeJsExit')
  await using open = await startStreamingFunction('s.write("a")', { env })
  await untilLogged(open, /\tWARN\tThe streaming handler has returned without ending/)
})

t.test('C123 a stream that nobody ends is cut off with a span', async t => {
  await using collector = await startCollector()
  await using fn = await startStreamingFunction('s.write("a")', {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await untilLogged(fn, /\tWARN\t/)
  fn.process.kill('SIGTERM')
  const [span] = await collector.waitForSpans(1)
  t.match(span, { name: 'fn', status: { code: 'ERROR' } })
  t.equal((await fn.exit).code, 0)
  t.equal(fn.api.posts.length, 0)
})
