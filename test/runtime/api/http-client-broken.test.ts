// Connections that break at every moment: what is asked again, what is not, and what the next request meets.
import { once } from 'node:events'
import net from 'node:net'
import t from 'tap'
import { createHttpClient } from '../../../runtime/api/http-client.ts'
import type { HttpRequest } from '../../../runtime/contract.ts'
import { ok, type RawRequest, startRawServer } from './raw-server.ts'

const HOST = '127.0.0.1'
const GET: HttpRequest = { method: 'GET', path: '/', headers: {} }
const POST: HttpRequest = { method: 'POST', path: '/', headers: {}, body: 'x' }
const HALF = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'

const reset = ({ socket }: RawRequest): void => void socket.resetAndDestroy()
const close = ({ socket }: RawRequest): void => void socket.end()

t.test('a connection that the server closed between requests is not used again', async t => {
  await using server = await startRawServer(({ socket, index }) => {
    if (index === 0) socket.end(ok())
    else socket.write(ok())
  })
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  await client.request(POST)
  const [first] = server.connections
  // The server sees its connection closed only once the client has taken notice of the end.
  if (first?.closed === false) await once(first, 'close')
  t.equal((await client.request(POST)).statusCode, 200)
  t.equal(server.connections.length, 2)
})

for (const [how, breakIt] of [
  ['reset', reset],
  ['closed', close],
] as const) {
  t.test(`a GET on a kept connection that is ${how} is asked again once, on a new one`, async t => {
    await using server = await startRawServer(request => {
      if (request.index === 1) breakIt(request)
      else request.socket.write(ok(`from ${request.connection}`))
    })
    const client = createHttpClient({ host: HOST, port: server.port })
    t.teardown(() => client.close())
    await client.request(GET)
    t.equal((await client.request(GET)).body.toString(), 'from 1')
    t.equal(server.requests.length, 3)
    t.equal(server.connections.length, 2)
  })

  t.test(`a GET that is ${how} on the new connection too rejects`, async t => {
    await using server = await startRawServer(request => {
      if (request.index > 0) breakIt(request)
      else request.socket.write(ok())
    })
    const client = createHttpClient({ host: HOST, port: server.port })
    t.teardown(() => client.close())
    await client.request(GET)
    await t.rejects(client.request(GET), { code: 'CONNECTION_CLOSED' })
    t.equal(server.requests.length, 3, 'asked again once and no more')
  })

  t.test(`a POST on a kept connection that is ${how} rejects and is not sent again`, async t => {
    await using server = await startRawServer(request => {
      if (request.index === 1) breakIt(request)
      else request.socket.write(ok())
    })
    const client = createHttpClient({ host: HOST, port: server.port })
    t.teardown(() => client.close())
    await client.request(GET)
    await t.rejects(client.request(POST), { code: 'CONNECTION_CLOSED' })
    t.equal(server.requests.length, 2)
    t.equal((await client.request(POST)).statusCode, 200, 'the next one is served')
    t.equal(server.connections.length, 2)
  })

  t.test(
    `a GET on a connection of its own that is ${how} rejects and is not sent again`,
    async t => {
      await using server = await startRawServer(breakIt)
      const client = createHttpClient({ host: HOST, port: server.port })
      t.teardown(() => client.close())
      await t.rejects(client.request(GET), { code: 'CONNECTION_CLOSED' })
      t.equal(server.requests.length, 1)
    },
  )

  t.test(`a GET ${how} after half an answer rejects and is not sent again`, async t => {
    await using server = await startRawServer(({ socket, index }) =>
      socket.write(index === 1 ? HALF : ok()),
    )
    let arrived = Promise.withResolvers<void>()
    const client = createHttpClient({
      host: HOST,
      port: server.port,
      connect: () => net.connect(server.port, HOST).on('data', () => arrived.resolve()),
    })
    t.teardown(() => client.close())
    await client.request(GET)
    arrived = Promise.withResolvers()
    const expected = { code: 'CONNECTION_CLOSED', statusCode: 200 }
    const outcome = t.rejects(client.request(GET), expected, 'and tells the status that had come')
    const request = await server.request(1)
    // Half of the answer is with the client before the connection breaks.
    await arrived.promise
    breakIt(request)
    await outcome
    t.equal(server.requests.length, 2)
  })
}

t.test('a POST takes a new connection when the kept one was reset while it was idle', async t => {
  await using server = await startRawServer(({ socket }) => socket.write(ok()))
  const sockets: net.Socket[] = []
  const client = createHttpClient({
    host: HOST,
    port: server.port,
    connect() {
      const socket = net.connect(server.port, HOST)
      sockets.push(socket)
      return socket
    },
  })
  t.teardown(() => client.close())
  await client.request(GET)
  const [kept] = sockets
  // The client's own listener rejects nothing here; events.once would take the error for its own.
  const closed = new Promise(resolve => kept?.once('close', resolve))
  server.connections[0]?.resetAndDestroy()
  await closed
  t.equal((await client.request(POST)).statusCode, 200)
  t.equal(server.connections.length, 2)
})

