// BullMQ against a real Redis. What it asks of Redis is seen as well, and left out here.
import t from 'tap'
import { startRedis } from '../../helpers/servers/stores.ts'
import { testStore } from '../../helpers/store-table.ts'

testStore(t, {
  family: 'messaging',
  source: 'bullmq.mjs',
  module: 'bullmq',
  start: startRedis,
  env: { BATON_BUNDLE_CHECK: 'false', OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'ioredis' },
  versions: [
    { packages: 'newest', version: '6.', inBundles: 'nothing' },
    { packages: 'older', version: '5.', inBundles: 'nothing' },
  ],
  rows: [
    {
      call: 'add',
      spans: [['add mails', ['process mails']]],
      attributes: {
        'messaging.system': 'bullmq',
        'messaging.destination.name': 'mails',
        'messaging.operation.name': 'add',
        'messaging.operation.type': 'send',
        'messaging.message.id': String,
      },
    },
    // Their spans are below those that added the jobs.
    { call: 'process', spans: [] },
    {
      call: 'addBulk',
      spans: [['addBulk mails', ['process mails'], ['process mails']]],
      attributes: { 'messaging.batch.message_count': 2 },
    },
    { call: 'processBulk', spans: [] },
    // It is tried twice.
    { call: 'fails', spans: [['add mails', ['process mails!'], ['process mails!']]] },
    {
      call: 'nested',
      spans: [
        [
          'addBulk mails',
          ['process mails', ['add mails', ['process mails']]],
          ['process mails', ['add mails', ['process mails']]],
        ],
      ],
    },
    { call: 'flow', spans: [['addFlow mails', ['process mails'], ['process mails']]] },
    {
      call: 'flows',
      spans: [['addBulk mails', ['process mails'], ['process mails']]],
      attributes: { 'messaging.batch.message_count': 2 },
    },
    { call: 'ownTelemetry', spans: [] },
    { call: 'refused', spans: [['add mails!']] },
    { call: 'close', spans: [] },
  ],
})
