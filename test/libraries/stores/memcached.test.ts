// memcached's client against a real memcached.
import t from 'tap'
import { startMemcached } from '../../helpers/servers/stores.ts'
import { testStore } from '../../helpers/store-table.ts'

testStore(t, {
  source: 'memcached.mjs',
  module: 'memcached',
  start: startMemcached,
  versions: [{ packages: 'newest', version: '2.', inBundles: 'nothing' }],
  rows: [
    {
      call: 'set',
      spans: [['set']],
      attributes: {
        'db.system.name': 'memcached',
        'db.operation.name': 'set',
        'db.query.text': 'set ?',
        'server.address': '127.0.0.1',
        'server.port': Number,
      },
    },
    { call: 'get', spans: [['get']] },
    { call: 'getMulti', spans: [['get']] },
    { call: 'incr', spans: [['incr!']] },
    { call: 'del', spans: [['delete']] },
    { call: 'callback', spans: [['get'], ['get']] },
    { call: 'concurrent', spans: [['get'], ['get']] },
    { call: 'refused', spans: [['get!']], attributes: { 'error.type': 'ECONNREFUSED' } },
  ],
})
