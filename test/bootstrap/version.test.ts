import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { VERSION } from '../../bootstrap/version.ts'

t.test("the version at run time is package.json's", async t => {
  const manifest = join(import.meta.dirname, '..', '..', 'package.json')
  t.equal(VERSION, JSON.parse(readFileSync(manifest, 'utf8')).version)
  t.match(VERSION, /^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$/)
})
