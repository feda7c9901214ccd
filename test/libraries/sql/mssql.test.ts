// mssql against a server that speaks SQL Server's protocol: by its channels since 12.5, and the hook on tedious.
import t from 'tap'
import { startSqlServer } from '../../helpers/servers/tds.ts'
import type { Row, Trees, Where } from '../../helpers/store-table.ts'
import { startService, testSql } from './start.ts'

const { env } = await startService(t)

const SELECT = ['SELECT orders'] as const
const ONE = ['SELECT'] as const
const GET = ['GET'] as const
const CONNECT = ['tedious.connect'] as const

/** Only the hook sees connections and transactions of the driver. */
const isHooked = ({ form }: Where): boolean => form !== 'minified bundle'
const inHook =
  (hooked: Trees, published: Trees) =>
  (where: Where): Trees =>
    isHooked(where) ? hooked : published

const rows: readonly Row[] = [
  { call: 'connect', spans: inHook([CONNECT], [['mssql.connect']]) },
  {
    call: 'first',
    spans: where => {
      // Whether it is mssql or the driver that tells of the query, it waits for the connection.
      if (!isHooked(where)) return [['SELECT dbo.orders']]
      return where.packages === 'newest'
        ? [['SELECT dbo.orders', CONNECT]]
        : [CONNECT, ['SELECT dbo.orders']]
    },
  },
  {
    call: 'promise',
    spans: [SELECT, GET],
    attributes: {
      'db.system.name': 'microsoft.sql_server',
      'db.namespace': 'shop',
      'server.address': '127.0.0.1',
      'server.port': Number,
      'db.query.text': 'SELECT id FROM [orders] WHERE name = @name',
      'db.query.summary': 'SELECT orders',
      'db.operation.name': 'SELECT',
      'db.collection.name': 'orders',
    },
  },
  { call: 'callback', spans: [SELECT, GET] },
  { call: 'template', spans: [SELECT] },
  {
    call: 'batch',
    spans: [['INSERT orders']],
    attributes: { 'db.query.text': 'INSERT INTO orders VALUES (?)' },
  },
  { call: 'procedure', spans: [['EXEC dbo.orders_of']] },
  { call: 'stream', spans: [SELECT] },
  {
    call: 'prepared',
    spans: where => {
      const { packages } = where
      const executed: Trees =
        packages === 'newest' ? [SELECT, SELECT] : [['EXEC sp_execute'], ['EXEC sp_execute']]
      return isHooked(where) ? [['EXEC sp_prepare'], ...executed, ['EXEC sp_unprepare']] : executed
    },
  },
  {
    call: 'transaction',
    spans: inHook([['BEGIN'], ['UPDATE orders'], ['COMMIT']], [['UPDATE orders']]),
  },
  {
    call: 'rolled back',
    spans: inHook([['BEGIN'], ['UPDATE orders'], ['ROLLBACK']], [['UPDATE orders']]),
  },
  {
    call: 'bulk',
    spans: [['INSERT orders']],
    attributes: { 'db.operation.name': 'INSERT', 'db.query.text': undefined },
  },
  {
    call: 'side by side',
    isUnordered: true,
    spans: [1, 2, 3].map(n => [`own ${n}`, ONE, GET] as const),
  },
  {
    call: 'error',
    spans: [['SELECT missing!']],
    attributes: { 'error.type': '208', 'db.response.status_code': '208' },
  },
  { call: 'error with a value', spans: [['SELECT!']], attributes: { 'error.type': '245' } },
  { call: 'unique violation', spans: [['INSERT orders!']], attributes: { 'error.type': '2627' } },
  { call: 'error in a callback', spans: [['SELECT missing!'], GET] },
  {
    call: 'timeout',
    spans: where => {
      if (!isHooked(where)) return [['mssql.connect'], ['WAITFOR!']]
      return where.packages === 'newest'
        ? [CONNECT, ['WAITFOR!', CONNECT]]
        : [CONNECT, CONNECT, ['WAITFOR!']]
    },
  },
  { call: 'cancelled', spans: [['WAITFOR!']], attributes: { 'error.type': 'ECANCEL' } },
  { call: 'after that', spans: [ONE] },
  {
    call: 'driver',
    spans: inHook([CONNECT, GET, SELECT, GET, GET], [GET, GET, GET]),
  },
  { call: 'refused', spans: inHook([['tedious.connect!']], [['mssql.connect!']]) },
]

testSql(t, {
  source: 'mssql.mjs',
  module: 'mssql',
  start: startSqlServer,
  versions: [
    { packages: 'newest', version: '12.7', inBundles: 'channels' },
    { packages: 'older', version: '11.0', inBundles: 'nothing' },
  ],
  env,
  rows,
})
