// Web frameworks, as the documents list them.
import type { Library } from '../table.ts'

const NOTHING = 'nothing'
const GRAPHQL_SPANS = '`graphql.parse`, `graphql.validate`, `query ReadOrder`'
const STEPS = '`request handler - /orders/:id`, `middleware - authenticate`'

export const WEB_LIBRARIES: readonly Library[] = [
  {
    name: 'express',
    modules: '`express`, `router`',
    versions: '4, 5',
    how: ['hook', 'channel'],
    inBundles: 'with `router` 2.3 and newer: all',
    spans: STEPS,
  },
  {
    name: 'fastify',
    modules: '`fastify`',
    versions: '5',
    how: ['channel'],
    inBundles: 'all',
    spans: '`request handler - /orders/:id`',
  },
  {
    name: 'h3',
    modules: '`h3`',
    versions: '2, with its tracing plugin',
    how: ['channel'],
    inBundles: 'all',
    spans: STEPS,
  },
  {
    name: 'srvx',
    modules: '`srvx`',
    versions: '1, with its tracing plugin',
    how: ['channel'],
    inBundles: 'all',
    spans: '`middleware - authenticate`',
  },
  {
    name: 'koa',
    modules: '`koa`, `@koa/router`, `koa-router`',
    versions: '2, 3; routers 8 to 15',
    how: ['hook'],
    inBundles: NOTHING,
    spans: STEPS,
  },
  {
    name: 'hono',
    modules: '`hono`',
    versions: '4',
    how: ['hook'],
    inBundles: NOTHING,
    spans: STEPS,
  },
  {
    name: 'hapi',
    modules: '`@hapi/hapi`',
    versions: '21',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`request handler - /orders/{id}`, `middleware - authenticate`',
  },
  {
    name: 'middy',
    modules: '`@middy/core`',
    versions: '5 to 7',
    how: ['hook'],
    inBundles: NOTHING,
    spans: '`middleware - httpJsonBodyParserMiddlewareBefore`, `request handler - serve`',
  },
  {
    name: 'nestjs-core',
    modules: '`@nestjs/core`',
    versions: '10, 11',
    how: ['hook'],
    inBundles: 'what Express or Fastify shows',
    spans: '`request handler - OrdersController.read`, `request handler - read`',
  },
  {
    name: 'graphql',
    modules: '`graphql`',
    versions: '15, 16',
    how: ['hook'],
    inBundles: NOTHING,
    spans: GRAPHQL_SPANS,
  },
  {
    name: 'graphql',
    modules: '`graphql`',
    versions: '17',
    how: ['channel'],
    inBundles: 'all',
    spans: GRAPHQL_SPANS,
  },
]
