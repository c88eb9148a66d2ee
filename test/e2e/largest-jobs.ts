// The largest jobs that a launcher accepts for the Local cluster, each with another field or another kind of text at
// its limit.

const BASE = {
  name: 'a',
  exe: '/bin/true',
  metadata: { a: 'm'.repeat(65_000) },
  tags: Array.from({ length: 64 }, (_, n) => `${n}`.padEnd(256, '漢'))
}

/** Bytes of arguments, environment and secrets together, below the limit of the cluster. */
const TEXTS = { args: 500_000, environment: 500_000, secrets: 400_000 }

const variables = (prefix: string, bytes: number, text: string): object[] =>
  texts(bytes, 1000, text).map((value, n) => ({ name: `${prefix}${n}`, value }))

function texts (bytes: number, count: number, text: string): string[] {
  return Array.from({ length: count }, () => text.repeat(bytes / count / Buffer.byteLength(text)))
}

const everything = (text: string): object => ({
  args: texts(TEXTS.args, 10_000, text),
  environment: variables('V', TEXTS.environment, text),
  secrets: variables('S', TEXTS.secrets, text)
})

export const LARGEST_JOBS: Readonly<Record<string, object>> = {
  'a stdin of letters': { ...BASE, stdin: 'a'.repeat(1_000_000) },
  'a stdin of quotes': { ...BASE, stdin: '"'.repeat(1_000_000) },
  'a stdin of control characters': { ...BASE, stdin: '\u0001'.repeat(800_000) },
  'a stdin of three-byte letters and long arguments': {
    ...BASE, stdin: '漢'.repeat(1_000_000), args: texts(1_500_000, 13, '漢')
  },
  'a stdin of three-byte letters and all arguments and variables': {
    ...BASE, stdin: '漢'.repeat(1_000_000), ...everything('漢')
  },
  'a stdin of three-byte letters, and arguments and variables of quotes': {
    ...BASE, stdin: '漢'.repeat(900_000), ...everything("'")
  }
}
