// Keys out of Secrets Manager and Parameter Store, whose requests are verified, on their way to a real collector.
import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { keyValues, Secret } from '../../../../../bootstrap/values.ts'
import { encodeHead } from '../../../../../instrumentation/export/otlp-encoder.ts'
import type { Transport } from '../../../../../instrumentation/export/transport.ts'
import { parseSecretReference } from '../../../../../instrumentation/export/transports/aws/secret-reference.ts'
import {
  connectOtlp,
  type OtlpSettings,
} from '../../../../../instrumentation/export/transports/connect-otlp.ts'
import { serveLoopback } from '../../../../../local/http/loopback-server.ts'
import { createHttpClient } from '../../../../../runtime/api/http-client.ts'
import {
  type AwsAnswer,
  type AwsRequest,
  type AwsServer,
  startAwsServer,
} from '../../../../helpers/aws-server.ts'
import { encodedSpan } from '../../decode.ts'

const KEYS = { accessKeyId: 'AKID', secretAccessKey: 'key', sessionToken: 'session' }
const TIMEOUT_MS = 60_000
const BATCH = { head: encodeHead({}, 'baton', '1'), spans: encodedSpan('a'), count: 1 }

type Store = 'secretsmanager' | 'ssm'

const startStore = (
  service: Store,
  answer: (request: AwsRequest) => AwsAnswer,
  region = 'eu-west-1',
): Promise<AwsServer> => startAwsServer({ service, region, keys: KEYS, answer })

interface Collector {
  readonly url: URL
  /** The headers of each request. */
  readonly seen: Readonly<Record<string, unknown>>[]
  /** Statuses of the next answers; 200 after them. */
  readonly statuses: number[]
}

async function startCollector(t: Test): Promise<Collector> {
  const seen: Collector['seen'] = []
  const statuses: number[] = []
  const server = await serveLoopback(
    createServer((request, response) => {
      seen.push(request.headers)
      request.resume().on('end', () => response.writeHead(statuses.shift() ?? 200).end())
    }),
  )
  t.teardown(() => server.close())
  return { url: new URL(`${server.url}/v1/traces`), seen, statuses }
}

interface Places {
  readonly list?: string
  readonly single?: Readonly<Record<string, string>>
}

function connect(
  t: Test,
  url: URL,
  { list, single = {} }: Places,
  stores: Partial<Record<Store, AwsServer>>,
  fields: Partial<OtlpSettings> = {},
): Promise<Transport> {
  const endpoint = (store: Store): URL | undefined => stores[store] && new URL(stores[store].url)
  const reference = (text: string) => {
    const parsed = parseSecretReference(text)
    if (parsed === undefined) throw new Error(`expected a place, got ${text}`)
    return parsed
  }
  return connectOtlp(
    {
      url,
      headers: new Secret({ 'X-Fixed': '1' }),
      format: { protocol: 'http/protobuf', compression: 'none' },
      tls: {},
      signedService: undefined,
      secretHeaders: {
        list: list === undefined ? undefined : reference(list),
        single: Object.entries(single).map(([name, text]) => ({
          name,
          prefix: name === 'authorization' ? 'Bearer ' : '',
          reference: reference(text),
        })),
        readPairs: keyValues.read,
      },
      aws: {
        region: 'eu-west-1',
        credentials: {
          fixed: new Secret(KEYS),
          containerUrl: undefined,
          containerToken: undefined,
          containerTokenFile: undefined,
        },
        endpoints: { secretsmanager: endpoint('secretsmanager'), ssm: endpoint('ssm') },
      },
      ...fields,
    },
    {
      userAgent: 'baton',
      openHttpClient: options => {
        const client = createHttpClient(options)
        t.teardown(() => client.close())
        return client
      },
    },
  )
}

