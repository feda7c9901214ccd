// C110, C111: SIGTERM. What is held and what is open leaves the process; the user's own listeners have their say.
import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { type StartedFunction, startFunction } from '../helpers/function.ts'
import { expectTree, startCollector } from '../helpers/otlp.ts'
import type { ScriptedEvent } from '../helpers/runtime-api.ts'

const HOOKED = { BATON_SHUTDOWN_HOOK: 'on' }
const OK = { 'index.js': 'exports.handler = async () => 1' }
/** Answers, or hangs with a call of its own under way; says so on stdout. */
const HANG = {
  'index.js': `
    exports.handler = async event => {
      if (!event.hang) return 1
      fetch(process.env.HANGING_URL).catch(() => {})
      console.log('hanging')
      setInterval(() => {}, 1000)
      await new Promise(() => {})
    }`,
}

/** An event whose time is over so many milliseconds from now. */
function due(body: object, inMs: number): ScriptedEvent {
  return {
    body: JSON.stringify(body),
    headers: { 'Lambda-Runtime-Deadline-Ms': String(Date.now() + inMs) },
  }
}

/** Takes requests, and never answers one; `called` resolves with the first. */
async function startHangingService(t: Test): Promise<{ url: string; called: Promise<void> }> {
  const { promise: called, resolve } = Promise.withResolvers<void>()
  const server = createServer(() => resolve())
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  return { url: `http://127.0.0.1:${address.port}`, called }
}

async function printed(fn: StartedFunction, text: string): Promise<void> {
  while (!fn.stdout().includes(text)) {
    await new Promise(resolve => fn.process.stdout?.once('data', resolve))
  }
}

t.test('C110 idle, without the hook: dies by SIGTERM', async t => {
  for (const env of [{}, { BATON_SHUTDOWN_HOOK: 'off' }]) {
    await using fn = await startFunction({ files: OK, events: [{}], env })
    await fn.answered(1)
    fn.process.kill('SIGTERM')
    t.same(await fn.exit, { code: null, signal: 'SIGTERM' })
  }
})

t.test('C110 idle, with the hook: exit 0, with tracing and without', async t => {
  await using collector = await startCollector()
  for (const env of [HOOKED, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }]) {
    await using fn = await startFunction({
      files: {
        'index.js': `process.on('exit', code => console.log('exit', code))\n${OK['index.js']}`,
      },
      events: [{}],
      env,
    })
    await fn.answered(1)
    fn.process.kill('SIGTERM')
    t.same(await fn.exit, { code: 0, signal: null })
    t.match(fn.stdout(), /^[^\n]*\tINFO\texit 0\n$/, "the user's exit listeners run")
  }
})

t.test('C111 a listener of the user alone decides when the process ends', async t => {
  for (const env of [HOOKED, {}]) {
    for (const [listener, code] of [
      ["process.on('SIGTERM', () => process.exit(7))", 7],
      // Cleans up for a while first.
      ["process.on('SIGTERM', () => setTimeout(() => process.exit(8), 50))", 8],
      ["process.once('SIGTERM', () => setTimeout(() => process.exit(9), 50))", 9],
    ] as const) {
      await using fn = await startFunction({
        files: { 'index.js': `${listener}\n${OK['index.js']}` },
        events: [{}],
        env,
      })
      await fn.answered(1)
      fn.process.kill('SIGTERM')
      t.same(await fn.exit, { code, signal: null }, listener)
    }
  }
})

t.test('C111 a listener that does not exit keeps the process serving', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: { 'index.js': `process.on('SIGTERM', () => console.log('mine'))\n${OK['index.js']}` },
    events: [{}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(1)
  fn.process.kill('SIGTERM')
  await printed(fn, 'mine')
  fn.api.push({})
  await fn.answered(2)
  t.match(fn.api.posts, [{ body: '1' }, { body: '1' }])
  await collector.waitForSpans(2)
  t.equal(fn.process.exitCode, null)
})

t.test('C111 a framework that cleans up and sends the signal again ends the process', async t => {
  await using fn = await startFunction({
    files: {
      // As NestJS does it.
      'index.js': `
        const cleanUp = signal => setTimeout(() => {
          console.log('cleaned up')
          process.removeListener(signal, cleanUp)
          process.kill(process.pid, signal)
        }, 20)
        process.on('SIGTERM', cleanUp)
        ${OK['index.js']}`,
    },
    events: [{}],
    env: HOOKED,
  })
  await fn.answered(1)
  fn.process.kill('SIGTERM')
  t.same(await fn.exit, { code: 0, signal: null })
  t.match(fn.stdout(), 'cleaned up')
})

for (const [name, inMs, cause, message] of [
  ['in the middle of its time', 60_000, 'shutdown', 'The execution environment was shut down'],
  ['past its deadline', 0, 'timeout', 'The invocation ran out of time'],
] as const) {
  t.test(`an invocation ${name} is cut off: its spans are there, and say how`, async t => {
    await using collector = await startCollector()
    const service = await startHangingService(t)
    await using fn = await startFunction({
      files: HANG,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, HANGING_URL: service.url },
    })
    fn.api.push(due({ hang: true }, inMs))
    await Promise.all([service.called, printed(fn, 'hanging')])
    fn.process.kill('SIGTERM')
    t.same(await fn.exit, { code: 0, signal: null })
    expectTree(t, collector.spans, ['fn', ['GET']])
    t.match(
      collector.spans,
      [
        {
          name: 'GET',
          status: { code: 'ERROR' },
          attributes: { 'error.type': cause, 'baton.unfinished': true, 'url.full': service.url },
        },
        {
          name: 'fn',
          status: { code: 'ERROR', message },
          attributes: {
            'error.type': cause,
            'faas.invocation_id': 'req-0',
            'faas.coldstart': true,
            'cloud.account.id': '123456789012',
          },
        },
      ],
      'the call that it waited for comes first',
    )
    t.equal(fn.api.posts.length, 0, 'the platform has answered the caller')
  })
}

