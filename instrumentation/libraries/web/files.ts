// Which files of web frameworks and of GraphQL are hooked.
import type { HookedFile } from '../../hooks/module-hooks.ts'

type Row = readonly [
  library: string,
  packageName: string,
  versions: string,
  file: string,
  wrap: string,
]

const HONO_ROUTERS = ['linear', 'pattern', 'reg-exp', 'smart', 'trie']

const WEB: readonly Row[] = [
  ['express', 'express', '>=4.0.0 <5', 'lib/router/layer.js', 'wrapExpressLayer'],
  ['express', 'express', '>=4.0.0 <5', 'lib/middleware/init.js', 'wrapExpressBuiltIn'],
  ['express', 'express', '>=4.0.0 <5', 'lib/middleware/query.js', 'wrapExpressBuiltIn'],
  ['express', 'router', '>=2.0.0 <2.3.0', 'lib/layer.js', 'wrapExpressLayer'],
  ['koa', 'koa', '>=2.0.0 <4', 'lib/application.js', 'wrapKoa'],
  ...['@koa/router', 'koa-router'].flatMap(name =>
    ['lib/router.js', 'dist/index.js', 'dist/index.mjs'].map(
      (file): Row => ['koa', name, '>=8.0.0 <16', file, 'wrapKoaRouter'],
    ),
  ),
  ...HONO_ROUTERS.flatMap(name =>
    ['dist', 'dist/cjs'].map(
      (folder): Row => [
        'hono',
        'hono',
        '>=4.0.0 <5',
        `${folder}/router/${name}-router/router.js`,
        'wrapHonoRouter',
      ],
    ),
  ),
  ['hapi', '@hapi/hapi', '>=21.0.0 <22', 'lib/request.js', 'wrapHapiRequest'],
  ['hapi', '@hapi/hapi', '>=21.0.0 <22', 'lib/toolkit.js', 'wrapHapiToolkit'],
  [
    'nestjs-core',
    '@nestjs/core',
    '>=10.0.0 <12',
    'router/router-execution-context.js',
    'wrapNestRoutes',
  ],
  [
    'nestjs-core',
    '@nestjs/core',
    '>=10.0.0 <12',
    'interceptors/interceptors-consumer.js',
    'wrapNestMethods',
  ],
]

/** Newer ones publish. */
const GRAPHQL_VERSIONS = '>=15.0.0 <17'

const GRAPHQL: readonly (readonly [file: string, wrap: string, binding: string])[] = [
  ['language/parser', 'wrapParse', 'parse'],
  ['validation/validate', 'wrapValidate', 'validate'],
  ['execution/execute', 'wrapExecute', 'execute'],
]

/** By package: what minifying keeps of it. */
const MARKS: Readonly<Record<string, string>> = {
  express: 'Router.use() requires a middleware function',
  router: 'argument handler must be a function',
  koa: 'middleware must be a function!',
  hono: 'Context is not finalized. Did you forget',
  '@hapi/hapi': 'Cannot start server while it is in',
}

export const WEB_FILES: readonly HookedFile[] = [
  ...WEB.map(([library, name, versions, file, wrap]) => ({
    library,
    chunk: 'web',
    package: name,
    versions,
    file,
    wrap,
    ...(name in MARKS && { mark: MARKS[name] as string }),
  })),
  {
    library: 'middy',
    chunk: 'web',
    package: '@middy/core',
    versions: '>=5.0.0 <8',
    file: 'index.js',
    wrap: 'wrapMiddy',
    mark: 'Middleware must be an object containing at least one key among',
    rebind: ['runRequest'],
  },
  ...GRAPHQL.flatMap(([file, wrap, binding]) =>
    ['js', 'mjs'].map(ending => ({
      library: 'graphql',
      chunk: 'graphql',
      package: 'graphql',
      versions: GRAPHQL_VERSIONS,
      file: `${file}.${ending}`,
      wrap,
      mark: 'Must provide document.',
      rebind: [binding],
    })),
  ),
]
