// How our own connections are opened. What is used is taken when this file is loaded, before any user code: what
// replaces net.connect later (nock, msw, agents) does not reach us.
import type { Connection } from '../contract.ts'
import { loadTcp } from './tcp-socket.ts'

const openTcp = loadTcp()
/** Loaded where names must be resolved, or where Node keeps its binding to itself. */
let connectNet: typeof import('node:net').connect | undefined =
  openTcp === undefined ? loadNet() : undefined

/** Starts to connect; the outcome is told by events. */
export function connectTcp(host: string, port: number): Connection {
  if (openTcp !== undefined && isAddress(host)) return openTcp(host, port)
  connectNet ??= loadNet()
  return connectNet({ host, port, noDelay: true })
}

function loadNet(): typeof import('node:net').connect {
  return process.getBuiltinModule('node:net').connect
}

/** IPv4 or IPv6 as a number; everything else is a name. */
function isAddress(host: string): boolean {
  return /^[0-9]{1,3}(\.[0-9]{1,3}){3}$/.test(host) || host.includes(':')
}
