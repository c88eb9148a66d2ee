// Decides which proxy leads to the API server, by the rules of Go's net/http, which kubectl follows. Pure.

import { BlockList, isIP } from 'node:net'
import type { Environment } from './access.ts'
import { LauncherError } from '../../../launcher/errors.ts'
import { FieldError } from './field-error.ts'

/** A SOCKS5 proxy resolves the name of the server with each of its two schemes. */
const PROTOCOLS: readonly string[] = ['http:', 'https:', 'socks5:', 'socks5h:']
const DEFAULT_PORT: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/**
 * Returns the proxy-url of a cluster if it has one, else what the environment names, or undefined. Throws a FieldError
 * for a proxy-url that the launcher cannot use, and ConfInvalid for such a variable. The message does not show the URL,
 * which may contain a password.
 */
export function chooseProxy (server: string, environment: Environment, proxyUrl?: string): string | undefined {
  const { variable, url } = proxyUrl === undefined
    ? environmentProxy(server, environment) ?? {}
    : { variable: 'proxy-url', url: proxyUrl }
  if (url === undefined) return undefined
  const { protocol, host } = URL.parse(url) ?? {}
  if (protocol !== undefined && host !== '' && PROTOCOLS.includes(protocol)) return url
  const found = protocol === undefined || host === '' ? 'not a URL' : `a URL with the scheme ${protocol.slice(0, -1)}`
  const remedy = 'set it to the URL of an HTTP or SOCKS5 proxy, such as http://proxy.example:3128 or ' +
    'socks5://proxy.example:1080'
  if (proxyUrl !== undefined) throw new FieldError(`${variable} is ${found}; ${remedy}`)
  throw new LauncherError(
    'ConfInvalid',
    `The variable ${variable} in the environment of the launcher is ${found}; ${remedy}.`,
    { variable },
    { help: 'Correct the variable in the environment of the launcher, or list the API server in NO_PROXY.' }
  )
}

/**
 * Returns the variable and its URL, or undefined if the server is reached directly. HTTPS_PROXY is for servers with an
 * https address, HTTP_PROXY for others. The loopback and what NO_PROXY lists are reached directly. The names in lower
 * case count too, and a value without a scheme is an http URL.
 */
function environmentProxy (
  server: string, environment: Environment
): { readonly variable: string, readonly url: string } | undefined {
  const { protocol, hostname, port } = new URL(server)
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const variable = [name, name.toLowerCase()].find(candidate => environment[candidate])
  if (variable === undefined) return undefined
  const host = hostname.replace(/^\[|\]$/g, '')
  const noProxy = environment['NO_PROXY'] || environment['no_proxy'] || ''
  if (isLoopback(host) || isListed(host, port || DEFAULT_PORT[protocol]!, noProxy)) return undefined
  const value = environment[variable]!
  return { variable, url: /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}` }
}

function isLoopback (host: string): boolean {
  return host === 'localhost' || blockListOf('127.0.0.0', 8).check(host, family(host)) || host === '::1'
}

function isListed (host: string, port: string, noProxy: string): boolean {
  const entries = noProxy.toLowerCase().split(',').map(entry => entry.trim()).filter(entry => entry !== '')
  return entries.some(entry => {
    if (entry === '*') return true
    const [, network, bits] = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry) ?? []
    if (network !== undefined && isIP(network) !== 0 && Number(bits) <= (isIP(network) === 4 ? 32 : 128)) {
      return isIP(host) !== 0 && blockListOf(network, Number(bits)).check(host, family(host))
    }
    const { name, onlyPort } = splitPort(entry)
    if (name === '' || (onlyPort !== undefined && onlyPort !== port)) return false
    if (isIP(name) !== 0) return isIP(host) !== 0 && blockListOf(name).check(host, family(host))
    if (isIP(host) !== 0) return false
    const suffix = name.replace(/^\*(?=\.)/, '')
    return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`)
  })
}

function splitPort (entry: string): { name: string, onlyPort: string | undefined } {
  const [, bracketed, plain, onlyPort] = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(entry) ?? []
  const name = bracketed ?? plain
  return name === undefined ? { name: entry, onlyPort: undefined } : { name, onlyPort }
}

function blockListOf (address: string, bits?: number): BlockList {
  const list = new BlockList()
  if (bits === undefined) list.addAddress(address, family(address))
  else list.addSubnet(address, bits, family(address))
  return list
}

function family (address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
