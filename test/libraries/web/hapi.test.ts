// hapi, whose requests an adapter injects.
import t from 'tap'
import { rename, testFramework } from '../../helpers/web-table.ts'

testFramework(t, 'hapi', {
  source: 'hapi.mjs',
  versions: [{ packages: 'newest', version: '21', inBundles: 'nothing' }],
  minify: rename({ checkTenant: 'anonymous', loadCustomer: 'method' }),
  rows: [
    {
      request: { method: 'GET', path: '/customers/17/invoices/4' },
      status: 200,
      spans: [
        'GET /customers/{customer}/invoices/{id}',
        ['middleware - checkTenant'],
        ['middleware - loadCustomer'],
        ['request handler - /customers/{customer}/invoices/{id}', ['GET']],
      ],
    },
    {
      request: { method: 'GET', path: '/broken' },
      status: 500,
      spans: ['GET /broken!', ['middleware - checkTenant'], ['request handler - /broken!']],
    },
    {
      request: { method: 'GET', path: '/private/17' },
      status: 401,
      spans: ['GET /private/{p*}', ['middleware - authenticate']],
    },
    {
      request: { method: 'GET', path: '/not/there' },
      status: 404,
      spans: ['GET'],
    },
  ],
})
