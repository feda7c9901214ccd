import t from 'tap'
import { startPostgres } from '../../helpers/servers/sql.ts'
import { startWith, testSql } from './start.ts'

const url = 'postgres://postgres@127.0.0.1:PORT/postgres'
const { env } = await startWith(t, startPostgres, url)

const GET = ['GET'] as const

testSql(t, {
  source: 'sequelize.mjs',
  module: 'sequelize',
  versions: [
    { packages: 'newest', version: '6.37', inBundles: 'nothing' },
    { packages: 'older', version: '6.6', inBundles: 'nothing' },
  ],
  // It asks for its drivers by names that no bundler sees.
  forms: ['CommonJS', 'ES module'],
  env,
  rows: [
    {
      call: 'prepare',
      // The first connection is asked for the database's types, and the pool has another.
      spans: [
        ['pg.connect'],
        ['SET SET'],
        ['SELECT pg_range pg_type SELECT pg_type'],
        ['pg.connect'],
        ['SET SET'],
        ['DROP TABLE Posts'],
        ['CREATE TABLE Users'],
        ['CREATE TABLE Posts'],
      ],
    },
    {
      call: 'create',
      spans: [['User.create', ['INSERT Users']], GET],
      attributes: { 'db.collection.name': 'User', 'db.operation.name': 'create' },
    },
    { call: 'find', spans: [['User.findOne', ['SELECT Users']]] },
    { call: 'find by key', spans: [['User.findByPk', ['SELECT Users']]] },
    {
      call: 'find and count',
      spans: [['User.findAndCountAll', ['SELECT Users'], ['SELECT Users']]],
    },
    { call: 'with posts', spans: [['User.findAll', ['SELECT Users'], ['SELECT Posts']]] },
    {
      call: 'save',
      spans: [
        ['User.findByPk', ['SELECT Users']],
        ['User.save', ['UPDATE Users']],
      ],
    },
    { call: 'raw', spans: [['SELECT']] },
    { call: 'transaction', spans: [['START'], ['User.create', ['INSERT Users']], GET, ['COMMIT']] },
    {
      call: 'side by side',
      isUnordered: true,
      spans: [['User.count', ['SELECT Users']], ['Post.count', ['SELECT Posts']], GET],
    },
    { call: 'error', spans: [['User.findAll!', ['SELECT Users!']]] },
    { call: 'unique violation', spans: [['User.create!', ['INSERT Users!']]] },
    { call: 'shape', spans: [] },
  ],
})
