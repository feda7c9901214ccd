// `baton invoke` from end to end, with a scripted runtime that traces as a real one would.
import t from 'tap'
import { startCollector } from '../../helpers/otlp.ts'
import { writeBootstrap } from '../emulator/start-scripted.ts'
import { runCli } from './run-cli.ts'

/** Answers with the event and what it sees of the environment, and sends one span after the answer. */
const TRACED = `
for (;;) {
  const event = await next()
  const id = idOf(event)
  const input = JSON.parse(event.text)
  console.log('one\\rtwo')
  if (input.exit) process.exit(input.exit)
  if (input.fail) await fail(id, '{"errorType":"Boom","errorMessage":"no"}')
  else await respond(id, JSON.stringify({ input, handler: process.env._HANDLER, a: process.env.A, memory: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE }))
  await fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [{ spans: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'POST /orders', kind: 2,
        startTimeUnixNano: '1000000000', endTimeUnixNano: '1250000000',
        attributes: [{ key: 'faas.invocation_id', value: { stringValue: id } }] }] }] }] }),
  })
}`

t.test('prints the answer on stdout, the log and the trace on stderr', async t => {
  const { bootstrap, directory } = writeBootstrap(t, TRACED)
  const args = [
    '--handler',
    'app.main',
    '--memory',
    '256',
    '--env',
    'A=b',
    '--bootstrap',
    bootstrap,
  ]
  const run = await runCli(['invoke', '--event', '-', ...args, directory], {
    stdin: '{"x":1}',
  })
  t.equal(run.status, 0)
  t.strictSame(JSON.parse(run.stdout), {
    input: { x: 1 },
    handler: 'app.main',
    a: 'b',
    memory: '256',
  })
  const lines = run.stderr.split('\n')
  t.match(lines[0], /^START RequestId: /)
  t.strictSame(lines.slice(1, 3), ['one', 'two'])
  t.match(
    run.stderr,
    /\n✓ answered after [\d.]+ ms\n\ntrace (ab){16}\n250 ms · 1 span · shop\n\nPOST \/orders +█+ +250 ms\n/,
  )
  t.notMatch(run.stderr, '\x1b', 'no colour where there is no terminal')
})

t.test('with --json, one document on stdout', async t => {
  const { bootstrap, directory } = writeBootstrap(t, TRACED)
  const run = await runCli(
    ['invoke', '--json', '--event', '-', '--bootstrap', bootstrap, directory],
    {
      stdin: '{}',
    },
  )
  t.equal(run.status, 0)
  t.match(JSON.parse(run.stdout), {
    kind: 'response',
    requestId: /^[0-9a-f-]{36}$/,
    result: { input: {} },
    spans: [{ name: 'POST /orders', startTimeUnixNano: '1000000000', kind: 'SERVER' }],
  })
  t.notMatch(run.stderr, '█')
})

t.test('an invocation that fails ends with status 1, the error as the answer', async t => {
  const { bootstrap, directory } = writeBootstrap(t, TRACED)
  const invoke = (event: string, ...more: string[]) =>
    runCli(['invoke', '--event', '-', '--bootstrap', bootstrap, ...more, directory], {
      stdin: event,
    })
  const failed = await invoke('{"fail":true}')
  t.match(failed, {
    status: 1,
    stdout: '{"errorType":"Boom","errorMessage":"no"}\n',
    stderr: /✗ Boom after/,
  })
  t.match(failed.stderr, 'POST /orders', 'a failed invocation has a trace too')
  const exited = await invoke('{"exit":9}', '--json')
  t.match(JSON.parse(exited.stdout), {
    kind: 'error',
    errorType: 'Runtime.ExitError',
    error: { errorMessage: /exit status 9/ },
    spans: [],
  })
  t.equal(exited.status, 1)
})

t.test('spans that never come are missed, not waited for for ever', async t => {
  const { bootstrap, directory } = writeBootstrap(t, 'await serve(() => 1)')
  const run = await runCli(['invoke', '--event', '-', '--bootstrap', bootstrap, directory], {
    stdin: '{}',
  })
  t.match(run, { status: 0, stdout: '1\n', stderr: /no spans arrived/ })
})

for (const [how, args, env] of [
  ['--endpoint', (url: string) => ['--endpoint', url], () => ({})],
  ['the standard variable', () => [], (url: string) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url })],
  ['--env', (url: string) => ['--env', `OTEL_EXPORTER_OTLP_ENDPOINT=${url}`], () => ({})],
] as const) {
  t.test(`spans go to the endpoint that ${how} names`, async t => {
    await using collector = await startCollector()
    const { bootstrap, directory } = writeBootstrap(t, TRACED)
    const run = await runCli(
      ['invoke', '--event', '-', '--bootstrap', bootstrap, ...args(collector.url), directory],
      { stdin: '{}', env: env(collector.url) },
    )
    t.equal(run.status, 0)
    t.equal(collector.spans.length, 1)
    t.match(run.stderr, `spans went to ${collector.url}\n`)
    t.notMatch(run.stderr, '█')
  })
}
