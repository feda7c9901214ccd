// Hono, old and new, by its own adapter.
import t from 'tap'
import { type Framework, rename, testFramework } from '../../helpers/web-table.ts'

const versions: Framework['versions'] = [
  { packages: 'newest', version: '4.13', inBundles: 'nothing' },
  { packages: 'older', version: '4.6', inBundles: 'nothing' },
]

testFramework(t, 'Hono', {
  source: 'hono.mjs',
  fronts: ['function URL', 'REST API'],
  versions,
  minify: rename({ measure: '/*', refuse: '/private/*' }),
  rows: [
    {
      request: { method: 'GET', path: '/customers/17/invoices/4' },
      status: 200,
      spans: [
        'GET /customers/:customer/invoices/:id',
        ['middleware - measure', ['request handler - /customers/:customer/invoices/:id', ['GET']]],
      ],
    },
    {
      request: { method: 'GET', path: '/private/report' },
      status: 401,
      spans: ['GET /private/*', ['middleware - measure', ['middleware - refuse']]],
    },
    {
      request: { method: 'GET', path: '/guarded/broken' },
      status: 418,
      spans: [
        'GET /guarded/broken',
        ['middleware - measure', ['request handler - /guarded/broken']],
      ],
    },
    {
      request: { method: 'GET', path: '/broken' },
      status: 503,
      spans: ['GET /broken!', ['middleware - measure', ['request handler - /broken!']]],
    },
    {
      request: { method: 'GET', path: '/not/there' },
      status: 404,
      spans: ['GET', ['middleware - measure']],
    },
  ],
})

testFramework(t, 'Hono with one handler', {
  source: 'hono-single.mjs',
  versions,
  rows: [
    {
      request: { method: 'GET', path: '/items/3' },
      status: 200,
      spans: ['GET /items/:id', ['request handler - /items/:id']],
    },
    { request: { method: 'GET', path: '/not/there' }, status: 404, spans: ['GET'] },
  ],
})
