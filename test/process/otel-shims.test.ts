// Code written for OpenTracing, by way of OpenTelemetry's official shim.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { expectTree, startCollector } from '../helpers/otlp.ts'

t.test("OpenTracing's tracer, spans, tags, logs, baggage and carriers join the trace", async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: {
      'index.js': `
        const { trace, context, propagation } = require('@opentelemetry/api')
        const { TracerShim } = require('@opentelemetry/shim-opentracing')
        const opentracing = require('opentracing')
        opentracing.initGlobalTracer(new TracerShim(trace.getTracer('old code', '1')))
        const { FORMAT_HTTP_HEADERS, FORMAT_TEXT_MAP, Tags } = opentracing
        exports.handler = async () => {
          const tracer = opentracing.globalTracer()
          const outer = tracer.startSpan('outer', { tags: { a: 1, [Tags.SPAN_KIND]: 'client' } })
          outer.setTag('b', true).log({ event: 'seen', n: 1 }).setBaggageItem('tenant', 'acme')
          const carrier = {}
          tracer.inject(outer, FORMAT_HTTP_HEADERS, carrier)
          const inner = tracer.startSpan('inner', { childOf: tracer.extract(FORMAT_TEXT_MAP, carrier) })
          inner.setTag(Tags.ERROR, true)
          inner.finish()
          tracer.startSpan('sibling', { childOf: outer.context() }).finish()
          outer.finish()
          return carrier
        }`,
    },
    hasPackages: true,
    events: [{}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.operation, 'response', fn.stdout() + fn.stderr())
  const spans = await collector.waitForSpans(4)
  expectTree(t, spans, ['fn', ['outer', ['inner'], ['sibling']]])
  const outer = spans.find(span => span.name === 'outer')
  t.match(outer, {
    scope: { name: 'old code', version: '1' },
    attributes: { a: 1, b: true },
    events: [{ name: 'seen', attributes: { n: 1 } }],
  })
  t.match(JSON.parse(fn.api.posts[0]?.body ?? ''), {
    traceparent: `00-${outer?.traceId}-${outer?.spanId}-01`,
    baggage: 'tenant=acme',
  })
  t.match(
    spans.find(span => span.name === 'inner'),
    { status: { code: 'ERROR' } },
  )
})
