// The API within the life of an invocation: what the code says of it, what it leaves open, and who runs beside it.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { expectTree, startCollector } from '../helpers/otlp.ts'

const HTTP_EVENT = {
  version: '2.0',
  routeKey: 'POST /orders',
  rawPath: '/orders',
  headers: { host: 'api.example.com' },
  requestContext: {
    domainName: 'api.example.com',
    http: { method: 'POST', path: '/orders', sourceIp: '203.0.113.7' },
    stage: '$default',
  },
}

const start = (code: string, url: string, env: Readonly<Record<string, string>> = {}) =>
  startFunction({
    files: { 'index.js': `const { trace, context } = require('@opentelemetry/api')\n${code}` },
    hasPackages: true,
    events: [HTTP_EVENT],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, ...env },
  })

t.test('what the code says of the invocation stands, and so does its end', async t => {
  await using collector = await startCollector()
  await using fn = await start(
    `exports.handler = async () => {
      const span = trace.getActiveSpan()
      span.setAttributes({ 'url.path': '/mine', 'faas.coldstart': 'mine', mine: ['a', null] })
      span.setStatus({ code: 2, message: 'declined' }).updateName('order')
      span.recordException(new RangeError('card'))
      span.end()
      return { statusCode: 502 }
    }`,
    collector.url,
  )
  await fn.answered(1)
  const [span] = await collector.waitForSpans(1)
  t.match(span, {
    name: 'order',
    attributes: {
      'url.path': '/mine',
      'faas.coldstart': 'mine',
      'http.response.status_code': 502,
      'faas.invocation_id': 'req-0',
    },
    status: { code: 'ERROR', message: 'declined' },
    events: [{ name: 'exception', attributes: { 'exception.type': 'RangeError' } }],
  })
  t.strictSame(span?.attributes.mine, ['a', undefined])
})

t.test('a handler that throws has failed, whatever its code said of it', async t => {
  await using collector = await startCollector()
  await using fn = await start(
    `exports.handler = async () => {
      trace.getActiveSpan().setStatus({ code: 1 })
      throw new RangeError('late')
    }`,
    collector.url,
  )
  await fn.answered(1)
  t.match(await collector.waitForSpans(1), [{ status: { code: 'ERROR', message: 'late' } }])
})

t.test('spans that are left open end with the invocation, marked', async t => {
  await using collector = await startCollector()
  await using fn = await start(
    `exports.handler = async () => {
      trace.getTracer('t').startActiveSpan('outer', () => {
        trace.getTracer('t').startSpan('inner')
      })
      trace.getTracer('t').startSpan('done').end()
      return {}
    }`,
    collector.url,
  )
  await fn.answered(1)
  const spans = await collector.waitForSpans(4)
  expectTree(t, spans, ['POST /orders', ['outer', ['inner']], ['done']])
  const unfinished = spans.filter(span => span.attributes['baton.unfinished'] === true)
  t.strictSame(unfinished.map(({ name }) => name).sort(), ['inner', 'outer'])
})

t.test('invocations side by side: no span, value or baggage crosses', async t => {
  await using collector = await startCollector()
  const traceOf = (digit: string): string => digit.repeat(32)
  await using fn = await startFunction({
    files: {
      'index.js': `
        const { trace, context, propagation, createContextKey } = require('@opentelemetry/api')
        const KEY = createContextKey('k')
        let waiting
        const both = new Promise(resolve => { waiting = resolve })
        let count = 0
        exports.handler = async ({ n }) => context.with(context.active().setValue(KEY, n), () =>
          trace.getTracer('t').startActiveSpan('of ' + n, async span => {
            if (++count === 2) waiting()
            await both
            await new Promise(resolve => setTimeout(resolve, 5))
            trace.getTracer('t').startSpan('below ' + n).end()
            span.end()
            const { tenant } = Object.fromEntries(propagation.getActiveBaggage().getAllEntries())
            return [n, context.active().getValue(KEY), tenant.value, trace.getActiveSpan() === span]
          }))`,
    },
    hasPackages: true,
    events: ['1', '2'].map(n => ({
      body: JSON.stringify({ n }),
      headers: {
        'Lambda-Runtime-Client-Context': JSON.stringify({
          custom: { traceparent: `00-${traceOf(n)}-${n.repeat(16)}-01`, baggage: `tenant=t${n}` },
        }),
      },
    })),
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      AWS_LAMBDA_MAX_CONCURRENCY: '2',
      BATON_SHIP: 'now',
    },
  })
  await fn.answered(2)
  t.strictSame(fn.api.posts.map(({ body }) => JSON.parse(body)).sort(), [
    ['1', '1', 't1', true],
    ['2', '2', 't2', true],
  ])
  const spans = await collector.waitForSpans(6)
  for (const n of ['1', '2']) {
    const own = spans.filter(({ traceId }) => traceId === traceOf(n))
    expectTree(t, own, ['fn', [`of ${n}`, [`below ${n}`]]])
  }
})
