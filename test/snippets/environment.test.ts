// Environments of the documents, line by line in the built bootstrap: every name is an option, nothing is warned of, and it
// does what the text says.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { OPTIONS, readConfig } from '../../bootstrap/config.ts'
import { serveLoopback } from '../../local/http/loopback-server.ts'
import { startAwsServer } from '../helpers/aws-server.ts'
import { type FunctionOptions, startFunction } from '../helpers/function.ts'
import { startCollector, type TestCollector } from '../helpers/otlp.ts'
import { DOCUMENTS, snippetsOf } from '../helpers/snippets.ts'
import { CERTIFICATE, PRIVATE_KEY } from '../instrumentation/export/tls-identity.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
const AWS_ENV = {
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
}
const HANDLER = { 'index.js': 'exports.handler = async () => 1' }

/** Where it is about more than a collector: the rest of the environment, the function, and what has to come of it. */
type Check = (t: Test, own: Readonly<Record<string, string>>) => Promise<void>

/** One invocation without a word in the log. */
async function serve(
  t: Test,
  env: Readonly<Record<string, string>>,
  options: Partial<FunctionOptions> = {},
): Promise<void> {
  await using fn = await startFunction({ files: HANDLER, events: [{}], ...options, env })
  await fn.answered(1)
  fn.process.kill('SIGTERM')
  await fn.exit
  t.equal(fn.stdout() + fn.stderr(), '')
  t.equal(fn.api.posts[0]?.operation, 'response')
}

/** The same with a collector; answers what came there. */
async function serveCollected(
  t: Test,
  env: Readonly<Record<string, string>>,
  options: Partial<FunctionOptions> = {},
): Promise<Pick<TestCollector, 'requests' | 'spans'>> {
  await using collector = await startCollector()
  await serve(t, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env }, options)
  return collector
}

interface Exported {
  readonly url: string | undefined
  readonly host: string | undefined
  readonly authorization: string | undefined
}

/** Where connections by TLS end at a server of the test, whoever they are for, and all above them is as it would be. */
async function serveElsewhere(
  t: Test,
  env: Readonly<Record<string, string>>,
): Promise<readonly Exported[]> {
  const seen: Exported[] = []
  await using server = await serveLoopback(
    createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (request, response) => {
      const { host, authorization } = request.headers
      seen.push({ url: request.url, host, authorization })
      request.resume().on('end', () => response.end())
    }),
  )
  const elsewhere = `const tls = require('node:tls'); const { connect } = tls
    tls.connect = options => connect({ ...options, host: '127.0.0.1', port: ${server.port}, servername: 'localhost' })`
  const files = { ...HANDLER, 'elsewhere.cjs': elsewhere, 'cert.pem': CERTIFICATE }
  const node = { NODE_OPTIONS: '--require ./elsewhere.cjs', NODE_EXTRA_CA_CERTS: './cert.pem' }
  await serve(t, { ...node, ...env }, { files })
  return seen
}

/** Beside a parameter and a secret of AWS, whose requests are signed: the headers of the export. */
async function exportedHeaders(t: Test, own: Readonly<Record<string, string>>) {
  const common = { region: 'us-east-1', keys: KEYS }
  const asked: unknown[] = []
  await using ssm = await startAwsServer({
    ...{ ...common, service: 'ssm' },
    answer: ({ body }) => {
      asked.push(JSON.parse(body.toString()).Name)
      return { body: { Parameter: { Value: 'of-the-parameter' } } }
    },
  })
  await using secrets = await startAwsServer({
    ...{ ...common, service: 'secretsmanager' },
    answer: ({ body }) => {
      asked.push(JSON.parse(body.toString()).SecretId)
      return { body: { SecretString: '{"token":"of-the-secret"}' } }
    },
  })
  const endpoints = {
    AWS_ENDPOINT_URL_SSM: ssm.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  }
  const { requests } = await serveCollected(t, { ...AWS_ENV, ...endpoints, ...own })
  return { asked, headers: requests[0]?.headers }
}

const CHECKS: Readonly<Record<string, Check>> = {
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://xray.eu-central-1.amazonaws.com/v1/traces': async (
    t,
    own,
  ) => {
    const scope = /Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/xray\/aws4_request/
    const seen = await serveElsewhere(t, { ...AWS_ENV, ...own })
    t.match(seen, [{ url: '/v1/traces', host: /^xray\./, authorization: scope }])
  },

  'OTEL_EXPORTER_OTLP_ENDPOINT=https://collector.example.com:4318': async (t, own) => {
    const seen = await serveElsewhere(t, own)
    t.match(seen, [{ url: '/v1/traces', host: 'collector.example.com:4318' }])
    t.equal(seen[0]?.authorization, undefined)
  },

  'BATON_SECRET_HEADERS=x-honeycomb-team=ssm:/otlp/honeycomb': async (t, own) => {
    const { asked, headers } = await exportedHeaders(t, own)
    t.match(headers, { 'x-honeycomb-team': 'of-the-parameter' })
    t.strictSame(asked, ['/otlp/honeycomb'])
  },

  'BATON_SECRET_HEADERS=authorization=Bearer secretsmanager:prod/otlp#token': async (t, own) => {
    const { asked, headers } = await exportedHeaders(t, own)
    t.match(headers, { authorization: 'Bearer of-the-secret' })
    t.strictSame(asked, ['prod/otlp'])
  },

  'BATON_INSTRUMENTATIONS=@opentelemetry/instrumentation-dataloader,@opentelemetry/instrumentation-generic-pool#GenericPoolInstrumentation':
    async (t, own) => {
      const code = `const DataLoader = require('dataloader')
        const pool = require('generic-pool').createPool({ create: async () => ({}), destroy: async () => {} }, {})
        exports.handler = async () => pool.use(() => new DataLoader(async keys => keys).load(1))`
      const options = { files: { 'index.js': code }, hasPackages: true }
      const { spans } = await serveCollected(t, own, options)
      const scopes = new Set(spans.map(({ scope }) => scope.name))
      const wanted = (own.BATON_INSTRUMENTATIONS ?? '').split(',')
      for (const name of wanted) t.ok(scopes.has(name.replace(/#.*/, '')), name)
    },
}

/** A block is what to choose from: each of its lines stands for itself. */
const LINES = snippetsOf('dotenv').flatMap(({ text }) => text.trim().split(/\s*\n\s*/))

t.test('every line has a check, and every check a line', async t => {
  t.ok(LINES.length > 0)
  t.strictSame([...LINES].sort(), Object.keys(CHECKS).sort())
})

/** Whether an option has this name, and takes this value without a warning. */
function checkOption(t: Test, name: string, value: string): void {
  const known = Object.values(OPTIONS).flatMap(({ names }): readonly string[] => names)
  t.ok(known.includes(name), `${name} is an option`)
  const lambda = { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1', _HANDLER: 'index.handler' }
  t.strictSame(readConfig({ ...lambda, [name]: value }).warnings, [], `${name}=${value}`)
}

t.test('variables with a value in the middle of a sentence are options that take it', async t => {
  const inline = DOCUMENTS.flatMap(name => [
    ...readFileSync(join(ROOT, name), 'utf8').matchAll(/`((?:OTEL|BATON)_\w+)=([^`]+)`/g),
  ])
  t.ok(inline.length > 10)
  // Of the wrapper, a script, not of the runtime.
  for (const [, name = '', value = ''] of inline)
    if (name !== 'BATON_NODE_FLAGS') checkOption(t, name, value)
})

for (const line of LINES)
  t.test(line, async t => {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? []
    checkOption(t, name, value)
    await CHECKS[line]?.(t, { [name]: value })
  })
