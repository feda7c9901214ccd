// The command line, read and refused.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { HELP } from '../../../local/cli/help.ts'
import { hasEndpoint, selectVariables } from '../../../local/cli/inputs.ts'
import { parseArguments } from '../../../local/cli/parse-arguments.ts'
import { runCli } from './run-cli.ts'

const parse = (line: string) => parseArguments(line.split(' '))

t.test('an invocation with nothing but what it needs', async t => {
  t.strictSame(parse('invoke --event e.json dir'), {
    name: 'invoke',
    directory: 'dir',
    event: 'e.json',
    handler: 'index.handler',
    timeoutMs: 3000,
    memoryMb: 128,
    env: {},
    endpoint: undefined,
    bootstrap: undefined,
    json: false,
  })
})

t.test('an invocation with everything', async t => {
  const line =
    'invoke dir --event=- --handler app.main --timeout 0.5 --memory 512 --env A=1 --env B=x=y --env C= --endpoint https://otlp:4318 --bootstrap ./b --json'
  t.match(parse(line), {
    event: '-',
    handler: 'app.main',
    timeoutMs: 500,
    memoryMb: 512,
    env: { A: '1', B: 'x=y', C: '' },
    endpoint: 'https://otlp:4318',
    bootstrap: './b',
    json: true,
  })
  t.match(parseArguments(['invoke', '--event', 'e', '--env', 'K=a\nb', 'd']), {
    env: { K: 'a\nb' },
  })
})

t.test('a function that is served, and a collector', async t => {
  const fn = { directory: 'dir', handler: 'index.handler', timeoutMs: 3000, memoryMb: 128, env: {} }
  t.match(parse('serve dir'), {
    name: 'serve',
    ...fn,
    listen: { host: '127.0.0.1', port: 8080 },
    inherit: false,
  })
  t.match(parse('serve --listen 0.0.0.0:65535 --inherit dir'), {
    listen: { host: '0.0.0.0', port: 65_535 },
    inherit: true,
  })
  t.strictSame(parse('collect'), { name: 'collect', listen: { host: '127.0.0.1', port: 4318 } })
})

t.test('help and version need nothing else', async t => {
  t.strictSame(parse('--help'), { name: 'help' })
  t.strictSame(parse('invoke -h'), { name: 'help' })
  t.strictSame(parse('--version'), { name: 'version' })
})

for (const [line, message] of [
  ['', 'command: expected build, invoke, serve or collect, got nothing'],
  ['run dir', 'command: expected build, invoke, serve or collect, got run'],
  ['invoke', 'FUNCTION_DIR: expected a folder, got nothing'],
  ['invoke a b c --event e', 'FUNCTION_DIR: expected one folder, also got b c'],
  ['invoke dir', '--event: expected a value, got nothing'],
  ['invoke dir --event', "Option '--event <value>' argument missing"],
  ['invoke dir --event e --trace', "Unknown option '--trace'"],
  ['invoke dir --event e --handler=', '--handler: expected a value, got nothing'],
  [
    'invoke dir --event e --timeout 0',
    '--timeout: expected seconds above 0 and up to 900, got "0"',
  ],
  [
    'invoke dir --event e --timeout=-1',
    '--timeout: expected seconds above 0 and up to 900, got "-1"',
  ],
  [
    'invoke dir --event e --timeout 900.001',
    '--timeout: expected seconds above 0 and up to 900, got "900.001"',
  ],
  [
    'invoke dir --event e --timeout 3s',
    '--timeout: expected seconds above 0 and up to 900, got "3s"',
  ],
  ['invoke dir --event e --timeout=', '--timeout: expected seconds above 0 and up to 900, got ""'],
  [
    'invoke dir --event e --memory 127',
    '--memory: expected whole megabytes from 128 to 10240, got "127"',
  ],
  [
    'invoke dir --event e --memory 10241',
    '--memory: expected whole megabytes from 128 to 10240, got "10241"',
  ],
  [
    'invoke dir --event e --memory 1e3',
    '--memory: expected whole megabytes from 128 to 10240, got "1e3"',
  ],
  ['invoke dir --event e --env A', '--env: expected KEY=VALUE, got "A"'],
  ['invoke dir --event e --env 1A=b', '--env: expected KEY=VALUE, got "1A=b"'],
  ['serve dir --event e', '--event: not an option of serve'],
  ['serve dir --json', '--json: not an option of serve'],
  ['invoke dir --event e --listen a:1', '--listen: not an option of invoke'],
  ['collect --timeout=3', '--timeout: not an option of collect'],
  ['collect dir', 'collect: expected no folder, got dir'],
  ['serve --listen 8080 dir', '--listen: expected HOST:PORT like 127.0.0.1:8080, got "8080"'],
  ['serve --listen a:65536 dir', '--listen: expected HOST:PORT like 127.0.0.1:8080, got "a:65536"'],
  [
    'invoke dir --event e --endpoint localhost:4318',
    '--endpoint: expected an http or https URL, got "localhost:4318"',
  ],
  [
    'invoke dir --event e --endpoint /v1/traces',
    '--endpoint: expected an http or https URL, got "/v1/traces"',
  ],
] as const) {
  t.test(`refused: baton ${line}`, async t => {
    t.throws(() => parseArguments(line.split(' ').filter(Boolean)), { code: 'USAGE', message })
  })
}

