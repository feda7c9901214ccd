// A -> SNS -> SQS -> B, with SNS's envelope and with raw delivery, and A -> SNS -> B.
import t from 'tap'
import { type Queues, startQueues } from '../helpers/hops/queues.ts'
import { expectPath, idOf, ORDER_EVENT, startRelay } from '../helpers/hops/relay.ts'
import { toSnsEvent } from '../helpers/hops/sns-event.ts'

const A = `
  const { SNSClient, PublishCommand, PublishBatchCommand } = require('@aws-sdk/client-sns')
  const client = new SNSClient({ endpoint: process.env.SNS_URL })
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:news'
`
const PUBLISH = `${A}
  exports.handler = () => client.send(new PublishCommand({ TopicArn, Message: '{"id":1}', Subject: 'order' }))`

async function startNews(attributes: Record<string, string> = {}): Promise<Queues> {
  const queues = await startQueues()
  queues.fauxqs.createTopic('news')
  queues.fauxqs.createQueue('orders')
  queues.fauxqs.subscribe({ topic: 'news', queue: 'orders', attributes })
  return queues
}

t.test('with the envelope: B is below topic and queue', async t => {
  await using queues = await startNews()
  await using relay = await startRelay({ a: PUBLISH, env: queues.env })
  await relay.invoke('a', ORDER_EVENT)
  const event = await queues.poll('orders', 1)
  t.strictSame(event.Records[0]?.messageAttributes, {}, 'the context is in the body alone')
  await relay.invoke('b', event)
  const spans = await relay.spans(1, 1)
  expectPath(t, spans, [
    'a POST /orders',
    'a SNS.Publish',
    'b topic news',
    'b queue orders',
    'b process orders',
  ])
  const pointers = [spans.invocations('b')[0]?.attributes['baton.pointer']].flat()
  t.ok(pointers.includes(spans.one('SNS.Publish').attributes['baton.pointer']))
})

t.test('raw delivery: the attributes of the message are those of the record', async t => {
  await using queues = await startNews({ RawMessageDelivery: 'true' })
  await using relay = await startRelay({ a: PUBLISH, env: queues.env })
  await relay.invoke('a', ORDER_EVENT)
  const event = await queues.poll('orders', 1)
  t.match(event.Records[0], { body: '{"id":1}', messageAttributes: { traceparent: {} } })
  await relay.invoke('b', event)
  expectPath(t, await relay.spans(1, 1), [
    'a POST /orders',
    'a SNS.Publish',
    'b queue orders',
    'b process orders',
  ])
})

t.test('PublishBatch: each message is below the call, and so is a batch of all', async t => {
  await using queues = await startNews()
  await using relay = await startRelay({
    a: `${A}
      const PublishBatchRequestEntries = ['1', '2', '3'].map(Id => ({ Id, Message: Id }))
      exports.handler = () => client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }))`,
    env: queues.env,
  })
  await relay.invoke('a', ORDER_EVENT)
  await relay.invoke('b', await queues.poll('orders', 3))
  expectPath(t, await relay.spans(1, 1), [
    'a POST /orders',
    'a SNS.PublishBatch',
    'b topic news',
    'b queue orders',
    'b process orders',
  ])
})

t.test('messages of several traces in one batch: a link to each', async t => {
  await using queues = await startNews()
  await using relay = await startRelay({ a: PUBLISH, env: queues.env })
  for (let count = 0; count < 3; count++) await relay.invoke('a', ORDER_EVENT)
  await relay.invoke('b', await queues.poll('orders', 3))
  const spans = await relay.spans(3, 1)
  const calls = spans.all.filter(span => span.name === 'SNS.Publish')
  const [callee] = spans.invocations('b')
  t.equal(callee?.parentSpanId, undefined)
  // The last link is the trace header of B's own invocation.
  t.strictSame(callee?.links.slice(0, -1).map(idOf).sort(), calls.map(idOf).sort())
})

t.test('A -> SNS -> B: the notification as Lambda hands it over', async t => {
  await using queues = await startNews()
  await using relay = await startRelay({ a: PUBLISH, env: queues.env })
  await relay.invoke('a', ORDER_EVENT)
  await relay.invoke('b', toSnsEvent(await queues.poll('orders', 1)))
  expectPath(t, await relay.spans(1, 1), [
    'a POST /orders',
    'a SNS.Publish',
    'b topic news',
    'b process news',
  ])
})
