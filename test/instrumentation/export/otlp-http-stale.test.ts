// Kept connections that turn out dead, as they are after a freeze: tried again at once, on a new one, on one budget.
import net from 'node:net'
import t, { type Test } from 'tap'
import { encodeHead } from '../../../instrumentation/export/otlp-encoder.ts'
import type { Transport } from '../../../instrumentation/export/transport.ts'
import { createOtlpHttpTransport } from '../../../instrumentation/export/transports/otlp-http.ts'
import { createHttpClient } from '../../../runtime/api/http-client.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
const SPANS = { head: encodeHead({}, 'baton', '1'), spans: Buffer.from('spans'), count: 1 }

type Answer = 'ok' | 'reset' | 'end' | 'hang'

/** A bare server that answers requests in turn, whichever connection they come on; `connections` counts those. */
async function serve(
  t: Test,
  answers: Answer[],
): Promise<{ transport: Transport; seen: number[] }> {
  const seen: number[] = []
  let connections = 0
  const server = net.createServer(socket => {
    const connection = ++connections
    socket.on('error', () => {})
    socket.on('data', bytes => {
      // Each request is one write of head and body.
      if (!bytes.includes('POST ')) return
      seen.push(connection)
      const answer = answers.shift() ?? 'ok'
      if (answer === 'ok') socket.write(OK)
      else if (answer === 'reset') socket.resetAndDestroy()
      else if (answer === 'end') socket.destroy()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  const client = createHttpClient({ host: '127.0.0.1', port: address.port })
  t.teardown(() => {
    client.close()
    server.close()
  })
  const transport = createOtlpHttpTransport({
    url: new URL(`http://127.0.0.1:${address.port}/v1/traces`),
    headers: {},
    userAgent: 'baton',
    openHttpClient: () => client,
  })
  return { transport, seen }
}

for (const answer of ['reset', 'end'] as const) {
  t.test(`a connection that served, then ${answer}s: a new one takes the batch`, async t => {
    const { transport, seen } = await serve(t, ['ok', answer, 'ok'])
    t.strictSame(await transport.send(SPANS, 60_000), { status: 'accepted' })
    t.strictSame(await transport.send(SPANS, 60_000), { status: 'accepted' })
    t.strictSame(seen, [1, 1, 2])
  })
}

t.test(
  'a new connection that is reset is not tried again: the collector does not want it',
  async t => {
    const { transport, seen } = await serve(t, ['reset'])
    t.match(await transport.send(SPANS, 60_000), { status: 'retry' })
    t.strictSame(seen, [1])
  },
)

t.test(
  'of a dead connection and a new one that is reset, the second says how it ended',
  async t => {
    const { transport, seen } = await serve(t, ['ok', 'reset', 'reset'])
    await transport.send(SPANS, 60_000)
    t.match(await transport.send(SPANS, 60_000), { status: 'retry' })
    t.strictSame(seen, [1, 1, 2])
  },
)

t.test('both attempts share one budget', async t => {
  const { transport, seen } = await serve(t, ['ok', 'reset', 'hang'])
  await transport.send(SPANS, 60_000)
  t.match(await transport.send(SPANS, 200), { status: 'retry', reason: /no whole answer within/ })
  t.strictSame(seen, [1, 1, 2])
})
