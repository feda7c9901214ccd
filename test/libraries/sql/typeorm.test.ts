import t from 'tap'
import { startMariadb } from '../../helpers/servers/sql.ts'
import { startWith, testSql } from './start.ts'

const { env } = await startWith(t, startMariadb, 'mysql://root@127.0.0.1:PORT/shop')

const GET = ['GET'] as const

testSql(t, {
  source: 'typeorm.mjs',
  module: 'typeorm',
  versions: [
    { packages: 'newest', version: '1.1', inBundles: 'nothing' },
    { packages: 'older', version: '0.3', inBundles: 'nothing' },
  ],
  forms: ['CommonJS', 'ES module'],
  env,
  rows: [
    {
      call: 'prepare',
      spans: ({ packages }) => [
        ...(packages === 'newest' ? ([['mysql2.connect']] as const) : []),
        ['SELECT'],
        ['DROP TABLE users'],
        ['CREATE TABLE users'],
      ],
    },
    {
      call: 'save',
      spans: [['User.save', ['START'], ['INSERT users'], ['COMMIT']], GET],
      attributes: { 'db.collection.name': 'User', 'db.operation.name': 'save' },
    },
    { call: 'find', spans: [['User.find', ['SELECT users']]] },
    { call: 'find one', spans: [['User.findOneBy', ['SELECT users']]] },
    { call: 'count', spans: [['User.count', ['SELECT users']]] },
    { call: 'update', spans: [['User.update', ['UPDATE users']]] },
    { call: 'builder', spans: [['SELECT users']] },
    { call: 'raw', spans: [['SELECT']] },
    { call: 'transaction', spans: [['START'], ['User.insert', ['INSERT users']], GET, ['COMMIT']] },
    {
      call: 'side by side',
      isUnordered: true,
      spans: [
        ['User.count', ['SELECT users']],
        ['User.find', ['SELECT users']],
      ],
    },
    { call: 'error', spans: [['SELECT users!']] },
    { call: 'unique violation', spans: [['User.insert!', ['INSERT users!']]] },
  ],
})
