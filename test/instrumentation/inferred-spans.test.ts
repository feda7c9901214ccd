import t from 'tap'
import { inferSpans } from '../../instrumentation/inferred-spans.ts'
import { SPAN_KIND_INTERNAL } from '../../instrumentation/trace/span-kind.ts'
import type { Hop } from '../../instrumentation/triggers/hop.ts'
import { attributeOf, startTraced } from './records/traced-invocation.ts'
import { readEvent } from './triggers/read-event.ts'

const NOW = 1_772_013_662_500
const MINUTE = 60_000
const hop = (startMs: Hop['startMs'], endMs: Hop['endMs'] = 'start', name = 'a'): Hop => ({
  service: 'aws.test',
  name,
  kind: SPAN_KIND_INTERNAL,
  startMs,
  endMs,
  attributes: {},
})
const times = (...hops: Hop[]) =>
  inferSpans(hops, NOW).map(({ name, startMs, endMs }) => [
    name,
    startMs - NOW,
    endMs === undefined ? undefined : endMs - NOW,
  ])

t.test('each service ends where the next one begins, the last one now', async t => {
  t.strictSame(times(hop(NOW - 300), hop(NOW - 200, 'start', 'b'), hop(NOW - 100, NOW - 40, 'c')), [
    ['a', -300, -200],
    ['b', -200, -100],
    ['c', -100, -40],
  ])
  t.strictSame(times(hop(NOW - 5)), [['a', -5, 0]])
  t.strictSame(times(hop(NOW - 5, 'invocation')), [['a', -5, undefined]])
})

t.test('clocks that disagree make no span negative, and none in the future', async t => {
  t.strictSame(times(hop(NOW + 50)), [['a', 0, 0]])
  t.strictSame(times(hop(NOW - 50, NOW - 80)), [['a', -50, -50]])
  t.strictSame(times(hop(NOW - 50, NOW + 80)), [['a', -50, 0]])
  t.strictSame(times(hop(NOW - 50), hop(NOW - 90, NOW - 20, 'b')), [
    ['a', -50, -50],
    ['b', -50, -20],
  ])
})

t.test('a time that is not known or cannot be is left out', async t => {
  t.strictSame(times(hop(undefined), hop(Number.NaN), hop(NOW - 1)), [['a', -1, 0]])
  const fortnight = 14 * 24 * 60 * MINUTE
  t.equal(times(hop(NOW - fortnight)).length, 1)
  t.equal(times(hop(NOW - fortnight - 1)).length, 0)
  t.equal(times(hop(NOW - 15 * MINUTE, 'invocation')).length, 1)
  t.equal(times(hop(NOW - 15 * MINUTE - 1, 'invocation')).length, 0)
  t.equal(times(hop(NOW + 15 * MINUTE)).length, 1)
  t.equal(times(hop(NOW + 15 * MINUTE + 1)).length, 0)
})

t.test(
  "the gateway's span is the caller's child, the invocation's parent, and ends with it",
  async t => {
    const traced = startTraced({ hasInferredSpans: true, nowMs: NOW })
    const event = readEvent('api-gateway-http-authorizer')
    await traced.invoke(event, () => ({ statusCode: 503 }))
    const [invocation, gateway] = traced.spans
    t.equal(invocation?.parentSpanId, gateway?.context.spanId)
    t.equal(invocation?.hasRemoteParent, false)
    t.equal(gateway?.hasRemoteParent, true)
    t.equal(gateway?.context.traceId, invocation?.context.traceId)
    t.equal(gateway?.name, 'GET /orders/{id}')
    t.equal(gateway?.startMs, 1_772_013_662_123)
    t.equal(gateway?.endMs, NOW)
    t.equal(attributeOf(gateway, 'baton.inferred'), 'aws.apigateway')
    t.equal(attributeOf(gateway, 'http.response.status_code'), 503)
    t.equal(gateway?.statusCode, 2)
    t.equal(traced.spans.length, 2)
  },
)

t.test('an event by way of SNS and SQS shows how long it was in each', async t => {
  const traced = startTraced({ hasInferredSpans: true, nowMs: 1_772_013_600_400 })
  await traced.invoke(readEvent('sqs-sns-eventbridge'), () => undefined)
  const told = traced.spans.map(
    ({ name, startMs, endMs }) => `${name} ${startMs % 1e5}-${endMs % 1e5}`,
  )
  t.strictSame(told, [
    'process orders 400-400',
    'queue orders 100-350',
    'topic order-events 20-100',
    'event Order Placed 99000-20',
  ])
  const [, ...inferred] = traced.spans
  for (const [at, span] of traced.spans.slice(0, 3).entries())
    t.equal(span.parentSpanId, inferred[at]?.context.spanId)
})

t.test('of several callers none has the queue; without the option there is none', async t => {
  const several = startTraced({ hasInferredSpans: true, nowMs: NOW })
  await several.invoke(readEvent('sqs-batch-ten-callers'), () => undefined)
  t.equal(several.spans.length, 1)
  t.equal(several.spans[0]?.links.length, 10)
  t.equal(several.spans[0]?.parentSpanId, undefined)
  const without = startTraced({ nowMs: NOW })
  await without.invoke(readEvent('sqs-sns'), () => undefined)
  t.equal(without.spans.length, 1)
})

t.test('an event of years ago has no spans of its services', async t => {
  const traced = startTraced({ hasInferredSpans: true, nowMs: NOW + 366 * 24 * 60 * MINUTE })
  for (const name of ['api-gateway-rest', 'sqs-sns', 'kinesis-data', 's3-put', 'dynamodb-insert'])
    await traced.invoke(readEvent(name), () => undefined)
  t.equal(traced.spans.length, 5)
})

t.test('a link for each record up to the limit, and the rest is counted', async t => {
  const traced = startTraced()
  const [record] = (readEvent('sqs-attribute') as { Records: object[] }).Records
  const Records = Array.from({ length: 140 }, (_, at) => ({
    ...record,
    messageId: `m-${at}`,
    messageAttributes: {
      traceparent: {
        dataType: 'String',
        stringValue: `00-${(at + 1).toString(16).padStart(32, '0')}-b7ad6b7169203331-01`,
      },
    },
  }))
  await traced.invoke({ Records }, () => undefined)
  const [span] = traced.spans
  t.equal(span?.links.length, 128)
  t.equal(span?.droppedLinks, 12)
  t.strictSame(
    Object.fromEntries(span?.links[127]?.attributes ?? [])['messaging.message.id'],
    'm-127',
  )
})
