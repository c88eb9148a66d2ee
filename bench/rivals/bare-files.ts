// A rival of the bench: only reads files that grow and sends them. Argument: the path of a Unix socket. The path of a
// request is that of the file. Writes a line once it listens.

import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'

const [socketPath] = process.argv.slice(2)
createServer(({ url }, reply) => { createReadStream(url!).pipe(reply) }).listen(socketPath, () => {
  process.stdout.write('listening\n')
})
