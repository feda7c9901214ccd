// got: what it sends is seen as requests of node:http, each once, in a bundle too. Its own channels, since 14.6, say no more.
import t from 'tap'
import { type HttpServer, startHttp } from '../../helpers/servers/clients.ts'
import { testStore } from '../../helpers/store-table.ts'

const GET = ['GET'] as const
const FAILED = ['GET!'] as const

testStore<HttpServer>(t, {
  source: 'got.mjs',
  module: 'got',
  start: startHttp,
  // It is published for `import` alone since 12.
  forms: ['ES module', 'minified bundle', 'minified bundle with the plugin'],
  versions: [
    { packages: 'newest', version: '16.', inBundles: 'channels' },
    { packages: 'older', version: '11.', inBundles: 'channels' },
  ],
  rows: [
    { call: 'get', spans: [GET], attributes: { 'http.response.status_code': 200 } },
    { call: 'post', spans: [['POST']] },
    { call: 'redirect', spans: [GET, GET], attributes: { 'http.response.status_code': 302 } },
    {
      call: 'retry',
      spans: [FAILED, GET],
      attributes: { 'http.response.status_code': 503, 'error.type': '503' },
    },
    { call: 'given up', spans: [FAILED, FAILED] },
    { call: 'no retry', spans: [FAILED], attributes: { 'error.type': '404' } },
    { call: 'timeout', spans: [FAILED] },
    { call: 'cancelled', spans: [FAILED, GET] },
    { call: 'stream', spans: [GET] },
    { call: 'hook', spans: [GET, GET, GET] },
    { call: 'concurrent', spans: [GET, GET, GET] },
  ],
  check(t, calls, _, server) {
    const spans = calls.flatMap(each => each.spans)
    const carried = server.headers.flatMap(({ traceparent }) => traceparent ?? [])
    t.strictSame(
      carried.map(each => String(each).split('-')[2]).sort(),
      spans.map(({ spanId }) => spanId).sort(),
      'each request carries the context of its own span',
    )
  },
})
