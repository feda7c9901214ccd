// Run by the layer's own Node while the layer is built: loads the runtime as baton/main.cjs does, and leaves the code
// cache behind when the process ends. The same Node and runtime.js give the same bytes: started with --hash-seed=1
// (strings lie in the cache in the order of their hashes), under a name that is the same on every machine.
const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { setFlagsFromString } = require('node:v8')
const { Script } = require('node:vm')

const [, , folder, target] = process.argv
const filename = '/opt/baton/runtime.js'
const script = new Script(readFileSync(join(folder, 'runtime.js'), 'latin1'), { filename })
process.on('exit', () => {
  // V8 writes a hash of its flags into the cache and refuses it under others: 0 is the default, a seed by chance.
  setFlagsFromString('--hash-seed=0')
  writeFileSync(target, script.createCachedData())
})
script.runInThisContext()(module.exports, require, module, filename, folder)
module.exports.main({ require, importModule: url => import(url) })
