// The workflows: what runs in them is pinned, and they may do no more than they need.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

const ROOT = dirname(import.meta.dirname)
const files = globSync('.github/workflows/*.yml', { cwd: ROOT })

t.test('every action is pinned by its commit, with the version beside it', async t => {
  const used = files.flatMap(file => readFileSync(join(ROOT, file), 'utf8').match(/uses:.*/g) ?? [])
  t.ok(used.length > 0)
  for (const line of used) t.match(line, /^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
})

t.test(
  'by default a workflow may only read, and its scripts are those of package.json',
  async t => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    for (const file of files) {
      const text = readFileSync(join(ROOT, file), 'utf8')
      t.match(text, /^permissions:\n {2}contents: read$/m, file)
      for (const [, script = ''] of text.matchAll(/npm run ([\w:-]+)/g))
        t.ok(script in scripts, script)
    }
  },
)
