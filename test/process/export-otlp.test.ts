// The built runtime with each of the ways to export by OTLP that options choose.
import { createServer } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { serveLoopback } from '../../local/http/loopback-server.ts'
import { startAwsServer } from '../helpers/aws-server.ts'
import { startFunction } from '../helpers/function.ts'
import { startCollector } from '../helpers/otlp.ts'
import { CERTIFICATE, PRIVATE_KEY } from '../instrumentation/export/tls-identity.ts'

const OK = { 'index.js': 'exports.handler = async () => 1' }
const KEYS = { accessKeyId: 'AKID', secretAccessKey: 's3cret', sessionToken: 'session' }
const AWS_ENV = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  AWS_SESSION_TOKEN: KEYS.sessionToken,
}

for (const [name, env, headers] of [
  ['protobuf by default', {}, { 'content-type': 'application/x-protobuf' }],
  [
    'JSON, compressed',
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
    { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  ],
] as const) {
  t.test(`spans arrive: ${name}`, async t => {
    await using collector = await startCollector()
    await using fn = await startFunction({
      files: OK,
      events: [{}],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env },
    })
    await fn.answered(1)
    t.match(await collector.waitForSpans(1), [{ name: 'fn' }])
    t.match(collector.requests[0]?.headers, headers)
    t.equal(fn.stdout() + fn.stderr(), '')
  })
}

t.test('gRPC is not spoken: one warning says what is, and spans arrive', async t => {
  await using collector = await startCollector()
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  })
  await fn.answered(1)
  await collector.waitForSpans(1)
  t.match(fn.stdout(), /WARN.*OTEL_EXPORTER_OTLP_PROTOCOL.*the default, http\/protobuf, is used\n$/)
})

t.test('exports are signed, and the keys of the environment show nowhere', async t => {
  await using xray = await startAwsServer({
    service: 'xray',
    region: 'eu-west-1',
    keys: KEYS,
    answer: () => ({}),
  })
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: {
      ...AWS_ENV,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${xray.url}/v1/traces`,
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      BATON_SIGV4_SERVICE: 'xray',
    },
  })
  await fn.answered(1)
  t.strictSame(
    xray.requests.map(({ path, flaw }) => [path, flaw]),
    [['/v1/traces', undefined]],
  )
  t.equal(fn.stdout() + fn.stderr(), '')
})

t.test('a key out of Secrets Manager is fetched after the first answer, once', async t => {
  const order: string[] = []
  await using collector = await startCollector()
  await using store = await startAwsServer({
    service: 'secretsmanager',
    region: 'eu-west-1',
    keys: KEYS,
    answer: () => {
      order.push('secret')
      return { body: { SecretString: 'x-api-key=s3cret-key' } }
    },
  })
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: {
      ...AWS_ENV,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      BATON_SECRET_OTLP_HEADERS: 'secretsmanager:otlp',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    },
  })
  await fn.answered(1)
  t.equal(order.length, 1)
  fn.api.push({})
  await fn.answered(2)
  await collector.waitForSpans(2)
  t.equal(collector.requests[0]?.headers['x-api-key'], 's3cret-key')
  t.equal(store.requests.length, 1)
  t.equal(fn.stdout() + fn.stderr(), '')
})

t.test('while the key cannot be had the spans wait, and one warning names the option', async t => {
  await using collector = await startCollector()
  await using store = await startAwsServer({
    service: 'secretsmanager',
    region: 'eu-west-1',
    keys: KEYS,
    answer: () => ({ status: 400, body: { __type: 'ResourceNotFoundException' } }),
  })
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: {
      ...AWS_ENV,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      BATON_SECRET_OTLP_HEADERS: 'secretsmanager:otlp',
      AWS_ENDPOINT_URL: store.url,
    },
  })
  await fn.answered(1)
  t.match(fn.stdout(), /BATON_SECRET_OTLP_HEADERS: GetSecretValue answered 400 ResourceNotFound/)
  t.equal(collector.requests.length, 0)
})

t.test('a collector with a certificate of its own, over TLS', async t => {
  let requests = 0
  const server = createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, (request, response) => {
    requests++
    request.resume().on('end', () => response.end())
  })
  await using collector = await serveLoopback(server)
  await using fn = await startFunction({
    files: OK,
    events: [{}],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${collector.port}`,
      OTEL_EXPORTER_OTLP_CERTIFICATE: join(t.testdir({ 'ca.pem': CERTIFICATE }), 'ca.pem'),
    },
  })
  await fn.answered(1)
  t.equal(requests, 1)
  t.equal(fn.stdout() + fn.stderr(), '')
})
