// A process that is stopped in the middle of an export, for longer than the export may take, and what the collector does
// meanwhile: what was answered counts, and what was not is sent once more.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import t, { type Test } from 'tap'
import { CERTIFICATE, PRIVATE_KEY } from '../tls-identity.ts'

const TIMEOUT_MS = 300
/** The export's time, and as much as says that the process was stopped, and some more. */
const STOP_MS = TIMEOUT_MS + 1000 + 200
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'

interface Received {
  readonly socket: net.Socket
  /** Which connection, from 1 on. */
  readonly connection: number
}

interface Collector {
  readonly url: string
  readonly requests: Received[]
  /** The request with this index, once it is there. */
  request(index: number): Promise<Received>
}

/** Answers nothing by itself. */
async function startCollector(t: Test, isSecure: boolean): Promise<Collector> {
  const requests: Received[] = []
  const waiting = new Set<() => void>()
  const sockets = new Set<net.Socket>()
  let connections = 0
  const take = (socket: net.Socket): void => {
    const connection = ++connections
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', bytes => {
      if (bytes.includes('POST ')) requests.push({ socket, connection })
      for (const check of waiting) check()
    })
  }
  const server = isSecure
    ? tls.createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, take)
    : net.createServer(take)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as net.AddressInfo
  return {
    url: `${isSecure ? 'https' : 'http'}://localhost:${port}/v1/traces`,
    requests,
    request: index =>
      new Promise(resolve => {
        const check = (): void => {
          const request = requests[index]
          if (request === undefined) return
          waiting.delete(check)
          resolve(request)
        }
        waiting.add(check)
        check()
      }),
  }
}

interface Exporting {
  readonly process: ChildProcess
  /** Asks for an export. */
  start(): void
  /** What came of the next one. */
  result(): Promise<unknown>
}

function startExporting(t: Test, collector: Collector): Exporting {
  const script = join(import.meta.dirname, 'fixtures', 'export-on-request.mjs')
  const ca = join(t.testdir({ 'ca.pem': CERTIFICATE }), 'ca.pem')
  const child = spawn(
    '/usr/bin/env',
    ['-i', `NODE_EXTRA_CA_CERTS=${ca}`, process.execPath, script, collector.url, `${TIMEOUT_MS}`],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  t.teardown(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    process: child,
    start: () => void child.stdin.write('\n'),
    result: async () => JSON.parse(String((await lines.next()).value)),
  }
}

/** Stops the process; `meanwhile` happens while it stands still. */
async function freeze({ process: child }: Exporting, meanwhile: () => void): Promise<void> {
  child.kill('SIGSTOP')
  while (!/\) T /.test(await readFile(`/proc/${child.pid}/stat`, 'utf8'))) await sleep(5)
  meanwhile()
  await sleep(STOP_MS)
  child.kill('SIGCONT')
}

const connectionsOf = ({ requests }: Collector): number[] => requests.map(each => each.connection)
const ACCEPTED = { status: 'accepted' }
const ONLY_LINUX = process.platform === 'linux' ? false : 'needs /proc'

t.test('freezes', { skip: ONLY_LINUX, jobs: 4 }, async t => {
  for (const [protocol, isSecure] of [
    ['http', false],
    ['https', true],
  ] as const) {
    t.test(
      `${protocol}: an answer that came meanwhile counts, though its time is over`,
      async t => {
        const collector = await startCollector(t, isSecure)
        const exporting = startExporting(t, collector)
        exporting.start()
        const { socket } = await collector.request(0)
        await freeze(exporting, () => socket.write(OK))
        t.strictSame(await exporting.result(), ACCEPTED)
        t.equal(collector.requests.length, 1, 'nothing is sent twice')
      },
    )

    t.test(`${protocol}: a connection that was closed meanwhile is replaced`, async t => {
      const collector = await startCollector(t, isSecure)
      const exporting = startExporting(t, collector)
      exporting.start()
      const { socket } = await collector.request(0)
      await freeze(exporting, () => socket.destroy())
      const second = await collector.request(1)
      second.socket.write(OK)
      t.strictSame(await exporting.result(), ACCEPTED)
      t.strictSame(connectionsOf(collector), [1, 2])
    })
  }

  t.test('a collector that says nothing is asked once more, on a new connection', async t => {
    const collector = await startCollector(t, false)
    const exporting = startExporting(t, collector)
    exporting.start()
    await collector.request(0)
    await freeze(exporting, () => {})
    await collector.request(1)
    t.match(await exporting.result(), { status: 'retry', reason: /no whole answer/ })
    t.strictSame(connectionsOf(collector), [1, 2])
  })

  t.test('a kept connection that was reset meanwhile costs nothing', async t => {
    const collector = await startCollector(t, false)
    const exporting = startExporting(t, collector)
    exporting.start()
    const first = await collector.request(0)
    first.socket.write(OK)
    t.strictSame(await exporting.result(), ACCEPTED)
    exporting.start()
    const second = await collector.request(1)
    await freeze(exporting, () => second.socket.resetAndDestroy())
    const third = await collector.request(2)
    third.socket.write(OK)
    t.strictSame(await exporting.result(), ACCEPTED)
    t.strictSame(connectionsOf(collector), [1, 1, 2])
  })

  t.test('a collector that is slow, with no freeze at all, is not asked twice', async t => {
    const collector = await startCollector(t, false)
    const exporting = startExporting(t, collector)
    exporting.start()
    await collector.request(0)
    t.match(await exporting.result(), { status: 'retry' })
    t.equal(collector.requests.length, 1)
  })
})
