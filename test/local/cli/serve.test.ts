// `baton serve` and `baton collect` as processes: a function behind HTTP, and each trace as it comes.
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { writeBootstrap } from '../emulator/start-scripted.ts'

const CLI = fileURLToPath(new URL('../../../local/cli/baton.ts', import.meta.url))

/** Answers with what it sees, and sends one span after the answer, as a real runtime would. */
const TRACED = `
for (;;) {
  const event = await next()
  console.log('handled')
  await respond(idOf(event), JSON.stringify({ mine: process.env.MINE, handler: process.env._HANDLER, pid: process.pid }))
  await fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8),
      name: 'POST /orders', kind: 2, startTimeUnixNano: '1000000000', endTimeUnixNano: '1250000000' }] }] }] }),
  })
}`

async function invoke(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', body: '{}' })
  return (await response.json()) as Record<string, unknown>
}

interface Running {
  readonly child: ChildProcess
  /** Resolves with the first match in what was printed so far or will be. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  /** Ends it as Ctrl-C does; resolves with its status. */
  end(): Promise<number | null>
}

function start(t: Test, args: readonly string[], env: readonly string[] = []): Running {
  const child = spawn('/usr/bin/env', ['-i', ...env, process.execPath, CLI, ...args])
  let output = ''
  const listeners = new Set<() => void>()
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
    for (const listener of listeners) listener()
  })
  const closed = new Promise<number | null>(resolve => child.once('close', resolve))
  void closed.then(() => {
    for (const listener of listeners) listener()
  })
  const end = () => {
    child.kill('SIGINT')
    return closed
  }
  t.teardown(end)
  return {
    child,
    end,
    printed: pattern =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output)
          if (match !== null) resolve(match)
          else if (child.exitCode !== null) reject(new Error(`ended without ${pattern}: ${output}`))
        }
        listeners.add(look)
        look()
      }),
  }
}

t.test('serve: events by HTTP, the log and the trace on stderr', async t => {
  const { bootstrap, directory } = writeBootstrap(t, TRACED)
  const options = ['--listen', '127.0.0.1:0', '--handler', 'app.main', '--bootstrap', bootstrap]
  const serving = start(t, ['serve', ...options, directory], ['MINE=1'])
  const [, url = ''] = await serving.printed(/serving (http:\S+)/)
  const answer = await invoke(url)
  t.match(answer, { handler: 'app.main' })
  t.notOk('mine' in answer, 'other variables of the shell are not passed on')
  await serving.printed(/^handled$/m)
  await serving.printed(/^trace (ab){16}$/m)
  await serving.printed(/^POST \/orders +█+ +250 ms/m)
  t.equal(await serving.end(), 0)
})

t.test('serve: a changed file gives the next event a new process', async t => {
  const { bootstrap, directory } = writeBootstrap(t, TRACED)
  const options = ['--listen', '127.0.0.1:0', '--bootstrap', bootstrap, '--inherit']
  const serving = start(t, ['serve', ...options, directory], ['MINE=1'])
  const [, url = ''] = await serving.printed(/serving (http:\S+)/)
  const first = await invoke(url)
  t.match(first, { mine: '1' }, 'with --inherit every variable is passed on')
  writeFileSync(join(directory, 'index.js'), '')
  t.not((await invoke(url)).pid, first.pid)
})

t.test('collect: shows what others send, and what waits when it ends', async t => {
  const collecting = start(t, ['collect', '--listen', '127.0.0.1:0'])
  const [, url = ''] = await collecting.printed(/collecting (http:\S+)/)
  const send = async (traceId: string) => {
    const span = { spanId: 'cd'.repeat(8), name: 'work', startTimeUnixNano: '1' }
    const spans = [{ ...span, traceId, endTimeUnixNano: '2' }]
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
    const headers = { 'content-type': 'application/json' }
    t.equal((await fetch(url, { method: 'POST', headers, body })).status, 200)
  }
  await send('1'.repeat(32))
  await collecting.printed(/^trace 1{32}$/m)
  await send('2'.repeat(32))
  t.equal(await collecting.end(), 0)
  await collecting.printed(/^trace 2{32}$/m)
})
