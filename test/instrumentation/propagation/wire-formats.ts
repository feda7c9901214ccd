// One span as every format writes it: valid, and broken in the ways that headers break. For tests that mix formats.
import type { PropagatorName } from '../../../instrumentation/propagation/propagation.ts'
import type { Random } from '../../helpers/random.ts'

export interface Ids {
  readonly traceId: string
  readonly spanId: string
}

export type Headers = Record<string, string>

export interface WireFormat {
  readonly name: string
  /** Absent for formats that are always read. */
  readonly propagator: PropagatorName | undefined
  /** Digits of a trace id that survive. */
  readonly digits: 16 | 32
  /** Upper-case digits are read as well. */
  readonly takesUpperCase: boolean
  readonly write: (ids: Ids) => Headers
}

const decimal = (hex: string): string => BigInt(`0x${hex}`).toString()

export const WIRE_FORMATS: readonly WireFormat[] = [
  {
    name: 'tracecontext',
    propagator: 'tracecontext',
    digits: 32,
    takesUpperCase: false,
    write: ({ traceId, spanId }) => ({ traceparent: `00-${traceId}-${spanId}-01` }),
  },
  {
    name: 'xray',
    propagator: 'xray',
    digits: 32,
    takesUpperCase: true,
    write: ({ traceId, spanId }) => ({
      'x-amzn-trace-id': `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=1`,
    }),
  },
  {
    name: 'b3',
    propagator: 'b3',
    digits: 32,
    takesUpperCase: true,
    write: ({ traceId, spanId }) => ({ b3: `${traceId}-${spanId}-1` }),
  },
  {
    name: 'b3multi',
    propagator: 'b3multi',
    digits: 32,
    takesUpperCase: true,
    write: ({ traceId, spanId }) => ({
      'x-b3-traceid': traceId,
      'x-b3-spanid': spanId,
      'x-b3-sampled': '1',
    }),
  },
  {
    name: 'jaeger',
    propagator: 'jaeger',
    digits: 32,
    takesUpperCase: true,
    write: ({ traceId, spanId }) => ({ 'uber-trace-id': `${traceId}:${spanId}:0:1` }),
  },
  {
    name: 'ottrace',
    propagator: 'ottrace',
    digits: 16,
    takesUpperCase: true,
    write: ({ traceId, spanId }) => ({
      'ot-tracer-traceid': traceId.slice(16),
      'ot-tracer-spanid': spanId,
      'ot-tracer-sampled': 'true',
    }),
  },
  {
    name: 'datadog',
    propagator: undefined,
    digits: 32,
    takesUpperCase: true,
    write: ({ traceId, spanId }) => ({
      'x-datadog-trace-id': decimal(traceId.slice(16)),
      'x-datadog-parent-id': decimal(spanId),
      'x-datadog-sampling-priority': '1',
      'x-datadog-tags': `_dd.p.dm=-1,_dd.p.tid=${traceId.slice(0, 16)}`,
    }),
  },
  {
    name: 'instana',
    propagator: undefined,
    digits: 32,
    takesUpperCase: true,
    write: ({ traceId, spanId }) => ({
      'x-instana-t': traceId,
      'x-instana-s': spanId,
      'x-instana-l': '1',
    }),
  },
]

/** The trace id as it arrives. */
export const arriving = (format: WireFormat, { traceId }: Ids): string =>
  traceId.slice(-format.digits).padStart(32, '0')

const NO_IDS: Ids = { traceId: '0'.repeat(32), spanId: '0'.repeat(16) }

/** Headers of which no reader may take a span. */
export function writeBroken(format: WireFormat, ids: Ids, random: Random): Headers {
  const valid = format.write(ids)
  const [id = '', second] = Object.keys(valid)
  const text = valid[id] ?? ''
  const ways: (() => Headers)[] = [
    () => ({ ...valid, [id]: '' }),
    () => ({ ...valid, [id]: 'null' }),
    () => ({ ...valid, [id]: text.replace(/[0-9a-f]{8}/, 'gggggggg').replace(/^\d{5}/, '-1.e5') }),
    () => ({ ...valid, [id]: `${text}\r\nx: y` }),
    () => ({ ...valid, [id]: `\u212a${text}` }),
    () => format.write({ ...ids, traceId: NO_IDS.traceId }),
    () => format.write({ ...ids, spanId: NO_IDS.spanId }),
    () => (second === undefined ? { [id]: text.slice(0, 20) } : { [id]: text }),
  ]
  return random.pick(ways)()
}

/** Beyond any length that its format knows. */
export function writeOversized(
  format: WireFormat,
  ids: Ids,
  random: Random,
  lengths: readonly number[] = [200, 9000, 1_000_000],
): Headers {
  const valid = format.write(ids)
  const [id = ''] = Object.keys(valid)
  // X-Ray's header may hold fields of others, so that only the bound on all of it counts.
  const length = format.name === 'xray' ? 9000 : random.pick(lengths)
  return { ...valid, [id]: `${valid[id]}${'0'.repeat(length)}` }
}
