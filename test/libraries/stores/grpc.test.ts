// gRPC's client against its own server. Bundled, its calls are requests of HTTP/2.
import t from 'tap'
import { installPackages } from '../../helpers/library-forms.ts'
import { type GrpcServer, startGrpc } from '../../helpers/servers/clients.ts'
import { testStore } from '../../helpers/store-table.ts'

testStore<GrpcServer>(t, {
  source: 'grpc.mjs',
  module: '@grpc/grpc-js',
  start: async () => startGrpc(await installPackages('stores', 'newest')),
  versions: [
    { packages: 'newest', version: '1.14.', inBundles: 'as without a hook' },
    { packages: 'older', version: '1.8.', inBundles: 'as without a hook' },
  ],
  rows: [
    {
      call: 'unary',
      spans: [['shop.Counter/Double']],
      inBundle: [['POST']],
      attributes: {
        'rpc.system.name': 'grpc',
        'rpc.method': 'shop.Counter/Double',
        'rpc.response.status_code': 'OK',
        'server.address': '127.0.0.1',
        'server.port': Number,
      },
    },
    { call: 'metadata', spans: [['shop.Counter/Double']], inBundle: [['POST']] },
    { call: 'options', spans: [['shop.Counter/Double']], inBundle: [['POST']] },
    {
      call: 'notFound',
      spans: [['shop.Counter/Double!']],
      inBundle: [['POST']],
      attributes: { 'rpc.response.status_code': 'NOT_FOUND', 'error.type': 'NOT_FOUND' },
    },
    {
      call: 'callback',
      spans: [['shop.Counter/Double'], ['shop.Counter/Double']],
      inBundle: [['POST'], ['POST']],
    },
    { call: 'clientStream', spans: [['shop.Counter/Sum']], inBundle: [['POST']] },
    { call: 'serverStream', spans: [['shop.Counter/Count']], inBundle: [['POST']] },
    {
      call: 'serverStreamListened',
      spans: [['shop.Counter/Count'], ['shop.Counter/Double']],
      inBundle: [['POST'], ['POST']],
    },
    { call: 'serverStreamFails', spans: [['shop.Counter/Count!']], inBundle: [['POST']] },
    { call: 'bidi', spans: [['shop.Counter/Echo']], inBundle: [['POST']] },
    {
      call: 'concurrent',
      spans: [['shop.Counter/Double'], ['shop.Counter/Double']],
      inBundle: [['POST'], ['POST']],
    },
    {
      call: 'unavailable',
      spans: [['shop.Counter/Double!']],
      attributes: { 'error.type': 'UNAVAILABLE' },
    },
    {
      call: 'deadline',
      spans: [['shop.Counter/Double!']],
      inBundle: [['POST']],
      attributes: { 'error.type': 'DEADLINE_EXCEEDED' },
    },
    {
      call: 'cancelled',
      spans: [['shop.Counter/Double!']],
      inBundle: [['POST']],
      attributes: { 'error.type': 'CANCELLED' },
    },
  ],
  check(t, calls, { form }, server) {
    if (form === 'minified bundle') return
    const spans = calls.flatMap(each => each.spans)
    const sent = server.metadata.flatMap(({ traceparent }) => traceparent ?? [])
    // One call found no server.
    t.equal(sent.length, spans.length - 1, 'every call carries a context')
    for (const traceparent of sent) {
      const [, traceId, spanId] = String(traceparent).split('-')
      t.ok(
        spans.some(span => span.traceId === traceId && span.spanId === spanId),
        'that of its span',
      )
    }
    t.ok(
      server.metadata.some(each => each['x-mine'] === 'kept' && each.traceparent !== undefined),
      'beside what the function sends',
    )
  },
})
