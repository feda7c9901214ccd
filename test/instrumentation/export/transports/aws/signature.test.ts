// Signatures, made again by aws4 over what a server received.
import t, { type Test } from 'tap'
import type {
  Authorizer,
  Headers,
} from '../../../../../instrumentation/export/transports/authorizer.ts'
import {
  createSigner,
  signingScope,
} from '../../../../../instrumentation/export/transports/aws/signer.ts'
import { createHttpClient } from '../../../../../runtime/api/http-client.ts'
import type { HttpResponse } from '../../../../../runtime/contract.ts'
import { type AwsKeys, type AwsServer, startAwsServer } from '../../../../helpers/aws-server.ts'

const SCOPE = { service: 'xray', region: 'eu-central-1' }
const KEYS: AwsKeys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2Vj//session+token==',
}
const source = (keys: AwsKeys) => ({ get: async () => keys, renew: () => false })

const startServer = (nowMs: () => number = Date.now): Promise<AwsServer> =>
  startAwsServer({ ...SCOPE, keys: KEYS, nowMs, answer: () => ({}) })

interface Message {
  readonly path?: string
  readonly headers?: Headers
  readonly body?: Uint8Array
}

/** Signs a request, sends it, and answers what the server said. */
async function send(
  t: Test,
  server: AwsServer,
  signer: Authorizer,
  { path = '/v1/traces', headers = {}, body = Buffer.from('body') }: Message = {},
): Promise<HttpResponse> {
  const url = new URL(`${server.url}${path}`)
  const signed = await signer.authorize({ method: 'POST', url, headers, body }, 1000)
  const client = createHttpClient({ host: '127.0.0.1', port: server.port, authority: url.host })
  t.teardown(() => client.close())
  return client.request({
    method: 'POST',
    path: `${url.pathname}${url.search}`,
    headers: signed,
    body,
  })
}

for (const [name, message] of [
  ['a plain request', {}],
  ['an empty body', { body: Buffer.alloc(0) }],
  ['bytes that are no text', { body: Buffer.from([0, 255, 128, 13, 10]) }],
  ['text beyond ASCII', { body: Buffer.from('{"k":"ü 日本 \\ud83d\\ude00"}') }],
  ['a path that is escaped', { path: '/a%20b/%C3%BC/v1:traces' }],
  ['a query', { path: '/v1/traces?b=2&a=1&a=0&x=%26%C3%BC%20y&empty' }],
  ['no path', { path: '' }],
  [
    'headers of the user',
    { headers: { 'Content-Type': 'application/x-protobuf', 'X-Key': ' a  b ', 'User-Agent': 'x' } },
  ],
] as const) {
  t.test(`${name} is signed as aws4 signs it`, async t => {
    await using server = await startServer()
    const { statusCode } = await send(t, server, createSigner(SCOPE, source(KEYS)), message)
    t.equal(server.requests[0]?.flaw, undefined)
    t.equal(statusCode, 200)
  })
}

t.test('keys without a session are signed with as well', async t => {
  const { accessKeyId, secretAccessKey } = KEYS
  const keys = { accessKeyId, secretAccessKey }
  await using server = await startAwsServer({ ...SCOPE, keys, answer: () => ({}) })
  t.equal((await send(t, server, createSigner(SCOPE, source(keys)))).statusCode, 200)
})

t.test('the verifier refuses what is not as it was signed', async t => {
  await using server = await startServer()
  const refuse = async (keys: AwsKeys, scope = SCOPE): Promise<void> => {
    t.equal((await send(t, server, createSigner(scope, source(keys)))).statusCode, 403)
  }
  await refuse({ ...KEYS, secretAccessKey: 'other' })
  await refuse({ ...KEYS, sessionToken: 'other' })
  await refuse(KEYS, { ...SCOPE, region: 'us-east-1' })
  await refuse(KEYS, { ...SCOPE, service: 'osis' })
  const url = new URL(`${server.url}/`)
  const unsigned = { method: 'POST', url, headers: {}, body: Buffer.from('a') } as const
  const headers = await createSigner(SCOPE, source(KEYS)).authorize(unsigned, 1000)
  const client = createHttpClient({ host: '127.0.0.1', port: server.port })
  t.teardown(() => client.close())
  const request = { method: 'POST', path: '/', headers, body: 'b' } as const
  t.equal((await client.request(request)).statusCode, 403, 'another body')
})

for (const [offMs, isOff] of [
  [-3_600_000, true],
  [3_600_000, true],
  [-10 * 60_000, true],
  [-60_000, false],
] as const) {
  t.test(`a clock that is ${offMs / 1000} s away is ${isOff ? '' : 'not '}learned of`, async t => {
    await using server = await startServer(() => Date.now() + offMs)
    const signer = createSigner(SCOPE, source(KEYS))
    const first = await send(t, server, signer)
    t.equal(first.statusCode, isOff ? 403 : 200)
    t.equal(signer.learn(first), isOff)
    t.equal((await send(t, server, signer)).statusCode, 200)
  })
}

t.test(
  'a clock that was learned is not learned again: another refusal has another reason',
  async t => {
    await using server = await startServer(() => Date.now() + 3_600_000)
    const signer = createSigner(SCOPE, source({ ...KEYS, secretAccessKey: 'other' }))
    t.equal(signer.learn(await send(t, server, signer)), true)
    t.equal(signer.learn(await send(t, server, signer)), false)
  },
)

for (const [address, service, expected] of [
  ['https://xray.eu-west-1.amazonaws.com/v1/traces', undefined, ['xray', 'eu-west-1']],
  ['https://xray.cn-north-1.amazonaws.com.cn/v1/traces', undefined, ['xray', 'cn-north-1']],
  ['https://XRAY.us-gov-west-1.amazonaws.com/', undefined, ['xray', 'us-gov-west-1']],
  ['https://xray.eu-west-1.amazonaws.com.evil.example/', undefined, undefined],
  ['https://evil-xray.eu-west-1.amazonaws.com/', undefined, undefined],
  ['https://xray.eu-west-1.api.aws/v1/traces', undefined, ['xray', 'eu-west-1']],
  ['https://collector.example/', undefined, undefined],
  ['https://logs.eu-west-1.amazonaws.com/v1/logs', undefined, undefined],
  ['http://127.0.0.1:4318/v1/traces', 'xray', ['xray', 'sa-east-1']],
  ['https://p.eu-west-1.osis.amazonaws.com/v1/traces', 'osis', ['osis', 'eu-west-1']],
  ['https://vpce-1.xray.eu-west-1.vpce.amazonaws.com/', 'xray', ['xray', 'eu-west-1']],
] as const) {
  t.test(`${address}${service ? `, for ${service},` : ''} is signed for ${expected}`, async t => {
    const scope = signingScope(new URL(address), service, 'sa-east-1')
    t.strictSame(scope && [scope.service, scope.region], expected)
  })
}
