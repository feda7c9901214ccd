// Exporters by name in the built bootstrap: each gets the spans, alone and several at once.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { serveLoopback } from '../../local/http/loopback-server.ts'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

const FILES = { 'index.js': 'exports.handler = async () => 1' }

t.test('OTEL_TRACES_EXPORTER=zipkin,otlp: both get the span', async t => {
  const bodies: string[] = []
  await using zipkin = await serveLoopback(
    createServer(async (request, response) => {
      bodies.push(await text(request))
      response.writeHead(202).end()
    }),
  )
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: FILES,
    events: [{}],
    env: {
      OTEL_TRACES_EXPORTER: 'zipkin,otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: `${zipkin.url}/api/v2/spans`,
    },
  })
  await fn.answered(1)
  const [span] = await collector.waitForSpans(1)
  t.match(JSON.parse(bodies[0] ?? '[]'), [{ id: span?.spanId, traceId: span?.traceId, name: 'fn' }])
})

t.test('OTEL_TRACES_EXPORTER=xray: the daemon gets a document', async t => {
  const daemon = createSocket('udp4')
  daemon.bind(0, '127.0.0.1')
  await once(daemon, 'listening')
  t.teardown(() => daemon.close())
  const received = once(daemon, 'message')
  await using fn = await startFunction({
    files: FILES,
    events: [{}],
    env: {
      OTEL_TRACES_EXPORTER: 'xray',
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
    },
  })
  await fn.answered(1)
  const [datagram] = await received
  const [head, document = ''] = String(datagram).split('\n')
  t.strictSame(JSON.parse(head ?? ''), { format: 'json', version: 1 })
  // Lambda's header in these tests is sampled: our span stands under Lambda's own segment.
  t.match(JSON.parse(document), {
    name: 'fn',
    type: 'subsegment',
    trace_id: '1-5bef4de7-ad49b0e87f6ef6c87fc2e700',
    parent_id: '9a9197af755a6419',
  })
})

t.test('OTEL_TRACES_EXPORTER=console: a line of OTLP JSON in the log', async t => {
  await using fn = await startFunction({
    files: FILES,
    events: [{}],
    env: { OTEL_TRACES_EXPORTER: 'console' },
  })
  await fn.answered(1)
  const [line = ''] = fn.stdout().split('\n')
  t.match(JSON.parse(line), { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'fn' }] }] }] })
})

t.test('none among them means no tracing', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: FILES,
    events: [{}],
    env: { OTEL_TRACES_EXPORTER: 'otlp,none', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  t.strictSame([collector.requests.length, fn.stdout()], [0, ''])
})