t.test('no whole answer in time: rejects, and the connection is not used again', async t => {
  await using server = await startRawServer(({ socket, head }) => {
    if (!head.startsWith('GET /hangs ')) socket.write(ok('later'))
  })
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  await t.rejects(client.request({ ...GET, path: '/hangs', timeoutMs: 20 }), {
    code: 'CONNECTION_TIMEOUT',
    message: /20 ms/,
  })
  t.equal((await client.request({ ...GET, timeoutMs: 60_000 })).body.toString(), 'later')
  t.equal(server.connections.length, 2)
  const [first] = server.connections
  if (first?.closed === false) await once(first, 'close')
})

t.test('an answer that trickles in does not stretch the time', async t => {
  await using server = await startRawServer(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n')
    const trickle = setInterval(() => socket.write('x'), 1)
    socket.on('close', () => clearInterval(trickle))
  })
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  await t.rejects(client.request({ ...GET, timeoutMs: 30 }), { code: 'CONNECTION_TIMEOUT' })
})

t.test('a time limit that passed is not tried again, on a kept connection either', async t => {
  await using server = await startRawServer(({ socket, head }) => {
    if (!head.startsWith('GET /hangs ')) socket.write(ok())
  })
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  await client.request(GET)
  const hanging = client.request({ ...GET, path: '/hangs', timeoutMs: 20 })
  await t.rejects(hanging, { code: 'CONNECTION_TIMEOUT' })
  await client.request(POST)
  t.strictSame(
    server.requests.map(({ head }) => head.split(' HTTP/')[0]),
    ['GET /', 'GET /hangs', 'POST /'],
  )
})

t.test('bytes that nobody asked for end an idle connection', async t => {
  await using server = await startRawServer(({ socket, index }) =>
    socket.write(ok(`answer ${index}`)),
  )
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  await client.request(GET)
  const [first] = server.connections
  if (first !== undefined) {
    first.write(ok('nobody asked'))
    await once(first, 'close')
  }
  t.equal((await client.request(GET)).body.toString(), 'answer 1', 'its own answer, not the stray')
  t.equal(server.connections.length, 2)
})

for (const [name, answer] of [
  ['with a length', `${ok('one')}${ok('two')}`],
  [
    'in chunks',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n${ok('two')}`,
  ],
] as const) {
  t.test(`two answers ${name} to one request are refused`, async t => {
    await using server = await startRawServer(({ socket }) => socket.write(answer))
    const client = createHttpClient({ host: HOST, port: server.port })
    t.teardown(() => client.close())
    await t.rejects(client.request(GET), { code: 'HTTP_MALFORMED' })
  })
}

t.test('what is not HTTP is refused, not repeated, and the client works on', async t => {
  await using server = await startRawServer(({ socket, index }) =>
    socket.write(index === 1 ? 'SSH-2.0-OpenSSH\r\n\r\n' : ok()),
  )
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  await client.request(GET)
  await t.rejects(client.request(GET), { code: 'HTTP_MALFORMED' })
  t.equal(server.requests.length, 2)
  t.equal((await client.request(GET)).statusCode, 200)
})

t.test('an answer that comes before the whole body was taken is the answer', async t => {
  const server = net.createServer(socket => {
    socket.on('error', () => {})
    // Answers to the first bytes of six megabytes, and reads no further before that.
    socket.once('data', () =>
      socket.write('HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'),
    )
  })
  await new Promise<void>(resolve => server.listen(0, HOST, resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as net.AddressInfo
  const client = createHttpClient({ host: HOST, port })
  t.teardown(() => client.close())
  const { statusCode } = await client.request({ ...POST, body: 'x'.repeat(6 * 1024 * 1024) })
  t.equal(statusCode, 413)
})

t.test('a hundred broken connections leave the client as it was', async t => {
  await using server = await startRawServer(request => {
    if (request.index % 2 === 0) reset(request)
    else request.socket.end(ok())
  })
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  const outcomes: string[] = []
  for (let count = 0; count < 100; count++) {
    outcomes.push(
      await client.request(POST).then(
        response => String(response.statusCode),
        error => error.code,
      ),
    )
  }
  t.equal(outcomes.filter(outcome => outcome === '200').length, 50)
  t.equal(outcomes.filter(outcome => outcome === 'CONNECTION_CLOSED').length, 50)
})
