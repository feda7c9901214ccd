// A -> EventBridge -> B, straight and by way of a queue: by the trace header that EventBridge hands on, and by what stands in `detail`.
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import t from 'tap'
import { type Delivery, startEventBus } from '../helpers/hops/event-bus.ts'
import { startQueues } from '../helpers/hops/queues.ts'
import {
  expectPath,
  newTraceHeader,
  ORDER_EVENT,
  type Relay,
  startRelay,
} from '../helpers/hops/relay.ts'

const A = `
  const { EventBridgeClient, PutEventsCommand } = require('@aws-sdk/client-eventbridge')
  const client = new EventBridgeClient({ endpoint: process.env.BUS_URL })
  const entry = id => ({ Source: 'shop', DetailType: 'Order Placed', Detail: JSON.stringify({ id }) })
  exports.handler = async () => (await client.send(new PutEventsCommand({ Entries: [entry(1), entry(2)] }))).FailedEntryCount
`
const PATH = [
  'a POST /orders',
  'a EventBridge.PutEvents',
  'b event Order Placed',
  'b process Order Placed',
]

const deliver = (relay: Relay, { event, traceHeader }: Delivery): Promise<unknown> =>
  relay.invoke('b', event, { 'Lambda-Runtime-Trace-Id': traceHeader })

t.test(
  'each entry of a call: B is below it, in the trace, and the detail is left alone',
  async t => {
    await using bus = await startEventBus()
    await using relay = await startRelay({
      a: A,
      b: 'exports.handler = async event => event.detail',
      env: { BUS_URL: bus.url },
    })
    t.equal(await relay.invoke('a', ORDER_EVENT), 0)
    t.equal(bus.deliveries.length, 2)
    for (const [at, delivery] of bus.deliveries.entries())
      t.strictSame(await deliver(relay, delivery), { id: at + 1 })
    const spans = await relay.spans(1, 2)
    expectPath(t, spans, PATH)
    expectPath(t, spans, PATH, 1)
    t.strictSame(
      spans.invocations('b').flatMap(span => span.attributes['baton.pointer']),
      spans.one('EventBridge.PutEvents').attributes['baton.pointer'],
    )
  },
)

t.test("a caller's trace goes on through the bus, whatever X-Ray's is", async t => {
  await using bus = await startEventBus()
  await using relay = await startRelay({ a: A, env: { BUS_URL: bus.url } })
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const sampled = newTraceHeader().replace('Sampled=0', 'Sampled=1')
  await relay.invoke(
    'a',
    { ...ORDER_EVENT, headers: { traceparent } },
    { 'Lambda-Runtime-Trace-Id': sampled },
  )
  const [delivery] = bus.deliveries
  t.match(delivery?.traceHeader, /;Lineage=1:a87bd80c:0$/)
  if (delivery !== undefined) await deliver(relay, delivery)
  expectPath(t, await relay.spans(1, 1), [
    '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331',
    ...PATH,
  ])
})

t.test('BATON_INJECT=payloads: the context stands in the detail', async t => {
  await using bus = await startEventBus()
  await using relay = await startRelay({
    a: A,
    env: { BUS_URL: bus.url, BATON_INJECT: 'payloads' },
  })
  await relay.invoke('a', ORDER_EVENT)
  t.match(bus.deliveries[0]?.event, { detail: { id: 1, traceparent: /^00-/ } })
  await relay.invoke('b', bus.deliveries[0]?.event)
  expectPath(t, await relay.spans(1, 1), PATH)
})

for (const injection of ['messages', 'payloads']) {
  t.test(`EventBridge -> SQS -> B, with BATON_INJECT=${injection}`, async t => {
    await using bus = await startEventBus()
    await using queues = await startQueues()
    queues.fauxqs.createQueue('orders')
    await using relay = await startRelay({
      a: A,
      env: { BUS_URL: bus.url, BATON_INJECT: injection },
    })
    await relay.invoke('a', ORDER_EVENT)
    const [delivery] = bus.deliveries
    const AWSTraceHeader = { DataType: 'String', StringValue: delivery?.traceHeader ?? '' }
    await queues.sqs.send(
      new SendMessageCommand({
        QueueUrl: queues.queueUrl('orders'),
        MessageBody: JSON.stringify(delivery?.event),
        MessageSystemAttributes: { AWSTraceHeader },
      }),
    )
    await relay.invoke('b', await queues.poll('orders', 1))
    expectPath(t, await relay.spans(1, 1), [
      'a POST /orders',
      'a EventBridge.PutEvents',
      'b event Order Placed',
      'b queue orders',
      'b process orders',
    ])
  })
}
