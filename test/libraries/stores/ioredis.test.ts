// ioredis against a real Redis: hooked where it has modules; in a bundle its channels tell, since 5.11.
import t from 'tap'
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

const isBundle = ({ form }: Where): boolean => form === 'minified bundle'
/** Older ones do not tell of it. */
const connects = ({ packages }: Where): boolean => packages === 'newest'

testStore(t, {
  source: 'ioredis.mjs',
  module: 'ioredis',
  start: () => startRedis(),
  versions: [
    { packages: 'newest', version: '6.', inBundles: 'channels' },
    { packages: 'newest', version: '5.11.', alias: 'ioredis-5-11', inBundles: 'channels' },
    { packages: 'middle', version: '5.8.', inBundles: 'nothing' },
    { packages: 'older', version: '4.', inBundles: 'nothing' },
  ],
  rows: [
    setRow('first'),
    GET_ROW,
    { call: 'callback', spans: [['GET'], ['EXISTS']] },
    {
      call: 'lazy',
      spans: where => [connects(where) ? ['PING', ['CONNECT']] : ['PING']],
      // It tells of a command when it writes it, which is after it has connected.
      inBundle: [['CONNECT'], ['PING']],
    },
    ...FAILURE_ROWS,
    MULTI_ROW,
    { call: 'multiCallback', spans: [['MULTI'], ['GET']] },
    { call: 'discarded', spans: [['MULTI!']] },
    {
      call: 'pipeline',
      spans: [['PIPELINE']],
      inBundle: [['SET'], ['GET']],
    },
    { call: 'pipelineFails', spans: [['PIPELINE!']], inBundle: [['SET'], ['LPUSH!']] },
    { call: 'script', spans: [['EVALSHA']], inBundle: [['EVAL']] },
    CONCURRENT_ROW,
    { call: 'buffer', spans: [['GET']] },
    {
      call: 'refused',
      spans: where => [connects(where) ? ['GET!', ['CONNECT!']] : ['GET!']],
      inBundle: [['CONNECT!']],
    },
    {
      ...UNHANDLED_ROW,
      // While anyone listens to its channels, it handles rejections itself.
      differs: where => isBundle(where) && where.inBundles === 'channels',
    },
    PROMISE_ROW,
  ],
})
