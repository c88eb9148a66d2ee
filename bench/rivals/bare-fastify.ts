// A rival of the bench: a fastify that only returns one job with the launcher's schema. Arguments: socket, job as JSON.

import Fastify from 'fastify'
import { PublicJob } from '../../launcher/jobs/public-job.ts'

const [socket, text] = process.argv.slice(2)
const job = JSON.parse(text!) as PublicJob
const server = Fastify()
server.get('/v1/jobs/:id', { schema: { response: { 200: PublicJob } } }, async () => job)
await server.listen({ path: socket! })
process.stdout.write('ready\n')
