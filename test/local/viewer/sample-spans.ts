// Spans for the viewer's tests, with a fixed clock: times are milliseconds after the trace's start.
import type { CollectedSpan } from '../../../local/collector/span.ts'

const START_NS = 1767225600000000000n

/** A span with 16-digit ids made of the short ones given. */
export function sampleSpan(
  name: string,
  [id, parent]: readonly [id: string, parent?: string],
  [fromMs, toMs]: readonly [number, number],
  fields: Partial<CollectedSpan> = {},
): CollectedSpan {
  return {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: id.padStart(16, '0'),
    ...(parent === undefined ? {} : { parentSpanId: parent.padStart(16, '0') }),
    traceState: '',
    flags: 257,
    name,
    kind: 'CLIENT',
    startTimeUnixNano: START_NS + BigInt(Math.round(fromMs * 1e6)),
    endTimeUnixNano: START_NS + BigInt(Math.round(toMs * 1e6)),
    attributes: {},
    events: [],
    links: [],
    status: { code: 'UNSET', message: '' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    resource: { 'service.name': 'orders' },
    scope: { name: 'baton', version: '0.1.0' },
    ...fields,
  }
}

/** An order whose shipping quote failed: inbound, outbound and internal spans, an exception, a remote parent. */
export const ORDER_TRACE: readonly CollectedSpan[] = [
  sampleSpan('POST', ['2', '1'], [18, 41], {
    attributes: { 'url.full': 'http://127.0.0.1:4566/', 'http.response.status_code': 200 },
  }),
  sampleSpan('dns.lookup', ['4', '3'], [51, 51.2], { kind: 'INTERNAL' }),
  sampleSpan('GET', ['3', '1'], [50, 258], {
    status: { code: 'ERROR', message: '' },
    attributes: {
      'url.full': `http://127.0.0.1:9000/quote?${'weight=3&'.repeat(9)}end`,
      'http.response.status_code': 503,
      'error.type': '503',
    },
  }),
  sampleSpan('DynamoDB.PutItem of a very long name', ['5', '1'], [260, 400], {
    status: { code: 'ERROR', message: 'it broke' },
    events: [
      {
        name: 'exception',
        timeUnixNano: START_NS,
        attributes: { 'exception.type': 'TypeError', 'exception.message': 'x is not\na function' },
        droppedAttributesCount: 0,
      },
    ],
    attributes: {
      'rpc.method': 'DynamoDB/PutItem',
      'db.system.name': 'aws.dynamodb',
      'db.collection.name': 'orders',
      'aws.request_id': 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    },
  }),
  sampleSpan('POST /orders', ['1', '00f067aa0ba902b7'], [0, 412], {
    kind: 'SERVER',
    attributes: {
      'faas.coldstart': true,
      'faas.invocation_id': '8f5c1d9e-2d1b-4b9d-8a3f-0f3e1a2b3c4d',
      'http.response.status_code': 201,
    },
  }),
]
