// A disk that takes no more, or never did: the journal turns itself off, says so once, and comes back when it can.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createJournal, type Journal } from '../../../../instrumentation/export/journal/journal.ts'
import {
  begin,
  bytesIn,
  decode,
  finish,
  HEAD,
  leave,
  MAX_BYTES,
  makeFolder,
  numbersIn,
  open,
  openJournal,
  recoverAll,
} from './journals.ts'

const IS_ROOT = process.getuid?.() === 0
const NEEDS_ROOT = { skip: IS_ROOT ? false : 'NOT TESTED: only root may mount a small disk' }

/** A disk of its own. */
function mountDisk(t: Test, options: string): string {
  const folder = makeFolder(t)
  execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `${options},mode=700`, 'tmpfs', folder])
  t.teardown(() => execFileSync('/bin/umount', ['-l', folder]))
  return folder
}

function tryToCreate(folder: string): { journal: Journal | undefined; warnings: string[] } {
  const warnings: string[] = []
  const journal = createJournal({
    folder,
    maxBytes: MAX_BYTES,
    head: HEAD,
    memoryBytes: undefined,
    log: { warn: message => warnings.push(message) },
    nowMs: Date.now,
  })
  return { journal, warnings }
}

t.test('on a full disk nothing is taken, until what is held was accepted', NEEDS_ROOT, t => {
  const folder = mountDisk(t, 'size=64k')
  const warnings: string[] = []
  const journal = openJournal(folder, {}, warnings)
  begin(journal, 1000)
  open(journal, 1001)
  let taken = 0
  while (finish(journal, taken, { text: 'x'.repeat(700) })) taken++
  t.ok(taken > 20 && taken < 90, `${taken} spans`)
  open(journal, 1002)
  t.equal(finish(journal, 1000), false)
  t.equal(finish(journal, 2000), false)
  t.match(warnings, [/the journal cannot be written: Error: ENOSPC/])
  t.equal(warnings.length, 1)

  t.equal(journal.read(0, MAX_BYTES).count, taken, 'what it has is readable')
  const other = makeFolder(t)
  leave(other, bytesIn(folder))
  const recovered = recoverAll(other)
  t.equal(numbersIn(recovered).length, taken, 'and recoverable, but what was open may have ended')
  t.ok(decode(recovered).every(({ isFinished }) => isFinished))

  journal.cut(taken - 1)
  t.equal(finish(journal, 3000), false)
  journal.cut(taken + 10)
  begin(journal, 4000)
  t.equal(finish(journal, 4001), true)
  leave(other, bytesIn(folder))
  recovered.release()
  t.strictSame(numbersIn(recoverAll(other)), [4001, 4000])
  t.equal(warnings.length, 1)
  journal.exit(0)
  t.end()
})

t.test('a disk that is full from the start leaves no file', NEEDS_ROOT, t => {
  const folder = mountDisk(t, 'size=16k')
  execFileSync('/bin/dd', ['if=/dev/zero', `of=${folder}/full`, 'bs=4096', 'count=4'], {
    stdio: 'ignore',
  })
  const { journal, warnings } = tryToCreate(folder)
  t.equal(journal, undefined)
  t.equal(warnings.length, 1)
  t.match(warnings[0], /ENOSPC/)
  t.strictSame(readdirSync(folder), ['full'])
  t.end()
})

t.test('a disk that is read-only is said once', NEEDS_ROOT, t => {
  const folder = mountDisk(t, 'size=64k')
  const journal = openJournal(folder)
  finish(journal, 1)
  leave(folder, bytesIn(folder))
  journal.exit(0)
  execFileSync('/bin/mount', ['-o', 'remount,ro', folder])
  const { journal: none, warnings } = tryToCreate(folder)
  t.equal(none, undefined)
  t.equal(warnings.length, 1)
  t.match(warnings[0], /EROFS/)
  t.strictSame(recoverAll(folder).batches, [], 'what cannot be claimed is not told')
  t.end()
})

t.test('a folder that is not ours alone is refused', t => {
  const parent = makeFolder(t)
  const refused: [string, RegExp][] = []
  const add = (name: string, reason: RegExp): string => {
    const path = join(parent, name)
    refused.push([path, reason])
    return path
  }
  writeFileSync(add('file', /EEXIST/), '')
  mkdirSync(join(parent, 'real'))
  symlinkSync(join(parent, 'real'), add('link', /expected a folder/))
  symlinkSync(join(parent, 'nowhere'), add('dangling', /EEXIST|ENOENT/))
  const shared = add('shared', /others may write/)
  mkdirSync(shared)
  chmodSync(shared, 0o777)
  add('file/below', /ENOTDIR/)
  for (const [folder, reason] of refused) {
    const { journal, warnings } = tryToCreate(folder)
    t.equal(journal, undefined, folder)
    t.match(warnings, [reason])
  }
  t.strictSame(readdirSync(join(parent, 'real')), [])
  t.end()
})

t.test("a folder of another user, or in another user's, is refused", NEEDS_ROOT, t => {
  const folder = makeFolder(t)
  execFileSync('/bin/chown', ['12345', folder])
  mkdirSync(join(folder, 'ours'), { mode: 0o700 })
  const theirs = tryToCreate(folder)
  t.equal(theirs.journal, undefined)
  t.match(theirs.warnings, [/belongs to another user/])
  const ours = tryToCreate(join(folder, 'ours'))
  t.equal(ours.journal, undefined)
  t.match(ours.warnings, [/is in another user's folder/])
  t.end()
})

t.test('fewer bytes than eight blocks need are refused, just as many are not', t => {
  const fewest = 4096 + 8 * 1024
  t.throws(() => openJournal(makeFolder(t), { maxBytes: fewest - 1 }), /are too few/)
  openJournal(makeFolder(t), { maxBytes: fewest }).exit(0)
  t.end()
})
