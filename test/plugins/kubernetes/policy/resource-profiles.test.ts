import t from 'tap'
import { problemText, type Problem } from '../../../../launcher/lib/problem.ts'
import { parseResourceProfiles } from '../../../../plugins/kubernetes/policy/resource-profiles.ts'

t.test('resource profiles are named amounts in the order of the file', async t => {
  const problems: Problem[] = []
  const text =
    '[small]\nname=Small (1 CPU)\ncpus=1\nmem-mb=512\n\n' +
    '[gpu.large]\ncpus=8\ncpus-request=4\nmem-mb-request=100\nnvidia-gpus=2\namd-gpus=0\n' +
    'placement-constraints=disk:ssd, zone\n'
  t.strictSame(parseResourceProfiles(text, '/r', problems), [
    {
      name: 'small',
      title: 'Small (1 CPU)',
      limits: [
        { type: 'cpuCount', value: 1, line: 3 },
        { type: 'memory', value: 512, line: 4 }
      ],
      placementConstraints: [],
      file: '/r',
      line: 1
    },
    {
      name: 'gpu.large',
      title: 'gpu.large',
      limits: [
        { type: 'cpuCount', value: 8, line: 7 },
        { type: 'cpuRequest', value: 4, line: 8 },
        { type: 'memoryRequest', value: 100, line: 9 },
        { type: 'nvidiaGpus', value: 2, line: 10 }
      ],
      placementConstraints: [{ name: 'disk', value: 'ssd' }, { name: 'zone' }],
      file: '/r',
      line: 6
    }
  ])
  t.strictSame(problems, [])
})

t.test('all problems of resource profiles are reported at once, with their lines', async t => {
  const problems: Problem[] = []
  parseResourceProfiles(
    '[a]\ncpu=1\ncpus=0\nname=\n[b ' +
    'b]\n[a]\n[c]\ncpus=1\ncpus-request=2\nmem-mb=1\nmem-mb-request=1\namd-gpus=0.5\nstray\n',
    '/r',
    problems
  )
  t.strictSame(problems.map(problemText), [
    '/r line 2: cpu is not a known key; did you mean cpus?',
    '/r line 3: cpus is not a number greater than 0: 0',
    '/r line 4: name is not a non-empty string: ',
    '/r line 5: [b b] is not a name of at most 128 letters, digits, . _ and - that begins with a letter or digit',
    '/r line 6: [a] is already defined in line 1',
    '/r line 9: cpus-request is more than cpus in line 8: 2',
    '/r line 12: amd-gpus is not a whole number: 0.5',
    '/r line 13: does not have the form key=value: stray'
  ])
})
