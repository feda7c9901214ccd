// Express 4 and 5 under the adapters that functions use: the route that it matches is the invocation's, and each layer has
// a span.
import t from 'tap'
import type { SpanTree } from '../../helpers/otlp.ts'
import {
  answersUntraced,
  eventOf,
  FORMS,
  type Packages,
  serveWeb,
  type WebCase,
  type WebRequest,
} from '../../helpers/web-case.ts'

const AUTHENTICATE: SpanTree = ['middleware - authenticate']

interface Row {
  readonly request: WebRequest
  readonly status: number
  readonly spans: SpanTree
}

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
  { request: { method: 'GET', path: '/' }, status: 200, spans: ['GET /', AUTHENTICATE, ['request handler - /']] },
  { request: { method: 'GET', path: '/not/there' }, status: 404, spans: ['GET', AUTHENTICATE] },
]

/** Of 5.3 the router publishes; the routers of the others are hooked. */
const VERSIONS: readonly (readonly [packages: Packages, version: string, isSeenInBundles: boolean])[] = [
  ['newest', '5.3', true],
  ['middle', '5.1', false],
  ['older', '4.22', false],
]
const FRONTS = ['function URL', 'REST API'] as const

for (const [packages, version, isSeenInBundles] of VERSIONS) {
  for (const form of FORMS) {
    const isSeen = form !== 'minified bundle' || isSeenInBundles
    t.test(`Express ${version}, ${form}: ${isSeen ? 'route and layers' : 'not seen'}`, async t => {
      const rows = FRONTS.flatMap(front => ROWS.map(row => ({ ...row, front })))
      const web: WebCase = {
        source: 'express.mjs',
        form,
        packages,
        events: rows.map(({ front, request }) => eventOf(front, request)),
      }
      const served = await serveWeb(web)
      t.strictSame(
        served.map(({ status }) => status),
        rows.map(({ status }) => status),
      )
      const trees = served.map(({ tree }) => tree)
      if (isSeen) {
        const expected = rows.map(({ spans, front }) => inFront(spans, front))
        t.strictSame(trees, form === 'minified bundle' ? expected.map(minify) : expected)
      } else t.ok(trees.every(([name]) => /^(GET|POST)( \/{proxy\+})?!?$/.test(name)))
      const answers = served.map(({ status, body, operation }) => ({ operation, status, body }))
      t.strictSame(answers, await answersUntraced(web), 'the same answers without tracing')
    })
  }
}

/** What matched nothing has the route that API Gateway gives. */
const inFront = ([name, ...children]: SpanTree, front: (typeof FRONTS)[number]): SpanTree =>
  front === 'REST API' && name === 'GET' ? ['GET /{proxy+}', ...children] : [name, ...children]

/** Functions have lost their names, that of a mounted application too, which is how it is known from middleware. */
const minify = ([name, ...children]: SpanTree): SpanTree => {
  const mounted: SpanTree[] = name === 'GET /admin/health' ? [['middleware - anonymous']] : []
  const [first, ...others] = children.map(minify)
  const below = first === undefined ? [] : [first, ...mounted, ...others]
  return [name.replace(/^(middleware - ).*$/, '$1anonymous'), ...below]
}
