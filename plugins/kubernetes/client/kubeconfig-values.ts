// Reads the values of a kubeconfig by their types, as kubectl does: null and empty values count as not set, and unknown
// fields are ignored.

import { FieldError } from './field-error.ts'

/** Reads a value. Throws a FieldError whose message names the field and what it must be. */
type Read<T> = (value: unknown, field: string) => T | undefined
type Fields<Shape extends Readonly<Record<string, Read<unknown>>>> = {
  readonly [Key in keyof Shape]?: Exclude<ReturnType<Shape[Key]>, undefined>
}

const text: Read<string> = (value, field) => {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw new FieldError(`${field} is not text; put its value in quotes`)
  return value
}

const boolean: Read<boolean> = (value, field) => {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw new FieldError(`${field} is neither true nor false`)
  return value
}

/** Base64 of a PEM text. */
const data: Read<string> = (value, field) => {
  const encoded = text(value, field)?.replaceAll(/[\r\n]/g, '')
  if (encoded === undefined || encoded === '') return undefined
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded)) {
    throw new FieldError(`${field} is not base64`)
  }
  return Buffer.from(encoded, 'base64').toString('utf8')
}

const listOf = <T>(item: Read<T>): Read<T[]> => (value, field) => {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw new FieldError(`${field} is not a list`)
  const items = value.map((entry, index) => item(entry, `${field}[${index}]`)).filter(entry => entry !== undefined)
  return items.length === 0 ? undefined : items
}

/** A text of a list, in which an empty one counts. */
const item: Read<string> = (value, field) => value === '' ? '' : text(value, field)

const mapOf = <T>(entry: Read<T>): Read<Readonly<Record<string, T>>> => (value, field) => {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) throw new FieldError(`${field} is not a map`)
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inside]) => {
      const read = entry(inside, `${field}.${key}`)
      return read === undefined ? [] : [[key, read] as const]
    })
  )
}

const objectOf = <Shape extends Readonly<Record<string, Read<unknown>>>>(shape: Shape): Read<Fields<Shape>> => (
  value, field
) => {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) throw new FieldError(`${field} is not a map`)
  const given = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.entries(shape)
      .map(([key, read]) => [key, read(given[key], field === '' ? key : `${field}.${key}`)])
      .filter(([, read]) => read !== undefined)
  ) as Fields<Shape>
}

const anything: Read<unknown> = value => value ?? undefined
const extensions = listOf(objectOf({ name: text, extension: anything }))

export const readContext = objectOf({ cluster: text, user: text, namespace: text })

export const readCluster = objectOf({
  server: text,
  'tls-server-name': text,
  'insecure-skip-tls-verify': boolean,
  'certificate-authority': text,
  'certificate-authority-data': data,
  'proxy-url': text,
  'disable-compression': boolean,
  extensions
})

export const readUser = objectOf({
  'client-certificate': text,
  'client-certificate-data': data,
  'client-key': text,
  'client-key-data': data,
  token: text,
  tokenFile: text,
  /** The name that other clients give to tokenFile. */
  'token-file': text,
  as: text,
  'as-uid': text,
  'as-groups': listOf(item),
  'as-user-extra': mapOf(listOf(item)),
  username: text,
  password: text,
  'auth-provider': objectOf({ name: text, config: mapOf(text) }),
  exec: objectOf({
    command: text,
    args: listOf(item),
    env: listOf(objectOf({ name: text, value: text })),
    apiVersion: text,
    installHint: text,
    provideClusterInfo: boolean,
    interactiveMode: text
  })
})

export type KubeconfigContext = NonNullable<ReturnType<typeof readContext>>
export type KubeconfigCluster = NonNullable<ReturnType<typeof readCluster>>
export type KubeconfigUser = NonNullable<ReturnType<typeof readUser>>
export type KubeconfigExec = NonNullable<KubeconfigUser['exec']>
export type AuthProvider = NonNullable<KubeconfigUser['auth-provider']>
