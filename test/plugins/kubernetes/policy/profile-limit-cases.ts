// Which section of a profile applies, and its limits of CPUs, memory, requests and GPUs.

import { all, staff, admins, ann, bob, type ProfileCase } from './profile-fixtures.ts'

/** The user is ann. */
export const LIMIT_CASES: readonly ProfileCase[] = [
  // Levels
  {
    shows: 'without a profile a job gets what it requests',
    sections: [],
    asks: { cpuCount: 100 },
    gives: { cpuCount: 100 }
  },
  { shows: 'a section for all applies to ann', sections: [all('default-cpus=1')], gives: { cpuCount: 1 } },
  { shows: 'a section for bob does not apply to ann', sections: [bob('default-cpus=1')], gives: {} },
  {
    shows: 'a section for a group of ann applies to her',
    sections: [staff('default-cpus=2')],
    groups: ['staff'],
    gives: { cpuCount: 2 }
  },
  {
    shows: 'a section for another group does not apply to ann',
    sections: [admins('default-cpus=2')],
    groups: ['staff'],
    gives: {}
  },
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
    shows: 'the later of two groups wins',
    sections: [staff('default-cpus=2'), admins('default-cpus=4')],
    groups: ['admins', 'staff'],
    gives: { cpuCount: 4 }
  },
  {
    shows: 'the later of two sections for all wins',
    sections: [all('default-cpus=2'), all('default-cpus=1')],
    gives: { cpuCount: 1 }
  },
  {
    shows: 'the later of two sections for one user wins',
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
    shows: 'a requested limit beats the default',
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
    shows: 'a maximum is the default of a job that requests nothing',
    sections: [all('max-cpus=2', 'max-mem-mb=100')],
    gives: { cpuCount: 2, memory: 100 }
  },
  {
    shows: 'a default above the maximum is reduced to it',
    sections: [all('default-cpus=4'), ann('max-cpus=2')],
    gives: { cpuCount: 2 }
  },
  { shows: 'a fraction of a CPU is a valid limit', sections: [all('default-cpus=0.25')], gives: { cpuCount: 0.25 } },

  // Requests
  {
    shows: 'a CPU request has its own default',
    sections: [all('default-cpus=2', 'default-cpus-request=0.5')],
    gives: { cpuCount: 2, cpuRequest: 0.5 }
  },
  {
    shows: 'a CPU request is a ratio of the limit',
    sections: [all('default-cpus=2', 'cpu-request-ratio=0.25')],
    gives: { cpuCount: 2, cpuRequest: 0.5 }
  },
  {
    shows: 'the ratio applies to the requested limit',
    sections: [all('default-mem-mb=100', 'memory-request-ratio=0.5')],
    asks: { memory: 1000 },
    gives: { memory: 1000, memoryRequest: 500 }
  },
  {
    shows: 'a default request beats the ratio',
    sections: [all('default-mem-mb=100', 'default-mem-mb-request=10', 'memory-request-ratio=0.5')],
    gives: { memory: 100, memoryRequest: 10 }
  },
  {
    shows: 'a specified request beats default and ratio',
    sections: [all('default-mem-mb=100', 'default-mem-mb-request=10', 'memory-request-ratio=0.5')],
    asks: { memoryRequest: 20 },
    gives: { memory: 100, memoryRequest: 20 }
  },
  { shows: 'without a limit the ratio gives no request', sections: [all('cpu-request-ratio=0.5')], gives: {} },
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
    shows: 'a request by ratio is reduced to the largest request',
    sections: [all('cpu-request-ratio=1', 'max-cpus-request=1')],
    asks: { cpuCount: 4 },
    gives: { cpuCount: 4, cpuRequest: 1 }
  },
  {
    shows: 'a largest request gives no request to a job without one',
    sections: [all('max-cpus-request=1')],
    gives: {}
  },

  // GPUs
  { shows: 'GPUs have a default', sections: [all('default-nvidia-gpus=1')], gives: { nvidiaGpus: 1 } },
  {
    shows: 'a default of 0 gives no GPU',
    sections: [all('default-nvidia-gpus=1', 'default-amd-gpus=1'), ann('default-nvidia-gpus=0')],
    gives: { amdGpus: 1 }
  },
  { shows: 'a maximum gives no GPU to a job that requests none', sections: [all('max-nvidia-gpus=2')], gives: {} },
  {
    shows: 'a maximum of 0 refuses GPUs',
    sections: [all('max-nvidia-gpus=0')],
    asks: { nvidiaGpus: 1 },
    refused: ['LimitExceeded', 'max-nvidia-gpus=0']
  },
  {
    shows: 'each kind of GPU has its own maximum',
    sections: [all('max-nvidia-gpus=0', 'max-amd-gpus=1')],
    asks: { amdGpus: 1 },
    gives: { amdGpus: 1 }
  },
  {
    shows: 'more AMD GPUs than the maximum are refused',
    sections: [all('max-amd-gpus=1')],
    asks: { amdGpus: 2 },
    refused: ['LimitExceeded', 'max-amd-gpus=1']
  }
]
