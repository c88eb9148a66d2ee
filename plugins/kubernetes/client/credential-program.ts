// Runs the program that a kubeconfig gets its credentials from.

import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from './access.ts'

const DEADLINE_MS = 30_000
const MAX_OUTPUT_BYTES = 1024 * 1024

/**
 * Resolves with its standard output. Rejects with an Error whose message is one line: the last of standard error, if
 * the program wrote one. The program gets no standard input, as a terminal is missing.
 */
export async function runCredentialProgram (
  program: string, args: readonly string[], environment: Environment
): Promise<string> {
  const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let [output, errors] = ['', '']
  const end = (problem: string) => {
    child.kill('SIGKILL')
    child.stdout.destroy()
    child.stderr.destroy()
    reject(new Error(problem))
  }
  const timer = setTimeout(() => end(`it did not end within ${DEADLINE_MS / 1000} s`), DEADLINE_MS)
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    output += part
    if (output.length > MAX_OUTPUT_BYTES) end(`it wrote more than ${MAX_OUTPUT_BYTES} bytes`)
  })
  child.stderr.setEncoding('utf8').on('data', (part: string) => { errors = (errors + part).slice(-2000) })
  child.on('error', error => end(error.message))
  child.on('close', (code, signal) => {
    if (code === 0) return resolve(output)
    const lastLine = errors.trim().split('\n').at(-1)!.slice(0, 300)
    reject(new Error(lastLine || (signal === null ? `it ended with exit code ${code}` : `it ended by ${signal}`)))
  })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves with the path of the program, which PATH is searched for if it is only a name, or with undefined. */
export async function findProgram (command: string, path: string | undefined): Promise<string | undefined> {
  const candidates = command.includes('/')
    ? [command]
    : (path ?? '').split(':').filter(folder => folder.startsWith('/')).map(folder => join(folder, command))
  for (const candidate of candidates) if (await isProgram(candidate)) return candidate
  return undefined
}

async function isProgram (path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
