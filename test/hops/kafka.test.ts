// A -> Kafka -> B. A uses kafkajs and knows nothing of traces; what B gets is what a consumer reads from the broker.
import t from 'tap'
import { pollKafka } from '../helpers/hops/kafka.ts'
import { expectPath, idOf, ORDER_EVENT, startRelay } from '../helpers/hops/relay.ts'
import { startKafka } from '../helpers/servers/kafka/kafka.ts'

const A = `
  const { Kafka, logLevel } = require('kafkajs')
  const kafka = new Kafka({ brokers: [process.env.BROKER], logLevel: logLevel.ERROR })
  const producer = kafka.producer()
  const connected = producer.connect()
  const topic = process.env.TOPIC
  exports.handler = async () => {
    await connected
    await producer.send({ topic, messages: [{ key: 'k', value: 'paid', headers: { tenant: 'a' } }] })
  }
`

const broker = await startKafka(['payments', 'batches'])
t.teardown(() => broker[Symbol.asyncDispose]())

t.test('one record: B is below the span that sent it', async t => {
  const env = { BROKER: broker.address, TOPIC: 'payments' }
  await using relay = await startRelay({ a: A, env })
  await relay.invoke('a', ORDER_EVENT)
  const source = { broker: broker.address, topic: 'payments' }
  const event = await pollKafka(source, 1, 'aws:kafka')
  const [record] = event.records['payments-0'] ?? []
  t.strictSame(record?.headers.flatMap(Object.keys), ['tenant', 'traceparent'])
  await relay.invoke('b', event)
  await relay.invoke('b', await pollKafka(source, 1, 'SelfManagedKafka'))
  const spans = await relay.spans(1, 2)
  const path = ['a POST /orders', 'a send payments', 'b topic payments', 'b process payments']
  expectPath(t, spans, path)
  expectPath(t, spans, path, 1)
  t.match(spans.invocations('b')[0]?.attributes, {
    'messaging.system': 'kafka',
    'messaging.destination.partition.id': '0',
    'messaging.kafka.offset': 0,
  })
})

t.test('ten records of ten traces: ten links', async t => {
  const env = { BROKER: broker.address, TOPIC: 'batches' }
  await using relay = await startRelay({ a: A, env })
  for (let count = 0; count < 10; count++) await relay.invoke('a', ORDER_EVENT)
  const source = { broker: broker.address, topic: 'batches' }
  await relay.invoke('b', await pollKafka(source, 10, 'aws:kafka'))
  const spans = await relay.spans(10, 1)
  const [callee] = spans.invocations('b')
  t.equal(callee?.parentSpanId, undefined)
  const sends = spans.all.filter(span => span.name === 'send batches')
  t.equal(new Set(sends.map(({ traceId }) => traceId)).size, 10)
  // The last link is the trace header of B's own invocation.
  t.strictSame(callee?.links.slice(0, -1).map(idOf), sends.map(idOf))
})
