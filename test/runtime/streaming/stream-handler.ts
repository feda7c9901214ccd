// Runs one streaming handler in this process against the scripted Runtime API, by the real client.
import { RuntimeApiClient } from '../../../runtime/api/client.ts'
import { createHttpClient } from '../../../runtime/api/http-client.ts'
import type { Invocation } from '../../../runtime/contract.ts'
import type { Answer } from '../../../runtime/invocation/answer.ts'
import { InFlight, RunningInvocation } from '../../../runtime/invocation/in-flight.ts'
import { formatTextLine } from '../../../runtime/logs/line.ts'
import { createLogger } from '../../../runtime/logs/logger.ts'
import type { ResponseStream } from '../../../runtime/streaming/response-stream.ts'
import { runStreaming } from '../../../runtime/streaming/run-streaming.ts'
import {
  type RuntimeApi,
  type RuntimeApiOptions,
  startRuntimeApi,
} from '../../helpers/runtime-api.ts'

export type StreamingHandler = (event: unknown, stream: ResponseStream, context: object) => unknown

export interface StreamedOptions extends RuntimeApiOptions {
  readonly highWaterMark?: number
  readonly event?: unknown
}

export interface Streaming extends AsyncDisposable {
  readonly api: RuntimeApi
  readonly running: RunningInvocation
  readonly answer: Promise<Answer>
  /** `request id TAB level TAB message` of each line. */
  readonly log: readonly string[]
  /** The invocation that the calling code belongs to. */
  currentId(): string | undefined
}

export const CONTEXT: object = Object.freeze({ awsRequestId: 'req-0' })

/** Starts it under the request id `req-0`, beside another invocation that is under way. */
export async function startStreaming(
  handler: StreamingHandler,
  options: StreamedOptions = {},
): Promise<Streaming> {
  const api = await startRuntimeApi(options)
  const [host = '', port] = api.address.split(':')
  const http = createHttpClient({ host, port: Number(port) })
  const inFlight = new InFlight()
  const running = new RunningInvocation(createInvocation('req-0', options.event ?? {}))
  inFlight.add(running)
  inFlight.add(new RunningInvocation(createInvocation('other', {})))
  const log: string[] = []
  const logger = createLogger({
    format: 'text',
    threshold: 'TRACE',
    scope: () => inFlight.current()?.invocation,
    sink: {
      formatText: formatTextLine,
      write: line => void log.push(line.slice(line.indexOf('\t') + 1)),
    },
    now: () => new Date(0),
  })
  const answer = runStreaming({
    api: new RuntimeApiClient(http, 'baton/1.2.3'),
    logger,
    handler,
    mode: { highWaterMark: options.highWaterMark },
    running,
    context: CONTEXT,
    enter: work => inFlight.run(running, work),
  })
  return {
    api,
    running,
    answer,
    log,
    currentId: () => inFlight.current()?.invocation.requestId,
    async [Symbol.asyncDispose]() {
      http.close()
      await api[Symbol.asyncDispose]()
    },
  }
}

function createInvocation(requestId: string, event: unknown): Invocation {
  return {
    requestId,
    deadlineMs: 0,
    functionArn: '',
    traceHeader: undefined,
    clientContext: undefined,
    identity: undefined,
    tenantId: undefined,
    event,
    isColdStart: true,
  }
}
