// Cases of what profiles give and refuse. Each row: what it shows, the sections of the file, who asks for what, and
// what comes out. Sections are named as in the file; the test gives them in every order of the levels, which must
// change nothing.

import type { JobSubmission } from '../../../../launcher/plugin.ts'

type LimitType = NonNullable<JobSubmission['resourceLimits']>[number]['type']
export type Amounts = Partial<Record<LimitType, number>>

export interface ProfileCase {
  readonly shows: string
  /** Of one level in the order of the file; the later wins. */
  readonly sections: ReadonlyArray<readonly [name: string, ...lines: string[]]>
  readonly groups?: readonly string[]
  readonly asks?: Amounts
  /** The resource profile that the job chooses. */
  readonly takes?: string
  readonly image?: string
  readonly runtime?: JobSubmission['runtime']
  readonly places?: ReadonlyArray<{ name: string, value?: string }>
  /** All limits of the job afterwards. */
  readonly gives?: Amounts
  readonly givesProfile?: string
  readonly givesPlaces?: ReadonlyArray<{ name: string, value?: string }>
  readonly givesImage?: string
  /** Code of the refusal, and a line of the file that its text has to name; empty where no line is to blame. */
  readonly refused?: readonly [code: string, line: string]
  /** What else the refusal says. */
  readonly says?: readonly string[]
}

const all = (...lines: string[]) => ['*', ...lines] as const
const staff = (...lines: string[]) => ['@staff', ...lines] as const
const admins = (...lines: string[]) => ['@admins', ...lines] as const
const ann = (...lines: string[]) => ['ann', ...lines] as const
const bob = (...lines: string[]) => ['bob', ...lines] as const

/** The resource profiles of all cases. */
export const RESOURCES = `[small]
name=Small
cpus=1
mem-mb=1000

[large]
name=Large
cpus=8
cpus-request=4
mem-mb=16000
placement-constraints=disk:ssd

[gpu]
cpus=4
nvidia-gpus=1
`

