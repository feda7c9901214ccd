// The workflows and CI: what runs in them is pinned, they may do no more than they need, and signatures are asked for.
import { spawnSync } from 'node:child_process'
import { chmodSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'

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

/** Ends as `npm audit signatures` did when it said that, in every folder. */
function audit(t: Test, said: string, status: number) {
  const script = `#!/bin/sh\n[ "$*" = "audit signatures" ] || exit 9\necho "${said}"\nexit ${status}\n`
  const bin = t.testdir({ npm: script })
  chmodSync(join(bin, 'npm'), 0o755)
  const env = ['-i', `PATH=${bin}:/usr/bin:/bin`]
  return spawnSync('/usr/bin/env', [...env, join(ROOT, '.ci', 'audit-signatures')], {
    encoding: 'utf8',
  })
}

t.test('signatures: right ones pass, a wrong one fails, and no keys are told', async t => {
  const right = audit(t, '700 packages have verified registry signatures', 0)
  t.match(right, { status: 0, stderr: '', stdout: /^test\/nodes: 700 packages/m })
  const wrong = audit(t, '1 package has an invalid registry signature', 1)
  t.match(wrong, { status: 1, stderr: /invalid registry signature/ })
  t.match(audit(t, '1 package is missing a registry signature', 1), { status: 1 })
  const unreachable = audit(t, 'npm error code ENOTFOUND', 1)
  t.match(unreachable, { status: 0, stdout: '', stderr: /^signatures of \.: NOT CHECKED/ })
})

t.test('CI asks for them last, and a release before it builds', async t => {
  const script = readFileSync(join(ROOT, '.ci', 'run'), 'utf8')
  t.ok(script.trimEnd().endsWith('\n.ci/audit-signatures'))
  const release = readFileSync(join(ROOT, '.github', 'workflows', 'release.yml'), 'utf8')
  const order = ['npm ci', 'npm audit signatures', 'npm run build', 'attest-build-provenance']
  const places = order.map(each => release.indexOf(each))
  t.ok(places.every(place => place > 0))
  t.strictSame(
    places,
    [...places].sort((a, b) => a - b),
  )
  t.match(release, /subject-path: \|\n\s+dist\/\*\.zip\n\s+dist\/baton\.spdx\.json/)
})
