// Route that counts jobs by status, outcome, user and cluster.

import { Type } from 'typebox'
import { JOB_OUTCOMES } from '../model/job-outcome.ts'
import { JOB_STATUSES } from '../model/status.ts'
import type { JobGroup } from '../jobs/store/job-queries.ts'
import { FilterQuery, filterOf } from './job-query.ts'
import { json } from './replies.ts'
import type { Server, Service } from './service.ts'

const Counts = (description: string) => Type.Record(Type.String(), Type.Integer(), { description })

const JobSummary = Type.Object({
  count: Type.Integer({ description: 'Number of jobs that match.' }),
  byStatus: Counts('Number of jobs with each status. Each status is there, also with 0.'),
  byOutcome: Counts('Number of ended jobs with each outcome. Each outcome is there, also with 0.'),
  byUser: Counts('Number of jobs of each user who has one.'),
  byCluster: Counts('Number of jobs on each cluster that has one.'),
  complete: Type.Boolean({
    description:
      'false while jobs of an earlier launcher may be missing, on a cluster of the filter that is not adopted yet.'
  })
}, { title: 'JobSummary' })

export function summaryRoute (server: Server, { jobs, requester }: Service): void {
  server.get(
    '/v1/jobs/summary',
    {
      schema: {
        operationId: 'summarizeJobs',
        tags: ['jobs'],
        summary: 'Count jobs by status, outcome, user and cluster',
        description: 'Counts the jobs that GET /v1/jobs lists with the same filter.',
        querystring: FilterQuery,
        response: { 200: json(JobSummary, 'The numbers of jobs.') }
      }
    },
    async request => {
      const filter = filterOf(request.query, requester(request), jobs)
      return { ...summaryOf(jobs.groups(filter)), complete: jobs.notAdopted(filter.clusters).length === 0 }
    }
  )
}

/** Adds the numbers of the groups for each of their values. */
export function summaryOf (groups: readonly JobGroup[]) {
  const zeros = (words: readonly string[]) => new Map(words.map(word => [word, 0]))
  const statuses = zeros(JOB_STATUSES)
  const outcomes = zeros(JOB_OUTCOMES)
  const users = zeros([])
  const clusters = zeros([])
  let total = 0
  for (const { status, outcome, user, cluster, count } of groups) {
    total += count
    add(statuses, status, count)
    if (outcome !== undefined) add(outcomes, outcome, count)
    add(users, user, count)
    add(clusters, cluster, count)
  }
  return {
    count: total,
    byStatus: Object.fromEntries(statuses),
    byOutcome: Object.fromEntries(outcomes),
    byUser: Object.fromEntries(users),
    byCluster: Object.fromEntries(clusters)
  }
}

function add (counts: Map<string, number>, word: string, count: number): void {
  counts.set(word, (counts.get(word) ?? 0) + count)
}
