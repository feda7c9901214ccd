// The built bootstrap with each sampler, and with each reason to keep what was not sampled.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startFunction as startLocalFunction } from '../../local/emulator/function.ts'
import { LAYER, startFunction } from '../helpers/function.ts'
import { type CollectedSpan, expectTree, startCollector } from '../helpers/otlp.ts'
import { startService } from '../instrumentation/libraries/traced.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const UPSTREAM_SPAN_ID = 'b7ad6b7169203331'

/** An HTTP event of payload format 2.0; what the handler is to do stands in its body. */
const httpEvent = (flags: '' | '00' | '01', body = '', headers: object = {}) => ({
  version: '2.0',
  routeKey: 'POST /orders',
  rawPath: '/orders',
  headers:
    flags === ''
      ? headers
      : { traceparent: `00-${TRACE_ID}-${UPSTREAM_SPAN_ID}-${flags}`, ...headers },
  requestContext: { http: { method: 'POST' } },
  body,
})

/** Lambda's own is sampled in these tests. */
const NO_TRACE_HEADER = { 'Lambda-Runtime-Trace-Id': null }

const HANDLER = `
  exports.handler = async event => {
    await (await fetch(process.env.SERVICE_URL)).text()
    if (event.body === 'fail') throw new TypeError('no such order')
    if (event.body === 'slow') await new Promise(resolve => setTimeout(resolve, 60))
    return { statusCode: event.body === '500' ? 500 : 200 }
  }`

interface Served {
  readonly spans: readonly CollectedSpan[]
  /** `traceparent` and `tracestate` of the call that each event led to. */
  readonly calls: readonly { traceparent: string; tracestate: string | undefined }[]
}

/** Serves the events, one after the other, and waits for all that is exported. */
async function serve(events: readonly unknown[], env: Record<string, string>): Promise<Served> {
  await using collector = await startCollector()
  await using service = await startService()
  await using fn = await startFunction({
    files: { 'index.js': HANDLER },
    events: events.map(event => ({ body: JSON.stringify(event), headers: NO_TRACE_HEADER })),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, SERVICE_URL: service.url, ...env },
  })
  await fn.answered(events.length)
  fn.process.kill('SIGTERM')
  await fn.exit
  return {
    spans: [...collector.spans],
    calls: service.seen.map(({ headers }) => ({
      traceparent: String(headers.traceparent),
      tracestate: headers.tracestate?.toString(),
    })),
  }
}

t.test('every sampler: for a root, a sampled and an unsampled caller', async t => {
  const cases = [
    ['', '', '1 1 0'],
    ['always_on', '', '1 1 1'],
    ['always_off', '', '0 0 0'],
    ['traceidratio', '0', '0 0 0'],
    ['traceidratio', '1', '1 1 1'],
    ['parentbased_always_on', '', '1 1 0'],
    ['parentbased_always_off', '', '0 1 0'],
    ['parentbased_traceidratio', '0', '0 1 0'],
    ['parentbased_traceidratio', '1', '1 1 0'],
  ] as const
  for (const [name, argument, expected] of cases) {
    const { spans, calls } = await serve([httpEvent(''), httpEvent('01'), httpEvent('00')], {
      OTEL_TRACES_SAMPLER: name,
      OTEL_TRACES_SAMPLER_ARG: argument,
    })
    const told = calls.map(({ traceparent }) => traceparent.slice(-1)).join(' ')
    t.equal(told, expected, `${name} ${argument}: what callees are told`)
    t.equal(spans.length, 2 * (expected.split('1').length - 1), 'is what is exported')
    t.match(calls[1]?.traceparent, new RegExp(`^00-${TRACE_ID}-`), 'the trace goes on')
    t.match(calls[2]?.traceparent, new RegExp(`^00-${TRACE_ID}-`))
  }
})

t.test('a ratio is stated in tracestate, beside what others say there', async t => {
  const states = { tracestate: 'vendor=1,ot=rv:80000000000000' }
  for (const [ratio, isSampled, tracestate] of [
    ['0.5', true, 'ot=th:8;rv:80000000000000,vendor=1'],
    ['0.25', false, 'vendor=1,ot=rv:80000000000000'],
  ] as const) {
    const { spans, calls } = await serve([httpEvent('00', '', states)], {
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: ratio,
    })
    t.equal(spans.length, isSampled ? 2 : 0)
    t.match(calls, [{ traceparent: isSampled ? /-01$/ : /-00$/, tracestate }])
  }
})

t.test(
  'kept: errors, status 500, slow ones and the cold start, each only when it is wanted',
  async t => {
    const bodies = ['', 'fail', '500', 'slow']
    const events = bodies.map(body => httpEvent('', body))
    for (const [keep, reasons] of [
      ['errors', [undefined, 'errors', 'errors', undefined]],
      ['cold-starts', ['cold-starts', undefined, undefined, undefined]],
      ['timeouts', [undefined, undefined, undefined, undefined]],
      ['errors,cold-starts', ['cold-starts', 'errors', 'errors', undefined]],
    ] as const) {
      const { spans, calls } = await serve(events, {
        OTEL_TRACES_SAMPLER: 'always_off',
        BATON_SAMPLE_KEEP: keep,
      })
      const roots = spans.filter(({ kind }) => kind === 'SERVER')
      const keptBy = Object.fromEntries(
        roots.map(span => [span.traceId, span.attributes['baton.sampling.kept_by']]),
      )
      t.strictSame(
        calls.map(({ traceparent }) => keptBy[traceparent.slice(3, 35)]),
        reasons,
        keep,
      )
      t.equal(spans.length, 2 * roots.length, 'with the calls')
      for (const call of calls) {
        t.match(call, { traceparent: /-00$/, tracestate: 'baton=tail' }, 'callees were not told to')
      }
      for (const span of spans) t.match(span, { flags: 0x100, traceState: 'baton=tail' })
    }
    const { spans } = await serve([httpEvent('', 'slow'), httpEvent('')], {
      OTEL_TRACES_SAMPLER: 'always_off',
      BATON_SAMPLE_KEEP: 'slower-than=50',
    })
    t.match(
      spans.filter(({ kind }) => kind === 'SERVER'),
      [{ attributes: { 'baton.sampling.kept_by': 'slower-than' } }],
    )
  },
)

