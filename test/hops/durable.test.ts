// A durable function by AWS's own SDK for such: one execution is several invocations, each with the operations so far, and all of
// them are in one trace.
import { createHash } from 'node:crypto'
import t from 'tap'
import { type DurableExecution, startDurableExecution } from '../helpers/hops/durable-execution.ts'
import { newTraceHeader, type Relay, type Spans, startRelay } from '../helpers/hops/relay.ts'

const A = 'exports.handler = async () => "unused"'
const B = `
  const { withDurableExecution } = require('@aws/durable-execution-sdk-js')
  exports.handler = withDurableExecution(async (event, context) => {
    const price = await context.step('price', async () => 17)
    await context.wait('cool-off', { seconds: 60 })
    await context.step('charge', async () => price)
    await context.wait('ship', { seconds: 60 })
    return context.step('notify', async () => event.order)
  })`
const STEPS = ['price', 'charge', 'notify']

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Invokes the function until it is done, as Lambda does; the first invocation with these headers. */
async function runToEnd(
  relay: Relay,
  execution: DurableExecution,
  first: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const statuses: string[] = []
  for (;;) {
    const xray = { 'Lambda-Runtime-Trace-Id': newTraceHeader() }
    const headers = statuses.length === 0 ? { ...xray, ...first } : xray
    const { Status } = (await relay.invoke('b', execution.nextEvent(), headers)) as {
      readonly Status: string
    }
    statuses.push(Status)
    if (Status !== 'PENDING') return statuses
  }
}

const idsOf = (spans: Spans): readonly (readonly unknown[])[] =>
  spans
    .invocations('b')
    .map(({ traceId, parentSpanId, attributes }) => [
      traceId,
      parentSpanId,
      attributes['baton.durable.is_replay'],
    ])

t.test('without a carrier the trace is made of the name of the execution', async t => {
  await using execution = await startDurableExecution({ order: 17 })
  const envB = { AWS_ENDPOINT_URL_LAMBDA: execution.url }
  await using relay = await startRelay({ a: A, b: B, envB })
  const caller = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const clientContext = JSON.stringify({ custom: { traceparent: caller } })
  const statuses = await runToEnd(relay, execution, {
    'Lambda-Runtime-Client-Context': clientContext,
  })
  t.strictSame(statuses, ['PENDING', 'PENDING', 'SUCCEEDED'])
  t.strictSame(execution.steps, STEPS)

  const spans = await relay.spans(0, 3)
  const traceId = sha256(execution.arn).slice(0, 32)
  const parent = sha256(`${execution.arn}#0`).slice(0, 16)
  t.strictSame(
    idsOf(spans),
    [false, true, true].map(isReplay => [traceId, parent, isReplay]),
  )
  for (const { traceId: each } of spans.all) t.equal(each, traceId)
  t.ok(spans.all.some(({ name }) => name === 'Lambda.CheckpointDurableExecution'))
  const [first, ...replays] = spans.invocations('b')
  t.match(
    first?.links.map(link => `00-${link.traceId}-${link.spanId}-01`),
    [caller],
    'who invoked it is known to its first invocation alone',
  )
  const callerTrace = caller.slice(3, 35)
  t.notOk(replays.some(({ links }) => links.some(link => link.traceId === callerTrace)))
})

t.test('with a carrier in the input every invocation is below who sent it', async t => {
  const [traceId, parentSpanId] = ['5a84cc9511bbdd204a84f6555cf17145', '62a60cc901d0db9e']
  const input = {
    version: '0',
    id: 'cc80f9ec-2d6c-4f9f-a6fb-8b60308a6c0a',
    'detail-type': 'Order Placed',
    source: 'shop.orders',
    time: '2026-02-25T09:59:59Z',
    detail: { order: 17, traceparent: `00-${traceId}-${parentSpanId}-01` },
  }
  await using execution = await startDurableExecution(input)
  const envB = { AWS_ENDPOINT_URL_LAMBDA: execution.url }
  await using relay = await startRelay({ a: A, b: B, envB })
  await runToEnd(relay, execution)
  t.strictSame(
    idsOf(await relay.spans(0, 3)),
    [false, true, true].map(isReplay => [traceId, parentSpanId, isReplay]),
  )
})
