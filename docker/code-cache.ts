// Makes the .cache files: V8's bytecode of every function that a traced invocation runs, a call to AWS among what it does. The layer's own Node serves one
// event from a Runtime API and to a collector that live in the build, and leaves its code cache behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const TIME_LIMIT_MS = 30_000
/** How the runtime ends when the Runtime API hands out no further event. */
const ENDED_BY_API = 1

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
  await (await fetch(process.env.SERVICE_URL)).text()
  await new Promise((resolve, reject) =>
    http.get(process.env.SERVICE_URL, r => r.resume().on('end', resolve)).on('error', reject))
  await getSigned()
  await new Client().send(command, getSigned)
  return { statusCode: 200, body: '' }
}`

/** Writes a .cache file beside each bundle in `folder`, for the Node binary `node`; needs to run it. */
export async function writeCodeCache(root: string, folder: string, node: string): Promise<void> {
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
  const child = spawn(node, [join(import.meta.dirname, 'train.cjs'), folder], {
    cwd: task.folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: TIME_LIMIT_MS,
    env: {
      _HANDLER: 'index.handler',
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_LAMBDA_FUNCTION_NAME: 'build',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_REGION: 'us-east-1',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${service.address}`,
      BATON_JOURNAL: join(task.folder, 'journal'),
      SERVICE_URL: `http://${service.address}/`,
    },
  })
  const [code] = await once(child, 'close')
  if (code !== ENDED_BY_API) {
    throw new Error(
      `code cache: expected exit code ${ENDED_BY_API} after one invocation, got ${code}`,
    )
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
