// The services in front of a function, by its events' own times: the built bootstrap's spans of them.
import t from 'tap'
import { type FunctionOptions, startFunction } from '../helpers/function.ts'
import { type CollectedSpan, startCollector } from '../helpers/otlp.ts'
import { readEvent } from '../instrumentation/triggers/read-event.ts'

type Fields = Record<string, unknown>

interface Case {
  readonly sample: string
  /** Sets the times of the sample's services, the first one first. */
  readonly set: (event: Fields, times: readonly number[]) => void
  /** Service, name and kind of each, and until when: a number is which of the times. */
  readonly expected: readonly (readonly [string, string, string, 'end' | 'start' | number])[]
}

const contextOf = (event: Fields): Fields => event.requestContext as Fields
const recordOf = (event: Fields): Fields => (event.Records as Fields[])[0] as Fields
const put = (fields: unknown, name: string, value: unknown): void =>
  void Reflect.set(fields as Fields, name, value)
const iso = (time: number | undefined): string => new Date(time ?? 0).toISOString()
const seconds = (time: number | undefined): number => (time ?? 0) / 1000

function setQueue(event: Fields, sent: number | undefined, received: number | undefined): void {
  Object.assign(recordOf(event).attributes as Fields, {
    SentTimestamp: `${sent}`,
    ApproximateFirstReceiveTimestamp: `${received}`,
  })
}

const gateway = (sample: string, name: string, field: string, service: string): Case => ({
  sample,
  set: (event, [time]) => put(contextOf(event), field, time),
  expected: [[service, name, 'SERVER', 'end']],
})

const CASES: readonly Case[] = [
  gateway('api-gateway-rest', 'GET /orders/{orderId}', 'requestTimeEpoch', 'aws.apigateway'),
  gateway('api-gateway-http', 'POST /orders', 'timeEpoch', 'aws.apigateway'),
  gateway(
    'api-gateway-websocket-connect',
    'CONNECT $connect',
    'requestTimeEpoch',
    'aws.apigateway',
  ),
  gateway('function-url', 'POST', 'timeEpoch', 'aws.lambda.url'),
  {
    sample: 'vpc-lattice-v2',
    set: (event, [time = 0]) => put(contextOf(event), 'timeEpoch', `${time * 1000}`),
    expected: [['aws.vpc-lattice', 'POST', 'SERVER', 'end']],
  },
  {
    sample: 'sqs-attribute',
    set: (event, [sent, received]) => setQueue(event, sent, received),
    expected: [['aws_sqs', 'queue orders', 'INTERNAL', 1]],
  },
  {
    sample: 'sns-attribute',
    set: (event, [time]) => put(recordOf(event).Sns, 'Timestamp', iso(time)),
    expected: [['aws.sns', 'topic order-events', 'INTERNAL', 'start']],
  },
  {
    sample: 'sqs-sns',
    set: (event, [published, sent, received]) => {
      const record = recordOf(event)
      const body = { ...JSON.parse(String(record.body)), Timestamp: iso(published) }
      record.body = JSON.stringify(body)
      setQueue(event, sent, received)
    },
    expected: [
      ['aws.sns', 'topic order-events', 'INTERNAL', 1],
      ['aws_sqs', 'queue orders', 'INTERNAL', 2],
    ],
  },
  {
    sample: 'eventbridge-detail',
    set: (event, [time]) => put(event, 'time', iso(time)),
    expected: [['aws.eventbridge', 'event Order Placed', 'INTERNAL', 'start']],
  },
  {
    sample: 'kinesis-data',
    set: (event, [time]) =>
      put(recordOf(event).kinesis, 'approximateArrivalTimestamp', seconds(time)),
    expected: [['aws.kinesis', 'stream clicks', 'INTERNAL', 'start']],
  },
  {
    sample: 's3-put',
    set: (event, [time]) => put(recordOf(event), 'eventTime', iso(time)),
    expected: [['aws.s3', 'notification uploads-eu', 'INTERNAL', 'start']],
  },
  {
    sample: 'dynamodb-insert',
    set: (event, [time]) =>
      put(recordOf(event).dynamodb, 'ApproximateCreationDateTime', seconds(time)),
    expected: [['aws.dynamodb', 'stream orders', 'INTERNAL', 'start']],
  },
]

