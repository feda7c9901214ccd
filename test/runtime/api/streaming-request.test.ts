// Requests whose bodies are written piece by piece: what goes out, and what an answer, early or late, does to them.
import { AsyncLocalStorage } from 'node:async_hooks'
import net from 'node:net'
import { Duplex } from 'node:stream'
import t, { type Test } from 'tap'
import { createHttpClient, type StreamingHttpClient } from '../../../runtime/api/http-client.ts'
import type { StreamingRequest } from '../../../runtime/api/http-connection.ts'
import { type ByteServer, startByteServer } from './byte-server.ts'
import { ok } from './raw-server.ts'

const HEAD = { path: '/p', headers: { 'X-Test': '1' }, trailerNames: ['T-One', 'T-Two'] }
const END = '0\r\n\r\n'

function connect(t: Test, server: ByteServer): StreamingHttpClient {
  const client = createHttpClient({ host: '127.0.0.1', port: server.port })
  t.teardown(() => client.close())
  return client
}

/** One whose answer need not be waited for. */
function start(client: StreamingHttpClient): StreamingRequest {
  const request = client.stream(HEAD)
  request.response.catch(() => {})
  return request
}

function write(request: StreamingRequest, ...parts: readonly string[]): Promise<unknown> {
  const buffers = parts.map(part => Buffer.from(part))
  return new Promise(resolve => request.write(buffers, resolve))
}

function end(
  request: StreamingRequest,
  trailers?: Readonly<Record<string, string>>,
): Promise<unknown> {
  return new Promise(resolve => request.end(trailers, resolve))
}

t.test('head, chunks, trailers', async t => {
  await using server = await startByteServer()
  const request = start(connect(t, server))
  await write(request, 'abc', 'é')
  await write(request, 'x'.repeat(255))
  await end(request, { 'T-One': '1', 'T-Two': '2' })
  await server.until(([first]) => first?.text().endsWith('\r\n\r\n') === true)
  const [head = '', ...rest] = (server.connections[0]?.text() ?? '').split('\r\n\r\n')
  t.strictSame(head.split('\r\n'), [
    'POST /p HTTP/1.1',
    `Host: 127.0.0.1:${server.port}`,
    'X-Test: 1',
    'Trailer: T-One',
    'Trailer: T-Two',
    'Transfer-Encoding: chunked',
  ])
  t.strictSame(rest.join('\r\n\r\n').split('\r\n'), [
    '5',
    'abc\xc3\xa9',
    'ff',
    'x'.repeat(255),
    '0',
    'T-One: 1',
    'T-Two: 2',
    '',
    '',
  ])
})

t.test('nothing is sent before the first write, and the head goes with it', async t => {
  await using server = await startByteServer()
  const client = connect(t, server)
  // A kept connection: what is written to it leaves at once.
  const first = start(client)
  await end(first)
  await server.until(([only]) => only?.text().endsWith(END) === true)
  server.connections[0]?.socket.write(ok())
  await first.response
  const before = server.connections[0]?.pieces.length ?? 0
  const request = start(client)
  await new Promise(resolve => setImmediate(resolve))
  t.equal(server.connections[0]?.pieces.length, before)
  await write(request, 'a', 'b')
  await server.until(([only]) => only?.text().endsWith('2\r\nab\r\n') === true)
  t.equal(server.connections[0]?.pieces.length, before + 1, 'one packet')
  t.match(server.connections[0]?.pieces.at(-1), /^POST .*\r\n2\r\nab\r\n$/s)
})

t.test('an empty write sends the head and ends nothing', async t => {
  await using server = await startByteServer()
  const request = start(connect(t, server))
  await write(request)
  await server.until(([first]) => first?.text().endsWith('chunked\r\n\r\n') === true)
  await write(request, '', '')
  await write(request, 'a')
  await end(request)
  await server.until(([first]) => first?.text().endsWith(`\r\n\r\n1\r\na\r\n${END}`) === true)
})

t.test('an end without a write is a whole request', async t => {
  await using server = await startByteServer()
  await end(start(connect(t, server)))
  await server.until(([first]) => first?.text().endsWith(`chunked\r\n\r\n${END}`) === true)
})

t.test('done is told after the call has returned', async t => {
  await using server = await startByteServer()
  const request = start(connect(t, server))
  for (const parts of [['a'], [], ['b']]) {
    let hasReturned = false
    const isTold = new Promise<void>(resolve => {
      request.write(parts.map(Buffer.from), () => {
        t.equal(hasReturned, true)
        resolve()
      })
    })
    hasReturned = true
    await isTold
  }
})

