// One sandbox of Lambda for a fault: the built bootstrap under the emulator, which ends processes as Lambda does and
// starts the next one in the same sandbox; a service that the function calls; a collector; and the account of every
// span that the function began against those that arrived.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type FunctionOptions, startFunction } from '../../local/emulator/function.ts'
import { type LoopbackServer, serveLoopback } from '../../local/http/loopback-server.ts'
import { LAYER } from '../helpers/function.ts'
import { type CollectedSpan, startCollector, type TestCollector } from '../helpers/otlp.ts'
import { type Gate, openGate } from './gate.ts'

export const BOOTSTRAP: string = join(LAYER, 'bootstrap')

/** What a fault did to the spans. */
export interface Tally {
  /** Handlers that began and calls that reached the service: each is a span. */
  readonly created: number
  readonly arrived: number
  /** Arrived once more under the same id. */
  readonly duplicated: number
  readonly lost: number
}

export interface SandboxOptions extends Partial<FunctionOptions> {
  readonly env?: Readonly<Record<string, string>>
}

export interface Sandbox extends AsyncDisposable {
  readonly collector: TestCollector
  /** What stands between the function and the collector. */
  readonly gate: Gate
  /** Folder that stands for the sandbox's `/tmp`. */
  readonly tmp: string
  /** What the function printed, line by line. */
  readonly lines: readonly string[]
  /** Process id of the function's process, as its last answer told. */
  readonly pid: () => number
  /** Hands an event over and resolves with the answer, whoever gives it. */
  invoke(event: FaultEvent): Promise<string>
  settled(): Promise<void>
  /** Resolves when the process that answered last is gone. */
  gone(): Promise<void>
  /** Ends the sandbox gracefully, as at scale-in, and counts. */
  finish(): Promise<Tally>
  /** Spans of invocations, by what the event said. */
  invocationSpans(): readonly CollectedSpan[]
}

/** What the function does: so many calls one after the other, and then this. */
export interface FaultEvent {
  readonly calls?: number
  readonly ending?: string
}

const HANDLER = `
  const fs = require('node:fs')
  const http = require('node:http')
  let inTimer
  const call = path => new Promise((resolve, reject) => {
    const request = http.get(process.env.SERVICE + path, response => {
      response.resume().on('end', resolve)
    })
    request.on('error', reject)
  })
  const actions = {
    hang: () => call('/hang'),
    'hang-and-block': () => { void call('/hang'); return new Promise(resolve => setTimeout(() => { for (;;) {} }, 50)) },
    never: () => new Promise(() => {}),
    exit: () => process.exit(3),
    'exit-in-timer': () => { setTimeout(() => process.exit(3), 20); return new Promise(() => setTimeout(() => {}, 5000)) },
    'exit-after-answer': () => { setTimeout(() => process.exit(3), Number(process.env.EXIT_AFTER_MS ?? 0)) },
    segfault: () => { process.kill(process.pid, 'SIGSEGV'); for (;;) {} },
    kill: () => { process.kill(process.pid, 'SIGKILL'); for (;;) {} },
    block: () => { for (;;) {} },
    'throw-in-timer': () => new Promise(() => setTimeout(() => { throw new TypeError('thrown in a timer') }, 20)),
    reject: () => { Promise.reject(new TypeError('nobody caught it')); return new Promise(() => setTimeout(() => {}, 5000)) },
    eat: async () => { const held = []; for (;;) { held.push(Buffer.alloc(4 * 1024 * 1024, 1)); await new Promise(setImmediate) } },
    spin: () => { const end = Date.now() + 20; while (Date.now() < end); },
  }
  exports.handler = async (event, context) => {
    fs.appendFileSync('begun', context.awsRequestId + '\\n')
    for (let index = 0; index < (event.calls ?? 0); index++) await call('/')
    await actions[event.ending]?.()
    return process.pid
  }`

export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const directory = await mkdtemp(join(tmpdir(), 'baton-fault-'))
  const tmp = await mkdtemp(join(tmpdir(), 'baton-fault-tmp-'))
  await writeFile(join(directory, 'index.js'), HANDLER)
  const collector = await startCollector()
  const gate = await openGate(collector.port)
  const service = await startService()
  const lines: string[] = []
  let pid = 0
  const fn = await startFunction({
    bootstrap: BOOTSTRAP,
    directory,
    timeoutMs: 2000,
    ...options,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: gate.url,
      BATON_INIT_SPANS: 'false',
      BATON_JOURNAL: join(tmp, 'journal'),
      SERVICE: service.url,
      ...options.env,
    },
    onLog: ({ text }) => void lines.push(text),
  })
  return {
    collector,
    gate,
    tmp,
    lines,
    pid: () => pid,
    async invoke(event) {
      const { body } = await fn.invoke(event)
      if (/^\d+$/.test(body)) pid = Number(body)
      return body
    },
    settled: () => fn.settled(),
    async gone() {
      while (isAlive(pid)) await sleep(2)
    },
    async finish() {
      await fn.stop()
      const begun = await readFile(join(directory, 'begun'), 'utf8').catch(() => '')
      return countSpans(collector.spans, service.spanIds, begun.trimEnd().split('\n'))
    },
    invocationSpans: () =>
      collector.spans.filter(span => span.attributes['faas.invocation_id'] !== undefined),
    async [Symbol.asyncDispose]() {
      await fn.stop()
      await service.close()
      await gate[Symbol.asyncDispose]()
      await collector[Symbol.asyncDispose]()
      for (const folder of [directory, tmp]) await rm(folder, { recursive: true, force: true })
    },
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Answers at once, but on `/hang` never; keeps the span id that each call carried. */
async function startService(): Promise<LoopbackServer & { readonly spanIds: readonly string[] }> {
  const spanIds: string[] = []
  const server = createServer((request, response) => {
    const [, , spanId] = String(request.headers.traceparent).split('-')
    if (spanId !== undefined) spanIds.push(spanId)
    if (request.url === '/') response.end('ok')
  })
  return { ...(await serveLoopback(server)), spanIds }
}

function countSpans(
  spans: readonly CollectedSpan[],
  spanIds: readonly string[],
  requestIds: readonly string[],
): Tally {
  const arrivedIds = new Set(spans.map(span => span.spanId))
  const arrivedRequests = new Set(spans.map(span => span.attributes['faas.invocation_id']))
  const lost =
    spanIds.filter(id => !arrivedIds.has(id)).length +
    requestIds.filter(id => !arrivedRequests.has(id)).length
  const created = spanIds.length + requestIds.length
  return { created, arrived: created - lost, duplicated: spans.length - arrivedIds.size, lost }
}