/** The user is ann. */
export const CASES: readonly ProfileCase[] = [
  // Who is meant
  { shows: 'no profile gives nothing', sections: [], asks: { cpuCount: 100 }, gives: { cpuCount: 100 } },
  { shows: 'what is for all is for ann', sections: [all('default-cpus=1')], gives: { cpuCount: 1 } },
  { shows: 'what is for bob is not', sections: [bob('default-cpus=1')], gives: {} },
  {
    shows: 'what is for a group of hers is',
    sections: [staff('default-cpus=2')],
    groups: ['staff'],
    gives: { cpuCount: 2 }
  },
  { shows: 'what is for another group is not', sections: [admins('default-cpus=2')], groups: ['staff'], gives: {} },
  {
    shows: 'group beats all',
    sections: [all('default-cpus=1'), staff('default-cpus=2')],
    groups: ['staff'],
    gives: { cpuCount: 2 }
  },
  { shows: 'user beats all', sections: [all('default-cpus=1'), ann('default-cpus=3')], gives: { cpuCount: 3 } },
  {
    shows: 'user beats group',
    sections: [staff('default-cpus=2'), ann('default-cpus=3')],
    groups: ['staff'],
    gives: { cpuCount: 3 }
  },
  {
    shows: 'user beats group beats all',
    sections: [all('default-cpus=1'), staff('default-cpus=2'), ann('default-cpus=3')],
    groups: ['staff'],
    gives: { cpuCount: 3 }
  },
  {
    shows: 'of two groups the later wins',
    sections: [staff('default-cpus=2'), admins('default-cpus=4')],
    groups: ['admins', 'staff'],
    gives: { cpuCount: 4 }
  },
  {
    shows: 'of two for all the later wins',
    sections: [all('default-cpus=2'), all('default-cpus=1')],
    gives: { cpuCount: 1 }
  },
  {
    shows: 'of two for one user the later wins',
    sections: [ann('default-cpus=2'), ann('default-cpus=1')],
    gives: { cpuCount: 1 }
  },
  {
    shows: 'each key comes from its own level',
    sections: [all('default-cpus=1', 'default-mem-mb=100'), staff('default-mem-mb=200'), ann('max-cpus=9')],
    groups: ['staff'],
    gives: { cpuCount: 1, memory: 200 }
  },
  {
    shows: 'a smaller value of the user beats a larger one for all',
    sections: [all('max-cpus=8'), ann('max-cpus=2')],
    asks: { cpuCount: 4 },
    refused: ['LimitExceeded', 'max-cpus=2']
  },
  {
    shows: 'a larger value of the user beats a smaller one for all',
    sections: [all('max-cpus=2'), ann('max-cpus=8')],
    asks: { cpuCount: 4 },
    gives: { cpuCount: 4 }
  },

  // CPUs and memory
  {
    shows: 'asked beats default',
    sections: [all('default-cpus=1', 'default-mem-mb=100')],
    asks: { cpuCount: 3, memory: 50 },
    gives: { cpuCount: 3, memory: 50 }
  },
  {
    shows: 'the maximum itself is allowed',
    sections: [all('max-cpus=2')],
    asks: { cpuCount: 2 },
    gives: { cpuCount: 2 }
  },
  {
    shows: 'more than the maximum is refused',
    sections: [all('max-cpus=2')],
    asks: { cpuCount: 2.1 },
    refused: ['LimitExceeded', 'max-cpus=2']
  },
  {
    shows: 'more memory than the maximum is refused',
    sections: [all('max-mem-mb=1000')],
    asks: { memory: 1001 },
    refused: ['LimitExceeded', 'max-mem-mb=1000']
  },
  {
    shows: 'a maximum is the default of those who ask for nothing',
    sections: [all('max-cpus=2', 'max-mem-mb=100')],
    gives: { cpuCount: 2, memory: 100 }
  },
  {
    shows: 'a default above the maximum is made to fit',
    sections: [all('default-cpus=4'), ann('max-cpus=2')],
    gives: { cpuCount: 2 }
  },
  { shows: 'fractions are numbers too', sections: [all('default-cpus=0.25')], gives: { cpuCount: 0.25 } },

  // Requests
  {
    shows: 'a request has its own default',
    sections: [all('default-cpus=2', 'default-cpus-request=0.5')],
    gives: { cpuCount: 2, cpuRequest: 0.5 }
  },
  {
    shows: 'a request is a part of the limit',
    sections: [all('default-cpus=2', 'cpu-request-ratio=0.25')],
    gives: { cpuCount: 2, cpuRequest: 0.5 }
  },
  {
    shows: 'the part is of what was asked',
    sections: [all('default-mem-mb=100', 'memory-request-ratio=0.5')],
    asks: { memory: 1000 },
    gives: { memory: 1000, memoryRequest: 500 }
  },
  {
    shows: 'a default beats the part',
    sections: [all('default-mem-mb=100', 'default-mem-mb-request=10', 'memory-request-ratio=0.5')],
    gives: { memory: 100, memoryRequest: 10 }
  },
  {
    shows: 'an asked request beats both',
    sections: [all('default-mem-mb=100', 'default-mem-mb-request=10', 'memory-request-ratio=0.5')],
    asks: { memoryRequest: 20 },
    gives: { memory: 100, memoryRequest: 20 }
  },
  { shows: 'there is no part of nothing', sections: [all('cpu-request-ratio=0.5')], gives: {} },
  {
    shows: 'a default request is never more than the limit',
    sections: [all('default-cpus-request=4')],
    asks: { cpuCount: 1 },
    gives: { cpuCount: 1, cpuRequest: 1 }
  },
  {
    shows: 'more than the largest request is refused',
    sections: [all('max-cpus-request=1')],
    asks: { cpuRequest: 2 },
    refused: ['LimitExceeded', 'max-cpus-request=1']
  },
  {
    shows: 'more memory than the largest request is refused',
    sections: [all('max-mem-mb-request=1')],
    asks: { memoryRequest: 2 },
    refused: ['LimitExceeded', 'max-mem-mb-request=1']
  },
  {
    shows: 'a part is made to fit the largest request',
    sections: [all('cpu-request-ratio=1', 'max-cpus-request=1')],
    asks: { cpuCount: 4 },
    gives: { cpuCount: 4, cpuRequest: 1 }
  },
  { shows: 'a largest request gives none to who asks for none', sections: [all('max-cpus-request=1')], gives: {} },

  // GPUs
  { shows: 'GPUs have a default', sections: [all('default-nvidia-gpus=1')], gives: { nvidiaGpus: 1 } },
  {
    shows: 'a default of 0 is none',
    sections: [all('default-nvidia-gpus=1', 'default-amd-gpus=1'), ann('default-nvidia-gpus=0')],
    gives: { amdGpus: 1 }
  },
  { shows: 'a maximum gives no GPU to who asks for none', sections: [all('max-nvidia-gpus=2')], gives: {} },
  {
    shows: 'a maximum of 0 refuses GPUs',
    sections: [all('max-nvidia-gpus=0')],
    asks: { nvidiaGpus: 1 },
    refused: ['LimitExceeded', 'max-nvidia-gpus=0']
  },
  {
    shows: 'each kind of GPU has its own',
    sections: [all('max-nvidia-gpus=0', 'max-amd-gpus=1')],
    asks: { amdGpus: 1 },
    gives: { amdGpus: 1 }
  },
  {
    shows: 'more AMD GPUs than the maximum are refused',
    sections: [all('max-amd-gpus=1')],
    asks: { amdGpus: 2 },
    refused: ['LimitExceeded', 'max-amd-gpus=1']
  },

  // Images
  { shows: 'without an image the default is taken', sections: [all('default-container-image=r:1')], givesImage: 'r:1' },
  {
    shows: 'the default is not for who asks for versions',
    sections: [all('default-container-image=r:1')],
    runtime: { r: '4' },
    givesImage: 'none'
  },
  {
    shows: 'an image that is asked for beats the default',
    sections: [all('default-container-image=r:1')],
    image: 'r:2',
    givesImage: 'r:2'
  },
  {
    shows: 'an image of the list is allowed',
    sections: [all('container-images=r:1, r:2')],
    image: 'r:2',
    givesImage: 'r:2'
  },
  {
    shows: 'an image that is not in the list is refused',
    sections: [all('container-images=r:1,r:2')],
    image: 'r:3',
    refused: ['NotAllowedByProfile', 'container-images=r:1,r:2']
  },
  {
    shows: 'unless unknown ones are allowed',
    sections: [all('container-images=r:1'), staff('allow-unknown-images=1')],
    groups: ['staff'],
    image: 'r:3',
    givesImage: 'r:3'
  },
  {
    shows: 'the default is allowed without standing in the list',
    sections: [all('container-images=r:1', 'default-container-image=r:9')],
    image: 'r:9',
    givesImage: 'r:9'
  },
  {
    shows: 'a list of the user replaces the one for all',
    sections: [all('container-images=r:1'), ann('container-images=r:2')],
    image: 'r:1',
    refused: ['NotAllowedByProfile', 'container-images=r:2']
  },

  // Placement
  {
    shows: 'without a list every placement is allowed',
    sections: [all('max-cpus=9')],
    places: [{ name: 'zone', value: 'a' }],
    gives: { cpuCount: 9 }
  },
  {
    shows: 'a placement of the list is allowed',
    sections: [all('placement-constraints=zone:a,gpu')],
    places: [
      { name: 'zone', value: 'a' },
      { name: 'gpu', value: 'x' }
    ],
    gives: {}
  },
  {
    shows: 'another value is refused',
    sections: [all('placement-constraints=zone:a')],
    places: [{ name: 'zone', value: 'b' }],
    refused: ['NotAllowedByProfile', 'placement-constraints=zone:a']
  },
  {
    shows: 'any value is refused where one is named',
    sections: [all('placement-constraints=zone:a')],
    places: [{ name: 'zone' }],
    refused: ['NotAllowedByProfile', 'placement-constraints=zone:a']
  },
  {
    shows: 'another label is refused',
    sections: [all('placement-constraints=zone:a')],
    places: [{ name: 'disk', value: 'a' }],
    refused: ['NotAllowedByProfile', 'placement-constraints=zone:a']
  },

  // Resource profiles
  {
    shows: 'a job that chooses a resource profile gets what it has',
    sections: [],
    takes: 'small',
    gives: { cpuCount: 1, memory: 1000 },
    givesProfile: 'small'
  },
  {
    shows: 'a resource profile may have a request, GPUs and places',
    sections: [],
    takes: 'large',
    gives: { cpuCount: 8, cpuRequest: 4, memory: 16000 },
    givesPlaces: [{ name: 'disk', value: 'ssd' }]
  },
  {
    shows: "its places come to the job's own",
    sections: [],
    takes: 'large',
    places: [{ name: 'zone', value: 'a' }],
    givesPlaces: [
      { name: 'zone', value: 'a' },
      { name: 'disk', value: 'ssd' }
    ]
  },
  {
    shows: 'its places need no permission',
    sections: [all('placement-constraints=zone')],
    takes: 'large',
    givesPlaces: [{ name: 'disk', value: 'ssd' }]
  },
  {
    shows: 'what it does not have comes from the profile',
    sections: [all('default-mem-mb=500', 'default-cpus=9', 'cpu-request-ratio=0.5')],
    takes: 'gpu',
    gives: { cpuCount: 4, nvidiaGpus: 1, memory: 500, cpuRequest: 2 }
  },
  {
    shows: 'it is held against the maximum, and both lines are told',
    sections: [all('max-cpus=4')],
    takes: 'large',
    refused: ['LimitExceeded', 'max-cpus=4'],
    says: ['resource profile large (/etc/resources.conf line 8) gives cpuCount 8 CPUs']
  },
  {
    shows: 'its GPUs are too',
    sections: [all('max-nvidia-gpus=0')],
    takes: 'gpu',
    refused: ['LimitExceeded', 'max-nvidia-gpus=0'],
    says: ['/etc/resources.conf line 15']
  },
  {
    shows: 'it may be one of those that the profile lists',
    sections: [all('resource-profiles=small,gpu')],
    takes: 'gpu',
    givesProfile: 'gpu'
  },
  {
    shows: 'it may be none that the profile does not list',
    sections: [all('resource-profiles=small,gpu')],
    takes: 'large',
    refused: ['NotAllowedByProfile', 'resource-profiles=small,gpu'],
    says: ['small, gpu']
  },
  {
    shows: 'the list of a group beats that for all',
    sections: [all('resource-profiles=small'), staff('resource-profiles=large')],
    groups: ['staff'],
    takes: 'large',
    givesProfile: 'large'
  },
  {
    shows: 'one that there is not is refused with the nearest',
    sections: [],
    takes: 'smal',
    refused: ['InvalidJob', ''],
    says: ['There is no resource profile smal; did you mean small?', 'small, large, gpu']
  },
  {
    shows: 'nobody who may name limits has to take one',
    sections: [all('resource-profiles=small')],
    gives: {},
    givesProfile: 'none'
  },
  {
    shows: 'a job names a resource profile or limits',
    sections: [],
    takes: 'small',
    asks: { memory: 5 },
    refused: ['InvalidJob', ''],
    says: ['a job has one of them']
  },
  {
    shows: 'where no own limits are allowed they are refused',
    sections: [all('allow-custom-resources=false')],
    asks: { memory: 5 },
    refused: ['NotAllowedByProfile', 'allow-custom-resources=false'],
    says: ['Choose one as resourceProfile: small, large, gpu']
  },
  {
    shows: 'where no own limits are allowed the first is the default',
    sections: [all('allow-custom-resources=false')],
    gives: { cpuCount: 1, memory: 1000 },
    givesProfile: 'small'
  },
  {
    shows: 'the first is the first in the file of those that are listed',
    sections: [all('allow-custom-resources=false', 'resource-profiles=gpu,large')],
    givesProfile: 'large'
  },
  {
    shows: 'where no own limits are allowed one may be chosen',
    sections: [all('allow-custom-resources=false')],
    takes: 'gpu',
    givesProfile: 'gpu'
  },
  {
    shows: 'a user may be allowed limits that others are not',
    sections: [all('allow-custom-resources=false'), ann('allow-custom-resources=true')],
    asks: { memory: 5 },
    gives: { memory: 5 }
  },
  {
    shows: 'the default resource profile is held against the maximum too',
    sections: [all('allow-custom-resources=false', 'max-mem-mb=10')],
    refused: ['LimitExceeded', 'max-mem-mb=10'],
    says: ['/etc/resources.conf line 4']
  }
]