t.test('one key of Parameter Store and one of Secrets Manager are sent as headers', async t => {
  const collector = await startCollector(t)
  await using ssm = await startStore('ssm', () => ({ body: { Parameter: { Value: 'k1\n' } } }))
  await using secretsmanager = await startStore('secretsmanager', () => ({
    body: { SecretString: '{"token":"k2","other":"k3"}' },
  }))
  const transport = await connect(
    t,
    collector.url,
    { single: { 'x-api-key': 'ssm:/otlp/key', authorization: 'secretsmanager:otlp#token' } },
    { ssm, secretsmanager },
  )
  t.strictSame([ssm.requests.length, collector.seen.length], [0, 0], 'nothing before a batch')
  for (let batch = 0; batch < 2; batch++)
    t.strictSame(await transport.send(BATCH, TIMEOUT_MS), { status: 'accepted' })
  t.match(collector.seen[1], { 'x-fixed': '1', 'x-api-key': 'k1', authorization: 'Bearer k2' })
  const called = [...ssm.requests, ...secretsmanager.requests].map(({ flaw, headers, body }) => [
    flaw,
    headers['x-amz-target'],
    headers['content-type'],
    String(body),
  ])
  t.strictSame(called, [
    [
      undefined,
      'AmazonSSM.GetParameter',
      'application/x-amz-json-1.1',
      '{"Name":"/otlp/key","WithDecryption":true}',
    ],
    [
      undefined,
      'secretsmanager.GetSecretValue',
      'application/x-amz-json-1.1',
      '{"SecretId":"otlp"}',
    ],
  ])
})

for (const [form, body] of [
  ['pairs', { SecretString: 'x-a=1, X-Fixed=%32' }],
  ['JSON', { SecretString: '{"x-a":"1","X-Fixed":"2"}' }],
  ['bytes', { SecretBinary: Buffer.from('x-a=1,x-fixed=2').toString('base64') }],
] as const) {
  t.test(`a secret that holds all headers, as ${form}, wins over those of the options`, async t => {
    const collector = await startCollector(t)
    await using secretsmanager = await startStore('secretsmanager', () => ({ body }))
    const places = { list: 'secretsmanager:otlp' }
    const transport = await connect(t, collector.url, places, { secretsmanager })
    t.strictSame(await transport.send(BATCH, TIMEOUT_MS), { status: 'accepted' })
    t.match(collector.seen[0], { 'x-a': '1', 'x-fixed': '2' })
  })
}

t.test('an ARN is asked for in its own region', async t => {
  const collector = await startCollector(t)
  const value = { body: { SecretString: 'k' } }
  await using secretsmanager = await startStore('secretsmanager', () => value, 'us-east-2')
  const arn = 'arn:aws:secretsmanager:us-east-2:123456789012:secret:otlp-AbCdEf'
  const transport = await connect(t, collector.url, { single: { key: arn } }, { secretsmanager })
  t.strictSame(await transport.send(BATCH, TIMEOUT_MS), { status: 'accepted' })
  t.equal(String(secretsmanager.requests[0]?.body), `{"SecretId":"${arn}"}`)
})

const REFUSED = { __type: 'com.amazonaws#AccessDeniedException', message: 's3cret is not for you' }

for (const [name, answer, reason] of [
  [
    'refuses',
    { status: 400, body: REFUSED },
    /: GetSecretValue answered 400 AccessDeniedException$/,
  ],
  ['fails', { status: 500, body: 's3cret' }, /: GetSecretValue answered 500$/],
  ['has no value', { body: { Name: 's3cret' } }, /answered without a value/],
  ['has an empty value', { body: { SecretString: ' \n' } }, /answered with an empty value/],
  ['has other things', { body: { SecretString: 's3cret' } }, /name=value pairs or a JSON object/],
] as const) {
  t.test(`while the store ${name}, batches wait, and no secret is told`, async t => {
    const collector = await startCollector(t)
    let current: AwsAnswer = answer
    await using secretsmanager = await startStore('secretsmanager', () => current)
    const places = { list: 'secretsmanager:s3cret' }
    const transport = await connect(t, collector.url, places, { secretsmanager })
    const result = await transport.send(BATCH, TIMEOUT_MS)
    t.match(result, { status: 'retry', reason })
    t.match(result, { reason: /^BATON_SECRET_OTLP_HEADERS: / })
    t.notMatch(JSON.stringify(result), /s3cret/)
    t.equal(collector.seen.length, 0)
    current = { body: { SecretString: 'key=1' } }
    t.strictSame(await transport.send(BATCH, TIMEOUT_MS), { status: 'accepted' })
  })
}

