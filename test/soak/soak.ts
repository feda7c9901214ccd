// 10,000 invocations in one process: memory, handles and listeners stay where they were after the first thousand.
//   npm run soak
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

const INVOCATIONS = 10_000
const WARM_UP = 1000
/** V8 takes its time to collect: growth over nine thousand invocations that is noise. */
const MAX_GROWTH_BYTES = 8 * 1024 * 1024

/** Every tenth invocation fails, every seventh calls a service; each answers with the state of its process. */
const HANDLER = `
require('node:v8').setFlagsFromString('--expose-gc')
const gc = require('node:vm').runInNewContext('gc')
exports.handler = async event => {
  if (event.n % 7 === 0) await (await fetch(process.env.SERVICE_URL)).text()
  if (event.n % 10 === 0) throw new Error('tenth')
  if (event.n % 1000 !== 999) return null
  gc()
  return {
    heap: process.memoryUsage().heapUsed,
    rss: process.memoryUsage().rss,
    handles: process.getActiveResourcesInfo().length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  }
}`

interface State {
  /** After a collection. */
  readonly heap: number
  readonly rss: number
  readonly handles: number
  readonly listeners: number
}

const service = createServer((_request, response) => response.end('ok'))
await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
const collector = await startCollector()
const fn = await startFunction({
  files: { 'index.js': HANDLER },
  events: Array.from({ length: INVOCATIONS }, (_, n) => ({ n })),
  env: {
    // What V8 gives the young generation of a function with 128 MB; on a large machine it would grow for long.
    NODE_OPTIONS: '--max-semi-space-size=2',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    BATON_INIT_SPANS: 'false',
    SERVICE_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
  },
})
await fn.answered(INVOCATIONS)
const states = fn.api.posts
  .filter(post => post.operation === 'response')
  .map(post => JSON.parse(post.body) as State | null)
  .filter(state => state !== null)
const [before] = states
const after = states.at(-1)
const spans = collector.spans.length
await fn[Symbol.asyncDispose]()
await collector[Symbol.asyncDispose]()
service.close()
if (before === undefined || after === undefined) throw new Error('expected answers, got none')

const growth = after.rss - before.rss
console.log(`invocations  ${INVOCATIONS}, spans ${spans}`)
for (const [index, { rss, heap }] of states.entries()) {
  console.log(
    `after ${String((index + 1) * WARM_UP).padStart(6)}  RSS ${mb(rss)}, heap ${mb(heap)}`,
  )
}
console.log(
  `RSS          ${mb(before.rss)} after ${WARM_UP}, ${mb(after.rss)} at the end: ${mb(growth)}`,
)
console.log(`handles      ${before.handles} -> ${after.handles}`)
console.log(`listeners    ${before.listeners} -> ${after.listeners}`)
const leaks = [
  growth > MAX_GROWTH_BYTES && `memory grew by ${mb(growth)}`,
  after.handles > before.handles && 'handles',
  after.listeners > before.listeners && 'listeners',
  spans !== INVOCATIONS + Math.ceil(INVOCATIONS / 7) && `${spans} spans`,
].filter(Boolean)
if (leaks.length > 0) {
  console.error(`soak: expected nothing to grow and every span to arrive, got: ${leaks.join(', ')}`)
  process.exitCode = 1
}

function mb(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