t.test('kept although the caller did not sample: it says that the parent is missing', async t => {
  const state = { tracestate: 'vendor=1,ot=rv:80000000000000' }
  const { spans, calls } = await serve(
    [httpEvent('00', 'fail', state), httpEvent('01', 'fail', state)],
    { BATON_SAMPLE_KEEP: 'errors' },
  )
  const [kept, sampled] = [spans.slice(0, 2), spans.slice(2)]
  for (const each of [kept, sampled]) expectTree(t, each, ['POST /orders', ['GET']])
  t.match(kept[1], {
    parentSpanId: UPSTREAM_SPAN_ID,
    traceState: 'baton=tail,vendor=1,ot=rv:80000000000000',
    attributes: {
      'baton.sampling.kept_by': 'errors',
      'baton.sampling.parent_unsampled': true,
      'error.type': 'TypeError',
    },
  })
  t.strictSame(
    Object.keys(sampled[1]?.attributes ?? {}).filter(name => name.includes('sampling')),
    [],
    'what was sampled needs no reason',
  )
  t.match(calls, [
    { traceparent: /-00$/, tracestate: 'baton=tail,vendor=1,ot=rv:80000000000000' },
    { traceparent: /-01$/, tracestate: 'vendor=1,ot=rv:80000000000000' },
  ])
})

t.test('b3: 0 names no span, and stops the trace here and below', async t => {
  const { spans, calls } = await serve([httpEvent('', '', { B3: '0' }), httpEvent('')], {
    OTEL_PROPAGATORS: 'b3,tracecontext',
  })
  t.match(calls, [{ traceparent: /-00$/ }, { traceparent: /-01$/ }])
  t.equal(spans.length, 2)
})

interface Ending {
  /** What the handler does on its second event. */
  readonly code: string
  readonly errorType: string
  readonly env: Record<string, string>
}

/** A function that ends badly on its second event and serves a third, under an emulator that does as Lambda does. */
async function endBadly(t: Test, ending: Ending): Promise<readonly CollectedSpan[]> {
  await using collector = await startCollector()
  const hanging = createServer(() => {})
  await new Promise<void>(resolve => hanging.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    hanging.closeAllConnections()
    hanging.close()
  })
  const address = hanging.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  const directory = await mkdtemp(join(tmpdir(), 'baton-test-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const code = `exports.handler = async event => { if (event.end) ${ending.code} }`
  await writeFile(join(directory, 'index.js'), code)
  const fn = await startLocalFunction({
    bootstrap: join(LAYER, 'bootstrap'),
    directory,
    timeoutMs: 1000,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER: 'always_off',
      HANGING_URL: `http://127.0.0.1:${address.port}/slow`,
      BATON_JOURNAL: join(directory, 'journal'),
      BATON_INIT_SPANS: 'false',
      ...ending.env,
    },
    onLog() {},
  })
  await fn.invoke({})
  t.match(await fn.invoke({ end: true }), { errorType: ending.errorType })
  await fn.invoke({})
  await fn.stop()
  return [...collector.spans]
}

t.test('kept: an invocation that ran out of time, with the call that hung', async t => {
  const code = 'await fetch(process.env.HANGING_URL)'
  const end = (keep: string) =>
    endBadly(t, { code, errorType: 'Sandbox.Timedout', env: { BATON_SAMPLE_KEEP: keep } })
  for (const reason of ['timeouts', 'errors']) {
    const spans = await end(reason)
    expectTree(t, spans, [spans[1]?.name ?? '', ['GET']])
    t.match(spans, [
      { attributes: { 'error.type': 'timeout', 'url.full': /\/slow$/ } },
      { attributes: { 'error.type': 'timeout', 'baton.sampling.kept_by': reason } },
    ])
  }
  t.strictSame(await end('slower-than=60000'), [])
})

t.test(
  'kept as an error: an invocation whose process was killed, and none of the others',
  async t => {
    const code = "process.kill(process.pid, 'SIGKILL')"
    const end = (env: Record<string, string>) =>
      endBadly(t, { code, errorType: 'Runtime.ExitError', env })
    const spans = await end({ BATON_SAMPLE_KEEP: 'errors' })
    t.match(spans, [{ attributes: { 'baton.sampling.kept_by': 'errors' } }])
    t.equal(spans.length, 1)
    t.strictSame(await end({ BATON_SAMPLE_KEEP: 'timeouts' }), [])
    t.strictSame(await end({}), [], 'always_off leaves nothing behind')
  },
)
