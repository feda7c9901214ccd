// A -> SQS -> B: every form in which a message is sent and a batch is made.
import { build } from 'esbuild'
import t from 'tap'
import { type Queues, startQueues } from '../helpers/hops/queues.ts'
import { expectPath, idOf, ORDER_EVENT, startRelay } from '../helpers/hops/relay.ts'

const A = `
  const { SQSClient, SendMessageCommand, SendMessageBatchCommand } = require('@aws-sdk/client-sqs')
  const client = new SQSClient({ endpoint: process.env.SQS_URL, useQueueUrlAsEndpoint: false })
  const url = queue => process.env.QUEUES + queue
`
const SEND_ONE = `${A}
  exports.handler = () => client.send(new SendMessageCommand({ QueueUrl: url('orders'), MessageBody: '{"id":1}' }))`
const PATH = ['a POST /orders', 'a SQS.SendMessage', 'b queue orders', 'b process orders']

async function startOrders(): Promise<Queues> {
  const queues = await startQueues()
  queues.fauxqs.createQueue('orders')
  return queues
}

t.test('one message: B is below the call that sent it', async t => {
  await using queues = await startOrders()
  await using relay = await startRelay({ a: SEND_ONE, env: queues.env })
  await relay.invoke('a', ORDER_EVENT)
  const event = await queues.poll('orders', 1)
  t.match(event.Records[0]?.attributes, { AWSTraceHeader: /^Root=1-/, SentTimestamp: /^\d+$/ })
  await relay.invoke('b', event)
  const spans = await relay.spans(1, 1)
  expectPath(t, spans, PATH)
  const call = spans.one('SQS.SendMessage')
  const [callee] = spans.invocations('b')
  t.match(callee, {
    kind: 'CONSUMER',
    attributes: {
      'messaging.message.id': call.attributes['messaging.message.id'],
      'baton.pointer': [call.attributes['baton.pointer']],
    },
  })
})

t.test("a caller's trace, tracestate and baggage go through both functions", async t => {
  await using queues = await startOrders()
  await using relay = await startRelay({
    a: SEND_ONE,
    b: `const { propagation, context } = require('@opentelemetry/api')
      exports.handler = async () => propagation.getBaggage(context.active())?.getEntry('tenant')?.value`,
    env: queues.env,
  })
  const headers = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'up=1',
    baggage: 'tenant=acme',
  }
  await relay.invoke('a', { ...ORDER_EVENT, headers })
  t.equal(await relay.invoke('b', await queues.poll('orders', 1)), 'acme')
  const spans = await relay.spans(1, 1)
  expectPath(t, spans, ['0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331', ...PATH])
  t.equal(spans.invocations('b')[0]?.traceState, 'up=1')
})

t.test("with nothing but SQS's own trace header it is the same trace", async t => {
  await using queues = await startOrders()
  const env = { ...queues.env, BATON_INJECT: 'headers' }
  await using relay = await startRelay({ a: SEND_ONE, env })
  await relay.invoke('a', ORDER_EVENT)
  const event = await queues.poll('orders', 1)
  t.strictSame(event.Records[0]?.messageAttributes, {})
  await relay.invoke('b', event)
  expectPath(t, await relay.spans(1, 1), PATH)
})