t.test('a store that nobody reaches means retry', async t => {
  const collector = await startCollector(t)
  const ssm = await startStore('ssm', () => ({}))
  await ssm.close()
  const transport = await connect(t, collector.url, { single: { key: 'ssm:/k' } }, { ssm })
  t.match(await transport.send(BATCH, TIMEOUT_MS), {
    status: 'retry',
    reason: /^BATON_SECRET_HEADERS: /,
  })
})

for (const status of [401, 403]) {
  t.test(`a key that the collector answers ${status} to is fetched again, once`, async t => {
    const collector = await startCollector(t)
    let version = 0
    await using ssm = await startStore('ssm', () => ({
      body: { Parameter: { Value: `v${++version}` } },
    }))
    const transport = await connect(t, collector.url, { single: { key: 'ssm:/k' } }, { ssm })
    collector.statuses.push(status)
    t.strictSame(await transport.send(BATCH, TIMEOUT_MS), { status: 'accepted' })
    t.strictSame(
      collector.seen.map(headers => headers.key),
      ['v1', 'v2'],
    )
    collector.statuses.push(status)
    const again = await transport.send(BATCH, TIMEOUT_MS)
    t.match(again, { status: 'retry', reason: `the collector answered ${status}`, maxAttempts: 5 })
    t.equal(ssm.requests.length, 2, 'and not again within minutes')
  })
}

t.test('a key with a line break inside is not sent, and not told', async t => {
  const collector = await startCollector(t)
  await using ssm = await startStore('ssm', () => ({
    body: { Parameter: { Value: 's3\r\nX-Evil: cret' } },
  }))
  const transport = await connect(t, collector.url, { single: { key: 'ssm:/k' } }, { ssm })
  const result = await transport.send(BATCH, TIMEOUT_MS)
  t.match(result, { status: 'rejected', reason: /"key"/ })
  t.notMatch(JSON.stringify(result), /Evil|cret/)
  t.equal(collector.seen.length, 0)
})

t.test('keys are signed along where requests are signed', async t => {
  await using ssm = await startStore('ssm', () => ({ body: { Parameter: { Value: 'k1' } } }))
  await using xray = await startAwsServer({
    service: 'xray',
    region: 'eu-west-1',
    keys: KEYS,
    answer: () => ({}),
  })
  const url = new URL(`${xray.url}/v1/traces`)
  const transport = await connect(
    t,
    url,
    { single: { key: 'ssm:/k' } },
    { ssm },
    {
      signedService: 'xray',
      format: { protocol: 'http/protobuf', compression: 'gzip' },
    },
  )
  t.strictSame(await transport.send(BATCH, TIMEOUT_MS), { status: 'accepted' })
  const [request] = xray.requests
  t.match(request, { flaw: undefined, headers: { key: 'k1', 'content-encoding': 'gzip' } })
  t.match(request?.headers.authorization, /SignedHeaders=[^,]*;key;/)
})

t.test('a clock that is off costs one refusal, then batches are taken', async t => {
  await using xray = await startAwsServer({
    service: 'xray',
    region: 'eu-west-1',
    keys: KEYS,
    nowMs: () => Date.now() - 3_600_000,
    answer: () => ({}),
  })
  const url = new URL(`${xray.url}/v1/traces`)
  const settings = { signedService: 'xray', secretHeaders: undefined }
  const transport = await connect(t, url, {}, {}, settings)
  for (let batch = 0; batch < 2; batch++)
    t.strictSame(await transport.send(BATCH, TIMEOUT_MS), { status: 'accepted' })
  t.strictSame(
    xray.requests.map(({ flaw }) => flaw?.slice(0, 9)),
    ['signed at', undefined, undefined],
  )
})
