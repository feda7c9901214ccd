// The `aws` commands of README, docs/ and examples/deploy/cli, by the real command, whose models refuse what Lambda does not
// have; a server in Lambda's place records them.
import { globSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { documented } from '../helpers/snippets.ts'
import { awsEnvironment, type StandIn, startStandIn } from './helpers/aws.ts'
import { dockerCommand } from './helpers/engine.ts'
import { ROOT } from './helpers/images.ts'
import { publish, startLambdaCore } from './helpers/publish.ts'
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

t.test('every `aws lambda` command of the documents is one', async t => {
  const commands = documented('aws lambda')
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

t.test('the login of the documents logs in', async t => {
  const [command = '', another] = documented('aws ecr')
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

t.test('the publication of the documents publishes', async t => {
  const [command = '', another] = documented('publish-runtime')
  t.equal(another, undefined)
  const registry = await startRegistry(t)
  const args = command.replace('ACCOUNT.dkr.ecr.REGION.amazonaws.com', registry).split(' ').slice(2)
  await using core = await startLambdaCore(['CREATING', 'ACTIVE'])
  const ended = await publish(t, core, args)
  t.equal(ended.code, 0, ended.stderr)
  t.match(core.calls.at(0), { call: 'POST /2026-10-01/runtimes', body: { Name: 'baton' } })
  t.match(core.calls.at(-1), {
    call: 'POST /2026-10-01/runtimes/baton/aliases',
    body: { Name: 'canary', RuntimeVersion: 'v0.1.0' },
  })
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
