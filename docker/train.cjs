// Run by the layer's own Node while the layer is built: loads the runtime as baton/main.cjs does, and leaves the code
// cache behind when the process ends. The script's name is in the cache, so it is the same on every machine.
const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { setFlagsFromString } = require('node:v8')
const { Script } = require('node:vm')

const [, , folder, target] = process.argv
const filename = '/opt/baton/runtime.js'
const script = new Script(readFileSync(join(folder, 'runtime.js'), 'latin1'), { filename })
process.on('exit', () => {
  // V8 writes a hash of its flags into the cache and refuses it under others: back to the defaults, as the layer has
  // them, from what code-cache.ts has set. 0 is a seed by chance.
  for (const flag of ['--hash-seed=0', '--sparkplug']) setFlagsFromString(flag)
  writeFileSync(target, script.createCachedData())
})
script.runInThisContext()(module.exports, require, module, filename, folder)
module.exports.main({ require, importModule: url => import(url) })
