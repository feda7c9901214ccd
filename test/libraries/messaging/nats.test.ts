// NATS against a real server: by the package of old, and by those that came after it.
import t from 'tap'
import { startNats } from '../../helpers/servers/brokers.ts'
import { type Row, testStore } from '../../helpers/store-table.ts'

const rows: readonly Row[] = [
  { call: 'connect', spans: [] },
  {
    call: 'publish',
    spans: [['publish orders.paid', ['process orders.*']]],
    attributes: {
      'messaging.system': 'nats',
      'messaging.destination.name': 'orders.paid',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'server.address': '127.0.0.1',
      'server.port': Number,
    },
  },
  { call: 'nested', spans: [['publish a', ['process a', ['publish b']]]] },
  { call: 'request', spans: [['request stock.get', ['process stock.get']]] },
  { call: 'ownSubscription', spans: [['request stock.get', ['process stock.get']]] },
  { call: 'nobody', spans: [['request nobody!']] },
  // There was no room for the context.
  { call: 'large', spans: [['publish large'], ['process large']] },
  { call: 'iterator', spans: [['publish c'], ['publish c']] },
  { call: 'ownContext', spans: [['publish d']] },
  {
    call: 'concurrent',
    spans: [
      ['request x', ['process x']],
      ['request y', ['process y']],
      ['publish after.x'],
      ['publish after.y'],
    ],
  },
  { call: 'late', spans: [['request late!', ['process late']]] },
  { call: 'ignored', spans: [['request nobody!'], ['request nobody!']] },
  { call: 'own', spans: [['request nobody!']] },
  { call: 'early', spans: [['request!']] },
  { call: 'ended', spans: [['publish e', ['process e']], ['publish e']] },
  { call: 'invalid', spans: [['publish!']] },
  { call: 'close', spans: [] },
]
const common = {
  family: 'messaging' as const,
  start: startNats,
  env: { BATON_BUNDLE_CHECK: 'false' },
  rows,
}

testStore(t, {
  ...common,
  source: 'nats.mjs',
  module: 'nats',
  versions: [{ packages: 'older', version: '2.', inBundles: 'nothing' }],
})

testStore(t, {
  ...common,
  source: 'nats-core.mjs',
  module: '@nats-io/transport-node',
  versions: [{ packages: 'newest', version: '3.', inBundles: 'nothing' }],
})
