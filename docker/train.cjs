// Run by the layer's own Node while the layer is built: loads the runtime as baton/main.cjs does, and leaves the code
// cache behind when the process ends.
const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { Script } = require('node:vm')

const folder = process.argv[2]
const filename = join(folder, 'runtime.js')
const script = new Script(readFileSync(filename, 'latin1'), { filename })
process.on('exit', () => writeFileSync(join(folder, 'runtime.cache'), script.createCachedData()))
script.runInThisContext()(module.exports, require, module, filename, folder)
module.exports.main({
  require,
  importModule: url => import(url),
  loadChunk: name => require(join(folder, `${name}.cjs`)),
})
