// Koa 2 and 3 with its router.
import t from 'tap'
import type { SpanTree } from '../../helpers/otlp.ts'
import { rename, testFramework } from '../../helpers/web-table.ts'

const around = (...inner: SpanTree[]): SpanTree[] => [
  ['middleware - catchErrors', ['middleware - measure', ...inner]],
]

testFramework(t, 'Koa', {
  source: 'koa.mjs',
  fronts: ['function URL', 'HTTP API'],
  versions: [
    { packages: 'newest', version: '3', inBundles: 'nothing' },
    { packages: 'older', version: '2', inBundles: 'nothing' },
  ],
  minify: rename({ catchErrors: 'anonymous', measure: 'anonymous', authorize: 'anonymous' }),
  rows: [
    {
      request: { method: 'GET', path: '/customers/17/invoices/4' },
      status: 200,
      spans: [
        'GET /customers/:customer/invoices/:id',
        ...around([
          'middleware - authorize',
          ['request handler - /customers/:customer/invoices/:id', ['GET']],
        ]),
      ],
    },
    {
      request: { method: 'GET', path: '/api/orders/9' },
      status: 200,
      spans: ['GET /api/orders/:order', ...around(['request handler - /api/orders/:order'])],
    },
    {
      request: { method: 'GET', path: '/api/broken' },
      status: 503,
      spans: [
        'GET /api/broken!',
        ['middleware - catchErrors', ['middleware - measure!', ['request handler - /api/broken!']]],
      ],
    },
    { request: { method: 'GET', path: '/not/there' }, status: 404, spans: ['GET', ...around()] },
  ],
})
