// amqplib against a real RabbitMQ.
import t from 'tap'
import { startRabbitMq } from '../../helpers/servers/brokers.ts'
import { type Row, testStore } from '../../helpers/store-table.ts'

const broker = await startRabbitMq()
t.teardown(() => broker[Symbol.asyncDispose]())

const rows: readonly Row[] = [
  { call: 'open', spans: [] },
  {
    call: 'send',
    spans: [['publish orders', ['process orders']]],
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.destination.name': 'orders',
      'messaging.rabbitmq.destination.routing_key': 'orders',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.message.id': 'm-1',
      'messaging.message.conversation_id': 'c-1',
      'server.address': '127.0.0.1',
      'server.port': Number,
    },
  },
  {
    call: 'publish',
    spans: [['publish shop', ['process invoices', ['publish other']]]],
    attributes: { 'messaging.destination.name': 'shop:order.paid' },
  },
  {
    call: 'asynchronous',
    spans: [['publish orders', ['process orders', ['publish other']]]],
  },
  { call: 'confirm', spans: [['publish other'], ['publish other']] },
  { call: 'get', spans: [['publish orders'], ['get orders'], ['get empty']] },
  { call: 'ownContext', spans: [['publish orders']] },
  {
    call: 'callbacks',
    spans: [['publish orders'], ['get orders'], ['publish orders', ['process orders']]],
  },
  { call: 'concurrent', spans: [['publish other'], ['publish other'], ['publish other']] },
  {
    call: 'refused',
    spans: [['publish orders!']],
    attributes: { 'error.type': 'IllegalOperationError' },
  },
  { call: 'wrongArguments', spans: [['publish shop!']] },
  {
    call: 'refusals',
    spans: [
      ['publish orders', ['process orders!']],
      ['publish orders', ['process orders!']],
      ['get orders'],
    ],
  },
  { call: 'throws', spans: [['publish orders', ['process orders!']]] },
  { call: 'ended', spans: [] },
  { call: 'unconfirmed', spans: [['publish other'], ['publish other!']] },
  // Neither knows of the other.
  { call: 'large', spans: [['publish orders'], ['process orders']] },
  { call: 'inherited', spans: [['publish orders', ['process orders']]] },
  { call: 'close', spans: [] },
]

const common = {
  family: 'messaging' as const,
  module: 'amqplib',
  env: { BATON_BUNDLE_CHECK: 'false' },
  // One for all: it takes seconds to start.
  start: async () => ({ port: broker.port, async [Symbol.asyncDispose]() {} }),
  rows,
}

testStore(t, {
  ...common,
  source: 'amqplib.mjs',
  versions: [{ packages: 'newest', version: '2.', inBundles: 'nothing' }],
})

testStore(t, {
  ...common,
  source: 'amqplib-older.mjs',
  versions: [{ packages: 'older', version: '0.10.', inBundles: 'nothing' }],
})
