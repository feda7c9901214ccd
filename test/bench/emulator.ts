// The Runtime API, made to measure: it answers from one buffer that is filled in place and keeps its stamps in arrays
// made beforehand, so that its own work stays small and the same for every contender. It checks nothing.

import type { Socket } from 'node:net'
import { type RawRequest, type RawServer, serveRaw } from './raw-http.ts'

/** Times of invocations that were served back to back, in microseconds from handing the event over. */
export type Served = {
  /** Until the response was wholly read. */
  responseUs: Float64Array
  /** Until the following `GET next` came: what the invocation costs the environment, and is billed. */
  nextUs: Float64Array
}

type Waiting<T> = { resolve: (value: T) => void; reject: (error: Error) => void }

const NEXT = 'GET /2018-06-01/runtime/invocation/next'
const RESPONSE = /^POST \/2018-06-01\/runtime\/invocation\/[^/ ]+\/response/
const EXTENSION_NEXT = 'GET /2020-01-01/extension/event/next'
const EXTENSION_REGISTER = 'POST /2020-01-01/extension/register'
const ACCEPTED =
  'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'
const REGISTERED =
  'HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: 8b8c2a2e-7a0e-4b0c-9d2c-0c3f2f1d6a55\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'
const COUNTER_DIGITS = 12
const DEADLINE_DIGITS = 13
const TIMEOUT_MS = 30_000

/** Stamps are milliseconds of `performance.now()`, which is process.hrtime without its allocation. */
export class Emulator {
  #server: RawServer | undefined
  #message: Buffer = Buffer.alloc(0)
  #counterAt = 0
  #deadlineAt = 0
  #count = 0
  /** The connection whose `next` is unanswered, and when that came. */
  #idle: Socket | undefined
  #idleSince = 0
  #handedAt = 0
  #done = 0
  #total = 0
  #served: Served = emptyServed(0)
  #awaitingNext: Waiting<number> | undefined
  #awaitingServed: Waiting<Served> | undefined
  #failure: Error | undefined

  async start(): Promise<void> {
    this.#server = await serveRaw((request, socket) => this.#answer(request, socket))
  }

  /** What goes into AWS_LAMBDA_RUNTIME_API. */
  get hostPort(): string {
    return `127.0.0.1:${this.#server?.port}`
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }

  /** Forgets the last contender, so that the next one finds a fresh API that serves `event`. */
  reset(event: Buffer): void {
    this.#idle = undefined
    this.#failure = undefined
    this.#awaitingNext = undefined
    this.#awaitingServed = undefined
    this.#total = 0
    const head = [
      'HTTP/1.1 200 OK',
      'Content-Type: application/json',
      `Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-${'0'.repeat(COUNTER_DIGITS)}`,
      `Lambda-Runtime-Deadline-Ms: ${'0'.repeat(DEADLINE_DIGITS)}`,
      'Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:123456789012:function:bench',
      'Lambda-Runtime-Trace-Id: Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1',
      `Content-Length: ${event.length}`,
    ].join('\r\n')
    this.#message = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), event])
    this.#counterAt = head.indexOf('9739-') + '9739-'.length
    this.#deadlineAt = head.indexOf('Deadline-Ms: ') + 'Deadline-Ms: '.length
  }

  /** Resolves with the stamp of the `GET next` that waits for an event, as soon as there is one. */
  nextStamp(): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) reject(this.#failure)
      else if (this.#idle !== undefined) resolve(this.#idleSince)
      else this.#awaitingNext = { resolve, reject }
    })
  }

  /** Serves `total` events, each as soon as it is asked for. A `next` must be waiting, and one is at the end. */
  serve(total: number): Promise<Served> {
    return new Promise((resolve, reject) => {
      const socket = this.#idle
      if (this.#failure !== undefined) reject(this.#failure)
      else if (socket === undefined) reject(new Error('serve: expected a waiting next, got none'))
      else {
        this.#served = emptyServed(total)
        this.#done = 0
        this.#total = total
        this.#awaitingServed = { resolve, reject }
        this.#handOver(socket)
        if (total > 1) this.#stayAwake()
      }
    })
  }

  /**
   * Polls instead of sleeping, as long as events are being served. In a virtual machine a core that sleeps takes 20-50 µs
   * to wake, as long as a whole invocation takes; that would be measured as the contender's. A cold start needs the cores itself.
   */
  #stayAwake(): void {
    setImmediate(() => {
      if (this.#done < this.#total && this.#failure === undefined) this.#stayAwake()
    })
  }

  /** Rejects what is awaited now, or next: the contender has exited, or has reported an error. */
  fail(error: Error): void {
    this.#failure ??= error
    this.#awaitingNext?.reject(error)
    this.#awaitingServed?.reject(error)
  }

  #answer(request: RawRequest, socket: Socket): void {
    const at = performance.now()
    const { head } = request
    if (head.startsWith(NEXT)) this.#onNext(at, socket)
    else if (RESPONSE.test(head)) {
      this.#served.responseUs[this.#done] = (at - this.#handedAt) * 1000
      socket.write(ACCEPTED)
    } else if (head.startsWith(EXTENSION_REGISTER)) socket.write(REGISTERED)
    // No lifecycle event is ever sent: an extension's `next` stays open until the contender is killed.
    else if (!head.startsWith(EXTENSION_NEXT)) {
      socket.write(ACCEPTED)
      this.fail(new Error(`unexpected ${head.slice(0, head.indexOf('\r\n'))}: ${request.body}`))
    }
  }

  #onNext(at: number, socket: Socket): void {
    this.#idle = socket
    this.#idleSince = at
    if (this.#done < this.#total) {
      if (this.#served.responseUs[this.#done] === 0) this.fail(new Error('next before a response'))
      this.#served.nextUs[this.#done] = (at - this.#handedAt) * 1000
      this.#done += 1
      if (this.#done < this.#total) this.#handOver(socket)
      else this.#awaitingServed?.resolve(this.#served)
    }
    this.#awaitingNext?.resolve(at)
    this.#awaitingNext = undefined
  }

  #handOver(socket: Socket): void {
    this.#idle = undefined
    this.#count += 1
    const counter = String(this.#count).padStart(COUNTER_DIGITS, '0')
    this.#message.write(counter, this.#counterAt, 'latin1')
    this.#message.write(String(Date.now() + TIMEOUT_MS), this.#deadlineAt, 'latin1')
    this.#handedAt = performance.now()
    socket.write(this.#message)
  }
}

function emptyServed(total: number): Served {
  return { responseUs: new Float64Array(total), nextUs: new Float64Array(total) }
}
