// What counts as a change of a function's code, and that the next event then meets it.
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { stampFolder } from '../../../local/emulator/folder-stamp.ts'
import { startFunction } from '../../../local/emulator/function.ts'
import { writeBootstrap } from './start-scripted.ts'

t.test('content, name and time of a file count; hidden files and packages do not', async t => {
  const folder = t.testdir({
    'index.js': '1',
    lib: { 'a.js': '1' },
    '.git': { HEAD: '' },
    node_modules: { a: { 'index.js': '1' }, '.package-lock.json': '{}' },
  })
  let stamp = await stampFolder(folder)
  const changes = async (change: () => void): Promise<boolean> => {
    change()
    const before = stamp
    stamp = await stampFolder(folder)
    return stamp !== before
  }
  const path = (...names: string[]) => join(folder, ...names)
  t.notOk(await changes(() => {}))
  t.ok(await changes(() => writeFileSync(path('lib', 'a.js'), '12')))
  t.ok(await changes(() => utimesSync(path('index.js'), 1, 1)))
  t.ok(await changes(() => writeFileSync(path('new.js'), '')))
  t.ok(await changes(() => rmSync(path('new.js'))))
  t.ok(await changes(() => writeFileSync(path('node_modules', '.package-lock.json'), '{} ')))
  t.notOk(await changes(() => writeFileSync(path('node_modules', 'a', 'index.js'), '12')))
  t.notOk(await changes(() => writeFileSync(path('.git', 'HEAD'), 'x')))
  t.ok(await changes(() => symlinkSync(path('node_modules', 'a', 'index.js'), path('linked.js'))))
  t.ok(await changes(() => writeFileSync(path('node_modules', 'a', 'index.js'), '123')))
})

t.test('the event after a change has a new process, any other has the old one', async t => {
  const { bootstrap, directory } = writeBootstrap(
    t,
    'for (;;) await respond(idOf(await next()), String(process.pid))',
  )
  mkdirSync(join(directory, 'src'), { recursive: true })
  await using fn = await startFunction({ bootstrap, directory, followsChanges: true })
  const pid = async () => (await fn.invoke({})).body
  const first = await pid()
  t.equal(await pid(), first)
  writeFileSync(join(directory, 'src', 'handler.js'), '')
  const second = await pid()
  t.not(second, first)
  t.equal(await pid(), second)
})
