// The real `aws` command, with what is new in Lambda added to its models, and a server in Lambda's place.
import { globSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { Test } from 'tap'
import { type LoopbackServer, serveLoopback } from '../../../local/http/loopback-server.ts'
import { readBody } from '../../../local/http/read-body.ts'
import { pythonTool } from './counterparts.ts'
import { ROOT } from './images.ts'

export interface Call {
  readonly call: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface StandIn extends LoopbackServer {
  readonly calls: readonly Call[]
}

export type Answer = (call: Call, request: IncomingMessage, response: ServerResponse) => unknown

/** Records what comes, and answers what `answer` gives as JSON. */
export async function startStandIn(answer: Answer): Promise<StandIn> {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    const { bytes } = await readBody(request, 1 << 28)
    const body = bytes.length > 0 ? JSON.parse(bytes.toString()) : {}
    const call = { call: `${request.method} ${request.url}`, body }
    calls.push(call)
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(answer(call, request, response)))
  })
  return { calls, ...(await serveLoopback(server)) }
}

/** The variables with which `aws` is found and calls `url` only. */
export async function awsEnvironment(t: Test, url: string): Promise<Record<string, string>> {
  const home = await mkdtemp(join(tmpdir(), 'baton-aws-'))
  t.teardown(() => rm(home, { recursive: true, force: true }))
  const bin = dirname(await pythonTool('aws'))
  const models = join(home, 'models')
  const core = await readFile(join(ROOT, 'test', 'image', 'fixtures', 'lambda-core.json'), 'utf8')
  await writeModel(join(models, 'lambda-core', '2026-10-01'), core)
  await writeModel(join(models, 'lambda', '2015-03-31'), await lambdaModel(bin))
  return {
    PATH: [bin, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    HOME: home,
    AWS_DATA_PATH: models,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: url,
  }
}

async function writeModel(folder: string, model: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'service-2.json'), model)
}

/** Its own, and FunctionRuntimeConfig: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionRuntimeConfig.html */
async function lambdaModel(bin: string): Promise<string> {
  const path = 'lib/python3*/site-packages/awscli/botocore/data/lambda/2015-03-31/service-2.json'
  const [file] = globSync(path, { cwd: dirname(bin) })
  if (file === undefined) throw new Error(`expected ${path} in ${dirname(bin)}`)
  const model = JSON.parse(await readFile(join(dirname(bin), file), 'utf8'))
  const text = (min: number, max: number) => ({ type: 'string', min, max })
  Object.assign(model.shapes, {
    RuntimeConfigArn: text(48, 2048),
    RuntimeConfigAlias: text(1, 128),
    FunctionRuntimeConfig: {
      type: 'structure',
      required: ['RuntimeArn', 'RuntimeAlias'],
      members: {
        RuntimeArn: { shape: 'RuntimeConfigArn' },
        RuntimeAlias: { shape: 'RuntimeConfigAlias' },
      },
    },
  })
  for (const request of ['CreateFunctionRequest', 'UpdateFunctionConfigurationRequest'])
    model.shapes[request].members.RuntimeConfig = { shape: 'FunctionRuntimeConfig' }
  return JSON.stringify(model)
}
