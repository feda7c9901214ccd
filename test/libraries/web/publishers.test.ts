// Frameworks that publish: Fastify, and h3 with its tracing plugin. Bundles show them too.
import t from 'tap'
import { testFramework } from '../../helpers/web-table.ts'

testFramework(t, 'Fastify', {
  source: 'fastify.mjs',
  fronts: ['function URL', 'REST API'],
  versions: [{ packages: 'newest', version: '5', inBundles: 'all' }],
  rows: [
    {
      request: { method: 'GET', path: '/customers/17/invoices/4' },
      status: 200,
      spans: [
        'GET /customers/:customer/invoices/:id',
        ['request handler - /customers/:customer/invoices/:id', ['GET']],
      ],
    },
    {
      request: { method: 'GET', path: '/value' },
      status: 200,
      spans: ['GET /value', ['request handler - /value']],
    },
    {
      request: { method: 'GET', path: '/later' },
      status: 200,
      spans: ['GET /later', ['request handler - /later']],
    },
    {
      request: { method: 'GET', path: '/broken' },
      status: 500,
      spans: ['GET /broken!', ['request handler - /broken!']],
    },
    {
      request: { method: 'GET', path: '/thrown' },
      status: 500,
      spans: ['GET /thrown!', ['request handler - /thrown!']],
    },
    { request: { method: 'GET', path: '/not/there' }, status: 404, spans: ['GET'] },
  ],
})

testFramework(t, 'h3', {
  source: 'h3.mjs',
  versions: [{ packages: 'newest', version: '2', inBundles: 'all' }],
  rows: [
    {
      request: { method: 'GET', path: '/customers/17/invoices/4' },
      status: 200,
      spans: [
        'GET /customers/:customer/invoices/:id',
        ['middleware - h3', ['request handler - /customers/:customer/invoices/:id', ['GET']]],
      ],
    },
    {
      request: { method: 'GET', path: '/broken' },
      status: 503,
      spans: ['GET /broken!', ['middleware - h3!', ['request handler - /broken!']]],
    },
    {
      request: { method: 'GET', path: '/not/there' },
      status: 404,
      spans: ['GET', ['middleware - h3']],
    },
  ],
})
