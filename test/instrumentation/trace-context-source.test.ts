// What AWS SDK v3 is told to send, by the formats that are wanted.
import t from 'tap'
import {
  createPropagation,
  type PropagatorName,
} from '../../instrumentation/propagation/propagation.ts'
import { createClock } from '../../instrumentation/trace/clock.ts'
import { createIdSource } from '../../instrumentation/trace/ids.ts'
import { Tracer } from '../../instrumentation/trace/tracer.ts'
import { createTraceContextSource } from '../../instrumentation/trace-context-source.ts'

const INCOMING = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Lineage=1:a8:0'
const OF_OUR_TRACE =
  'Lineage=1:a8:0;Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=53995c3f42cd8ad8;Self=1'
const CONTEXT = {
  spanContext: {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    traceState: 'v=1',
  },
  baggage: 'k=v',
  openSpans: new Set<never>(),
}

function answers(names: readonly PropagatorName[], incoming: string | undefined = INCOMING) {
  const tracer = new Tracer({
    clock: createClock(),
    ids: createIdSource(),
    limits: { attributeCount: 1, attributeValueLength: 1, eventCount: 1, linkCount: 1 },
    onEnd() {},
  })
  const source = createTraceContextSource(tracer, createPropagation(names))
  return tracer.run(CONTEXT, () => [
    source.traceparent(),
    source.tracestate(),
    source.baggage(),
    source.xrayTraceId(incoming),
  ])
}

t.test("formats that are not wanted are not told; X-Ray's header is then as it came", async t => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const xray =
    'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1;Lineage=1:a8:0'
  t.strictSame(answers(['tracecontext', 'baggage', 'xray']), [traceparent, 'v=1', 'k=v', xray])
  t.strictSame(answers(['tracecontext']), [traceparent, 'v=1', undefined, INCOMING])
  t.strictSame(answers(['xray-lambda', 'baggage']), [undefined, undefined, 'k=v', xray])
  t.strictSame(answers(['none']), [undefined, undefined, undefined, INCOMING])
})

t.test(
  "X-Ray's header names the span's own trace, and stays as it came where that is the platform's",
  async t => {
    t.equal(
      answers(['xray'], OF_OUR_TRACE)[3],
      'Lineage=1:a8:0;Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1;Self=1',
    )
    t.equal(
      answers(['xray'], 'broken')[3],
      'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
    )
  },
)