const AGES = [900, 500, 200]

function eventOf({ sample, set }: Case, times: readonly number[]): Fields {
  const event = readEvent(sample) as Fields
  set(event, times)
  return event
}

async function run(
  events: readonly Fields[],
  env: FunctionOptions['env'],
  count: number,
): Promise<readonly CollectedSpan[]> {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: { 'index.js': 'exports.handler = async () => ({ statusCode: 200 })' },
    events: events.map(event => ({ body: JSON.stringify(event) })),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env },
  })
  await fn.answered(events.length)
  return collector.waitForSpans(count)
}

const invocationOf = (spans: readonly CollectedSpan[], at: number): CollectedSpan => {
  const found = spans.find(span => span.attributes['faas.invocation_id'] === `req-${at}`)
  if (found === undefined) throw new Error(`expected a span of invocation ${at}`)
  return found
}

t.test('each service has a span between the caller and the invocation, with its times', async t => {
  const now = Date.now()
  const times = AGES.map(age => now - age)
  const inFront = CASES.reduce((sum, { expected }) => sum + expected.length, 0)
  const events = CASES.map(each => eventOf(each, times))
  const spans = await run(events, {}, CASES.length + inFront)
  const plain = await run(events, { BATON_INFERRED_SPANS: 'false' }, CASES.length)
  t.equal(plain.length, CASES.length, 'none by BATON_INFERRED_SPANS=false')
  for (const [at, { sample, expected }] of CASES.entries()) {
    const invocation = invocationOf(spans, at)
    const caller = invocationOf(plain, at)
    let child = invocation
    for (const [index, [service, name, kind, until]] of [...expected.entries()].reverse()) {
      const span = spans.find(({ spanId }) => spanId === child.parentSpanId)
      t.match(
        span,
        { name, kind, traceId: invocation.traceId, attributes: { 'baton.inferred': service } },
        sample,
      )
      t.equal(Math.round(Number(span?.startTimeUnixNano ?? 0) / 1e6), times[index], sample)
      const end = Number(span?.endTimeUnixNano)
      if (until === 'end') t.equal(end, Number(invocation.endTimeUnixNano), sample)
      else if (until === 'start')
        t.ok(
          end >= now * 1e6 && end <= Number(invocation.startTimeUnixNano),
          `${sample}: handed over`,
        )
      else t.equal(Math.round(end / 1e6), times[until], sample)
      child = span ?? invocation
    }
    t.equal(child.parentSpanId, caller.parentSpanId, `${sample}: the caller is above it`)
    if (caller.parentSpanId !== '') t.equal(invocation.traceId, caller.traceId, sample)
  }
})

t.test('a load balancer is known to the second: the request waited at least so long', async t => {
  const now = Date.now()
  const second = Math.floor(now / 1000) - 3
  const hex = second.toString(16)
  const headers = (id: string): Fields => ({
    ...(readEvent('alb') as { headers: Fields }).headers,
    'x-amzn-trace-id': id,
  })
  const rest = '4d6f8192a4c6e80a1c3e5072'
  const old = (second - 7200).toString(16)
  const events = [
    `Root=1-${hex}-${rest}`,
    `Self=1-${hex}-${rest};Root=1-${old}-${rest}`,
    'Root=1-none',
  ].map(id => ({ ...(readEvent('alb') as Fields), headers: headers(id) }))
  const spans = await run(events, {}, 5)
  for (const at of [0, 1]) {
    const { parentSpanId } = invocationOf(spans, at)
    const span = spans.find(({ spanId }) => spanId === parentSpanId)
    t.match(span, { name: 'GET', kind: 'SERVER', attributes: { 'baton.inferred': 'aws.elb' } })
    t.equal(Math.round(Number(span?.startTimeUnixNano ?? 0) / 1e6), second * 1000 + 999)
  }
  t.equal(spans.length, 5, 'without a time there is none')
})
