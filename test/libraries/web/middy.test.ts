// middy 5, 6 and 7: a span for each function of its middleware.
import t from 'tap'
import { rename, testFramework } from '../../helpers/web-table.ts'

testFramework(t, 'middy', {
  source: 'middy.mjs',
  // It is published for `import` alone.
  forms: ['ES module', 'minified bundle', 'minified bundle with the plugin'],
  versions: [
    { packages: 'newest', version: '7', inBundles: 'nothing' },
    { packages: 'middle', version: '6', inBundles: 'nothing' },
    { packages: 'older', version: '5', inBundles: 'nothing' },
  ],
  minify: rename({
    auditBefore: 'before',
    auditAfter: 'after',
    auditError: 'onError',
    answerError: 'anonymous',
  }),
  rows: [
    {
      request: { method: 'GET', path: '/fine' },
      status: 200,
      spans: [
        'GET',
        ['middleware - auditBefore', ['GET']],
        ['middleware - anonymous'],
        ['request handler - serve'],
        ['middleware - auditAfter'],
      ],
    },
    {
      request: { method: 'GET', path: '/early' },
      status: 202,
      spans: ['GET', ['middleware - auditBefore', ['GET']], ['middleware - anonymous']],
    },
    {
      request: { method: 'GET', path: '/broken' },
      status: 503,
      spans: [
        'GET!',
        ['middleware - auditBefore', ['GET']],
        ['middleware - anonymous'],
        ['request handler - serve!'],
        ['middleware - answerError'],
        ['middleware - auditError'],
      ],
    },
  ],
})
