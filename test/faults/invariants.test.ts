import t from 'tap'
import type { ClientJob } from '../../launcher/client/client.ts'
import { judge, type SeenJob } from './invariants.ts'

const ended = {
  id: 'a',
  status: 'Finished',
  reason: 'Exited',
  message: 'It ended.',
  exitCode: 3
} as unknown as ClientJob
const good: SeenJob = {
  id: 'a',
  planned: { lines: 1, exitCode: 3, ends: 'itself', asks: [] },
  events: [{ ...ended, status: 'Pending' }, { ...ended, status: 'Running' }, ended],
  last: ended,
  unseen: false,
  listed: 1,
  runs: 1,
  written: 'line\n',
  followed: 'line\n',
  kept: 'line\n'
}
const canceled = { ...ended, status: 'Canceled', reason: 'CanceledOnRequest' } as ClientJob

t.test('a correct job violates no invariant', async t => {
  t.match(judge([good], [], []), {
    jobs: 1,
    lost: 0,
    doubled: 0,
    wrongOutcomes: 0,
    bytesLost: 0,
    leaked: 0,
    broken: []
  })
  t.match(
    judge(
      [{ ...good, planned: { ...good.planned, asks: ['cancel'] }, events: [canceled], last: canceled, runs: 0 }],
      [],
      []
    ).broken,
    []
  )
  const ofPod = { ...canceled, cluster: 'Kubernetes' }
  t.match(
    judge(
      [
        {
          ...good,
          planned: { ...good.planned, asks: ['cancel'] },
          events: [ofPod],
          last: ofPod,
          unseen: true,
          written: '',
          followed: '',
          kept: ''
        }
      ],
      [],
      []
    ).broken,
    []
  )
})

t.test('each violation is counted in its column', async t => {
  const bad: ReadonlyArray<[Partial<SeenJob>, object]> = [
    [{ last: undefined, events: [] }, { lost: 1 }],
    [{ listed: 0 }, { lost: 1 }],
    [{ last: { ...ended, status: 'Running' }, events: [] }, { lost: 1 }],
    [{ listed: 2 }, { doubled: 1 }],
    [{ runs: 2 }, { doubled: 1 }],
    [{ runs: 0 }, { wrongOutcomes: 1 }],
    [{ planned: { ...good.planned, exitCode: 4 } }, { wrongOutcomes: 1 }],
    [{ planned: { ...good.planned, asks: ['kill'] } }, { wrongOutcomes: 1 }],
    [{ planned: { ...good.planned, asks: ['cancel'] }, events: [canceled], last: canceled }, { wrongOutcomes: 1 }],
    [
      { planned: { ...good.planned, asks: ['cancel'] }, events: [canceled], last: canceled, unseen: true },
      { wrongOutcomes: 1 }
    ],
    [{ planned: { ...good.planned, ends: 'never', podDeleted: true } }, { wrongOutcomes: 1 }],
    [{ events: [{ ...ended, exitCode: 0 }] }, { wrongOutcomes: 1 }],
    [{ events: [ended, { ...ended, status: 'Running' }, ended] }, { wrongOutcomes: 1 }],
    [{ kept: 'li' }, { bytesLost: 3 }],
    [{ followed: 'line\nline\n' }, { bytesLost: 5 }],
    [{ kept: 'enil\n' }, { bytesLost: 1 }]
  ]
  const none = { lost: 0, doubled: 0, wrongOutcomes: 0, bytesLost: 0, leaked: 0 }
  for (const [change, counted] of bad) {
    t.match(judge([{ ...good, ...change }], [], []), { ...none, ...counted, broken: [String] }, JSON.stringify(change))
  }
  t.match(judge([good], ['b'], []), { ...none, doubled: 1 })
  t.match(judge([good], [], ['folder a']), { ...none, leaked: 1 })
})
