// Elasticsearch's client, against a server that speaks as Elasticsearch does. Bundled, newer ones tell by OpenTelemetry's API.
import t from 'tap'
import { startElastic } from '../../helpers/servers/clients.ts'
import { testStore } from '../../helpers/store-table.ts'

testStore(t, {
  source: 'elasticsearch.mjs',
  module: '@elastic/elasticsearch',
  start: startElastic,
  versions: [
    { packages: 'newest', version: '9.', inBundles: 'as without a hook' },
    { packages: 'older', version: '8.', inBundles: 'as without a hook' },
  ],
  rows: [
    {
      call: 'index',
      spans: [['index orders', ['PUT']]],
      inBundle: [['index', ['PUT']]],
      attributes: {
        'db.system.name': 'elasticsearch',
        'db.operation.name': 'index',
        'db.collection.name': 'orders',
        'http.request.method': 'PUT',
        'server.address': '127.0.0.1',
        'server.port': Number,
      },
    },
    { call: 'search', spans: [['search orders', ['POST']]], inBundle: [['search', ['POST']]] },
    { call: 'several', spans: [['search a,b', ['GET']]], inBundle: [['search', ['GET']]] },
    { call: 'bulk', spans: [['bulk', ['POST']]], inBundle: [['bulk', ['POST']]] },
    {
      call: 'missing',
      spans: [['search missing!', ['GET!']]],
      inBundle: [['search!', ['GET!']]],
      attributes: { 'error.type': '404', 'db.response.status_code': '404' },
    },
    {
      call: 'retried',
      spans: [['search flaky', ['GET!'], ['GET']]],
      inBundle: [['search', ['GET!'], ['GET']]],
    },
    { call: 'meta', spans: [['search orders', ['GET']]], inBundle: [['search', ['GET']]] },
    { call: 'own', spans: [['GET', ['GET']]], inBundle: [['GET']] },
    {
      call: 'concurrent',
      spans: [
        ['search a', ['GET']],
        ['search b', ['GET']],
      ],
      inBundle: [
        ['search', ['GET']],
        ['search', ['GET']],
      ],
    },
    {
      call: 'refused',
      spans: [['search a!', ['GET!']]],
      inBundle: [['search!', ['GET!']]],
      attributes: { 'error.type': 'ConnectionError' },
    },
  ],
})
