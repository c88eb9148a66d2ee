// The options of every command that connects to a launcher, and the client for them.

import type { LauncherClient } from '../client/client.ts'
import { DEFAULT_SOCKET } from '../config/address.ts'
import type { CommandContext, Option } from './command.ts'
import { optionalText } from './option-values.ts'

export const CONNECTION_OPTIONS = {
  socket: {
    type: 'string',
    value: 'PATH|HOST:PORT',
    help: `Address of the launcher; default: JOB_LAUNCHER_SOCKET, else ${DEFAULT_SOCKET}`
  },
  'key-file': {
    type: 'string',
    value: 'FILE',
    help: 'File with the key of a launcher on HOST:PORT; default: JOB_LAUNCHER_KEY_FILE'
  },
  as: { type: 'string', value: 'USER', help: 'User to act for; default: the host itself' }
} as const satisfies Record<string, Option>

/** Runs `use` with a client for the launcher that the options name, and always closes the client. */
export async function withClient<T> (context: CommandContext, use: (client: LauncherClient) => Promise<T>): Promise<T> {
  const { values, env } = context
  const { createClient } = await import('../client/client.ts')
  const client = createClient({
    address: optionalText(values, 'socket') ?? env.JOB_LAUNCHER_SOCKET ?? DEFAULT_SOCKET,
    keyFile: optionalText(values, 'key-file') ?? env.JOB_LAUNCHER_KEY_FILE,
    user: optionalText(values, 'as')
  })
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}
