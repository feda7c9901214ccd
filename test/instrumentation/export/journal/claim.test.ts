// Whose a file is: of the living, of the dead, and of those who have taken over what the dead left.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { identifyThisProcess } from '../../../../instrumentation/export/journal/process-identity.ts'
import {
  finish,
  leave,
  leftBy,
  makeFolder,
  numbersIn,
  openJournal,
  recoverAll,
} from './journals.ts'
import { buildFixture, kill, start } from './processes.ts'

const FILES = 8

function leaveSpans(t: Test, folder: string): readonly number[] {
  const numbers = Array.from({ length: FILES }, (_, index) => index + 1)
  for (const number of numbers) leftBy(t, folder, journal => void finish(journal, number))
  return numbers
}

t.test(
  'two processes that recover at once share what there is, and nothing goes to both',
  async t => {
    const script = buildFixture(t, 'recoverer')
    for (let round = 0; round < 5; round++) {
      const folder = makeFolder(t)
      const numbers = leaveSpans(t, folder)
      const both = [start(t, script, folder), start(t, script, folder)]
      await Promise.all(both.map(({ lines }) => once(lines, 'line')))
      const told = both.map(({ lines }) => once(lines, 'line'))
      for (const { child } of both) child.stdin?.write('go\n')
      const shares = (await Promise.all(told)).map(([line]) => JSON.parse(line) as number[])
      t.comment(`shares: ${shares.map(share => share.length)}`)
      t.strictSame(
        shares.flat().sort((one, other) => one - other),
        numbers,
      )
      t.strictSame(recoverAll(folder).batches, [], 'they live')
      await Promise.all(both.map(kill))
      const again = recoverAll(folder)
      t.strictSame(
        [...numbersIn(again)].sort((one, other) => one - other),
        numbers,
        'a claim of the dead may be claimed',
      )
    }
  },
)

t.test('a file that three processes have claimed in vain is set aside', t => {
  const folder = makeFolder(t)
  leftBy(t, folder, journal => void finish(journal, 1))
  const own = `baton-claim-${process.pid}-`
  const found = Array.from({ length: 4 }, () => {
    const recovered = recoverAll(folder)
    // As if this process had died since.
    for (const name of readdirSync(folder)) {
      if (!name.startsWith(own)) continue
      const [, , , , ...rest] = name.split('-')
      renameSync(join(folder, name), join(folder, `baton-claim-4194305-1-${rest.join('-')}`))
    }
    return [recovered.batches.length, recovered.setAside]
  })
  t.strictSame(found, [
    [1, 0],
    [1, 0],
    [1, 0],
    [0, 1],
  ])
  t.strictSame(readdirSync(folder), [])
  t.end()
})

t.test(
  'journals of this process are left alone; one of an earlier process with its number is not',
  t => {
    const folder = makeFolder(t)
    const journals = [1, 2].map(number => {
      const journal = openJournal(folder)
      finish(journal, number)
      return journal
    })
    const { pid, startTicks } = identifyThisProcess()
    const path = leave(
      folder,
      leftBy(t, makeFolder(t), journal => void finish(journal, 3)),
    )
    renameSync(path, join(folder, `baton-journal-${pid}-${Number(startTicks) - 1}-0`))
    t.strictSame(numbersIn(recoverAll(folder)), [3])
    t.strictSame(recoverAll(folder).batches, [])
    for (const journal of journals) t.equal(journal.read(0, 1).count, 1)
    for (const journal of journals) journal.exit(0)
    t.end()
  },
)

t.test('a process that is dead but still listed counts as dead', async t => {
  const folder = makeFolder(t)
  // The shell becomes sleep, which never asks how its child ended.
  const parent = spawn('/bin/sh', ['-c', '/bin/sleep 0 & echo $!; exec /bin/sleep 60'])
  t.teardown(() => parent.kill('SIGKILL'))
  const [line] = await once(parent.stdout, 'data')
  const pid = Number(String(line))
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  while (stat()[0] !== 'Z') await new Promise(setImmediate)
  const path = leave(
    folder,
    leftBy(t, makeFolder(t), journal => void finish(journal, 1)),
  )
  renameSync(path, join(folder, `baton-journal-${pid}-${stat()[19]}-0`))
  t.strictSame(numbersIn(recoverAll(folder)), [1])
})
