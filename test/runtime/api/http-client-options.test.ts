// What a client may be told about its connections: what Host says, how old they may be, and to take a new one.
import t from 'tap'
import { createHttpClient } from '../../../runtime/api/http-client.ts'
import type { HttpClientOptions, HttpRequest } from '../../../runtime/contract.ts'
import { ok, type RawServer, startRawServer } from './raw-server.ts'

const POST: HttpRequest = { method: 'POST', path: '/', headers: {}, body: 'x' }

const startServer = (): Promise<RawServer> => startRawServer(({ socket }) => socket.write(ok()))

for (const [name, fields, host] of [
  ['by itself host and port', {}, /\r\nHost: 127\.0\.0\.1:\d+\r\n/],
  ['what it is told', { authority: 'collector.example' }, /\r\nHost: collector\.example\r\n/],
] as const) {
  t.test(`Host says ${name}`, async t => {
    await using server = await startServer()
    const client = createHttpClient({ host: '127.0.0.1', port: server.port, ...fields })
    t.teardown(() => client.close())
    await client.request(POST)
    t.match(`${server.requests[0]?.head}\r\n`, host)
  })
}

for (const [maxIdleMs, connections] of [
  [undefined, 1],
  [60_000, 1],
  // Even one that was idle for no time at all is too old.
  [-1, 2],
] as const) {
  t.test(`idle for at most ${maxIdleMs} ms: two requests take ${connections}`, async t => {
    await using server = await startServer()
    const target: HttpClientOptions = { host: '127.0.0.1', port: server.port }
    const client = createHttpClient(maxIdleMs === undefined ? target : { ...target, maxIdleMs })
    t.teardown(() => client.close())
    await client.request(POST)
    await client.request(POST)
    t.equal(server.connections.length, connections)
  })
}

t.test('a request may ask for a new connection', async t => {
  await using server = await startServer()
  const client = createHttpClient({ host: '127.0.0.1', port: server.port })
  t.teardown(() => client.close())
  await client.request(POST)
  await client.request({ ...POST, onNewConnection: true })
  await client.request({ ...POST, onNewConnection: false })
  t.equal(server.connections.length, 2)
})

t.test('a wait in the background ends on time, though nothing else happens', async t => {
  await using server = await startRawServer(() => {})
  const client = createHttpClient({ host: '127.0.0.1', port: server.port, isBackground: true })
  t.teardown(() => client.close())
  // Something must hold the process, and wake it late.
  const holding = setTimeout(() => {}, 60_000)
  await t.rejects(client.request({ ...POST, timeoutMs: 20 }), { code: 'CONNECTION_TIMEOUT' })
  clearTimeout(holding)
})
