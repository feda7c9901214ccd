// The `aws` commands of README, docs/ and examples/deploy/cli, by the real command, whose models refuse what Lambda does not
// have; a server in Lambda's place records them.
import { globSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { awsEnvironment, type StandIn, startStandIn } from './helpers/aws.ts'
import { composeCommand } from './helpers/counterparts.ts'
import { dockerCommand, tryDocker } from './helpers/engine.ts'
import { buildImage, makeContext, ROOT } from './helpers/images.ts'
import { startRegistry } from './helpers/registry.ts'
import { type Ended, tryRun } from './helpers/run.ts'

const LAYER_ARN = 'arn:aws:lambda:us-east-1:123456789012:layer:baton:1'
/** Its end record alone: the command looks whether it is a zip. */
const EMPTY_ZIP = Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex')
const ZIPS = ['baton-x64', 'baton-arm64', 'baton-wrapper']

/** What each command that is written down asks Lambda for. */
async function runCommands(t: Test, lambda: StandIn, script: string): Promise<Ended> {
  const cwd = await mkdtemp(join(tmpdir(), 'baton-commands-'))
  t.teardown(() => rm(cwd, { recursive: true, force: true }))
  await mkdir(join(cwd, 'dist'))
  for (const name of ['orders.zip', ...ZIPS.map(each => `dist/${each}.zip`)])
    await writeFile(join(cwd, name), EMPTY_ZIP)
  await writeFile(join(cwd, 'script'), script)
  const env = { ...(await awsEnvironment(t, lambda.url)), ROLE_ARN: 'arn:aws:iam::1:role/r' }
  return tryRun(['sh', '-eu', 'script'], { cwd, env })
}

const startLambda = () => startStandIn(() => ({ LayerVersionArn: LAYER_ARN }))

for (const [variant, runtime, variables] of [
  ['before', 'nodejs24.x', undefined],
  ['layer', 'provided.al2023', ['OTEL_EXPORTER_OTLP_ENDPOINT']],
  ['wrapper', 'nodejs24.x', ['AWS_LAMBDA_EXEC_WRAPPER', 'OTEL_EXPORTER_OTLP_ENDPOINT']],
] as const) {
  t.test(`AWS CLI, ${variant}`, async t => {
    const file = join(ROOT, 'examples', 'deploy', 'cli', variant, 'deploy.sh')
    await using lambda = await startLambda()
    const ended = await runCommands(t, lambda, await readFile(file, 'utf8'))
    t.equal(ended.code, 0, ended.stderr)
    const body = lambda.calls.at(-1)?.body ?? {}
    t.match(body, { Runtime: runtime, Handler: 'index.handler' })
    t.strictSame(body.Layers, variables && [LAYER_ARN])
    const environment = body.Environment as { Variables: object } | undefined
    t.strictSame(environment && Object.keys(environment.Variables), variables)
  })
}

/** Whole commands of README and docs/, continued lines joined. */
async function documented(pattern: RegExp): Promise<string[]> {
  const documents = ['README.md', ...globSync('docs/*.md', { cwd: ROOT })]
  const texts = await Promise.all(documents.map(name => readFile(join(ROOT, name), 'utf8')))
  const blocks = texts.flatMap(text =>
    [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block),
  )
  const lines = blocks.flatMap(block => block.replaceAll('\\\n', ' ').split('\n'))
  return lines.filter(line => pattern.test(line))
}

t.test('every `aws lambda` command of the documents is one', async t => {
  const commands = await documented(/^aws lambda(?:-core)? /)
  t.ok(commands.length >= 4)
  for (const command of commands) {
    await using lambda = await startLambda()
    const ended = await runCommands(t, lambda, command)
    t.equal(ended.code, 0, `${command}\n${ended.stderr}`)
    t.equal(lambda.calls.length, 1)
  }
  const custom = commands.find(each => each.includes('--runtime custom')) ?? ''
  await using lambda = await startLambda()
  const wrong = await runCommands(t, lambda, custom.replace(',RuntimeAlias=prod', ''))
  t.match(wrong, { code: /[^0]/, stderr: /RuntimeAlias/ }, 'a wrong one would be seen')
})

t.test('every `docker build` of the documents builds, on a base that is here', async t => {
  const commands = await documented(/^docker build /)
  t.ok(commands.length >= 4)
  await using context = await makeContext()
  for (const command of commands) {
    const args = command
      .replace(/-t \S+/, '-t baton-test:documented')
      .split(' ')
      .slice(1, -1)
    const base = ['--quiet', '--build-arg', 'BASE=scratch', '.']
    const [subcommand = '', ...rest] = [...args, ...base]
    const ended = await tryDocker([subcommand, ...rest], {
      cwd: context.folder,
      env: { DOCKER_BUILDKIT: '1' },
    })
    t.equal(ended.code, 0, `${command}\n${ended.stderr}`)
  }
})

t.test('every `docker run` of the documents can be started', async t => {
  const commands = await documented(/^docker run /)
  t.ok(commands.length >= 2)
  const image = await buildImage('baton-test:documented', { base: 'scratch' })
  for (const command of commands) {
    const [, , ...words] = command.replaceAll('"', '').replaceAll('$PWD', '/tmp').split(' ')
    const args = words.map(each => (/^(?:baton|YOUR_IMAGE)$/.test(each) ? image : each))
    const name = 'baton-documented'
    const ended = await tryDocker(['create', '--pull=never', `--name=${name}`, ...args])
    t.equal(ended.code, 0, `${command}\n${ended.stderr}`)
    await tryDocker(['rm', name])
  }
})

t.test('the login of the documents logs in', async t => {
  const [command = '', another] = await documented(/^aws ecr /)
  t.equal(another, undefined)
  const registry = await startRegistry(t)
  const authorizationToken = Buffer.from('AWS:secret').toString('base64')
  await using ecr = await startStandIn(() => ({ authorizationData: [{ authorizationToken }] }))
  const [, host = ''] = dockerCommand()
  const ended = await tryRun(
    ['sh', '-euc', command.replace('ACCOUNT.dkr.ecr.REGION.amazonaws.com', registry)],
    { env: { ...(await awsEnvironment(t, ecr.url)), DOCKER_HOST: host.replace(/^.*?=/, '') } },
  )
  t.match(ended, { code: 0, stdout: 'Login Succeeded' }, ended.stderr)
  t.equal(ecr.calls.length, 1)
})

t.test('every `docker compose` of the documents has a file that compose reads', async t => {
  const commands = await documented(/^docker compose /)
  t.ok(commands.length > 0)
  for (const command of commands) {
    const [, , ...args] = command.split(' ')
    t.equal(args.pop(), 'up', 'which compose.test.ts does')
    const ended = await tryRun([await composeCommand(), ...args, 'config', '--quiet'], {
      cwd: ROOT,
    })
    t.equal(ended.code, 0, `${command}\n${ended.stderr}`)
  }
})

t.test('every `curl` of the documents invokes', async t => {
  const commands = await documented(/^curl /)
  t.ok(commands.length > 0)
  for (const command of commands) {
    await using emulator = await startStandIn(() => ({}))
    const here = command.replace('localhost:9000', new URL(emulator.url).host)
    t.not(here, command)
    const ended = await tryRun(['sh', '-euc', here], { cwd: ROOT })
    t.equal(ended.code, 0, `${command}\n${ended.stderr}`)
    t.match(emulator.calls, [{ call: 'POST /2015-03-31/functions/function/invocations' }])
  }
})

/** What else there is, and who sees to it. */
const ELSEWHERE = [
  // test/docs.test.ts: the scripts and options are there. This runner and .ci/run start most of them.
  ...[/^npm (?:ci|run|test)\b/, /^npx (?:baton|tap) /, /^git clone URL baton && cd baton\b/],
  ...[/^aws (?:lambda|lambda-core|ecr) /, /^docker (?:build|run|compose) /, /^curl /],
  /^node docker\/publish-runtime\.ts /,
]

t.test('there is no command in the documents that no test knows', async t => {
  const unknown = await documented(/^(?!#)\S/)
  t.ok(unknown.length > 15)
  t.strictSame(
    unknown.filter(line => !ELSEWHERE.some(each => each.test(line))),
    [],
  )
})

t.test('the publication of the documents has no wrong option', async t => {
  const [command = '', another] = await documented(/^node docker\/publish-runtime/)
  t.equal(another, undefined)
  const known = command.replaceAll('ACCOUNT', '111122223333').replaceAll('REGION', 'us-east-1')
  const [, ...args] = known.split(' ')
  const ended = await tryRun([process.execPath, ...args], { cwd: ROOT, env: { PATH: '/none' } })
  t.match(ended.stderr, /docker: not found|spawn docker ENOENT/, 'it comes as far as to docker')
})

t.test('the scripts of examples can be started', async t => {
  const scripts = globSync('examples/deploy/**/*.sh', { cwd: ROOT })
  t.ok(scripts.length > 0)
  const folder = await mkdtemp(join(tmpdir(), 'baton-scripts-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  for (const script of scripts) {
    const copy = join(folder, 'script')
    await cp(join(ROOT, script), copy)
    const { code } = await tryRun(['test', '-x', copy])
    t.equal(code, 0, script)
  }
})
