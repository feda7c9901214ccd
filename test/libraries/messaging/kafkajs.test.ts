// kafkajs against librdkafka's mock cluster, which speaks Kafka's protocol.
import t from 'tap'
import type { CollectedSpan } from '../../helpers/otlp.ts'
import { startKafka } from '../../helpers/servers/kafka/kafka.ts'
import type { TestServer } from '../../helpers/servers/processes.ts'
import { testStore } from '../../helpers/store-table.ts'

const TOPICS = [
  'other',
  ...['traced', 'untraced'].flatMap(run => ['one', 'two', 'three'].map(name => `${run}-${name}`)),
]
/** Of the fixture's own message. */
const OWN_SPAN = 'b7ad6b7169203331'

async function start(): Promise<TestServer> {
  const broker = await startKafka(TOPICS)
  return {
    port: Number(broker.address.split(':')[1]),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  }
}

// Each form waits for the broker, and for little else.
t.jobs = 4
testStore(t, {
  family: 'messaging',
  source: 'kafkajs.mjs',
  module: 'kafkajs',
  start,
  env: { KAFKAJS_NO_PARTITIONER_WARNING: '1', BATON_BUNDLE_CHECK: 'false' },
  versions: [{ packages: 'newest', version: '2.', inBundles: 'nothing' }],
  rows: [
    { call: 'connect', spans: [] },
    {
      // It is worked on twice, by another invocation.
      call: 'message',
      spans: [['send traced-one', ['process traced-one!'], ['process traced-one', ['send other']]]],
      attributes: {
        'messaging.system': 'kafka',
        'messaging.destination.name': 'traced-one',
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'messaging.destination.partition.id': '0',
        'messaging.kafka.offset': 0,
      },
    },
    {
      call: 'together',
      spans: [['send traced-two', ['process traced-two']]],
      attributes: { 'messaging.batch.message_count': 2 },
    },
    { call: 'senders', spans: [['send traced-three']] },
    {
      call: 'consume',
      spans: [['process traced-three']],
      attributes: {
        'messaging.batch.message_count': 2,
        'messaging.consumer.group.name': 'traced-two,three',
      },
    },
    { call: 'topics', spans: [['send']], attributes: { 'messaging.batch.message_count': 3 } },
    { call: 'concurrent', spans: [['send other'], ['send other']] },
    { call: 'large', spans: [['send other']] },
    { call: 'invalid', spans: [['send other!']] },
    { call: 'nothing', spans: [['send other!']] },
    { call: 'disconnected', spans: [['send other!']] },
    { call: 'close', spans: [] },
  ],
  check(t, calls, where) {
    if (where.form === 'minified bundle') return
    const spansOf = (name: string): readonly CollectedSpan[] =>
      calls.find(({ call }) => call === name)?.spans ?? []
    const linksOf = (span: CollectedSpan | undefined): unknown =>
      span?.links.map(({ spanId }) => spanId)
    const [, ...processed] = spansOf('message')
    const [, batch] = spansOf('together')
    const [several] = spansOf('consume')
    const consumer = several?.parentSpanId
    t.strictSame(linksOf(processed[0]), [consumer], 'a link to the invocation of the consumer')
    t.strictSame(linksOf(batch), [consumer], 'likewise of a batch of one sender')
    t.strictSame(linksOf(several), [spansOf('senders')[0]?.spanId, OWN_SPAN], 'a link to each')
    const kinds = [...spansOf('message'), ...spansOf('consume')].map(({ kind }) => kind)
    t.strictSame(kinds, ['PRODUCER', 'CONSUMER', 'CONSUMER', 'PRODUCER', 'CONSUMER'])
  },
})