t.test('a deadline that is not known is none that has passed', async t => {
  await using collector = await startCollector()
  const service = await startHangingService(t)
  await using fn = await startFunction({
    files: HANG,
    events: [
      {
        body: '{"hang":true}',
        headers: { 'Lambda-Runtime-Deadline-Ms': null },
      },
    ],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, HANGING_URL: service.url },
  })
  await Promise.all([service.called, printed(fn, 'hanging')])
  fn.process.kill('SIGTERM')
  await fn.exit
  t.match(
    collector.spans.map(span => span.attributes['error.type']),
    ['shutdown', 'shutdown'],
  )
})

t.test('the spans are on the wire before a listener that exits at once', async t => {
  await using collector = await startCollector()
  const service = await startHangingService(t)
  await using fn = await startFunction({
    files: { 'index.js': `process.on('SIGTERM', () => process.exit(3))\n${HANG['index.js']}` },
    // The first one leaves a connection to the collector behind.
    events: [{}, { hang: true }],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, HANGING_URL: service.url },
  })
  await Promise.all([service.called, printed(fn, 'hanging')])
  fn.process.kill('SIGTERM')
  t.same(await fn.exit, { code: 3, signal: null })
  const spans = await collector.waitForSpans(3)
  t.same(
    spans.map(span => span.name),
    ['fn', 'GET', 'fn'],
  )
})

t.test('what a collector did not take before is offered once more at the end', async t => {
  await using collector = await startCollector({ status: 503 })
  await using fn = await startFunction({
    files: OK,
    events: [{}, {}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await fn.answered(2)
  t.equal(collector.requests.length, 1, 'the second one was held: it is too soon to try again')
  collector.setFault(undefined)
  fn.process.kill('SIGTERM')
  t.same(await fn.exit, { code: 0, signal: null })
  t.same(
    collector.spans.map(span => span.attributes['faas.invocation_id']),
    ['req-0', 'req-1'],
  )
})

t.test('spans that nobody takes at the end are reported, and the process ends', async t => {
  for (const fault of [{ status: 503 }, { reset: true }, { hang: true }]) {
    await using collector = await startCollector({ status: 503 })
    await using fn = await startFunction({
      files: OK,
      events: [{}],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    })
    await fn.answered(1)
    collector.setFault(fault)
    fn.process.kill('SIGTERM')
    t.same(await fn.exit, { code: 0, signal: null })
    if (!('hang' in fault)) t.match(fn.stdout(), /WARN\tbaton: 1 spans could not be exported at/)
  }
})

t.test('an export under way is waited for, and nothing is sent twice', async t => {
  await using collector = await startCollector({ delayMs: 150 })
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  await collector.waitForRequests(1)
  fn.process.kill('SIGTERM')
  t.same(await fn.exit, { code: 0, signal: null })
  t.equal(collector.requests.length, 1)
  t.equal(collector.spans.length, 1)
})

t.test('SIGTERM while the function is being loaded: exit 0, nothing posted', async t => {
  await using fn = await startFunction({
    files: {
      'index.mjs': `console.log('loading'); await new Promise(resolve => setTimeout(resolve, 60000))
        export const handler = async () => 1`,
    },
    env: HOOKED,
  })
  await printed(fn, 'loading')
  fn.process.kill('SIGTERM')
  t.same(await fn.exit, { code: 0, signal: null })
  t.equal(fn.api.posts.length, 0)
})

for (const [name, workers] of [
  ['side by side in one thread', '1'],
  ['in worker threads', '2'],
] as const) {
  t.test(`invocations ${name} are all cut off, each with its spans`, async t => {
    await using collector = await startCollector()
    const service = await startHangingService(t)
    await using fn = await startFunction({
      files: HANG,
      events: [1, 2, 3, 4].map(n => due({ hang: true }, n === 1 ? 0 : 60_000)),
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        HANGING_URL: service.url,
        AWS_LAMBDA_MAX_CONCURRENCY: '4',
        AWS_LAMBDA_NODEJS_WORKER_COUNT: workers,
      },
    })
    await fn.api.until(({ nexts }) => nexts.length === 4)
    while (fn.stdout().split('hanging').length < 5) {
      await new Promise(resolve => fn.process.stdout?.once('data', resolve))
    }
    fn.process.kill('SIGTERM')
    t.same(await fn.exit, { code: 0, signal: null })
    const ended = collector.spans.filter(span => span.name === 'fn')
    t.same(ended.map(span => span.attributes['faas.invocation_id']).sort(), [
      'req-0',
      'req-1',
      'req-2',
      'req-3',
    ])
    t.equal(fn.api.extensionCalls.length, 2, 'registered once')
    t.match(
      collector.spans.filter(span => span.name === 'GET'),
      Array(4).fill({ attributes: { 'baton.unfinished': true } }),
    )
  })
}
