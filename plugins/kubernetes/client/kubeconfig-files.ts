// Reads kubeconfig files and merges them as kubectl does: of entries of one kind and name, and of current contexts, the
// first has precedence.

import { parse } from 'yaml'
import { LauncherError, systemCode } from '../../../launcher/errors.ts'
import { readCredentialFile } from './credential-file.ts'

/** One entry of a list, and the file it comes from. */
export interface Entry {
  readonly name: string
  readonly value: unknown
  readonly file: string
}

export interface MergedKubeconfig {
  /** The names of the files, for messages. */
  readonly label: string
  /** Files of the list that do not exist. */
  readonly missing: readonly string[]
  readonly currentContext: string | undefined
  readonly contexts: readonly Entry[]
  readonly clusters: readonly Entry[]
  readonly users: readonly Entry[]
}

/**
 * Rejects with FileNotReadable or ConfInvalid. Missing and empty files of a list are skipped; it is an error if all are
 * missing.
 */
export async function readKubeconfigs (kubeconfig: string | readonly string[]): Promise<MergedKubeconfig> {
  const files = typeof kubeconfig === 'string' ? [kubeconfig] : kubeconfig
  const texts = await Promise.all(
    files.map(file => typeof kubeconfig === 'string' ? readCredentialFile(file) : readIfExists(file))
  )
  if (texts.every(text => text === undefined)) {
    throw new LauncherError(
      'FileNotReadable',
      `None of the kubeconfigs that KUBECONFIG names exists: ${files.join(', ')}. Correct KUBECONFIG, or set ` +
      'kubeconfig (Launcher.Kubeconfig).',
      { file: files[0]! }
    )
  }
  const missing = files.filter((_file, index) => texts[index] === undefined)
  const parsed = files.flatMap((file, index) => {
    const text = texts[index]
    const isSkipped = text === undefined || (typeof kubeconfig !== 'string' && text === '')
    return isSkipped ? [] : [parseKubeconfig(file, text)]
  })
  return { ...merge(files.join(':'), parsed), missing }
}

/** `problem` completes a sentence and has no full stop. */
export function invalidKubeconfig (file: string, problem: string): LauncherError {
  return new LauncherError('ConfInvalid', `The kubeconfig ${file} cannot be used: ${problem}.`, { file }, {
    help: 'Correct the kubeconfig; docs/reference/kubeconfig.md lists every field.'
  })
}

async function readIfExists (file: string): Promise<string | undefined> {
  try {
    return await readCredentialFile(file)
  } catch (error) {
    if (systemCode((error as Error).cause) === 'ENOENT') return undefined
    throw error
  }
}

type Parsed = Omit<MergedKubeconfig, 'label' | 'missing'>

function merge (label: string, parsed: readonly Parsed[]): Omit<MergedKubeconfig, 'missing'> {
  return {
    label,
    currentContext: parsed.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
    contexts: parsed.flatMap(({ contexts }) => contexts),
    clusters: parsed.flatMap(({ clusters }) => clusters),
    users: parsed.flatMap(({ users }) => users)
  }
}

function parseKubeconfig (file: string, text: string): Parsed {
  let content: unknown
  try {
    // As kubectl reads it: with merge keys, and with yes and on as booleans.
    content = parse(text, { version: '1.1' })
  } catch (error) {
    // The lines after the first quote the file, which may contain a token.
    throw invalidKubeconfig(file, `it is not YAML: ${(error as Error).message.split('\n')[0]!.replace(/:$/, '')}`)
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw invalidKubeconfig(file, 'it is not a kubeconfig')
  }
  const { kind, apiVersion, 'current-context': current, ...lists } = content as Readonly<Record<string, unknown>>
  if ((kind ?? 'Config') !== 'Config' || (apiVersion ?? 'v1') !== 'v1') {
    throw invalidKubeconfig(file, 'it is not a kubeconfig: its kind must be Config and its apiVersion v1')
  }
  if (typeof (current ?? '') !== 'string') {
    throw invalidKubeconfig(file, 'current-context is not text; put its value in quotes')
  }
  return {
    currentContext: current === null || current === '' ? undefined : current as string | undefined,
    contexts: entriesOf(file, 'contexts', 'context', lists.contexts),
    clusters: entriesOf(file, 'clusters', 'cluster', lists.clusters),
    users: entriesOf(file, 'users', 'user', lists.users)
  }
}

function entriesOf (file: string, list: string, kind: string, entries: unknown): Entry[] {
  if (entries === undefined || entries === null) return []
  if (!Array.isArray(entries)) throw invalidKubeconfig(file, `${list} is not a list`)
  const names = new Set<string>()
  return entries.map((entry: unknown, index) => {
    const { name, [kind]: value } = (entry ?? {}) as Readonly<Record<string, unknown>>
    if (typeof name !== 'string') throw invalidKubeconfig(file, `${list}[${index}] has no name`)
    if (names.has(name)) throw invalidKubeconfig(file, `${list} has two entries with the name ${name}; remove one`)
    names.add(name)
    return { name, value, file }
  })
}
