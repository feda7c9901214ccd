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
  source: 'knex.mjs',
  module: 'knex',
  versions: [
    { packages: 'newest', version: '3.3', inBundles: 'nothing' },
    { packages: 'older', version: '2.5', inBundles: 'nothing' },
  ],
  forms: ['CommonJS', 'ES module'],
  env,
  rows: [
    {
      call: 'prepare',
      spans: [['pg.connect'], ['SELECT'], ['DROP TABLE orders'], ['CREATE TABLE orders']],
    },
    { call: 'insert', spans: [['INSERT orders'], GET] },
    {
      call: 'select',
      spans: [SELECT],
      attributes: { 'db.query.text': 'select "id" from "orders" where "name" = $1' },
    },
    { call: 'waited for by then', spans: [SELECT, GET] },
    { call: 'never waited for', spans: [GET] },
    { call: 'callback', spans: [SELECT, GET] },
    { call: 'stream', spans: [SELECT] },
    { call: 'transaction', spans: [['BEGIN'], ['UPDATE orders'], GET, ['COMMIT']] },
    { call: 'side by side', isUnordered: true, spans: SIDE_BY_SIDE },
    { call: 'error', spans: [['SELECT orders!']] },
    { call: 'unique violation', spans: [['INSERT orders!']] },
  ],
})
