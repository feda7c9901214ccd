// The one function that every artefact has to serve, and what is expected of it: it tells where it runs, calls a service,
// and both stand in one trace.
import { createServer } from 'node:http'
import type { Test } from 'tap'
import { serveLoopback } from '../../../local/http/loopback-server.ts'
import { type ContainerOptions, startContained } from './lambda.ts'

const HANDLER = `
const fs = require('node:fs')
const fails = write => { try { write(); return false } catch (error) { return error.code } }
exports.handler = async () => {
  const { status } = await fetch(process.env.SERVICE_URL)
  fs.writeFileSync('/tmp/file', '')
  return {
    status,
    version: process.versions.node,
    arch: process.arch,
    execPath: process.execPath,
    execArgv: process.execArgv,
    uid: process.getuid(),
    readOnly: [fails(() => fs.writeFileSync('/var/task/file', '')), fails(() => fs.writeFileSync('/opt/file', ''))],
    ...(process.env.PROBE && eval(process.env.PROBE)),
  }
}`

/** An HTTP event of API Gateway, whose caller is traced. */
const EVENT = {
  version: '2.0',
  routeKey: 'GET /things',
  rawPath: '/things',
  headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
  requestContext: { stage: '$default', http: { method: 'GET', path: '/things' } },
}

export interface Served {
  readonly version: string
  readonly arch: string
  readonly execPath: string
  readonly execArgv: readonly string[]
  /** What the expression in PROBE gave. */
  readonly [probed: string]: unknown
}

/** Invokes it once in a container and expects an answer, one trace with two spans, and nothing else in the log. */
export async function serveTraced(
  t: Test,
  options: Omit<ContainerOptions, 'files'>,
): Promise<Served> {
  await using service = await serveLoopback(createServer((_request, response) => response.end()))
  await using contained = await startContained({
    ...options,
    files: { 'index.js': HANDLER },
    env: { ...options.env, SERVICE_URL: `${service.url}/stock` },
  })
  const { fn, collector, log } = contained
  const answer = await fn.invoke(EVENT)
  const lines = log.filter(line => line.source !== 'platform').map(line => line.text)
  if (answer.kind === 'error') throw new Error([answer.body, ...lines].join('\n'))
  const spans = await collector.store.waitForSpans(all => all.length >= 2, 30_000)
  const root = spans.find(span => span.name === 'GET /things')
  const call = spans.find(span => span.name === 'GET')
  t.equal(root?.traceId, '4bf92f3577b34da6a3ce929d0e0e4736')
  t.equal(root?.parentSpanId, '00f067aa0ba902b7')
  t.equal(call?.traceId, root?.traceId)
  t.equal(call?.parentSpanId, root?.spanId)
  t.same(lines, [], 'nothing is written')
  const served = JSON.parse(answer.body) as Served
  t.match(served, { status: 200, uid: 993, readOnly: ['EROFS', 'EROFS'] })
  return served
}
