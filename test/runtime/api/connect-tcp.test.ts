// Our sockets on Node's own binding, and node:net where that cannot serve.
import { createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { connectTcp } from '../../../runtime/api/connect-tcp.ts'
import type { Connection } from '../../../runtime/contract.ts'

interface Server {
  readonly port: number
  readonly accepted: Promise<Socket>
}

async function listen(t: Test, host: string): Promise<Server> {
  const { promise: accepted, resolve } = Promise.withResolvers<Socket>()
  const server = createServer(resolve)
  await new Promise<void>(done => server.listen(0, host, done))
  t.teardown(() => server.close())
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0, accepted }
}

const closed = (socket: Connection): Promise<void> =>
  new Promise(resolve => socket.on('close', resolve))
const failed = (socket: Connection): Promise<Error> =>
  new Promise(resolve => socket.on('error', resolve))

for (const [name, bind, host] of [
  ['an IPv4 address', '127.0.0.1', '127.0.0.1'],
  ['an IPv6 address', '::1', '::1'],
  ['a name, by node:net', '127.0.0.1', 'localhost'],
] as const) {
  t.test(`bytes go both ways over ${name}, what was written while connecting too`, async t => {
    const server = await listen(t, bind)
    const socket = connectTcp(host, server.port)
    const received: Buffer[] = []
    const answered = new Promise<void>(resolve => {
      socket.on('data', chunk => {
        received.push(chunk)
        if (Buffer.concat(received).length >= 6) resolve()
      })
    })
    socket.write('early ')
    socket.cork()
    socket.write('é', 'latin1')
    socket.write(Buffer.from('bytes'))
    socket.uncork()
    const peer = await server.accepted
    const seen: Buffer[] = []
    for await (const chunk of peer) {
      seen.push(chunk as Buffer)
      if (Buffer.concat(seen).length >= 12) break
    }
    t.equal(Buffer.concat(seen).toString('latin1'), 'early ébytes')
    peer.destroy()
    await Promise.race([answered, closed(socket)])
  })
}

t.test('a refused connection is an error with its code', async t => {
  const server = await listen(t, '127.0.0.1')
  const first = connectTcp('127.0.0.1', server.port)
  first.on('error', () => {})
  const socket = connectTcp('127.0.0.1', 9)
  t.match(await failed(socket), { code: 'ECONNREFUSED' })
  first.destroy()
})

t.test('the other side ends, or resets: end, or an error with its code', async t => {
  const ending = await listen(t, '127.0.0.1')
  const ended = connectTcp('127.0.0.1', ending.port)
  const end = new Promise<void>(resolve => ended.on('end', resolve))
  ;(await ending.accepted).end()
  await Promise.all([end, closed(ended)])

  const resetting = await listen(t, '127.0.0.1')
  const reset = connectTcp('127.0.0.1', resetting.port)
  const error = failed(reset)
  ;(await resetting.accepted).resetAndDestroy()
  t.match(await error, { code: 'ECONNRESET' })
})

t.test(
  '8 MB that nobody reads yet wait in the system and in us, and are told when taken',
  async t => {
    const server = await listen(t, '127.0.0.1')
    const socket = connectTcp('127.0.0.1', server.port)
    const bytes = Buffer.alloc(8 * 1024 * 1024, 'x')
    const { promise: taken, resolve } = Promise.withResolvers<void>()
    socket.write(bytes, error => {
      t.notOk(error)
      resolve()
    })
    const peer = await server.accepted
    t.ok(socket.writableLength > 0)
    let size = 0
    const read = (async () => {
      for await (const chunk of peer) {
        size += (chunk as Buffer).length
        if (size === bytes.length) break
      }
    })()
    await Promise.all([taken, read])
    t.equal(size, bytes.length)
    t.equal(socket.writableLength, 0)
    socket.destroy()
  },
)

t.test('a write after the end is told as an error', async t => {
  const server = await listen(t, '127.0.0.1')
  const socket = connectTcp('127.0.0.1', server.port)
  ;(await server.accepted).unref()
  socket.destroy()
  const error = await new Promise(resolve => socket.write('x', 'latin1', resolve))
  t.ok(error instanceof Error)
})
