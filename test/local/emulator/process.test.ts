// The child process and its output, apart from any protocol.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LINE_LIMIT_CHARS, LineSplitter } from '../../../local/emulator/log-line.ts'
import { RuntimeProcess } from '../../../local/emulator/runtime-process.ts'
import { writeBootstrap } from './start-scripted.ts'

/** Starts `code`; resolves when it has printed `up`. */
async function start(t: Test, code: string): Promise<{ child: RuntimeProcess; lines: string[] }> {
  const { bootstrap, directory } = writeBootstrap(
    t,
    `${code}\nsetInterval(() => {}, 1000)\nconsole.log('up')`,
  )
  const lines: string[] = []
  const { promise: isUp, resolve } = Promise.withResolvers<void>()
  const child = new RuntimeProcess({
    bootstrap,
    directory,
    env: { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1' },
    onLog: ({ text }) => {
      lines.push(text)
      if (text === 'up') resolve()
    },
  })
  await isUp
  return { child, lines }
}

t.test('with a grace, a process that hears SIGTERM ends by itself', async t => {
  const { child, lines } = await start(
    t,
    `process.on('SIGTERM', () => { console.log('flushed'); process.exit(0) })`,
  )
  await child.kill(10_000)
  t.strictSame(lines, ['up', 'flushed'])
  t.match(await child.exited, { exitCode: 0, signal: undefined })
})

t.test('with a grace, a process that does not hear SIGTERM is killed after it', async t => {
  const { child } = await start(t, `process.on('SIGTERM', () => {})`)
  await child.kill(50)
  t.match(await child.exited, { exitCode: undefined, signal: 'SIGKILL' })
})

t.test('killing a process twice, or one that is gone, is no error', async t => {
  const { child } = await start(t, '')
  await Promise.all([child.kill(0), child.kill(0)])
  await child.kill(0)
  t.match(await child.exited, { signal: 'SIGKILL' })
})

t.test('a bootstrap that is no executable says so and does not throw', async t => {
  const directory = t.testdir({ bootstrap: 'not executable' })
  const child = new RuntimeProcess({
    bootstrap: join(directory, 'bootstrap'),
    directory,
    env: {},
    onLog: () => {},
  })
  t.match(await child.exited, { spawnError: { code: 'EACCES' } })
})

t.test('lines are cut at line feeds only, between chunks and characters', async t => {
  const lines: string[] = []
  const splitter = new LineSplitter(line => lines.push(line))
  for (const byte of Buffer.from('a\rb\n\nü✓\nlast')) splitter.write(Buffer.from([byte]))
  t.strictSame(lines, ['a\rb', '', 'ü✓'])
  splitter.end()
  splitter.end()
  t.strictSame(lines, ['a\rb', '', 'ü✓', 'last'])
})

t.test('the longest line that stays whole, and the first that is cut', async t => {
  const split = (length: number): number[] => {
    const lengths: number[] = []
    const splitter = new LineSplitter(line => lengths.push(line.length))
    splitter.write(Buffer.alloc(length, 'x'))
    splitter.end()
    return lengths
  }
  t.strictSame(split(LINE_LIMIT_CHARS), [LINE_LIMIT_CHARS])
  t.strictSame(split(LINE_LIMIT_CHARS + 1), [LINE_LIMIT_CHARS, 1])
})
