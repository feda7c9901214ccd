// Our exports to the real OpenTelemetry Collector: it takes each format, and what it sends on is what we meant.
import t, { type Test } from 'tap'
import { ByteWriter } from '../../instrumentation/export/byte-writer.ts'
import { encodeHead, encodeSpan } from '../../instrumentation/export/otlp-encoder.ts'
import type { SpanBatch, Transport } from '../../instrumentation/export/transport.ts'
import type { OtlpFormat } from '../../instrumentation/export/transports/otlp-body.ts'
import { createOtlpHttpTransport } from '../../instrumentation/export/transports/otlp-http.ts'
import { createHttpClient } from '../../runtime/api/http-client.ts'
import { startRealCollector } from '../helpers/real-collector.ts'
import { startSpan } from '../instrumentation/export/decode.ts'

const TIMEOUT_MS = 60_000

function batchOf(count: number): SpanBatch {
  const writer = new ByteWriter()
  for (let index = 0; index < count; index++) {
    const span = startSpan({ name: `é "${index}"\u0001`, parentSpanId: 'aaaaaaaaaaaaaaaa' })
    span.setAttributes({
      text: 'ü 日本 😀',
      empty: '',
      yes: true,
      no: false,
      whole: -(2 ** 53 - 1),
      part: 0.1,
      texts: ['a', ''],
      numbers: [1, 2.5],
      none: [],
    })
    span.addEvent('exception', 1_700_000_000_000.25, { 'exception.type': 'E' })
    span.addLink({
      traceId: 'f'.repeat(32),
      spanId: 'f'.repeat(16),
      traceFlags: 1,
      traceState: 'a=b',
    })
    span.setError('no')
    span.end(1_700_000_000_001.5)
    encodeSpan(writer, span)
  }
  const head = encodeHead({ 'service.name': 'fn', list: ['x'] }, 'baton', '1.2.3')
  return { head, spans: writer.copy(), count }
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } })

const EXPECTED_SPAN = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: 'aaaaaaaaaaaaaaaa',
  name: 'é "0"\u0001',
  kind: 1,
  startTimeUnixNano: '1700000000000000000',
  endTimeUnixNano: '1700000000001500000',
  attributes: [
    text('text', 'ü 日本 😀'),
    text('empty', ''),
    { key: 'yes', value: { boolValue: true } },
    { key: 'no', value: { boolValue: false } },
    { key: 'whole', value: { intValue: '-9007199254740991' } },
    { key: 'part', value: { doubleValue: 0.1 } },
    {
      key: 'texts',
      value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: '' }] } },
    },
    {
      key: 'numbers',
      value: { arrayValue: { values: [{ intValue: '1' }, { doubleValue: 2.5 }] } },
    },
    { key: 'none', value: { arrayValue: {} } },
  ],
  events: [
    {
      timeUnixNano: '1700000000000250000',
      name: 'exception',
      attributes: [text('exception.type', 'E')],
    },
  ],
  links: [{ traceId: 'f'.repeat(32), spanId: 'f'.repeat(16), traceState: 'a=b' }],
  status: { message: 'no', code: 2 },
}

function connect(t: Test, url: string, format: OtlpFormat): Transport {
  return createOtlpHttpTransport({
    url: new URL(`${url}/v1/traces`),
    headers: {},
    userAgent: 'baton',
    format,
    openHttpClient: options => {
      const client = createHttpClient(options)
      t.teardown(() => client.close())
      return client
    },
  })
}

t.test('the OpenTelemetry Collector', async t => {
  await using collector = await startRealCollector()
  for (const protocol of ['http/protobuf', 'http/json'] as const) {
    for (const compression of ['none', 'gzip'] as const) {
      await t.test(`takes ${protocol}, compression ${compression}`, async t => {
        const before = collector.requests.length
        const transport = connect(t, collector.url, { protocol, compression })
        t.strictSame(await transport.send(batchOf(3), TIMEOUT_MS), { status: 'accepted' })
        const [resourceSpans] = collector.requests[before]?.resourceSpans ?? []
        t.match(resourceSpans, {
          resource: {
            attributes: [
              text('service.name', 'fn'),
              { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }] } } },
            ],
          },
          scopeSpans: [
            { scope: { name: 'baton', version: '1.2.3' }, spans: [EXPECTED_SPAN, {}, {}] },
          ],
        })
        t.strictSame(collector.requests[before], collector.requests[0], 'the same as the first')
      })
    }
  }

  await t.test('refuses garbage, and says why', async t => {
    const transport = connect(t, collector.url, { protocol: 'http/protobuf', compression: 'none' })
    const garbage = { ...batchOf(1), spans: Buffer.from([0x12, 0x05, 1]) }
    t.match(await transport.send(garbage, TIMEOUT_MS), {
      status: 'rejected',
      reason: /^the collector answered 400: \w/,
    })
  })
})
