// A collector may do what it likes: the answers are the same, the caller does not wait, and one warning is all there is.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { type Fault, startCollector } from '../helpers/otlp.ts'

const HANDLER = { 'index.js': 'exports.handler = async e => e.n' }
const EVENTS = [{ n: 1 }, { n: 2 }, { n: 3 }]

interface Bad {
  readonly name: string
  readonly fault: Fault
  readonly warning: RegExp
}

const BAD: readonly Bad[] = [
  ...[400, 413, 429, 500, 503].map(status => ({
    name: `answers ${status}`,
    fault: { status },
    warning: new RegExp(`the collector answered ${status}`),
  })),
  { name: 'resets', fault: { reset: true }, warning: /could not be exported yet/ },
]

for (const { name, fault, warning } of BAD) {
  t.test(`a collector that ${name}`, async t => {
    await using collector = await startCollector(fault)
    await using fn = await startFunction({
      files: HANDLER,
      events: EVENTS,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    })
    await fn.answered(3)
    t.match(fn.api.posts, [{ body: '1' }, { body: '2' }, { body: '3' }])
    t.match(fn.stdout(), warning)
    t.equal(fn.stdout().trimEnd().split('\n').length, 1, 'one warning')
    t.equal(fn.stderr(), '')
  })
}

t.test('a collector that is not there', async t => {
  await using fn = await startFunction({
    files: HANDLER,
    events: EVENTS,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
  })
  await fn.answered(3)
  t.match(fn.api.posts, [{ body: '1' }, { body: '2' }, { body: '3' }])
  t.match(fn.stdout(), /ECONNREFUSED/)
  t.equal(fn.stdout().trimEnd().split('\n').length, 1)
})

t.test('a collector that hangs is waited for once, within the time of the invocation', async t => {
  await using collector = await startCollector({ hang: true })
  const events = EVENTS.map(event => ({
    body: JSON.stringify(event),
    headers: { 'Lambda-Runtime-Deadline-Ms': String(Date.now() + 1500) },
  }))
  await using fn = await startFunction({
    files: HANDLER,
    events,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(3, 4)
  t.match(fn.api.posts, [{ body: '1' }, { body: '2' }, { body: '3' }])
  t.equal(collector.requests.length, 1, 'the others were not tried so soon')
  t.equal(fn.api.nexts.length, 4, 'and those that follow do not wait: it has not answered yet')
  t.equal(fn.stdout(), '', 'it may still answer')
})

t.test('C159 the answer is posted before the export begins, and next comes after it', async t => {
  await using collector = await startCollector({ delayMs: 500 })
  await using fn = await startFunction({
    files: HANDLER,
    events: EVENTS.slice(0, 1),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.api.until(({ posts }) => posts.length === 1)
  t.equal(collector.spans.length, 0, 'the caller has its answer while the collector still waits')
  await fn.answered(1)
  t.equal(collector.spans.length, 1, 'and the next event is asked for when the span has arrived')
  t.equal(fn.stdout(), '')
})

t.test('spans that could not be exported go with the next export that can', async t => {
  await using collector = await startCollector({ status: 503 })
  await using fn = await startFunction({
    files: {
      'index.js': 'exports.handler = async e => new Promise(r => setTimeout(r, e.wait, e.n))',
    },
    events: [{ n: 1, wait: 0 }],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  collector.setFault(undefined)
  // Longer than the longest pause after a first failure.
  fn.api.push({ n: 2, wait: 1300 })
  const spans = await collector.waitForSpans(2)
  t.same(
    spans.map(span => span.attributes['faas.invocation_id']),
    ['req-0', 'req-1'],
  )
})

t.test('headers and path of an export', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: HANDLER,
    events: EVENTS.slice(0, 1),
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=s%20cret,x-team=orders',
      OTEL_SERVICE_NAME: 'orders',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=ignored',
    },
  })
  await fn.answered(1)
  const [span] = await collector.waitForSpans(1)
  t.match(span?.resource, { 'service.name': 'orders', 'deployment.environment.name': 'test' })
  t.match(collector.requests[0]?.headers, {
    'content-type': 'application/x-protobuf',
    'api-key': 's cret',
    'x-team': 'orders',
    'user-agent': /^baton\//,
  })
})
