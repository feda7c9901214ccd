// NestJS 10 and 11 on Express: the controller with all that stands in front of it, and its method.
import t from 'tap'
import type { SpanTree } from '../../helpers/otlp.ts'
import { rename, testFramework } from '../../helpers/web-table.ts'

const ROUTE = '/customers/:customer/invoices/:id'

const PARSERS: readonly SpanTree[] = [
  ['middleware - jsonParser'],
  ['middleware - urlencodedParser'],
]

for (const [packages, version, own] of [
  ['newest', '11', [['middleware - anonymous']]],
  ['older', '10', []],
] as const) {
  const parsers: readonly SpanTree[] = [...own, ...PARSERS]
  testFramework(t, 'NestJS', {
    source: 'nest.mjs',
    fronts: ['function URL', 'REST API'],
    // Of bundles without the plugin its layers on Express alone are seen, as express.test.ts has it.
    forms: ['CommonJS', 'ES module', 'minified bundle with the plugin'],
    versions: [{ packages, version, inBundles: 'nothing' }],
    minify: rename({ jsonParser: 'anonymous', urlencodedParser: 'anonymous' }),
    rows: [
      {
        request: { method: 'GET', path: '/customers/17/invoices/4' },
        status: 200,
        spans: [
          `GET ${ROUTE}`,
          ...parsers,
          [
            `request handler - ${ROUTE}`,
            [
              'request handler - CustomersController.readInvoice',
              ['request handler - readInvoice', ['GET']],
            ],
          ],
        ],
      },
      {
        request: { method: 'GET', path: '/customers/0/invoices/0' },
        status: 403,
        spans: [
          `GET ${ROUTE}`,
          ...parsers,
          [`request handler - ${ROUTE}`, ['request handler - CustomersController.readInvoice!']],
        ],
      },
      {
        request: { method: 'GET', path: '/customers/broken' },
        status: 503,
        spans: [
          'GET /customers/broken!',
          ...parsers,
          [
            'request handler - /customers/broken',
            ['request handler - CustomersController.fail!', ['request handler - fail!']],
          ],
        ],
      },
    ],
  })
}

testFramework(t, 'NestJS on Fastify', {
  source: 'nest-fastify.mjs',
  forms: ['CommonJS', 'ES module', 'minified bundle with the plugin'],
  versions: [{ packages: 'newest', version: '11', inBundles: 'all' }],
  rows: [
    {
      request: { method: 'GET', path: '/customers/17/invoices/4' },
      status: 200,
      spans: [
        `GET ${ROUTE}`,
        [
          `request handler - ${ROUTE}`,
          [
            'request handler - CustomersController.readInvoice',
            ['request handler - readInvoice', ['GET']],
          ],
        ],
      ],
    },
    {
      request: { method: 'GET', path: '/customers/broken' },
      status: 503,
      spans: [
        'GET /customers/broken!',
        [
          'request handler - /customers/broken',
          ['request handler - CustomersController.fail!', ['request handler - fail!']],
        ],
      ],
    },
  ],
})
