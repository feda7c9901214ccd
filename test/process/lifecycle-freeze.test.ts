// Freeze and thaw: Lambda stops the process for minutes while `next` is pending. BATON_TEST_FREEZE_MS says for how long
// it is stopped here.
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { type StartedFunction, startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'

const FREEZE_MS = Number(process.env.BATON_TEST_FREEZE_MS ?? 2000)
const OK = { 'index.js': 'exports.handler = async () => 1' }

/** The bootstrap is the process itself: the shell has become Node. */
function procFile(fn: StartedFunction, name: string): Promise<string> {
  return readFile(`/proc/${fn.process.pid}/${name}`, 'utf8')
}

async function freeze(fn: StartedFunction): Promise<void> {
  fn.process.kill('SIGSTOP')
  while (!/\) T /.test(await procFile(fn, 'stat'))) await sleep(5)
}

t.test('an idle process does nothing at all: no timer of ours wakes it', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  const wakeUps = async (): Promise<string | undefined> =>
    /^voluntary_ctxt_switches:\s+(\d+)/m.exec(await procFile(fn, 'status'))?.[1]
  // Its last work may still be under way; a timer would go on for ever.
  let before = await wakeUps()
  for (;;) {
    await sleep(300)
    const after = await wakeUps()
    if (after === before) break
    before = after
  }
  t.match(before, /^\d+$/)
})

t.test('after a freeze the next event is served: no storm, no long span, no lost span', async t => {
  const held: ServerResponse[] = []
  const service = createServer((_request, response) => void held.push(response))
  await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    service.closeAllConnections()
    service.close()
  })
  const address = service.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: {
      'index.js': `
        let ticks = 0
        setInterval(() => ticks++, 10).unref()
        exports.handler = async event => {
          // Answered only after the freeze; nobody waits for it.
          if (event.calls) fetch(process.env.SERVICE_URL).then(r => r.text()).catch(() => {})
          await new Promise(resolve => setTimeout(resolve, 30))
          const before = ticks
          ticks = 0
          return before
        }`,
    },
    events: [{ calls: true }],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      SERVICE_URL: `http://127.0.0.1:${address.port}`,
    },
  })
  await fn.answered(1)
  await freeze(fn)
  collector.closeConnections()
  for (const response of held) response.end('late')
  await sleep(FREEZE_MS)
  fn.process.kill('SIGCONT')
  fn.api.push({})
  await fn.answered(2)
  t.equal(fn.api.nexts.length, 3)
  const ticks = Number(fn.api.posts[1]?.body)
  t.ok(ticks < FREEZE_MS / 10 / 2, `timers did not catch up: ${ticks} ticks`)
  const spans = await collector.waitForSpans(3)
  t.same(spans.map(span => span.name).sort(), ['GET', 'fn', 'fn'])
  for (const span of spans) {
    const lastedMs = Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6
    t.ok(lastedMs < FREEZE_MS, `${span.name}: ${lastedMs} ms are its work, without the freeze`)
  }
  t.ok(
    Number(spans[2]?.startTimeUnixNano) > Number(spans[1]?.endTimeUnixNano) + FREEZE_MS * 1e6,
    'and the second one begins after it',
  )
  t.equal(fn.stdout() + fn.stderr(), '', 'the connection that was closed meanwhile costs no word')
})

t.test('a kept connection that turns out dead costs no span and no warning', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  collector.setFault({ reset: true })
  const isReset = collector.waitForRequests(2).then(() => collector.setFault(undefined))
  fn.api.push({})
  await isReset
  await fn.answered(2)
  t.equal(collector.requests.length, 3)
  t.equal(collector.spans.length, 2)
  t.equal(fn.stdout(), '')
})

t.test('a first connection that is reset is not tried again at once', async t => {
  await using collector = await startCollector({ reset: true })
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  t.equal(collector.requests.length, 1)
})

t.test('an environment that is ended in its sleep ships what it holds', async t => {
  await using collector = await startCollector({ status: 503 })
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  await freeze(fn)
  collector.closeConnections()
  collector.setFault(undefined)
  fn.process.kill('SIGTERM')
  fn.process.kill('SIGCONT')
  t.same(await fn.exit, { code: 0, signal: null })
  t.equal(collector.spans.length, 1)
})
