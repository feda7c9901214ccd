// What a stream keeps a process alive for: bytes that the system has no room for, and the answer to a whole body. Not
// for a body that nobody is going to end. Seen from a process of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { startByteServer } from './byte-server.ts'
import { ok } from './raw-server.ts'

const CLIENT = import.meta.resolve('../../../runtime/api/http-client.ts')

/** The process says `empty` when its event loop is, and how it ends. */
function runScript(port: number, script: string): Promise<{ code: unknown; stdout: string }> {
  const code = `
    import { createHttpClient } from ${JSON.stringify(CLIENT)}
    const client = createHttpClient({ host: '127.0.0.1', port: ${port} })
    const request = client.stream({ path: '/', headers: {}, trailerNames: [] })
    request.response.then(() => console.log('answered'), error => console.log(error.code))
    process.once('beforeExit', () => console.log('empty'))
    ${script}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  return text(child.stdout).then(async stdout => ({ code: (await closed)[0], stdout }))
}

t.test('an open body does not keep the process, before the first byte or after it', async t => {
  await using server = await startByteServer()
  t.match(await runScript(server.port, ''), { code: 0, stdout: 'empty\n' })
  t.match(await runScript(server.port, `request.write([Buffer.from('a')], () => {})`), {
    code: 0,
    stdout: 'empty\n',
  })
  await server.until(all => all.some(each => each.text().endsWith('1\r\na\r\n')))
})

t.test('an open body on a kept connection does not keep it either', async t => {
  await using server = await startByteServer()
  const ended = runScript(
    server.port,
    `request.end(undefined, () => {})
    await request.response
    client.stream({ path: '/', headers: {}, trailerNames: [] }).write([Buffer.from('b')], () => {})`,
  )
  await server.until(([first]) => first?.text().endsWith('0\r\n\r\n') === true)
  server.connections[0]?.socket.write(ok())
  t.match(await ended, { code: 0, stdout: 'answered\nempty\n' })
  t.equal(server.connections.length, 1)
})

t.test('bytes that the reader has not taken keep it, until they are', async t => {
  await using server = await startByteServer({ isPaused: true })
  // More than the buffers of both ends hold.
  const ended = runScript(
    server.port,
    `request.write([Buffer.alloc(64 * 1024 * 1024)], () => console.log('written'))`,
  )
  await server.until(([first]) => first !== undefined)
  server.connections[0]?.socket.resume()
  t.match(await ended, { code: 0, stdout: 'written\nempty\n' })
})

t.test('a body that has ended keeps it until the answer', async t => {
  await using server = await startByteServer()
  const ended = runScript(server.port, 'request.end(undefined, () => {})')
  await server.until(([first]) => first?.text().endsWith('0\r\n\r\n') === true)
  // Another process comes and goes meanwhile: one that did not wait would have gone long before.
  await runScript(server.port, '')
  t.equal(server.connections[0]?.isClosed, false)
  server.connections[0]?.socket.write(ok())
  t.match(await ended, { code: 0, stdout: 'answered\nempty\n' })
})
