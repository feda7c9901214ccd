// Run by the layer's own Node while the layer is built: loads the runtime and its chunks as baton/main.cjs does, and leaves
// the code cache of each behind when the process ends.
const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { Script } = require('node:vm')

const folder = process.argv[2]
const scripts = new Map()

function load(name) {
  const filename = join(folder, `${name}.js`)
  const script = new Script(readFileSync(filename, 'latin1'), { filename })
  scripts.set(name, script)
  const bundle = { exports: {} }
  script.runInThisContext()(bundle.exports, require, bundle, filename, folder)
  return bundle.exports
}

process.on('exit', () => {
  for (const [name, script] of scripts)
    writeFileSync(join(folder, `${name}.cache`), script.createCachedData())
})
load('runtime').main({ require, importModule: url => import(url), loadChunk: load })