t.test('a connection that carried a whole stream serves again', async t => {
  await using server = await startByteServer()
  const client = connect(t, server)
  for (let round = 1; round <= 3; round++) {
    const request = start(client)
    await write(request, 'a')
    await end(request)
    await server.until(([only]) => only?.text().split(END).length === round + 1)
    server.connections[0]?.socket.write(ok(String(round)))
    t.equal((await request.response).body.toString(), String(round))
  }
  t.equal(server.connections.length, 1)
})

t.test('streams at the same time have a connection each', async t => {
  await using server = await startByteServer()
  const client = connect(t, server)
  const requests = [start(client), start(client)]
  for (const [index, request] of requests.entries()) await write(request, `s${index}`)
  await server.until(all => all.length === 2 && all.every(({ text }) => /s\d\r\n$/.test(text())))
  t.strictSame(
    server.connections.map(({ text }) => text().match(/s\d/g)),
    [['s0'], ['s1']],
  )
})

t.test('an early answer is the answer; the connection goes, and writes say so', async t => {
  await using server = await startByteServer()
  const client = connect(t, server)
  const request = start(client)
  await write(request, 'a')
  await server.until(([first]) => first?.text().endsWith('a\r\n') === true)
  server.connections[0]?.socket.write(ok('early'))
  t.equal((await request.response).body.toString(), 'early')
  t.match(await write(request, 'b'), { code: 'CONNECTION_CLOSED' })
  t.match(await end(request), { code: 'CONNECTION_CLOSED' })
  await server.until(([first]) => first?.isClosed === true)
  t.notMatch(server.connections[0]?.text(), /b\r\n/)
  await write(start(client), 'c')
  await server.until(all => all.length === 2)
})

t.test('a connection that breaks is an answer that never comes', async t => {
  await using server = await startByteServer()
  const request = start(connect(t, server))
  const rejected = t.rejects(request.response, { code: 'CONNECTION_CLOSED' })
  await write(request, 'a')
  await server.until(([first]) => first?.text().endsWith('a\r\n') === true)
  server.connections[0]?.socket.resetAndDestroy()
  await rejected
  t.match(await write(request, 'b'), { code: 'CONNECTION_CLOSED' })
})

t.test('a server that is not there', async t => {
  const server = await startByteServer()
  await server[Symbol.asyncDispose]()
  const request = start(connect(t, server))
  const rejected = t.rejects(request.response, { code: 'CONNECTION_FAILED' })
  void write(request, 'a')
  await rejected
})

t.test('abort: the server sees no end, the answer is none', async t => {
  await using server = await startByteServer()
  const request = start(connect(t, server))
  const rejected = t.rejects(request.response, { code: 'CONNECTION_CLOSED' })
  await write(request, 'a')
  await server.until(([first]) => first?.text().endsWith('a\r\n') === true)
  request.abort()
  await rejected
  await server.until(([first]) => first?.isClosed === true)
  t.notMatch(server.connections[0]?.text(), END)
})

t.test('abort after the answer breaks nothing', async t => {
  await using server = await startByteServer()
  const client = connect(t, server)
  const request = start(client)
  await end(request)
  await server.until(([first]) => first?.text().endsWith(END) === true)
  server.connections[0]?.socket.write(ok())
  await request.response
  const next = start(client)
  await write(next, 'a')
  request.abort()
  await end(next)
  await server.until(([first]) => first?.text().endsWith(`1\r\na\r\n${END}`) === true)
})

t.test('headers that are not visible ASCII are refused before anything is sent', async t => {
  await using server = await startByteServer()
  const client = connect(t, server)
  t.throws(() => client.stream({ ...HEAD, headers: { 'X-Test': 'a\r\nb' } }), TypeError)
  await end(start(client))
  await server.until(([first]) => first?.text().endsWith(END) === true)
  t.equal(server.connections.length, 1)
})

t.test('head and parts of a write are handed over together', async t => {
  const batches: number[] = []
  class Recorder extends Duplex {
    override _read(): void {}
    override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
      batches.push(1)
      done()
    }
    override _writev(chunks: readonly unknown[], done: () => void): void {
      batches.push(chunks.length)
      done()
    }
    ref(): void {}
    unref(): void {}
  }
  const client = createHttpClient({ host: 'h', port: 1, connect: () => new Recorder() })
  t.teardown(() => client.close())
  const request = start(client)
  await write(request, 'a', 'b')
  t.equal(batches.length, 1)
  await write(request, 'c')
  t.equal(batches.length, 2)
})

t.test('a connection is opened outside of the context that asks for it', async t => {
  await using server = await startByteServer()
  const storage = new AsyncLocalStorage<string>()
  const seen: (string | undefined)[] = []
  const { port } = server
  const client = createHttpClient({
    host: '127.0.0.1',
    port,
    connect: () => {
      seen.push(storage.getStore())
      return net.connect(port, '127.0.0.1')
    },
  })
  t.teardown(() => client.close())
  await storage.run('invocation', () => write(start(client), 'a'))
  t.strictSame(seen, [undefined])
})
