// The records of a batch in the built bootstrap: a span each, with a link to its own sender; the caller's context or links.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

const TRACES = ['0af7651916cd43dd8448eb211c80319c', '1af7651916cd43dd8448eb211c80319c']

/** A batch of SQS with two senders. */
const BATCH = {
  Records: TRACES.map((traceId, at) => ({
    messageId: `m-${at}`,
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:orders',
    body: '{}',
    attributes: {},
    messageAttributes: {
      traceparent: { dataType: 'String', stringValue: `00-${traceId}-b7ad6b716920333${at}-01` },
    },
  })),
}

for (const [way, code] of [
  ['for…of over event.Records', 'for (const record of event.Records) await work(record)'],
  ['baton.records(event)', 'for (const record of baton.records(event)) await work(record)'],
] as const) {
  t.test(`${way}: each record has a span with a link to its sender`, async t => {
    await using collector = await startCollector()
    await using fn = await startFunction({
      files: {
        'index.js': `
          const seen = []
          const work = record => new Promise(resolve => setTimeout(() => resolve(seen.push(record.messageId)), 2))
          exports.handler = async event => { ${code}; return seen }`,
      },
      events: [BATCH],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    })
    await fn.answered(1)
    t.equal(fn.api.posts[0]?.body, '["m-0","m-1"]')
    const spans = await collector.waitForSpans(3)
    const [invocation] = spans.filter(span => span.attributes['faas.invocation_id'] !== undefined)
    t.match(invocation, { name: 'process orders', kind: 'CONSUMER' })
    t.same(
      invocation?.links.map(link => link.traceId).filter(id => TRACES.includes(id)),
      TRACES,
    )
    const records = spans.filter(span => span.parentSpanId === invocation?.spanId)
    t.same(
      records.map(span => [span.name, span.links[0]?.traceId]),
      TRACES.map(traceId => ['process orders', traceId]),
    )
  })
}

for (const [limit, kept] of [
  [undefined, 128],
  ['4', 4],
] as const) {
  t.test(`${kept} links at most, and what is beyond is counted`, async t => {
    const [record] = BATCH.Records
    const Records = Array.from({ length: 140 }, (_, at) => ({
      ...record,
      messageId: `m-${at}`,
      messageAttributes: {
        traceparent: {
          dataType: 'String',
          stringValue: `00-${(at + 1).toString(16).padStart(32, '0')}-b7ad6b7169203331-01`,
        },
      },
    }))
    await using collector = await startCollector()
    await using fn = await startFunction({
      files: { 'index.js': 'exports.handler = async () => {}' },
      events: [{ body: JSON.stringify({ Records }), headers: { 'Lambda-Runtime-Trace-Id': null } }],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SPAN_LINK_COUNT_LIMIT: limit },
    })
    await fn.answered(1)
    const [span] = await collector.waitForSpans(1)
    t.match(span?.attributes, { 'messaging.batch.message_count': 140 })
    t.equal(span?.links.length, kept)
    t.equal(span?.droppedLinksCount, 140 - kept)
    t.match(span?.links[kept - 1]?.attributes, { 'messaging.message.id': `m-${kept - 1}` })
  })
}

t.test('without tracing baton.records gives the records', async t => {
  await using fn = await startFunction({
    files: {
      'index.js': 'exports.handler = async e => baton.records(e).map(record => record.messageId)',
    },
    events: [BATCH],
  })
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, '["m-0","m-1"]')
})

t.test('an event as API Gateway sends it has its own span in front', async t => {
  const path = join(import.meta.dirname, '..', '..', 'examples', 'orders', 'event.json')
  await using collector = await startCollector()
  const event = JSON.parse(readFileSync(path, 'utf8'))
  event.requestContext.timeEpoch = Date.now() - 20
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => ({ statusCode: 200 })' },
    events: [JSON.stringify(event)],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  const spans = await collector.waitForSpans(2)
  const invocation = spans.find(span => span.attributes['faas.invocation_id'] !== undefined)
  const inFront = spans.find(span => span !== invocation)
  t.equal(invocation?.parentSpanId, inFront?.spanId)
  t.match(inFront?.attributes, { 'http.response.status_code': 200 })
})
