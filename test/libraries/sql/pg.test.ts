import t from 'tap'
import { startPostgres } from '../../helpers/servers/sql.ts'
import type { Row } from '../../helpers/store-table.ts'
import { startWith, testSql } from './start.ts'

const { port, env } = await startWith(
  t,
  startPostgres,
  'postgres://postgres@127.0.0.1:PORT/postgres',
)

const SELECT = ['SELECT orders'] as const
const ONE = ['SELECT'] as const
const GET = ['GET'] as const
const SIDE_BY_SIDE = [1, 2, 3].map(n => [`own ${n}`, ONE, GET] as const)

const target = {
  'db.system.name': 'postgresql',
  'db.namespace': 'postgres',
  'server.address': '127.0.0.1',
  'server.port': port,
}

const rows: readonly Row[] = [
  {
    call: 'prepare',
    spans: [
      ['pg.connect'],
      ['CREATE TABLE orders'],
      ['TRUNCATE orders'],
      ['INSERT orders'],
      ['pg.connect'],
      ['pg.connect'],
    ],
    attributes: target,
  },
  {
    call: 'pool promise',
    spans: [SELECT, GET],
    attributes: {
      ...target,
      'db.query.text': 'SELECT id FROM orders WHERE name = $1',
      'db.query.summary': 'SELECT orders',
      'db.operation.name': 'SELECT',
      'db.collection.name': 'orders',
    },
  },
  { call: 'pool callback', spans: [SELECT, GET] },
  { call: 'pool callback with values', spans: [ONE] },
  { call: 'client promise', spans: [ONE] },
  { call: 'client callback', spans: [ONE, GET] },
  { call: 'connect callback', spans: [ONE] },
  { call: 'configuration', spans: [SELECT] },
  { call: 'configuration with callback', spans: [ONE] },
  { call: 'query object', spans: [SELECT, GET], attributes: target },
  {
    call: 'cursor',
    spans: [SELECT],
    attributes: { 'db.query.text': 'SELECT id FROM orders ORDER BY id' },
  },
  { call: 'cursor that fails', spans: [['SELECT orders!']] },
  {
    call: 'stream',
    spans: [SELECT],
    attributes: { 'db.query.text': 'SELECT id FROM orders ORDER BY id' },
  },
  { call: 'transaction', spans: [['BEGIN'], ['UPDATE orders'], ['COMMIT']] },
  { call: 'side by side', isUnordered: true, spans: SIDE_BY_SIDE },
  { call: 'side by side with callbacks', isUnordered: true, spans: SIDE_BY_SIDE },
  {
    call: 'error',
    spans: [['SELECT!']],
    attributes: {
      'db.query.text': 'SELECT ?::int',
      'error.type': '22P02',
      'db.response.status_code': '22P02',
    },
  },
  { call: 'error in a callback', spans: [['SELECT orders!']] },
  { call: 'unique violation', spans: [['INSERT orders!']], attributes: { 'error.type': '23505' } },
  { call: 'error of a pool', spans: [['SELECT orders!']] },
  { call: 'pool after an error', spans: [['pg.connect'], ONE] },
  { call: 'timeout', spans: [['SET'], ['SELECT!'], ['SET']] },
  { call: 'no query', spans: [['postgres!']] },
  { call: 'own client', spans: [['pg.connect'], ONE] },
  {
    call: 'nobody listens',
    spans: [['pg.connect!']],
    attributes: { 'error.type': 'ECONNREFUSED', 'db.response.status_code': undefined },
  },
  { call: 'subclass', spans: [['pg.connect'], ONE] },
]

testSql(t, {
  source: 'pg.mjs',
  module: 'pg',
  versions: [
    { packages: 'newest', version: '8.23', inBundles: 'nothing' },
    { packages: 'older', version: '8.0', inBundles: 'nothing' },
  ],
  optional: ['pg-native', 'cloudflare:sockets'],
  // 8.0, whose optional part an ES module asks for.
  noise: /[^\n]*Cannot find module 'pg-native'.*?lib\/index\.js\n/s,
  env,
  rows,
})
