// Run by the layer's own Node while the layer is built: loads the runtime and its bundles as baton/main.cjs does, and
// leaves the code cache of each behind when the process ends. A script's name is in its cache, so it is the same on every
// machine.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { setFlagsFromString } = require('node:v8')
const { Script } = require('node:vm')

const [, , folder, suffix] = process.argv
const scripts = new Map()
const loaded = new Map()

function load(name) {
  if (loaded.has(name)) return loaded.get(name)
  const filename = `/opt/baton/${name}.js`
  const script = new Script(readFileSync(join(folder, `${name}.js`), 'latin1'), { filename })
  scripts.set(name, script)
  const bundle = { exports: {} }
  script.runInThisContext()(bundle.exports, require, bundle, filename, folder)
  loaded.set(name, bundle.exports)
  return bundle.exports
}

process.on('exit', () => {
  // Libraries that no first invocation has: their bundles are compiled, and run as far as they go by themselves.
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.js') && !scripts.has(file.slice(0, -3))) load(file.slice(0, -3))
  }
  // V8 writes a hash of its flags into the cache and refuses it under others: back to the defaults, as the layer has
  // them, from what code-cache.ts has set. 0 is a seed by chance.
  for (const flag of ['--hash-seed=0', '--sparkplug']) setFlagsFromString(flag)
  for (const [name, script] of scripts)
    writeFileSync(join(folder, `${name}${suffix}.cache`), script.createCachedData())
})
load('runtime').main({
  require,
  importModule: url => import(url),
  loadChunk: load,
  readyUptimeMs: 0,
})
