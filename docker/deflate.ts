// One file's Deflate data; in a thread of its own where it takes long: 40 s for Node. It does not depend on the Node that builds,
// whose zlib is made for speed and leaves 7 % more (42.9 MB in place of 39.9 MB for Node 26).
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { inflateRawSync } from 'node:zlib'
import { compress } from './deflate/compress.ts'

/** A thread takes about as long to start. */
const THREAD_FROM_BYTES = 100_000

/** The raw Deflate data of `bytes`. */
export async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.length < THREAD_FROM_BYTES) return compressChecked(bytes)
  const worker = new Worker(new URL(import.meta.url), { workerData: bytes })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

/** By another's hand: a layer that cannot be unpacked would be seen when it is deployed, and not before. */
function compressChecked(bytes: Uint8Array): Uint8Array {
  const data = compress(bytes)
  if (!inflateRawSync(data).equals(bytes)) throw new Error('Deflate: expected the same bytes back')
  return data
}

if (!isMainThread && workerData instanceof Uint8Array)
  parentPort?.postMessage(compressChecked(workerData))
