// The real OpenTelemetry Collector, built once with Go out of its own modules and kept outside of the repository. What it
// takes it sends on as JSON to a server of the test's: an oracle that nobody here wrote. Needs Go 1.26, the Go module
// proxy, 2 GB of disk and two minutes the first time.
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { serveLoopback } from '../../local/http/loopback-server.ts'
import { buildGoProgram } from './go-program.ts'

const SOURCE = join(import.meta.dirname, '..', 'interop', 'otel-collector')
const START_LIMIT_MS = 60_000

/** An ExportTraceServiceRequest as JSON. */
export interface JsonRequest {
  readonly resourceSpans: readonly Readonly<Record<string, unknown>>[]
}

export interface RealCollector extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string
  /** What it sent on, in order. */
  readonly requests: readonly JsonRequest[]
}

export async function startRealCollector(): Promise<RealCollector> {
  const binary = buildGoProgram(SOURCE, 'otelcol')
  const requests: JsonRequest[] = []
  const sink = await serveLoopback(
    createServer(async (request, response) => {
      requests.push((await json(request)) as JsonRequest)
      response.setHeader('Content-Type', 'application/json').end('{}')
    }),
  )
  const port = await findFreePort()
  const child = spawn(binary, ['--config', `yaml:${JSON.stringify(configOf(port, sink.url))}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', chunk => {
    log += chunk
  })
  const ended = new Promise(resolve => child.once('close', resolve))
  try {
    await waitUntilItListens(port, child, () => log)
  } catch (error) {
    child.kill('SIGKILL')
    await sink.close()
    throw error
  }
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
      await sink.close()
    },
  }
}

/** Answers only once what it took was sent on: no queue, no second try. */
function configOf(port: number, sink: string): object {
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: {
      otlphttp: {
        endpoint: sink,
        encoding: 'json',
        compression: 'none',
        sending_queue: { enabled: false },
        retry_on_failure: { enabled: false },
      },
    },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { traces: { receivers: ['otlp'], exporters: ['otlphttp'] } },
    },
  }
}

async function findFreePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

async function waitUntilItListens(
  port: number,
  child: ChildProcess,
  log: () => string,
): Promise<void> {
  const untilMs = Date.now() + START_LIMIT_MS
  while (!(await listens(port))) {
    if (child.exitCode !== null || Date.now() > untilMs)
      throw new Error(`the OpenTelemetry Collector does not listen: ${log()}`)
    await sleep(20)
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
