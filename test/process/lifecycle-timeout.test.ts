// C1, C112, C171, C172, C176: the built layer under the emulator, which ends processes as Lambda does.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  type FunctionOptions,
  type LocalFunction,
  startFunction,
} from '../../local/emulator/function.ts'
import { LAYER } from '../helpers/function.ts'
import { expectTree, startCollector } from '../helpers/otlp.ts'

const TIMED_OUT = { kind: 'error', errorType: 'Sandbox.Timedout', origin: 'platform' }
const HANG = `
  exports.handler = async event => {
    if (!event.hang) return process.pid
    console.log('hanging')
    setInterval(() => {}, 1000)
    await new Promise(() => {})
  }`

interface Started extends AsyncDisposable {
  readonly fn: LocalFunction
  /** Lines on stdout so far. */
  readonly stdout: () => string[]
}

async function start(
  t: Test,
  code: string,
  env: Record<string, string>,
  options: Partial<FunctionOptions> = {},
): Promise<Started> {
  const directory = await mkdtemp(join(tmpdir(), 'baton-test-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  await writeFile(join(directory, 'index.js'), code)
  const lines: string[] = []
  const fn = await startFunction({
    bootstrap: join(LAYER, 'bootstrap'),
    directory,
    timeoutMs: 1000,
    // How many spans the init phase has depends on how fast the machine is.
    env: { BATON_INIT_SPANS: 'false', ...env },
    onLog: ({ source, text }) => {
      if (source !== 'platform') lines.push(text)
    },
    ...options,
  })
  return { fn, stdout: () => lines, [Symbol.asyncDispose]: () => fn.stop() }
}

t.test('C1 the layer starts where Lambda starts it, in the folder of the function', async t => {
  const code = 'exports.handler = async () => [process.cwd(), process.env.LAMBDA_TASK_ROOT]'
  await using started = await start(t, code, {})
  const [cwd, taskRoot] = JSON.parse((await started.fn.invoke({})).body)
  t.equal(cwd, taskRoot)
  t.same(started.stdout(), [])
})

t.test('C112 C171 without the hook a timeout is a kill: no listener runs', async t => {
  await using collector = await startCollector()
  await using started = await start(
    t,
    `process.on('SIGTERM', () => console.log('SIGTERM came'))\n${HANG}`,
    { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, BATON_SHUTDOWN_HOOK: 'off' },
  )
  const first = await started.fn.invoke({})
  const hung = await started.fn.invoke({ hang: true })
  t.match(hung, TIMED_OUT)
  t.match(hung.body, /Task timed out after 1\.00 seconds/)
  const after = await started.fn.invoke({})
  t.match([first.body, after.body], [/^\d+$/, /^\d+$/])
  t.not(after.body, first.body, 'a new process')
  await started.fn.settled()
  t.match(started.stdout(), [/\thanging$/])
  t.equal(started.stdout().length, 1)
  t.strictSame(
    collector.spans.map(span => span.attributes['error.type']).sort(),
    ['timeout', undefined, undefined],
    'the next process tells of it',
  )
})

t.test(
  'C112 C172 with it the timed-out invocation has its spans, and a new process follows',
  async t => {
    await using collector = await startCollector()
    const hanging = createServer(() => {})
    await new Promise<void>(resolve => hanging.listen(0, '127.0.0.1', resolve))
    t.teardown(() => {
      hanging.closeAllConnections()
      hanging.close()
    })
    const address = hanging.address()
    if (address === null || typeof address === 'string') throw new Error('expected a port')
    await using started = await start(
      t,
      `exports.handler = async event => {
      if (event.hang) await fetch(process.env.HANGING_URL)
      return process.pid
    }`,
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        HANGING_URL: `http://127.0.0.1:${address.port}/slow`,
      },
    )
    const first = await started.fn.invoke({})
    const hung = await started.fn.invoke({ hang: true })
    t.match(hung, TIMED_OUT)
    const spans = collector.spans.slice(1)
    expectTree(t, spans, [spans[1]?.name ?? '', ['GET']])
    t.match(spans, [
      {
        name: 'GET',
        status: { code: 'ERROR' },
        attributes: { 'error.type': 'timeout', 'baton.unfinished': true, 'url.full': /\/slow$/ },
      },
      {
        status: { code: 'ERROR' },
        attributes: { 'error.type': 'timeout', 'faas.invocation_id': hung.requestId },
      },
    ])
    for (const span of spans) {
      const lastedMs = Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6
      t.ok(lastedMs > 900, `${span.name} lasted until the timeout: ${lastedMs}`)
    }
    t.not((await started.fn.invoke({})).body, first.body)
    t.same(started.stdout(), [])
  },
)

t.test('C172 a listener of the user has the window, and then it is over', async t => {
  for (const [listener, ends] of [
    ["setTimeout(() => { console.log('cleaned up'); process.exit(0) }, 100)", true],
    ["setTimeout(() => console.log('too late'), 5000)", false],
  ] as const) {
    await using started = await start(
      t,
      `process.on('SIGTERM', () => { console.log('SIGTERM came'); ${listener} })\n${HANG}`,
      { BATON_SHUTDOWN_HOOK: 'on' },
      { timeoutMs: 500 },
    )
    t.match(await started.fn.invoke({ hang: true }), TIMED_OUT)
    t.match(await started.fn.invoke({}), { kind: 'response' })
    const said = started.stdout().map(line => line.split('\t').at(-1))
    t.same(said, ['hanging', 'SIGTERM came', ...(ends ? ['cleaned up'] : [])])
  }
})

t.test('an idle environment that is scaled in ships what it holds', async t => {
  await using collector = await startCollector({ status: 503 })
  await using started = await start(t, HANG, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  await started.fn.invoke({})
  await started.fn.settled()
  collector.setFault(undefined)
  await started.fn.stop()
  t.match(collector.spans, [{ attributes: { 'faas.coldstart': true } }])
})

t.test(
  'C176 an init that is longer than its limit: every event times out, in a new process',
  async t => {
    const code = `
    console.log('pid ' + process.pid)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
    exports.handler = async () => 1`
    for (const env of [{}, { BATON_SHUTDOWN_HOOK: 'on' }]) {
      await using started = await start(t, code, env, { initTimeoutMs: 1500 })
      t.match(await started.fn.invoke({}), TIMED_OUT)
      t.match(await started.fn.invoke({}), TIMED_OUT)
      const pids = new Set(started.stdout().map(line => line.split('pid ')[1]))
      t.equal(pids.size, 2)
    }
  },
)
