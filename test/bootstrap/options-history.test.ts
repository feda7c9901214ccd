// Options of earlier versions are still there, under every name and with the same default: a customer-managed runtime
// brings a new version to functions whose configuration nobody looks at again.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { OPTIONS } from '../../bootstrap/config.ts'

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'options')

/** By name; `null` where there is no default. */
const now = new Map(
  Object.values(OPTIONS).flatMap(({ names, fallback }) =>
    names.map((name): [string, unknown] => [name, JSON.parse(JSON.stringify(fallback ?? null))]),
  ),
)

for (const file of globSync('*.json', { cwd: FOLDER }).sort())
  t.test(`every option of ${file.replace('.json', '')} means what it meant`, async t => {
    const then: Record<string, unknown> = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))
    t.ok(Object.keys(then).length > 50)
    for (const [name, fallback] of Object.entries(then)) {
      t.ok(now.has(name), `${name} is an option`)
      t.strictSame(now.get(name), fallback, `default of ${name}`)
    }
  })

t.test('the version of package.json has a list, for those that come after it', async t => {
  const { version } = JSON.parse(
    readFileSync(join(FOLDER, '..', '..', '..', 'package.json'), 'utf8'),
  )
  t.ok(globSync('*.json', { cwd: FOLDER }).includes(`${version}.json`))
})
