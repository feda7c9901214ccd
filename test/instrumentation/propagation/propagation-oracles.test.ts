// Against OpenTelemetry's own propagators: what they inject is extracted here to the same ids, and the other way round.
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation as otelBaggage,
  ROOT_CONTEXT,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api'
import { W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray'
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3'
import { JaegerPropagator } from '@opentelemetry/propagator-jaeger'
import { OTTracePropagator } from '@opentelemetry/propagator-ot-trace'
import t from 'tap'
import { mapCarrier } from '../../../instrumentation/propagation/carrier.ts'
import {
  createPropagation,
  type PropagatorName,
} from '../../../instrumentation/propagation/propagation.ts'
import { createIdSource } from '../../../instrumentation/trace/ids.ts'

interface Oracle {
  readonly name: PropagatorName
  readonly propagator: TextMapPropagator
  /** Digits of a trace id that it sends. */
  readonly digits: number
  readonly carriesBaggage: boolean
}

const ORACLES: readonly Oracle[] = [
  {
    name: 'tracecontext',
    propagator: new W3CTraceContextPropagator(),
    digits: 32,
    carriesBaggage: false,
  },
  { name: 'xray', propagator: new AWSXRayPropagator(), digits: 32, carriesBaggage: false },
  { name: 'b3', propagator: new B3Propagator(), digits: 32, carriesBaggage: false },
  {
    name: 'b3multi',
    propagator: new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
    digits: 32,
    carriesBaggage: false,
  },
  { name: 'jaeger', propagator: new JaegerPropagator(), digits: 32, carriesBaggage: true },
  { name: 'ottrace', propagator: new OTTracePropagator(), digits: 16, carriesBaggage: true },
]

const ids = createIdSource(Uint32Array.of(1, 2, 3, 4))
const VALUES = { tenant: 'acme', region: 'eu west/1', note: 'ä=b;c' }

t.test('what they inject is extracted to the same span, sampled or not', async t => {
  for (const { name, propagator, digits } of ORACLES) {
    for (const traceFlags of [0, 1]) {
      const spanContext = { traceId: ids.traceId(), spanId: ids.spanId(), traceFlags }
      const headers: Record<string, string> = {}
      propagator.inject(
        trace.setSpanContext(ROOT_CONTEXT, spanContext),
        headers,
        defaultTextMapSetter,
      )
      t.match(
        createPropagation([name]).extract(mapCarrier(headers))?.spanContext,
        { ...spanContext, traceId: spanContext.traceId.slice(-digits).padStart(32, '0') },
        `${name}, flags ${traceFlags}`,
      )
    }
  }
})

t.test('what is injected they extract to the same span, sampled or not', async t => {
  for (const { name, propagator, digits } of ORACLES) {
    for (const traceFlags of [0, 1]) {
      const spanContext = {
        traceId: ids.traceId(),
        spanId: ids.spanId(),
        traceFlags,
        traceState: undefined,
      }
      const headers: Record<string, string> = {}
      createPropagation([name]).inject({ spanContext, baggage: undefined }, (header, value) => {
        headers[header] = value
      })
      const extracted = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
      t.match(
        trace.getSpanContext(extracted),
        {
          traceId: spanContext.traceId.slice(-digits).padStart(32, '0'),
          spanId: spanContext.spanId,
          traceFlags,
        },
        `${name}, flags ${traceFlags}`,
      )
    }
  }
})

function baggageOf(context: Context): Record<string, string> {
  const entries = otelBaggage.getBaggage(context)?.getAllEntries() ?? []
  return Object.fromEntries(entries.map(([key, { value }]) => [key, value]))
}

t.test('baggage goes from their form of it to ours and back', async t => {
  const w3c = new W3CBaggagePropagator()
  const spanContext = { traceId: ids.traceId(), spanId: ids.spanId(), traceFlags: 1 }
  const entries = Object.entries(VALUES).map(([key, value]) => [key, { value }] as const)
  const context = otelBaggage.setBaggage(
    trace.setSpanContext(ROOT_CONTEXT, spanContext),
    otelBaggage.createBaggage(Object.fromEntries(entries)),
  )
  const w3cHeaders: Record<string, string> = {}
  w3c.inject(context, w3cHeaders, defaultTextMapSetter)
  t.equal(
    createPropagation(['tracecontext', 'baggage']).extractBaggage(mapCarrier(w3cHeaders)),
    w3cHeaders.baggage,
    'W3C',
  )
  for (const { name, propagator, carriesBaggage } of ORACLES) {
    if (!carriesBaggage) continue
    const [theirs, ours]: Record<string, string>[] = [{}, {}]
    propagator.inject(context, theirs, defaultTextMapSetter)
    const baggage = createPropagation([name]).extract(mapCarrier(theirs))?.baggage
    const read = w3c.extract(ROOT_CONTEXT, { baggage }, defaultTextMapGetter)
    const sent = name === 'ottrace' ? { tenant: VALUES.tenant, region: VALUES.region } : VALUES
    t.match(baggageOf(read), sent, `${name}, theirs to W3C's`)
    createPropagation([name]).inject(
      { spanContext: { ...spanContext, traceState: undefined }, baggage: w3cHeaders.baggage },
      (header, value) => {
        if (ours !== undefined) ours[header] = value
      },
    )
    const back = baggageOf(propagator.extract(ROOT_CONTEXT, ours, defaultTextMapGetter))
    t.match(back, sent, `${name}, W3C's to theirs`)
  }
})
