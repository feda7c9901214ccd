import t from 'tap'
import { testSql } from './start.ts'

const SELECT = ['SELECT orders'] as const

testSql(t, {
  source: 'better-sqlite3.mjs',
  module: 'better-sqlite3',
  versions: [{ packages: 'newest', version: '13.0', inBundles: 'nothing' }],
  // Native code stays beside a bundle, and its JavaScript with it.
  forms: ['CommonJS', 'ES module'],
  env: {},
  rows: [
    {
      call: 'prepare',
      spans: [['CREATE TABLE orders INSERT orders']],
      attributes: {
        'db.system.name': 'sqlite',
        'db.namespace': ':memory:',
        'db.collection.name': undefined,
      },
    },
    {
      call: 'run',
      spans: [['INSERT orders']],
      attributes: { 'db.query.text': 'INSERT INTO orders VALUES (?, ?)' },
    },
    { call: 'get', spans: [SELECT], attributes: { 'db.collection.name': 'orders' } },
    { call: 'all', spans: [SELECT] },
    { call: 'same statement again', spans: [SELECT, SELECT] },
    { call: 'iterate', spans: [SELECT] },
    { call: 'iterate and stop', spans: [SELECT] },
    { call: 'transaction', spans: [['BEGIN'], ['UPDATE orders'], ['COMMIT']] },
    { call: 'pragma', spans: [['PRAGMA']] },
    { call: 'error', spans: [] },
    {
      call: 'unique violation',
      spans: [['INSERT orders!']],
      attributes: {
        'error.type': 'SQLITE_CONSTRAINT_PRIMARYKEY',
        'db.response.status_code': 'SQLITE_CONSTRAINT_PRIMARYKEY',
      },
    },
    { call: 'wrong parameters', spans: [['SELECT!']], attributes: { 'error.type': 'RangeError' } },
    { call: 'shape', spans: [['SELECT']] },
  ],
})
