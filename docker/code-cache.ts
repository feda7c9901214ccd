// Makes the code caches: V8's bytecode of every function that a traced invocation runs. The layer's own Node serves one
// event from a Runtime API and to a collector that live in the build, and leaves its code cache behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { BUNDLE_NAMES } from './bundle.ts'

const TIME_LIMIT_MS = 30_000
/** How the runtime ends when the Runtime API hands out no further event. */
const ENDED_BY_API = 1

/**
 * The same Node and runtime.js give the same bytes: strings lie in the cache in the order of their hashes, and a
 * function's bits say whether a compiler in another thread was done with it. train.cjs undoes these.
 */
const REPEATABLE = ['--hash-seed=1', '--no-sparkplug']
/** On a busy machine about one run in 200 still gave other bytes: what came twice is taken. */
const MOST_RUNS = 6

/** Fails when V8 refuses the cache: it says nothing of its own accord, and a layer would start slower for no reason. */
const CHECK = `
const { readFileSync } = require('node:fs')
const [, source, cache] = process.argv
const script = new (require('node:vm').Script)(readFileSync(source, 'latin1'), { cachedData: readFileSync(cache) })
process.exit(script.cachedDataRejected ? 1 : 0)`

/** In the place and of the shape in which the hook looks for the AWS SDK's; it sends one request. */
const SDK_FILE = 'node_modules/@smithy/core/dist-cjs/submodules/client/index.js'
const SDK = `
exports.Client = class Client {
  config = { serviceId: 'DynamoDB', region: async () => 'us-east-1' }
  async send(command, get) {
    await get()
    return { $metadata: { httpStatusCode: 200, requestId: 'build', attempts: 1 } }
  }
}`

/** What a first invocation does most often: an HTTP event, a call by each of Node's clients, and one to AWS. */
const HANDLER = `
const http = require('node:http')
const { Client } = require('./${SDK_FILE}')
const command = { schema: [9, '', 'GetItem'], input: { TableName: 'build', Key: { id: { S: '1' } } } }
const headers = {
  authorization: 'AWS4-HMAC-SHA256 Credential=A/20261125/us-east-1/dynamodb/aws4_request, SignedHeaders=host',
  'amz-sdk-invocation-id': 'build',
  'amz-sdk-request': 'attempt=1; max=3',
  'x-amz-target': 'DynamoDB_20120810.GetItem',
}
const getSigned = () => new Promise((resolve, reject) =>
  http.get(process.env.SERVICE_URL, { headers }, r => r.resume().on('end', resolve)).on('error', reject))
exports.handler = async () => {
  // What the first copy of OpenTelemetry's API does.
  globalThis[Symbol.for('opentelemetry.js.api.1')]
  await (await fetch(process.env.SERVICE_URL)).text()
  await new Promise((resolve, reject) =>
    http.get(process.env.SERVICE_URL, r => r.resume().on('end', resolve)).on('error', reject))
  await getSigned()
  await new Client().send(command, getSigned)
  return { statusCode: 200, body: '' }
}`

/**
 * Writes the code caches of the bundles in `folder` beside them, their names followed by `suffix`. `command` starts the
 * Node that they are for: its binary, or an emulator with it.
 */
export async function writeCodeCache(
  root: string,
  folder: string,
  suffix: string,
  command: readonly string[],
): Promise<void> {
  let before: Buffer | undefined
  for (let runs = 0; runs < MOST_RUNS; runs++) {
    await train(root, folder, suffix, command)
    const files = BUNDLE_NAMES.map(name => readFile(join(folder, `${name}${suffix}.cache`)))
    const caches = Buffer.concat(await Promise.all(files))
    if (before?.equals(caches)) return check(folder, suffix, command)
    before = caches
  }
  throw new Error(`code cache: expected the same bytes twice in ${MOST_RUNS} runs`)
}

async function train(
  root: string,
  folder: string,
  suffix: string,
  command: readonly string[],
): Promise<void> {
  const event = await readFile(join(root, 'examples', 'orders', 'event.json'), 'utf8')
  await using task = await makeTask()
  await using service = await listen(
    createServer((request, response) => {
      request.resume().on('end', () => response.end())
    }),
  )
  let asked = 0
  await using api = await listen(
    createServer((request, response) => {
      if (request.url?.endsWith('/invocation/next') && asked++ === 0) {
        response.writeHead(200, {
          'Lambda-Runtime-Aws-Request-Id': 'build',
          'Lambda-Runtime-Deadline-Ms': String(Date.now() + TIME_LIMIT_MS),
          'Lambda-Runtime-Invoked-Function-Arn':
            'arn:aws:lambda:us-east-1:123456789012:function:build',
          'Lambda-Runtime-Trace-Id':
            'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1',
        })
        response.end(event)
        // The second request for an event is the end: 403 is what a Runtime API says when it wants no more.
      } else if (request.url?.endsWith('/invocation/next')) response.writeHead(403).end()
      else if (request.url?.endsWith('/extension/register')) {
        response.setHeader('Lambda-Extension-Identifier', 'build')
        request.resume().on('end', () => response.writeHead(200).end('{}'))
        // No event ever comes for the extension.
      } else if (!request.url?.endsWith('/extension/event/next'))
        request.resume().on('end', () => response.writeHead(202).end('{}'))
    }),
  )
  const train = join(import.meta.dirname, 'train.cjs')
  const [program = '', ...options] = command
  const child = spawn(program, [...options, ...REPEATABLE, train, folder, suffix], {
    cwd: task.folder,
    // As in Lambda, and not as the build has them: what Node loads for a stream depends on its kind, and is numbered in
    // the cache.
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIME_LIMIT_MS,
    env: {
      _HANDLER: 'index.handler',
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_LAMBDA_FUNCTION_NAME: 'build',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_REGION: 'us-east-1',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${service.address}`,
      // Whatever it takes: what is in the cache must not depend on how fast the machine is.
      BATON_INIT_MIN_MS: '0',
      BATON_JOURNAL: join(task.folder, 'journal'),
      SERVICE_URL: `http://${service.address}/`,
    },
  })
  child.stdout.resume()
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said += part
  })
  const [code] = await once(child, 'close')
  if (code !== ENDED_BY_API) {
    throw new Error(
      `code cache: expected exit code ${ENDED_BY_API} after one invocation, got ${code}\n${said}`,
    )
  }
}

async function check(folder: string, suffix: string, command: readonly string[]): Promise<void> {
  const [program = '', ...options] = command
  for (const name of BUNDLE_NAMES) {
    const path = join(folder, name)
    const args = [...options, '--eval', CHECK, `${path}.js`, `${path}${suffix}.cache`]
    const child = spawn(program, args, { env: {}, stdio: ['ignore', 'ignore', 'inherit'] })
    const [refused] = await once(child, 'close')
    if (refused !== 0) throw new Error(`code cache: expected V8 to accept ${name}'s, got a refusal`)
  }
}

interface Address extends AsyncDisposable {
  /** `host:port`. */
  readonly address: string
}

async function listen(server: Server): Promise<Address> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

async function makeTask(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-build-'))
  await writeFile(join(folder, 'index.js'), HANDLER)
  await mkdir(dirname(join(folder, SDK_FILE)), { recursive: true })
  await writeFile(join(folder, SDK_FILE), SDK)
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
