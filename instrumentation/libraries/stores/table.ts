// Stores, and other things that a function calls, as the documents list them.
import type { Library } from '../table.ts'

const NOTHING = 'nothing'

export const STORE_LIBRARIES: readonly Library[] = [
  {
    name: 'ioredis',
    modules: '`ioredis`',
    versions: '4 to 6',
    how: ['hook', 'channel'],
    inBundles: 'since 5.11: [single commands, transactions](#stores)',
    spans: '`GET`, `MULTI`, `PIPELINE`, `CONNECT`',
  },
  {
    name: 'redis',
    modules: '`redis`, `@redis/client`',
    versions: '5.12 and newer',
    how: ['channel'],
    inBundles: 'all',
    spans: '`GET`, `MULTI`, `PIPELINE`, `CONNECT`',
  },
  {
    name: 'redis',
    modules: '`redis`, `@redis/client`',
    versions: '4 to 5.11',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`GET`, `MULTI`, `PIPELINE`',
  },
  {
    name: 'mongodb',
    modules: '`mongodb`',
    versions: '5 to 7',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`find orders`',
  },
  {
    name: 'mongoose',
    modules: '`mongoose`',
    versions: '9.8 and newer',
    how: ['channel'],
    inBundles: 'all but cursors',
    spans: '`findOne members`',
  },
  {
    name: 'memcached',
    modules: '`memcached`',
    versions: '1, 2',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`get`',
  },
  {
    name: 'elasticsearch',
    modules: '`@elastic/elasticsearch`, `@elastic/transport`',
    versions: '8, 9',
    how: ['hook'],
    inBundles: "its own spans, by OpenTelemetry's API",
    spans: '`search orders`',
  },
  {
    name: 'grpc',
    modules: '`@grpc/grpc-js`',
    versions: '1',
    how: ['hook'],
    inBundles: 'requests of `node:http2`',
    spans: '`shop.Counter/Double`',
  },
  {
    name: 'dataloader',
    modules: '`dataloader`',
    versions: '2',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`dataloader.batch`',
  },
  {
    name: 'nodemailer',
    modules: '`nodemailer`',
    versions: '6 to 10',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`send mail`',
  },
]
