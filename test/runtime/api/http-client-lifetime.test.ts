// What keeps a process alive: a pending request does, an idle connection does not. Seen from a process of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { ok, startRawServer } from './raw-server.ts'

const CLIENT = import.meta.resolve('../../../runtime/api/http-client.ts')

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function runScript(script: string): Promise<Ended> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await closed
  return { code, stdout, stderr }
}

t.test('an idle connection lets the process go, a pending request holds it', async t => {
  await using server = await startRawServer(({ socket, index }) => {
    // The kept connection is only asked for its answer once the client has said what holds it.
    if (index < 2) socket.write(ok(`answer ${index}`))
  })
  const { code, stdout, stderr } = await runScript(`
    import { createHttpClient } from ${JSON.stringify(CLIENT)}
    const client = createHttpClient({ host: '127.0.0.1', port: ${server.port} })
    const request = { method: 'GET', path: '/', headers: {}, timeoutMs: 3_600_000 }
    const sockets = () => process.getActiveResourcesInfo().filter(name => name.startsWith('TCP')).length
    const report = []
    const first = client.request(request)
    report.push(sockets())
    await first
    report.push(sockets())
    const second = client.request(request)
    report.push(sockets())
    await second
    report.push(sockets())
    console.log(JSON.stringify(report))
  `)
  t.equal(stderr, '')
  t.strictSame(JSON.parse(stdout), [1, 0, 1, 0], 'connecting, idle, pending on the kept one, idle')
  t.equal(code, 0)
  t.equal(server.connections.length, 1, 'the server had not closed it')
})

t.test('a process whose only request is never answered waits for it', async t => {
  await using server = await startRawServer(() => {})
  const ended = runScript(`
    import { createHttpClient } from ${JSON.stringify(CLIENT)}
    const client = createHttpClient({ host: '127.0.0.1', port: ${server.port} })
    const { body } = await client.request({ method: 'GET', path: '/', headers: {} })
    console.log(body.toString())
  `)
  const { socket } = await server.request(0)
  let isClosed = false
  socket.on('close', () => {
    isClosed = true
  })
  // Another process comes and goes meanwhile: one that did not wait would have gone long before.
  await runScript('')
  t.equal(isClosed, false)
  socket.write(ok('at last'))
  t.match(await ended, { code: 0, stdout: 'at last\n', stderr: '' })
})
