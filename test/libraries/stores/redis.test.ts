// node-redis against a real Redis: hooked before 5.12, then by its channels.
import t from 'tap'
import type { SpanTree } from '../../helpers/otlp.ts'
import { startRedis } from '../../helpers/servers/stores.ts'
import { testStore, type Where } from '../../helpers/store-table.ts'

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
    {
      call: 'set',
      spans: [['SET']],
      attributes: {
        'db.system.name': 'redis',
        'db.namespace': '2',
        'db.operation.name': 'SET',
        'db.query.text': 'SET ? ?',
        'server.address': '127.0.0.1',
        'server.port': Number,
      },
    },
    { call: 'get', spans: [['GET']], attributes: { 'db.query.text': 'GET ?' } },
    {
      call: 'connect',
      spans: ({ packages }) =>
        packages === 'newest' ? [['CONNECT'], ['PING']] : [['PING'], ['QUIT']],
    },
    {
      call: 'wrongType',
      spans: [['LPUSH!']],
      attributes: { 'error.type': 'WRONGTYPE', 'db.response.status_code': 'WRONGTYPE' },
    },
    { call: 'unknownCommand', spans: [['NOSUCH!']], attributes: { 'error.type': 'ERR' } },
    { call: 'multi', spans: [['MULTI']], attributes: { 'db.operation.batch.size': 3 } },
    { call: 'pipeline', spans: [['PIPELINE']], attributes: { 'db.operation.batch.size': 2 } },
    { call: 'multiFails', spans: [['MULTI!']], attributes: { 'error.type': 'WRONGTYPE' } },
    { call: 'hash', spans: [['DEL'], ['HSET']] },
    { call: 'concurrent', spans: [['GET'], ['GET'], ['MGET']] },
    { call: 'iterator', spans: [['SCAN']] },
    { call: 'watch', spans: [['WATCH'], ['MULTI']] },
    { call: 'refused', spans: told([['CONNECT!']]) },
    { call: 'closed', spans: told([['GET!']]) },
    { call: 'unhandled', spans: [['LPUSH!'], ['GET']] },
    { call: 'promise', spans: [['GET']] },
  ],
})
