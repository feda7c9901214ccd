// Express 4 and 5 under the adapters that functions use: the route that it matches is the invocation's, and each layer has
// a span.
import t from 'tap'
import type { SpanTree } from '../../helpers/otlp.ts'
import { type Row, testFramework } from '../../helpers/web-table.ts'

const AUTHENTICATE: SpanTree = ['middleware - authenticate']

const ROWS: readonly Row[] = [
  {
    request: { method: 'GET', path: '/customers/17/invoices/4' },
    status: 200,
    spans: [
      'GET /customers/:customer/invoices/:id',
      AUTHENTICATE,
      ['middleware - anonymous'],
      ['request handler - /customers/:customer/invoices/:id', ['GET']],
    ],
  },
  {
    request: { method: 'GET', path: '/admin/health' },
    status: 200,
    spans: ['GET /admin/health', AUTHENTICATE, ['request handler - /admin/health']],
  },
  {
    request: { method: 'POST', path: '/orders/3', body: '{}' },
    status: 201,
    spans: [
      'POST /orders/:amount',
      AUTHENTICATE,
      ['request handler - /orders/:amount'],
      ['request handler - /orders/:amount'],
      ['request handler - /orders/:amount'],
    ],
  },
  {
    request: { method: 'POST', path: '/orders/0', body: '{}' },
    status: 400,
    spans: [
      'POST /orders/:amount',
      AUTHENTICATE,
      ['request handler - /orders/:amount'],
      ['request handler - /orders/:amount'],
      ['request handler - /orders/:amount'],
    ],
  },
  {
    request: { method: 'GET', path: '/broken' },
    status: 503,
    spans: [
      'GET /broken!',
      AUTHENTICATE,
      ['request handler - /broken!'],
      ['middleware - answerError'],
    ],
  },
  {
    request: { method: 'GET', path: '/thrown' },
    status: 503,
    spans: [
      'GET /thrown!',
      AUTHENTICATE,
      ['request handler - /thrown!'],
      ['middleware - answerError'],
    ],
  },
  {
    request: { method: 'GET', path: '/' },
    status: 200,
    spans: ['GET /', AUTHENTICATE, ['request handler - /']],
  },
  { request: { method: 'GET', path: '/not/there' }, status: 404, spans: ['GET', AUTHENTICATE] },
]

/** Functions have lost their names, that of a mounted application too, which is how it is known from middleware. */
const minify = ([name, ...children]: SpanTree): SpanTree => {
  const mounted: SpanTree[] = name === 'GET /admin/health' ? [['middleware - anonymous']] : []
  const [first, ...others] = children.map(minify)
  const below = first === undefined ? [] : [first, ...mounted, ...others]
  return [name.replace(/^(middleware - ).*$/, '$1anonymous'), ...below]
}

testFramework(t, 'Express', {
  source: 'express.mjs',
  fronts: ['function URL', 'REST API'],
  // The router of 5.3 publishes; those of the others are hooked.
  versions: [
    { packages: 'newest', version: '5.3', inBundles: 'all' },
    { packages: 'middle', version: '5.1', inBundles: 'nothing' },
    { packages: 'older', version: '4.22', inBundles: 'nothing' },
  ],
  rows: ROWS,
  minify,
  // serverless-express hands out a body that Express 4 cannot read.
  change: (front, { body, ...request }) => (front === 'REST API' ? request : { ...request, body }),
})
