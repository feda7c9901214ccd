// What goes out and what comes back, over real sockets.
import { once } from 'node:events'
import net from 'node:net'
import t from 'tap'
import { createHttpClient } from '../../../runtime/api/http-client.ts'
import type { HttpRequest } from '../../../runtime/contract.ts'
import { closedPort, ok, startRawServer } from './raw-server.ts'

const HOST = '127.0.0.1'
const GET: HttpRequest = { method: 'GET', path: '/a?b=c', headers: { 'X-Test': '1' } }
const POST: HttpRequest = { method: 'POST', path: '/p', headers: {}, body: 'x' }
const SIX_MB = 6 * 1024 * 1024

t.test('a request is its line, Host, the headers as given, and the length in bytes', async t => {
  await using server = await startRawServer(({ socket }) => socket.write(ok()))
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  await client.request(GET)
  await client.request({ ...POST, headers: { 'Content-Type': 'text/plain' }, body: 'é⚡' })
  await client.request({ ...POST, method: 'PUT', body: Buffer.from([0, 255]) })
  await client.request({ ...POST, body: '' })
  t.strictSame(
    server.requests.map(({ head, body }) => [...head.split('\r\n'), body.toString('hex')]),
    [
      ['GET /a?b=c HTTP/1.1', `Host: ${HOST}:${server.port}`, 'X-Test: 1', ''],
      [
        'POST /p HTTP/1.1',
        `Host: ${HOST}:${server.port}`,
        'Content-Type: text/plain',
        'Content-Length: 5',
        Buffer.from('é⚡').toString('hex'),
      ],
      ['PUT /p HTTP/1.1', `Host: ${HOST}:${server.port}`, 'Content-Length: 2', '00ff'],
      ['POST /p HTTP/1.1', `Host: ${HOST}:${server.port}`, 'Content-Length: 0', ''],
    ],
  )
})

t.test('an answer is its status, headers and body, whatever the status', async t => {
  await using server = await startRawServer(({ socket }) =>
    socket.write('HTTP/1.1 503 No\r\nX-A: b\r\nContent-Length: 3\r\n\r\nwhy'),
  )
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  const response = await client.request(GET)
  t.equal(response.statusCode, 503)
  t.match(response.headers, { 'x-a': 'b' })
  t.equal(response.body.toString(), 'why')
})

t.test('requests one after another share one connection', async t => {
  await using server = await startRawServer(({ socket, index }) => socket.write(ok(String(index))))
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  const bodies: string[] = []
  for (let index = 0; index < 20; index++) {
    bodies.push((await client.request(index % 2 === 0 ? GET : POST)).body.toString())
  }
  t.strictSame(
    bodies,
    Array.from({ length: 20 }, (_, index) => String(index)),
  )
  t.equal(server.connections.length, 1)
})

t.test('two requests at once take two connections, which serve again later', async t => {
  await using server = await startRawServer(({ socket, index }) => {
    // The first is answered only after the second has come: one connection would deadlock.
    if (index !== 0) socket.write(ok(`answer ${index}`))
    if (index === 1) server.requests[0]?.socket.write(ok('answer 0'))
  })
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  const both = await Promise.all([client.request(GET), client.request(GET)])
  t.strictSame(
    both.map(({ body }) => body.toString()),
    ['answer 0', 'answer 1'],
  )
  t.equal(server.connections.length, 2)
  await Promise.all([client.request(GET), client.request(GET)])
  t.equal(server.connections.length, 2)
})

t.test('Connection: close is taken at its word', async t => {
  await using server = await startRawServer(({ socket }) =>
    socket.end(ok('x', 'Connection: close')),
  )
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  for (let count = 0; count < 3; count++) t.equal((await client.request(POST)).body.toString(), 'x')
  t.equal(server.connections.length, 3)
})

t.test('a body until close is whole when the server closes', async t => {
  await using server = await startRawServer(({ socket }) =>
    socket.end('HTTP/1.1 200 OK\r\n\r\nall'),
  )
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  t.equal((await client.request(GET)).body.toString(), 'all')
  t.equal((await client.request(GET)).body.toString(), 'all')
  t.equal(server.connections.length, 2)
})

