// Node's clients for HTTP, which a function that calls nobody does not need: loaded with the first request. Each answers what
// is told of a request as it begins.
export { traceNodeHttp as http } from './node-http.ts'
export { traceNodeHttp2 as http2 } from './node-http2.ts'
export { traceUndici as undici } from './undici.ts'
