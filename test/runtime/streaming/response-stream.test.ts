// The stream on the wire, byte by byte: whatever is done to it, the body has one end.
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { createHttpClient } from '../../../runtime/api/http-client.ts'
import { ResponsePost } from '../../../runtime/streaming/response-post.ts'
import { ResponseStream } from '../../../runtime/streaming/response-stream.ts'
import { type ByteServer, startByteServer } from '../api/byte-server.ts'
import { ok } from '../api/raw-server.ts'

interface Wired {
  readonly post: ResponsePost
  readonly stream: ResponseStream
}

function wire(t: Test, { port }: ByteServer): Wired {
  const client = createHttpClient({ host: '127.0.0.1', port })
  t.teardown(() => client.close())
  const post = new ResponsePost(() => client.stream({ path: '/', headers: {}, trailerNames: [] }))
  return { post, stream: new ResponseStream(post, undefined) }
}

/** The body as it was framed, once the server has answered it. */
async function bodyOf(server: ByteServer, { post }: Wired): Promise<string> {
  await server.until(([first]) => first?.text().endsWith('0\r\n\r\n') === true)
  server.connections[0]?.socket.write(ok())
  await post.accepted
  return server.connections[0]?.text().split('\r\n\r\n').slice(1).join('\r\n\r\n') ?? ''
}

const ENDS: Readonly<Record<string, (stream: ResponseStream) => void>> = {
  'end with the last chunk': stream => void stream.end('ab'),
  'destroyed right after the end': stream => void stream.end('ab').destroy(),
  'ended twice': stream => void stream.end('ab').end(),
  'written to after the end': stream => {
    stream.end('ab')
    stream.write('c')
    stream.end('d')
  },
}

for (const [name, act] of Object.entries(ENDS)) {
  t.test(name, async t => {
    await using server = await startByteServer()
    const wired = wire(t, server)
    act(wired.stream)
    t.equal(await bodyOf(server, wired), '2\r\nab\r\n0\r\n\r\n')
    await wired.post.sent
  })
}

t.test('ended and destroyed on a connection that is open', async t => {
  await using server = await startByteServer()
  const wired = wire(t, server)
  wired.stream.write('a')
  await server.until(([first]) => first?.text().endsWith('a\r\n') === true)
  wired.stream.write('b')
  wired.stream.write('c')
  wired.stream.end('d')
  wired.stream.destroy()
  t.equal(await bodyOf(server, wired), '1\r\na\r\n1\r\nb\r\n2\r\ncd\r\n0\r\n\r\n')
})

t.test('what was written late is an error of the stream, told as Node tells it', async t => {
  await using server = await startByteServer()
  const wired = wire(t, server)
  const { stream, post } = wired
  stream.end('ab')
  const told = once(stream, 'error')
  t.equal(stream.write('c'), false)
  t.match(await told, [{ code: 'ERR_STREAM_WRITE_AFTER_END' }])
  await bodyOf(server, wired)
  t.match(post.lateError, { code: 'ERR_STREAM_WRITE_AFTER_END' })
})

t.test('a stream that is destroyed with nothing written has sent nothing', async t => {
  await using server = await startByteServer()
  const { stream, post } = wire(t, server)
  stream.destroy()
  await t.rejects(post.sent, {
    name: 'Runtime.InvalidStreamingOperation',
    message: 'The response stream was destroyed before its end.',
  })
  t.equal(server.connections.length, 0)
  t.strictSame(post.facts, { bytes: 0 })
})

t.test('facts: bytes, and when the first and the last of them left', async t => {
  await using server = await startByteServer()
  const wired = wire(t, server)
  const { stream, post } = wired
  stream.write('')
  t.strictSame(post.facts, { bytes: 0 }, 'no byte has left')
  await new Promise(resolve => stream.write('ab', resolve))
  const { firstByteMs = -1 } = post.facts
  t.ok(firstByteMs >= 0)
  stream.end('c')
  await bodyOf(server, wired)
  t.match(post.facts, { bytes: 3, firstByteMs })
  t.ok((post.facts.endMs ?? -1) >= firstByteMs)
})
