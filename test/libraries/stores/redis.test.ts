// node-redis against a real Redis: hooked before 5.12, then by its channels.
import t from 'tap'
import type { SpanTree } from '../../helpers/otlp.ts'
import { startRedis } from '../../helpers/servers/stores.ts'
import { testStore, type Where } from '../../helpers/store-table.ts'
import {
  CONCURRENT_ROW,
  FAILURE_ROWS,
  GET_ROW,
  MULTI_ROW,
  PROMISE_ROW,
  setRow,
  UNHANDLED_ROW,
} from './redis-rows.ts'

/** Connections, and commands that never reach the queue, are told of by channels only. */
const told =
  (trees: readonly SpanTree[]) =>
  ({ packages }: Where): readonly SpanTree[] =>
    packages === 'newest' ? trees : []

testStore(t, {
  source: 'redis.mjs',
  module: 'redis',
  start: () => startRedis(),
  versions: [
    { packages: 'newest', version: '6.', inBundles: 'channels' },
    { packages: 'newest', version: '5.12.', alias: 'redis-5-12', inBundles: 'channels' },
    { packages: 'middle', version: '5.8.', inBundles: 'nothing' },
    { packages: 'older', version: '4.', inBundles: 'nothing' },
  ],
  rows: [
    setRow('set'),
    GET_ROW,
    {
      call: 'connect',
      spans: ({ packages }) =>
        packages === 'newest' ? [['CONNECT'], ['PING']] : [['PING'], ['QUIT']],
    },
    ...FAILURE_ROWS,
    MULTI_ROW,
    { call: 'pipeline', spans: [['PIPELINE']], attributes: { 'db.operation.batch.size': 2 } },
    { call: 'multiFails', spans: [['MULTI!']], attributes: { 'error.type': 'WRONGTYPE' } },
    { call: 'hash', spans: [['DEL'], ['HSET']] },
    CONCURRENT_ROW,
    { call: 'iterator', spans: [['SCAN']] },
    { call: 'watch', spans: [['WATCH'], ['MULTI']] },
    { call: 'refused', spans: told([['CONNECT!']]) },
    { call: 'closed', spans: told([['GET!']]) },
    UNHANDLED_ROW,
    PROMISE_ROW,
  ],
})
