// A collector for tests: local/collector's protocol and store, behind a server that can also misbehave; and what
// tests expect of a trace: a tree of names, with times and ids checked by how they relate.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { answerExport, type ExportRequest } from '../../local/collector/answer-export.ts'
import { readExportRequest, sendExportReply } from '../../local/collector/collector.ts'
import type { CollectedSpan } from '../../local/collector/span.ts'
import { type SpanCondition, SpanStore } from '../../local/collector/span-store.ts'
import { serveLoopback } from '../../local/http/loopback-server.ts'

export type { CollectedSpan } from '../../local/collector/span.ts'

/** How a collector misbehaves. What it does not accept leaves no span. */
export interface Fault {
  /** Waits before it answers, and then goes on with the rest of the fault. */
  readonly delayMs?: number
  /** Answers with this status and an empty body. */
  readonly status?: number
  /** Takes the request and never answers. */
  readonly hang?: boolean
  /** Takes the request and resets the connection. */
  readonly reset?: boolean
  /** Sent along with the answer, whichever it is. */
  readonly responseHeaders?: Readonly<Record<string, string>>
}

export interface TestCollector extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string
  readonly port: number
  /** Every request in order, with its headers and raw body. */
  readonly requests: readonly ExportRequest[]
  readonly spans: readonly CollectedSpan[]
  /** The fault of requests that come from now on; `undefined` heals it. */
  setFault(fault: Fault | undefined): void
  /** Closes every connection, as a server does with idle ones. */
  closeConnections(): void
  waitForSpans(condition: SpanCondition, timeoutMs?: number): Promise<readonly CollectedSpan[]>
  /** Resolves when this many requests came, answered or not. */
  waitForRequests(count: number): Promise<void>
}

/** For a fact, on a machine with much else to do: what is there sooner is not waited for. */
const MAX_WAIT_MS = 30_000

export async function startCollector(fault?: Fault): Promise<TestCollector> {
  const store = new SpanStore()
  const arrivals = new Set<() => void>()
  let current = fault
  const server = createServer(async (request, response) => {
    const exported = await readExportRequest(request)
    const now = current
    store.addRequest(exported)
    for (const arrived of [...arrivals]) arrived()
    await answer(store, exported, { request, response, fault: now })
  })
  const loopback = await serveLoopback(server)
  return {
    ...loopback,
    requests: store.requests,
    spans: store.spans,
    setFault: next => {
      current = next
    },
    closeConnections: () => server.closeAllConnections(),
    waitForSpans: (condition, timeoutMs = MAX_WAIT_MS) => store.waitForSpans(condition, timeoutMs),
    waitForRequests: count =>
      new Promise(resolve => {
        const check = (): void => {
          if (store.requests.length < count) return
          arrivals.delete(check)
          resolve()
        }
        arrivals.add(check)
        check()
      }),
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly fault: Fault | undefined
}

async function answer(
  store: SpanStore,
  exported: ExportRequest,
  exchange: Exchange,
): Promise<void> {
  const { request, response, fault } = exchange
  if (fault?.delayMs !== undefined) await sleep(fault.delayMs, undefined, { ref: false })
  if (fault?.hang) return
  if (fault?.reset) {
    request.socket.resetAndDestroy()
    return
  }
  for (const [name, value] of Object.entries(fault?.responseHeaders ?? {}))
    response.setHeader(name, value)
  if (fault?.status !== undefined) {
    response.writeHead(fault.status).end()
    return
  }
  const { reply, spans } = answerExport(exported)
  sendExportReply(response, reply)
  store.addSpans(spans)
}

/** A span's name, then the trees of its children in the order they started. */
export type SpanTree = readonly [name: string, ...children: SpanTree[]]

/**
 * Expects the spans to be exactly one tree of these names, and what every tree must hold: one trace id, no id twice,
 * no span that ends before it starts, none that starts outside of its parent. The root may have a parent elsewhere.
 */
export function expectTree(t: Test, spans: readonly CollectedSpan[], expected: SpanTree): void {
  const byId = new Map(spans.map(span => [span.spanId, span]))
  const roots = spans.filter(span => !byId.has(span.parentSpanId ?? ''))
  t.strictSame(
    roots.map(root => treeOf(root, spans)),
    [expected],
    `one trace: ${JSON.stringify(expected)}`,
  )
  t.strictSame(findFlaws(spans, byId), [], 'ids and times of the spans fit together')
}

/** The span and all below it, by the names that `nameOf` gives. */
export function treeOf(
  span: CollectedSpan,
  spans: readonly CollectedSpan[],
  nameOf: (span: CollectedSpan) => string = each => each.name,
): SpanTree {
  const children = spans
    .filter(other => other.parentSpanId === span.spanId)
    .sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano))
  return [nameOf(span), ...children.map(child => treeOf(child, spans, nameOf))]
}

function findFlaws(
  spans: readonly CollectedSpan[],
  byId: ReadonlyMap<string, CollectedSpan>,
): string[] {
  const flaws: string[] = []
  if (byId.size !== spans.length) flaws.push('a span id occurs twice')
  for (const span of spans) {
    const parent = byId.get(span.parentSpanId ?? '')
    if (span.traceId !== spans[0]?.traceId) flaws.push(`${span.name}: another trace id`)
    if (span.endTimeUnixNano < span.startTimeUnixNano) flaws.push(`${span.name}: ends too early`)
    if (parent === undefined) continue
    if (span.startTimeUnixNano < parent.startTimeUnixNano)
      flaws.push(`${span.name}: starts before its parent ${parent.name}`)
    if (span.startTimeUnixNano > parent.endTimeUnixNano)
      flaws.push(`${span.name}: starts after its parent ${parent.name} ended`)
  }
  return flaws
}
