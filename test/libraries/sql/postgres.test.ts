import t from 'tap'
import { startPostgres } from '../../helpers/servers/sql.ts'
import { startWith, testSql } from './start.ts'

const url = 'postgres://postgres@127.0.0.1:PORT/postgres'
const { env } = await startWith(t, startPostgres, url)

const SELECT = ['SELECT orders'] as const
const ONE = ['SELECT'] as const
const GET = ['GET'] as const
const SIDE_BY_SIDE = [1, 2, 3].map(n => [`own ${n}`, ONE, GET] as const)

testSql(t, {
  source: 'postgres.mjs',
  module: 'postgres',
  versions: [
    { packages: 'newest', version: '3.4', inBundles: 'nothing' },
    { packages: 'older', version: '3.0', inBundles: 'nothing' },
  ],
  env,
  rows: [
    {
      call: 'prepare',
      spans: [['CREATE TABLE orders'], ['TRUNCATE orders'], ['INSERT orders']],
    },
    {
      call: 'tagged',
      spans: [SELECT, GET],
      attributes: {
        'db.system.name': 'postgresql',
        'db.query.text': 'SELECT id FROM orders WHERE name = $1',
        'db.query.summary': 'SELECT orders',
        'db.operation.name': 'SELECT',
        'db.collection.name': 'orders',
      },
    },
    {
      call: 'names and parts',
      spans: [SELECT],
      attributes: { 'db.query.text': 'SELECT "id" FROM "orders" WHERE id = $1' },
    },
    { call: 'unsafe', spans: [ONE], attributes: { 'db.query.text': 'SELECT ? IS NULL AS is' } },
    { call: 'never waited for', spans: [GET] },
    { call: 'waited for by then', spans: [ONE, GET] },
    { call: 'is a promise', spans: [ONE] },
    { call: 'raw', spans: [SELECT] },
    {
      call: 'types of a new connection',
      spans: [['SELECT', ['SELECT pg_catalog.pg_type']]],
    },
    { call: 'for each', spans: [SELECT, GET, GET] },
    { call: 'cursor', spans: [SELECT] },
    { call: 'cursor with a function', spans: [SELECT, GET, GET] },
    { call: 'describe', spans: [SELECT] },
    { call: 'transaction', spans: [['BEGIN'], ['UPDATE orders'], ONE, ['COMMIT']] },
    { call: 'transaction that fails', spans: [['BEGIN'], ['SELECT!'], ['ROLLBACK']] },
    { call: 'side by side', isUnordered: true, spans: SIDE_BY_SIDE },
    {
      call: 'error',
      spans: [['SELECT!']],
      attributes: { 'error.type': '22P02', 'db.response.status_code': '22P02' },
    },
    {
      call: 'unique violation',
      spans: [['INSERT orders!']],
      attributes: { 'error.type': '23505' },
    },
    { call: 'cancel', spans: [['SELECT!']], attributes: { 'error.type': '57014' } },
    {
      call: 'nobody listens',
      spans: [['SELECT!']],
      attributes: { 'error.type': 'ECONNREFUSED', 'db.response.status_code': undefined },
    },
  ],
})
