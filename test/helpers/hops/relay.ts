// Two functions, A and B, both the built bootstrap with its tracer, and the collector that both ship to. A test hands B what
// A's call left behind, as the service between them would.
import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { type StartedFunction, startFunction } from '../function.ts'
import { type CollectedSpan, startCollector, type TestCollector } from '../otlp.ts'

export type Name = 'a' | 'b'

export interface RelayOptions {
  /** Code of a CommonJS module; of the callee by default one that answers at once. */
  readonly a: string
  readonly b?: string
  /** For A: where its servers are. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly envB?: Readonly<Record<string, string | undefined>>
  /** Where both ship to; one of their own by default. It is closed with the relay. */
  readonly collector?: TestCollector
}

export interface Relay extends AsyncDisposable {
  readonly collector: TestCollector
  /** Resolves with the function's result; throws with what it failed with. Headers are those of the Runtime API. */
  invoke(name: Name, event: unknown, headers?: RuntimeHeaders): Promise<unknown>
  /** All spans, once so many invocations of each function have theirs. */
  spans(a: number, b: number): Promise<Spans>
}

export type RuntimeHeaders = Readonly<Record<string, string | null>>

/** An HTTP API's event for A: what begins a trace, as a caller without one of its own does. */
export const ORDER_EVENT = {
  version: '2.0',
  routeKey: 'POST /orders',
  rawPath: '/orders',
  headers: { 'content-type': 'application/json' },
  requestContext: { domainName: 'api.example.com', http: { method: 'POST', path: '/orders' } },
}

export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { a, b = 'exports.handler = async () => "done"', env, envB } = options
  const collector = options.collector ?? (await startCollector())
  const start = (name: Name, code: string, more: RelayOptions['env']): Promise<StartedFunction> =>
    startFunction({
      hasPackages: true,
      files: { 'index.cjs': code },
      env: {
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        AWS_LAMBDA_FUNCTION_NAME: name,
        ...more,
      },
    })
  const [caller, callee] = await Promise.all([start('a', a, env), start('b', b, envB)])
  const functions: Readonly<Record<Name, StartedFunction>> = { a: caller, b: callee }
  return {
    collector,
    invoke: (name, event, headers = { 'Lambda-Runtime-Trace-Id': newTraceHeader() }) =>
      invoke(functions[name], event, headers),
    async spans(ofA, ofB) {
      const isEnough = (all: readonly CollectedSpan[]): boolean =>
        invocationsOf(all, 'a').length >= ofA && invocationsOf(all, 'b').length >= ofB
      return new Spans(await collector.waitForSpans(isEnough))
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([caller, callee].map(each => each[Symbol.asyncDispose]()))
      await collector[Symbol.asyncDispose]()
    },
  }
}

/** What Lambda sends when nobody traces with X-Ray: a trace of its own, not sampled. */
export function newTraceHeader(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16)
  const root = `1-${seconds}-${randomBytes(12).toString('hex')}`
  return `Root=${root};Parent=${randomBytes(8).toString('hex')};Sampled=0;Lineage=1:a87bd80c:0`
}

async function invoke(
  fn: StartedFunction,
  event: unknown,
  headers: RuntimeHeaders,
): Promise<unknown> {
  const count = fn.api.posts.length + 1
  fn.api.push({ body: JSON.stringify(event), headers })
  await fn.answered(count)
  const post = fn.api.posts[count - 1]
  if (post?.operation !== 'response')
    throw new Error(`expected a response, got ${post?.body ?? 'none'}\n${fn.stderr()}`)
  return JSON.parse(post.body)
}

const functionOf = (span: CollectedSpan): unknown => span.resource['faas.name']

const invocationsOf = (spans: readonly CollectedSpan[], name: Name): readonly CollectedSpan[] =>
  spans
    .filter(span => functionOf(span) === name && span.attributes['faas.invocation_id'])
    .sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))

export class Spans {
  readonly all: readonly CollectedSpan[]

  constructor(all: readonly CollectedSpan[]) {
    this.all = all
  }

  /** Spans of invocations, in order. */
  invocations(name: Name): readonly CollectedSpan[] {
    return invocationsOf(this.all, name)
  }

  /** The span of that name; throws unless there is exactly one. */
  one(name: string): CollectedSpan {
    const found = this.all.filter(span => span.name === name)
    const [only] = found
    if (only === undefined || found.length > 1)
      throw new Error(`expected one ${name}, got ${this.all.map(span => span.name).join()}`)
    return only
  }

  /** From the root of its trace down to the span: `a POST /orders`, `a SQS.SendMessage`, … Only parents of the same trace count. */
  pathTo(span: CollectedSpan): readonly string[] {
    const step = `${functionOf(span)} ${span.name}`
    if (span.parentSpanId === undefined) return [step]
    const { traceId, parentSpanId } = span
    const parent = this.all.find(each => each.traceId === traceId && each.spanId === parentSpanId)
    return parent === undefined
      ? [`${traceId}-${parentSpanId}`, step]
      : [...this.pathTo(parent), step]
  }
}

/** Expects the invocation of B to be below these spans, in one trace. */
export function expectPath(t: Test, spans: Spans, expected: readonly string[], at = 0): void {
  const span = spans.invocations('b')[at]
  t.strictSame(span && spans.pathTo(span), expected, expected.join(' > '))
}

export const idOf = ({ traceId, spanId }: { traceId: string; spanId: string }): string =>
  `${traceId}-${spanId}`
