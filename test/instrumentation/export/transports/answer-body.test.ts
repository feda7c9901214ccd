// What collectors say in their answers: written by OpenTelemetry's and protobufjs' code, and by those who mean harm.
import { gzipSync } from 'node:zlib'
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js'
import protobuf from 'protobufjs/minimal.js'
import t from 'tap'
import {
  readMessage,
  readPartialSuccess,
  toLogText,
} from '../../../../instrumentation/export/transports/answer-body.ts'
import type { HttpResponse } from '../../../../runtime/contract.ts'
import { startRandom } from '../../../helpers/random.ts'

interface Generated {
  encode(message: object): { finish(): Uint8Array }
}

const { ExportTraceServiceResponse } = (
  root as unknown as {
    opentelemetry: {
      proto: { collector: { trace: { v1: { ExportTraceServiceResponse: Generated } } } }
    }
  }
).opentelemetry.proto.collector.trace.v1

const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }

function response(
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = PROTOBUF,
): HttpResponse {
  return { statusCode: 200, headers, body: Buffer.from(body) }
}

const partial = (rejectedSpans: unknown, errorMessage?: string): Uint8Array =>
  ExportTraceServiceResponse.encode({ partialSuccess: { rejectedSpans, errorMessage } }).finish()

const status = (message: string): Uint8Array =>
  protobuf.Writer.create().uint32(8).int32(3).uint32(18).string(message).finish()

t.test('a partial success tells how many were refused, and why', async t => {
  const expected = { rejectedSpans: 3, message: 'too öld' }
  t.strictSame(readPartialSuccess(response(partial(3, 'too öld'))), expected)
  const text = '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too öld"}}'
  t.strictSame(readPartialSuccess(response(text, JSON_TYPE)), expected)
  t.strictSame(readPartialSuccess(response(text.replace('"3"', '3'), JSON_TYPE)), expected)
  t.strictSame(readPartialSuccess(response(partial(300))), { rejectedSpans: 300, message: '' })
})

for (const [name, answer] of [
  ['an empty body', response('')],
  ['an empty message', response(ExportTraceServiceResponse.encode({}).finish())],
  ['no span refused, and a warning', response(partial(0, 'deprecated'))],
  ['JSON without a partial success', response('{}', JSON_TYPE)],
  ['JSON with a null in its place', response('{"partialSuccess":null}', JSON_TYPE)],
  ['a negative number', response('{"partialSuccess":{"rejectedSpans":-1}}', JSON_TYPE)],
  ['no number', response('{"partialSuccess":{"rejectedSpans":{}}}', JSON_TYPE)],
  ['no JSON', response('<html>', JSON_TYPE)],
  ['no protobuf', response('OK')],
] as const) {
  t.test(`${name} refuses no span`, async t => {
    t.equal(readPartialSuccess(answer), undefined)
  })
}

t.test('any bytes at all are read without harm', async t => {
  const random = startRandom()
  t.comment(`BATON_FUZZ_SEED=${random.seed}`)
  for (let round = 0; round < 5000; round++) {
    const bytes = Uint8Array.from({ length: random.below(40) }, () => random.below(256))
    for (const type of [PROTOBUF, JSON_TYPE, { ...PROTOBUF, 'content-encoding': 'gzip' }]) {
      const count = readPartialSuccess(response(bytes, type))?.rejectedSpans ?? 1
      if (!(count > 0)) t.fail(`${count} spans refused by ${Buffer.from(bytes).toString('hex')}`)
      readMessage(response(bytes, type))
    }
  }
})

for (const [name, answer, expected] of [
  ['protobuf', response(status('no such tenant')), 'no such tenant'],
  ['JSON', response('{"code":3,"message":"no such tenant"}', JSON_TYPE), 'no such tenant'],
  ['plain text', response('no such tenant', { 'content-type': 'text/plain' }), 'no such tenant'],
  [
    'compressed protobuf',
    response(gzipSync(status('zipped')), { ...PROTOBUF, 'content-encoding': 'gzip' }),
    'zipped',
  ],
  ['a page for people', response('<html>no</html>', { 'content-type': 'text/html' }), ''],
  ['no type', response('no such tenant', {}), ''],
  ['JSON without a message', response('{"error":"x"}', JSON_TYPE), ''],
  ['a message that is no text', response('{"message":{"a":1}}', JSON_TYPE), ''],
] as const) {
  t.test(`the words of ${name} are "${expected}"`, async t => {
    t.equal(readMessage(answer), expected)
  })
}

t.test('what grows beyond all bounds when it is inflated is not read', async t => {
  const headers = { 'content-type': 'text/plain', 'content-encoding': 'gzip' }
  t.equal(readMessage(response(gzipSync('x'.repeat(65_536)), headers)).length, 65_536)
  t.equal(readMessage(response(gzipSync('x'.repeat(65_537)), headers)), '')
})

t.test('a log line takes printable characters only, and not many', async t => {
  t.equal(toLogText('a\r\n\u001b[31mb\u2028\u202e\u0000c', {}), 'a [31mb c')
  t.equal(toLogText(`${'é'.repeat(300)}`, {}), 'é'.repeat(200))
})

t.test('headers that a server repeats do not get into the log', async t => {
  const sent = { authorization: 'Bearer s3cret-token', 'x-key': 's3cret', 'x-n': 'of' }
  t.equal(
    toLogText('Bearer s3cret-token or s3cret-token or s3cret of', sent),
    '[redacted] or [redacted] or [redacted] of',
  )
})
