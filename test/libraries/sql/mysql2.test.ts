import t from 'tap'
import { startMariadb } from '../../helpers/servers/sql.ts'
import type { Row, Trees, Where } from '../../helpers/store-table.ts'
import { startWith, testSql } from './start.ts'

const { env, port } = await startWith(t, startMariadb, 'mysql://root@127.0.0.1:PORT/shop')

const SELECT = ['SELECT orders'] as const
const ONE = ['SELECT'] as const
const GET = ['GET'] as const
const SIDE_BY_SIDE = [1, 2, 3].map(n => [`own ${n}`, ONE, GET] as const)

/** Of a connection only the channels tell. */
const connected =
  (...spans: Trees) =>
  ({ version }: Where): Trees =>
    version === '3.24' ? [['mysql2.connect'], ...spans] : spans

const target = {
  'db.system.name': 'mysql',
  'db.namespace': 'shop',
  'server.address': '127.0.0.1',
  'server.port': port,
}

const rows: readonly Row[] = [
  {
    call: 'prepare',
    spans: ({ version }) =>
      version === '3.24'
        ? [
            ['mysql2.connect'],
            ['CREATE TABLE orders'],
            ['TRUNCATE orders'],
            ['INSERT orders'],
            ['mysql2.connect'],
            ONE,
            ['mysql2.connect'],
            ONE,
          ]
        : [['CREATE TABLE orders'], ['TRUNCATE orders'], ['INSERT orders'], ONE, ONE],
    attributes: target,
  },
  {
    call: 'pool promise',
    spans: [SELECT, GET],
    attributes: {
      ...target,
      'db.query.text': 'SELECT id FROM orders WHERE name = ?',
      'db.query.summary': 'SELECT orders',
      'db.operation.name': 'SELECT',
      'db.collection.name': 'orders',
    },
  },
  { call: 'execute', spans: [SELECT, GET], attributes: target },
  { call: 'pool callback', spans: [SELECT, GET] },
  { call: 'execute callback', spans: [SELECT, GET] },
  { call: 'connection callback', spans: [ONE, GET] },
  { call: 'events', spans: [SELECT] },
  { call: 'stream', spans: [SELECT] },
  { call: 'transaction', spans: [['START'], ['UPDATE orders'], ['COMMIT']] },
  { call: 'side by side', isUnordered: true, spans: SIDE_BY_SIDE },
  { call: 'side by side with callbacks', isUnordered: true, spans: SIDE_BY_SIDE },
  {
    call: 'error',
    spans: [['SELECT orders!']],
    attributes: {
      'db.query.text': 'SELECT nothing, ? FROM orders',
      'error.type': '1054',
      'db.response.status_code': '1054',
    },
  },
  { call: 'error of execute', spans: [['SELECT orders!']], attributes: { 'error.type': '1054' } },
  { call: 'error in a callback', spans: [['SELECT!']] },
  { call: 'unique violation', spans: [['INSERT orders!']], attributes: { 'error.type': '1062' } },
  {
    call: 'wrong parameters',
    spans: ({ version }) => (version === '3.24' ? [] : [['SELECT!']]),
  },
  {
    call: 'timeout',
    spans: [['SELECT!']],
    attributes: { 'error.type': 'PROTOCOL_SEQUENCE_TIMEOUT', 'db.response.status_code': undefined },
  },
  { call: 'own connection', spans: connected(ONE) },
  {
    call: 'nobody listens',
    spans: ({ version }) => (version === '3.24' ? [['mysql2.connect!']] : []),
  },
]

testSql(t, {
  source: 'mysql2.mjs',
  module: 'mysql2',
  versions: [
    { packages: 'newest', version: '3.24', inBundles: 'channels' },
    { packages: 'middle', version: '3.19', inBundles: 'nothing' },
    { packages: 'older', version: '2.3', inBundles: 'nothing' },
  ],
  env,
  rows,
})