for (const [name, body] of [
  ['text', `é${'x'.repeat(SIX_MB - 2)}`],
  ['bytes', Buffer.alloc(SIX_MB, 'é')],
] as const) {
  t.test(`6 MB of ${name} go out and come back, with a length and in chunks`, async t => {
    const sent = Buffer.from(body)
    await using server = await startRawServer(({ socket, body: got, index }) => {
      if (index === 0) {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${got.length}\r\n\r\n`)
        socket.write(got)
        return
      }
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      for (let at = 0; at < got.length; at += 100_000) {
        const chunk = got.subarray(at, at + 100_000)
        socket.write(`${chunk.length.toString(16)}\r\n`)
        socket.write(chunk)
        socket.write('\r\n')
      }
      socket.write('0\r\n\r\n')
    })
    const client = createHttpClient({ host: HOST, port: server.port })
    t.teardown(() => client.close())
    for (const framing of ['length', 'chunks']) {
      const { body: got } = await client.request({ ...POST, body })
      t.ok(got.equals(sent), `the same ${got.length} bytes by ${framing}`)
    }
    t.equal(server.connections.length, 1)
  })
}

for (const [name, headers] of [
  ['CR and LF in a value', { 'X-A': 'a\r\nX-B: b' }],
  ['LF in a value', { 'X-A': 'a\nb' }],
  ['CR in a value', { 'X-A': 'a\rb' }],
  ['NUL in a value', { 'X-A': 'a\0b' }],
  ['DEL in a value', { 'X-A': 'a\x7fb' }],
  ['a value beyond ASCII', { 'X-A': 'é' }],
  ['CR and LF in a name', { 'X-A: a\r\nX-B': 'b' }],
  ['a name beyond ASCII', { 'X-É': 'b' }],
] as const) {
  t.test(`${name} is refused before anything is sent`, async t => {
    await using server = await startRawServer(({ socket }) => socket.write(ok()))
    const client = createHttpClient({ host: HOST, port: server.port })
    t.teardown(() => client.close())
    await t.rejects(client.request({ ...GET, headers }), {
      name: 'TypeError',
      message: /^header "/,
    })
    await client.request(GET)
    t.equal(server.requests.length, 1, 'only the good one')
  })
}

t.test('a refusal does not repeat the value, which may be a secret', async t => {
  const client = createHttpClient({ host: HOST, port: 1 })
  const error = await client.request({ ...GET, headers: { Authorization: 's3crét' } }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  t.match(String(error), /Authorization/)
  t.notMatch(String(error), /s3cr/)
})

t.test('tabs and all of visible ASCII pass in a value', async t => {
  await using server = await startRawServer(({ socket }) => socket.write(ok()))
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  const value = `\t${String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 0x20 + index))}`
  await client.request({ ...GET, headers: { 'X-A': value } })
  t.ok(server.requests[0]?.head.endsWith(`X-A: ${value}`))
})

t.test('an IPv6 address stands in brackets in Host', async t => {
  await using server = await startRawServer(({ socket }) => socket.write(ok()))
  const client = createHttpClient({
    host: '::1',
    port: 8080,
    connect: () => net.connect(server.port, HOST),
  })
  t.teardown(() => client.close())
  await client.request(GET)
  t.match(server.requests[0]?.head, /\r\nHost: \[::1\]:8080\r\n/)
})

t.test('a refused connection rejects with the cause, and the client works on', async t => {
  const port = await closedPort()
  const client = createHttpClient({ host: HOST, port })
  t.teardown(() => client.close())
  for (const request of [GET, POST]) {
    await t.rejects(client.request(request), {
      name: 'Runtime.ApiError',
      code: 'CONNECTION_FAILED',
      cause: { code: 'ECONNREFUSED' },
    })
  }
  await using _server = await startRawServer(({ socket }) => socket.write(ok('up')), port)
  t.equal((await client.request(POST)).body.toString(), 'up')
})

t.test('a body above the limit is refused, and its connection is not used again', async t => {
  await using server = await startRawServer(({ socket, index }) =>
    socket.write(ok('x'.repeat(index === 0 ? 11 : 10))),
  )
  const client = createHttpClient({ host: HOST, port: server.port, maxBodyBytes: 10 })
  t.teardown(() => client.close())
  await t.rejects(client.request(GET), { code: 'HTTP_MALFORMED' })
  t.equal((await client.request(GET)).body.length, 10)
  t.equal(server.connections.length, 2)
})

t.test('what replaces net.connect after the start is not called', async t => {
  await using server = await startRawServer(({ socket }) => socket.write(ok()))
  const client = createHttpClient({ host: HOST, port: server.port })
  t.teardown(() => client.close())
  const { connect } = net
  net.connect = () => {
    throw new Error('patched')
  }
  t.teardown(() => {
    net.connect = connect
  })
  t.equal((await client.request(GET)).statusCode, 200)
})

t.test('close() ends idle connections and rejects what is pending', async t => {
  await using server = await startRawServer(({ socket, index }) => {
    if (index === 0) socket.write(ok())
  })
  const client = createHttpClient({ host: HOST, port: server.port })
  await client.request(GET)
  const pending = client.request(GET)
  await server.request(1)
  const [socket] = server.connections
  const closed = socket === undefined ? undefined : once(socket, 'close')
  client.close()
  await t.rejects(pending, { code: 'CONNECTION_CLOSED' })
  await closed
  t.equal(server.requests.length, 2, 'what was closed on purpose is not asked again')
})