t.test('the limits themselves are taken', async t => {
  t.match(parse('invoke d --event e --timeout 900 --memory 10240'), {
    timeoutMs: 900_000,
    memoryMb: 10_240,
  })
  t.match(parse('invoke d --event e --memory 128'), { memoryMb: 128 })
})

t.test('every option is in the help, and nothing else is', async t => {
  const options = ['local/cli/parse-arguments.ts', 'docker/build-options.ts'].flatMap(file => {
    const source = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
    const table = /const OPTIONS = \{(.*?)\n\}/s.exec(source)?.[1] ?? ''
    return [...table.matchAll(/^ {2}'?([\w-]+)'?:/gm)].map(match => `--${match[1]}`)
  })
  const told = new Set(HELP.match(/--[a-z][a-z-]*/g))
  t.ok(options.length > 15)
  t.strictSame([...told].sort(), options.sort())
})

t.test('of the shell, only what tracing and AWS calls need is passed on', async t => {
  const selected = selectVariables({
    OTEL_SERVICE_NAME: 'a',
    BATON_SHIP: 'now',
    AWS_ENDPOINT_URL: 'u',
    AWS_ENDPOINT_URL_S3: 's',
    AWS_SESSION_TOKEN: 't',
    AWS_REGION: 'r',
    AWS_PROFILE: 'p',
    NODE_OPTIONS: '--require x',
    HOME: '/root',
    XOTEL_A: '1',
  })
  t.strictSame(Object.keys(selected).sort(), [
    'AWS_ENDPOINT_URL',
    'AWS_ENDPOINT_URL_S3',
    'AWS_REGION',
    'AWS_SESSION_TOKEN',
    'BATON_SHIP',
    'OTEL_SERVICE_NAME',
  ])
})

t.test('an endpoint is one of the two standard variables, when it is not blank', async t => {
  t.equal(hasEndpoint({}), false)
  t.equal(hasEndpoint({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }), false)
  t.equal(hasEndpoint({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' }), true)
  t.equal(hasEndpoint({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a' }), true)
})

t.test('usage errors end with status 2, on stderr alone', async t => {
  t.strictSame(await runCli(['invoke', 'dir']), {
    status: 2,
    stdout: '',
    stderr: 'baton: --event: expected a value, got nothing\nbaton --help tells more.\n',
  })
  const missing = await runCli(['invoke', '--event', '-', '/nowhere'], { stdin: '{}' })
  t.equal(missing.status, 2)
  t.match(
    missing.stderr,
    /^baton: .*(function directory: expected a folder, got "\/nowhere"|expected an executable)/,
  )
  const noFile = await runCli(['invoke', '--event', '/nowhere.json', '.'])
  t.match(noFile, {
    status: 2,
    stderr: /^baton: --event: expected a file that can be read: ENOENT/,
  })
  const noJson = await runCli(['invoke', '--event', '-', '.'], { stdin: '{"a":' })
  t.match(noJson, { status: 2, stderr: /^baton: --event: expected JSON in stdin: / })
  const noRuntime = await runCli(['invoke', '--event', '-', '--bootstrap', '/nowhere', '.'], {
    stdin: '{}',
  })
  t.match(noRuntime, {
    status: 2,
    stderr: /^baton: --bootstrap: expected an executable file, found none at \/nowhere\n/,
  })
})

t.test('a function that is served, and a collector', async t => {
  const fn = { directory: 'dir', handler: 'index.handler', timeoutMs: 3000, memoryMb: 128, env: {} }
  t.match(parse('serve dir'), {
    name: 'serve',
    ...fn,
    listen: { host: '127.0.0.1', port: 8080 },
    inherit: false,
  })
  t.match(parse('serve --listen 0.0.0.0:65535 --inherit dir'), {
    listen: { host: '0.0.0.0', port: 65_535 },
    inherit: true,
  })
  t.strictSame(parse('collect'), { name: 'collect', listen: { host: '127.0.0.1', port: 4318 } })
})

t.test('help and version go to stdout', async t => {
  t.strictSame(await runCli(['--help']), { status: 0, stdout: HELP, stderr: '' })
  const { version } = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  )
  t.strictSame(await runCli(['--version']), { status: 0, stdout: `${version}\n`, stderr: '' })
})
