// kafkajs against librdkafka's mock cluster, which speaks Kafka's protocol.
import t from 'tap'
import { startKafka } from '../../helpers/servers/kafka/kafka.ts'
import type { TestServer } from '../../helpers/servers/processes.ts'
import { testStore } from '../../helpers/store-table.ts'

const TOPICS = ['t-one', 't-two', 't-other']

async function start(): Promise<TestServer> {
  const broker = await startKafka(TOPICS)
  return {
    port: Number(broker.address.split(':')[1]),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  }
}

testStore(t, {
  family: 'messaging',
  source: 'kafkajs.mjs',
  module: 'kafkajs',
  start,
  env: { TOPIC: 't', KAFKAJS_NO_PARTITIONER_WARNING: '1', BATON_BUNDLE_CHECK: 'false' },
  versions: [{ packages: 'newest', version: '2.', inBundles: 'nothing' }],
  rows: [
    { call: 'connect', spans: [] },
    {
      call: 'message',
      spans: [['send t-one', ['process t-one', ['send t-other']]]],
      attributes: {
        'messaging.system': 'kafka',
        'messaging.destination.name': 't-one',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.partition.id': '0',
        'messaging.kafka.offset': Number,
      },
    },
    // Its span is below the one that sent the message.
    { call: 'eachMessage', spans: [] },
    {
      call: 'messages',
      spans: [['send'], ['send t-two']],
      attributes: { 'messaging.batch.message_count': 3 },
    },
    {
      call: 'eachBatch',
      spans: [['process t-two']],
      attributes: { 'messaging.batch.message_count': 3, 'messaging.consumer.group.name': 't-two' },
    },
    { call: 'concurrent', spans: [['send t-other'], ['send t-other']] },
    { call: 'invalid', spans: [['send t-other!']] },
    { call: 'disconnected', spans: [['send t-other!']] },
    { call: 'close', spans: [] },
  ],
  check(t, calls, where) {
    if (where.form === 'minified bundle') return
    const sent = calls.find(({ call }) => call === 'messages')?.spans ?? []
    const batch = calls.find(({ call }) => call === 'eachBatch')?.spans[0]
    const senders = [sent[0], sent[0], sent[1]].map(span => span?.spanId)
    t.strictSame(
      batch?.links.map(({ spanId }) => spanId),
      senders,
      'a link to each sender',
    )
  },
})
