// amqplib against a real RabbitMQ.
import t from 'tap'
import { startRabbitMq } from '../../helpers/servers/brokers.ts'
import { testStore } from '../../helpers/store-table.ts'

const broker = await startRabbitMq()
t.teardown(() => broker[Symbol.asyncDispose]())

testStore(t, {
  family: 'messaging',
  source: 'amqplib.mjs',
  module: 'amqplib',
  env: { BATON_BUNDLE_CHECK: 'false' },
  // One for all: it takes seconds to start.
  start: async () => ({ port: broker.port, async [Symbol.asyncDispose]() {} }),
  versions: [
    { packages: 'newest', version: '2.', inBundles: 'nothing' },
    { packages: 'older', version: '0.10.', inBundles: 'nothing' },
  ],
  rows: [
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
    { call: 'close', spans: [] },
  ],
})
