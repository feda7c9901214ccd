// Credentials out of the environment, and from an endpoint on this machine that hands out others by and by.
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Secret } from '../../../../../bootstrap/values.ts'
import {
  type CredentialOptions,
  type CredentialSource,
  createCredentialSource,
} from '../../../../../instrumentation/export/transports/aws/credentials.ts'
import { serveLoopback } from '../../../../../local/http/loopback-server.ts'
import { createHttpClient } from '../../../../../runtime/api/http-client.ts'

const HOUR_MS = 3_600_000
const NONE: CredentialOptions = {
  fixed: undefined,
  containerUrl: undefined,
  containerToken: undefined,
  containerTokenFile: undefined,
  openHttpClient: createHttpClient,
}

interface Endpoint {
  readonly url: string
  readonly asked: IncomingMessage[]
  /** What it answers from now on: a body with status 200, or a status. */
  answer: object | number
}

async function startEndpoint(t: Test, answer: object | number): Promise<Endpoint> {
  const asked: IncomingMessage[] = []
  const server = await serveLoopback(
    createServer((request, response) => {
      asked.push(request)
      const { answer } = endpoint
      if (typeof answer === 'number') response.writeHead(answer).end()
      else response.end(JSON.stringify(answer))
    }),
  )
  t.teardown(() => server.close())
  const endpoint: Endpoint = { url: server.url, asked, answer }
  return endpoint
}

const lease = (id: string, leftMs: number): object => ({
  AccessKeyId: id,
  SecretAccessKey: 's3cret',
  Token: 'token',
  Expiration: new Date(Date.now() + leftMs).toISOString(),
})

const fromContainer = (url: string, fields: Partial<CredentialOptions> = {}): CredentialSource =>
  createCredentialSource({ ...NONE, containerUrl: new URL(url), ...fields })

t.test('those of the environment count first, and nobody is asked', async t => {
  const endpoint = await startEndpoint(t, lease('other', HOUR_MS))
  const keys = { accessKeyId: 'id', secretAccessKey: 'key' }
  const source = fromContainer(endpoint.url, { fixed: new Secret(keys) })
  t.strictSame(await source.get(1000), keys)
  t.equal(source.renew(), false, 'there are no others')
  t.equal(endpoint.asked.length, 0)
})

t.test('none at all: the variable that is missing is named', async t => {
  await t.rejects(createCredentialSource(NONE).get(1000), { message: /^AWS_ACCESS_KEY_ID: / })
})

t.test('an endpoint is asked once, with its token, for all who wait', async t => {
  const endpoint = await startEndpoint(t, lease('id', HOUR_MS))
  const source = fromContainer(`${endpoint.url}/creds?role=x`, {
    containerToken: new Secret('Basic abc\n'),
  })
  const expected = { accessKeyId: 'id', secretAccessKey: 's3cret', sessionToken: 'token' }
  t.strictSame(await Promise.all([source.get(1000), source.get(1000)]), [expected, expected])
  t.strictSame(await source.get(1000), expected)
  t.strictSame(
    endpoint.asked.map(({ method, url, headers }) => [method, url, headers.authorization]),
    [['GET', '/creds?role=x', 'Basic abc']],
  )
})

t.test('the token is read from its file each time', async t => {
  const file = join(t.testdir(), 'token')
  const endpoint = await startEndpoint(t, lease('id', 0))
  const source = fromContainer(endpoint.url, {
    containerToken: new Secret('other'),
    containerTokenFile: file,
  })
  await t.rejects(source.get(1000), {
    message: /^AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: .*ENOENT/,
  })
  for (const token of ['first', 'second']) {
    writeFileSync(file, `${token}\n`)
    await source.get(1000)
    t.equal(endpoint.asked.at(-1)?.headers.authorization, token)
  }
})

for (const [leftMs, asks] of [
  [5 * 60_000 - 1000, 2],
  [5 * 60_000 + 60_000, 1],
] as const) {
  t.test(`with ${leftMs / 1000} s left the endpoint is asked ${asks} times for two`, async t => {
    const endpoint = await startEndpoint(t, lease('id', leftMs))
    const source = fromContainer(endpoint.url)
    await source.get(1000)
    await source.get(1000)
    t.equal(endpoint.asked.length, asks)
  })
}

t.test('what still serves goes on serving while the endpoint fails, and no longer', async t => {
  const endpoint = await startEndpoint(t, lease('id', 60_000))
  const source = fromContainer(endpoint.url)
  await source.get(1000)
  endpoint.answer = 500
  t.match(await source.get(1000), { accessKeyId: 'id' })
  endpoint.answer = lease('old', -1)
  await source.get(1000)
  endpoint.answer = 500
  await t.rejects(source.get(1000), { message: /answered 500/ })
})

t.test('what was refused is not given again', async t => {
  const endpoint = await startEndpoint(t, lease('first', HOUR_MS))
  const source = fromContainer(endpoint.url)
  await source.get(1000)
  endpoint.answer = lease('second', HOUR_MS)
  t.equal(source.renew(), true)
  t.match(await source.get(1000), { accessKeyId: 'second' })
})

for (const [name, answer] of [
  ['a status', 403],
  ['another object', { Code: 's3cret' }],
  ['no object', ['s3cret']],
] as const) {
  t.test(`${name} instead of credentials is told without its content`, async t => {
    const endpoint = await startEndpoint(t, answer)
    const error = await fromContainer(endpoint.url).get(1000).catch(String)
    t.match(error, /AWS_CONTAINER_CREDENTIALS_FULL_URI: /)
    t.notMatch(error, /s3cret/)
  })
}

for (const [url, mayBe] of [
  ['http://collector.example/', false],
  ['http://169.254.169.254/', false],
  ['http://127.0.0.1.evil.example/', false],
  ['http://10.0.0.1/', false],
  ['http://127.0.0.2:1/', true],
  ['http://localhost:1/', true],
  ['http://[::1]:1/', true],
  ['https://127.0.0.1:1/', true],
] as const) {
  t.test(`${url} is ${mayBe ? '' : 'not '}asked`, async t => {
    const error = await fromContainer(url).get(1000).catch(String)
    t.equal(
      /expected https, or an address of this machine/.test(String(error)),
      !mayBe,
      String(error),
    )
  })
}