t.test('a bundled and minified A, in which nothing is hooked: one trace', async t => {
  await using queues = await startOrders()
  const { outputFiles } = await build({
    stdin: { contents: SEND_ONE, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    platform: 'node',
    write: false,
  })
  await using relay = await startRelay({ a: outputFiles[0]?.text ?? '', env: queues.env })
  await relay.invoke('a', ORDER_EVENT)
  await relay.invoke('b', await queues.poll('orders', 1))
  const spans = await relay.spans(1, 1)
  // The SDK signs before the request has its span: what it carries names the invocation.
  expectPath(t, spans, ['a POST /orders', 'b queue orders', 'b process orders'])
  t.equal(spans.one('SQS.SendMessage').traceId, spans.invocations('b')[0]?.traceId)
})

t.test('ten messages of one call: alone or together, B is below it', async t => {
  await using queues = await startOrders()
  await using relay = await startRelay({
    a: `${A}
      const Entries = Array.from({ length: 10 }, (_, at) => ({ Id: String(at), MessageBody: 'order ' + at }))
      exports.handler = () => client.send(new SendMessageBatchCommand({ QueueUrl: url('orders'), Entries }))`,
    env: queues.env,
  })
  await relay.invoke('a', ORDER_EVENT)
  const { Records } = await queues.poll('orders', 10)
  await relay.invoke('b', { Records: Records.slice(0, 9) })
  await relay.invoke('b', { Records: Records.slice(9) })
  const spans = await relay.spans(1, 2)
  const path = ['a POST /orders', 'a SQS.SendMessageBatch', 'b queue orders', 'b process orders']
  expectPath(t, spans, path)
  expectPath(t, spans, path, 1)
  const pointers = spans.one('SQS.SendMessageBatch').attributes['baton.pointer']
  const [batch, single] = spans.invocations('b').map(each => each.attributes['baton.pointer'])
  t.strictSame([batch, single].flat().sort(), [pointers].flat().sort())
})

t.test('entries with contexts of their own keep them: B is linked to each', async t => {
  await using queues = await startOrders()
  await using relay = await startRelay({
    a: `${A}
      const { trace, context, propagation } = require('@opentelemetry/api')
      const text = value => ({ DataType: 'String', StringValue: value })
      const entry = (Id, MessageAttributes) => ({ Id, MessageBody: Id, MessageAttributes })
      exports.handler = async () => {
        const own = ['one', 'two'].map(name => trace.getTracer('t').startActiveSpan(name, span => {
          const carrier = {}
          propagation.inject(context.active(), carrier)
          span.end()
          return entry(name, { traceparent: text(carrier.traceparent) })
        }))
        await client.send(new SendMessageBatchCommand({ QueueUrl: url('orders'), Entries: [...own, entry('three')] }))
      }`,
    env: queues.env,
  })
  await relay.invoke('a', ORDER_EVENT)
  await relay.invoke('b', await queues.poll('orders', 3))
  const spans = await relay.spans(1, 1)
  const [callee] = spans.invocations('b')
  t.equal(callee?.parentSpanId, undefined)
  t.strictSame(
    // The last link is the trace header of B's own invocation.
    callee?.links.slice(0, -1).map(idOf).sort(),
    [spans.one('one'), spans.one('two'), spans.one('SQS.SendMessageBatch')].map(idOf).sort(),
  )
})

t.test('ten messages of ten traces: ten links, and a span of each record with its own', async t => {
  await using queues = await startOrders()
  await using relay = await startRelay({
    a: SEND_ONE,
    b: `exports.handler = async event => {
      for (const record of event.Records) await new Promise(resolve => setImmediate(resolve))
    }`,
    env: queues.env,
  })
  for (let count = 0; count < 10; count++) await relay.invoke('a', ORDER_EVENT)
  const event = await queues.poll('orders', 10)
  await relay.invoke('b', event)
  const spans = await relay.spans(10, 1)
  const calls = spans.all.filter(span => span.name === 'SQS.SendMessage')
  t.equal(new Set(calls.map(call => call.traceId)).size, 10)
  const [callee] = spans.invocations('b')
  t.equal(callee?.parentSpanId, undefined)
  const byMessage = new Map(calls.map(call => [call.attributes['messaging.message.id'], call]))
  const linked = event.Records.map(({ messageId }) => byMessage.get(messageId))
  const expected = linked.map(call => call && idOf(call))
  t.strictSame(callee?.links.slice(0, 10).map(idOf), expected, 'in the order of the records')
  t.match(
    callee?.links.slice(0, 10).map(link => link.attributes),
    linked.map(call => ({ 'baton.pointer': [call?.attributes['baton.pointer']] })),
  )
  const records = spans.all.filter(span => span.parentSpanId === callee?.spanId)
  t.strictSame(
    records.map(({ name, links }) => [name, links.map(idOf)]),
    expected.map(id => ['process orders', [id]]),
  )
})

t.test('FIFO: messages of a group, each a batch of one', async t => {
  await using queues = await startQueues()
  queues.fauxqs.createQueue('orders.fifo', {
    attributes: { FifoQueue: 'true', ContentBasedDeduplication: 'true' },
  })
  await using relay = await startRelay({
    a: `${A}
      exports.handler = () => client.send(new SendMessageCommand({
        QueueUrl: url('orders.fifo'), MessageBody: '{}', MessageGroupId: 'g', MessageDeduplicationId: 'd'
      }))`,
    env: queues.env,
  })
  await relay.invoke('a', ORDER_EVENT)
  const event = await queues.poll('orders.fifo', 1)
  t.match(event.Records[0]?.attributes, { MessageGroupId: 'g', SequenceNumber: /./ })
  await relay.invoke('b', event)
  expectPath(t, await relay.spans(1, 1), [
    'a POST /orders',
    'a SQS.SendMessage',
    'b queue orders.fifo',
    'b process orders.fifo',
  ])
})

t.test(
  'redrive: what failed and came to the dead-letter queue is still below the call',
  async t => {
    await using queues = await startOrders()
    queues.fauxqs.createQueue('failed')
    queues.fauxqs.createQueue('retried', {
      attributes: {
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:failed',
          maxReceiveCount: 1,
        }),
      },
    })
    await using relay = await startRelay({
      a: `${A}
      exports.handler = () => client.send(new SendMessageCommand({ QueueUrl: url('retried'), MessageBody: '{"id":1}' }))`,
      b: `exports.handler = async ({ Records: [record] }) => {
      if (record.eventSourceARN.endsWith(':retried')) return { batchItemFailures: [{ itemIdentifier: record.messageId }] }
    }`,
      env: queues.env,
    })
    await relay.invoke('a', ORDER_EVENT)
    const event = await queues.receiveAndFail('retried')
    await relay.invoke('b', event)
    // The second receipt is one too many: SQS moves it.
    t.strictSame(await queues.receiveAndFail('retried'), { Records: [] })
    const moved = await queues.poll('failed', 1)
    t.equal(moved.Records[0]?.messageId, event.Records[0]?.messageId)
    await relay.invoke('b', moved)
    const spans = await relay.spans(1, 2)
    const path = (queue: string) => [
      'a POST /orders',
      'a SQS.SendMessage',
      `b queue ${queue}`,
      `b process ${queue}`,
    ]
    expectPath(t, spans, path('retried'))
    expectPath(t, spans, path('failed'), 1)
    t.strictSame(
      spans.invocations('b').map(({ status }) => status.code),
      ['ERROR', 'UNSET'],
    )
  },
)
