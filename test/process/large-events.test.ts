// Events beyond 32 KB in the built bootstrap: their topics and keys are read from the text, and nothing is lost to the code.
import t from 'tap'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const VALID = `00-${TRACE}-b7ad6b7169203331-01`
const PARTITIONS = 300

/** A record for each partition, all of one sender. */
const KAFKA = {
  eventSource: 'aws:kafka',
  eventSourceArn: 'arn:aws:kafka:us-east-1:123456789012:cluster/shop/1',
  records: Object.fromEntries(
    Array.from({ length: PARTITIONS }, (_, partition) => [
      `orders-${partition}`,
      [
        {
          topic: 'orders',
          partition,
          offset: 1,
          timestamp: 1_700_000_000_000,
          value: 'eA=='.repeat(40),
          headers: [{ traceparent: [...Buffer.from(VALID)] }],
        },
      ],
    ]),
  ),
}

/** 400,000 names beside the keys of an item. */
const HOSTILE = {
  Records: [
    {
      eventID: 'e-1',
      eventName: 'INSERT',
      eventSource: 'aws:dynamodb',
      eventSourceARN: 'arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/1',
      dynamodb: {
        Keys: Object.fromEntries(Array.from({ length: 400_000 }, (_, at) => [`k${at}`, {}])),
        NewImage: { traceparent: { S: VALID } },
      },
    },
  ],
}

t.test('a large batch of Kafka has its parent, and the code gets each record', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: {
      'index.js': `exports.handler = async event => {
        let count = 0
        for (const { offset } of baton.records(event)) count += offset
        return count
      }`,
    },
    events: [KAFKA],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  t.ok(JSON.stringify(KAFKA).length > 32 * 1024)
  await fn.answered(1)
  t.equal(fn.api.posts[0]?.body, String(PARTITIONS))
  const isThere = (name: string): boolean =>
    collector.spans.some(span => span.attributes['faas.invocation_id'] && span.name === name)
  const spans = await collector.waitForSpans(() => isThere('process orders'))
  const invocation = spans.find(span => span.attributes['faas.invocation_id'])
  t.match(invocation, {
    traceId: TRACE,
    kind: 'CONSUMER',
    attributes: {
      'messaging.destination.name': 'orders',
      // As many partitions as are looked up.
      'messaging.batch.message_count': 256,
      'baton.event.partial': true,
    },
  })
})

t.test('a hostile item costs its pointer, and keeps its parent', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => 1' },
    events: [HOSTILE],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  const isThere = (): boolean => collector.spans.some(span => span.name === 'orders INSERT')
  const spans = await collector.waitForSpans(isThere)
  const invocation = spans.find(span => span.name === 'orders INSERT')
  t.equal(invocation?.traceId, TRACE)
  t.equal(invocation?.attributes['baton.pointer'], undefined)
  t.equal(invocation?.attributes['messaging.message.id'], 'e-1')
})
