// docs/deploy.md against examples/deploy: the lines that it says a function has to change are counted.
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

const ROOT = dirname(import.meta.dirname)
const ROW = /^\| .* \| +`(examples\/deploy\/[^`]+)` +\| \+(\d+) −(\d+) +\|$/gm

/** Lines that only the second file has, and lines that only the first one has. */
function countChanges(before: string, after: string): [added: number, removed: number] {
  // `diff` ends with 1 when there is a difference.
  const command = 'diff "$1" "$2" || [ $? -eq 1 ]'
  const lines = execFileSync('sh', ['-c', command, 'sh', before, after]).toString().split('\n')
  const count = (mark: string) => lines.filter(line => line.startsWith(mark)).length
  return [count('>'), count('<')]
}

t.test('docs/deploy.md has every example, with the lines it takes', async t => {
  const rows = [...readFileSync(join(ROOT, 'docs', 'deploy.md'), 'utf8').matchAll(ROW)]
  const examples = globSync('examples/deploy/*/{layer,wrapper,after}/*', { cwd: ROOT })
  t.ok(examples.length > 10)
  t.strictSame(rows.map(([, file]) => file).sort(), examples.sort())
  for (const [, file = '', added, removed] of rows) {
    const before = file.replace(/\/(?:layer|wrapper|after)\//, '/before/')
    t.strictSame(
      countChanges(join(ROOT, before), join(ROOT, file)),
      [Number(added), Number(removed)],
      file,
    )
  }
})
