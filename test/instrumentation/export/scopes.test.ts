// Spans of several scopes in one request, judged by OpenTelemetry's decoder.
import t from 'tap'
import { ByteWriter } from '../../../instrumentation/export/byte-writer.ts'
import {
  encodeCutOffSpan,
  encodeHead,
  encodeOpenSpan,
  encodeRequest,
  encodeSpan,
} from '../../../instrumentation/export/otlp-encoder.ts'
import { splitByScope } from '../../../instrumentation/export/scopes.ts'
import type { Scope } from '../../../instrumentation/trace/scope.ts'
import { Span } from '../../../instrumentation/trace/span.ts'
import { SPAN_KIND_INTERNAL } from '../../../instrumentation/trace/span-kind.ts'
import { decodeProtobuf } from '../../../local/collector/decode.ts'

const HEAD = encodeHead({ 'service.name': 'fn' }, 'baton', '1.0.0')

function startSpan(name: string, scope?: Scope): Span {
  return new Span({
    context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, traceState: 'k=v' },
    parentSpanId: undefined,
    hasRemoteParent: false,
    name,
    kind: SPAN_KIND_INTERNAL,
    startMs: 1,
    scope,
    limits: { attributeCount: 9, attributeValueLength: 9999, eventCount: 9, linkCount: 9 },
    onEnd: () => {},
  })
}

function request(spans: readonly Span[]): string[] {
  const writer = new ByteWriter()
  for (const span of spans) {
    span.end(2)
    encodeSpan(writer, span)
  }
  return decodeProtobuf(encodeRequest(HEAD, writer.copy())).map(
    ({ name, scope }) => `${name.slice(0, 9)}: ${scope.name} ${scope.version}`,
  )
}

t.test('each span stands under its scope, scopes in the order of their first spans', async t => {
  const shop = { name: 'shop', version: '2.1' }
  const spans = [
    startSpan('one'),
    startSpan('two', shop),
    startSpan('three', { name: 'shop', version: undefined }),
    startSpan('four'),
    startSpan('five', { ...shop }),
    startSpan('six', { name: '', version: undefined }),
  ]
  t.strictSame(request(spans), [
    'one: baton 1.0.0',
    'four: baton 1.0.0',
    'two: shop 2.1',
    'five: shop 2.1',
    'three: shop ',
    'six:  ',
  ])
})

for (const size of [1, 60, 127, 128, 16_300, 16_384]) {
  t.test(`names and spans of about ${size} bytes are read whole`, async t => {
    const long = startSpan('long', { name: 's'.repeat(size), version: '1' })
    long.setAttribute('text', 'v'.repeat(Math.min(size, 9999)))
    t.strictSame(request([startSpan('a'), long, startSpan('b')]), [
      'a: baton 1.0.0',
      'b: baton 1.0.0',
      `long: ${'s'.repeat(size)} 1`,
    ])
  })
}

t.test('spans without a scope of their own stay in one piece', async t => {
  const writer = new ByteWriter()
  for (const name of ['a', 'b', 'c']) encodeSpan(writer, startSpan(name))
  const groups = splitByScope(writer.copy())
  t.match(groups, [{ scope: undefined, bare: [] }])
  t.strictSame(groups[0]?.entries, [writer.copy().subarray()])
})

t.test('a span that was cut off keeps its scope', async t => {
  const open = new ByteWriter()
  encodeOpenSpan(open, startSpan('hung', { name: 'shop', version: '2.1' }))
  const writer = new ByteWriter()
  encodeCutOffSpan(writer, open.copy(), 5, 'gone', { 'error.type': 'timeout' })
  t.match(decodeProtobuf(encodeRequest(HEAD, writer.copy())), [
    { name: 'hung', scope: { name: 'shop', version: '2.1' }, status: { message: 'gone' } },
  ])
})
