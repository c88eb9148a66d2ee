// Images, placement and resource profiles that a profile allows.

import { all, staff, ann, type ProfileCase } from './profile-fixtures.ts'

/** The user is ann. */
export const CHOICE_CASES: readonly ProfileCase[] = [
  // Images
  {
    shows: 'a job without an image gets the default image',
    sections: [all('default-container-image=r:1')],
    givesImage: 'r:1'
  },
  {
    shows: 'a job that requests versions does not get the default image',
    sections: [all('default-container-image=r:1')],
    runtime: { r: '4' },
    givesImage: 'none'
  },
  {
    shows: 'a requested image beats the default image',
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
    shows: 'an image that is not in the list is allowed with allow-unknown-images',
    sections: [all('container-images=r:1'), staff('allow-unknown-images=1')],
    groups: ['staff'],
    image: 'r:3',
    givesImage: 'r:3'
  },
  {
    shows: 'the default image is allowed although it is not in the list',
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
    shows: 'another value of a listed label is refused',
    sections: [all('placement-constraints=zone:a')],
    places: [{ name: 'zone', value: 'b' }],
    refused: ['NotAllowedByProfile', 'placement-constraints=zone:a']
  },
  {
    shows: 'a listed label without its value is refused',
    sections: [all('placement-constraints=zone:a')],
    places: [{ name: 'zone' }],
    refused: ['NotAllowedByProfile', 'placement-constraints=zone:a']
  },
  {
    shows: 'a label that is not listed is refused',
    sections: [all('placement-constraints=zone:a')],
    places: [{ name: 'disk', value: 'a' }],
    refused: ['NotAllowedByProfile', 'placement-constraints=zone:a']
  },

  // Resource profiles
  {
    shows: 'a job that chooses a resource profile gets its limits',
    sections: [],
    takes: 'small',
    gives: { cpuCount: 1, memory: 1000 },
    givesProfile: 'small'
  },
  {
    shows: 'a resource profile can have requests, GPUs and placement',
    sections: [],
    takes: 'large',
    gives: { cpuCount: 8, cpuRequest: 4, memory: 16000 },
    givesPlaces: [{ name: 'disk', value: 'ssd' }]
  },
  {
    shows: "the placement of a resource profile is added to the job's own",
    sections: [],
    takes: 'large',
    places: [{ name: 'zone', value: 'a' }],
    givesPlaces: [
      { name: 'zone', value: 'a' },
      { name: 'disk', value: 'ssd' }
    ]
  },
  {
    shows: 'the placement of a resource profile needs no permission',
    sections: [all('placement-constraints=zone')],
    takes: 'large',
    givesPlaces: [{ name: 'disk', value: 'ssd' }]
  },
  {
    shows: 'limits that a resource profile does not have come from the profile',
    sections: [all('default-mem-mb=500', 'default-cpus=9', 'cpu-request-ratio=0.5')],
    takes: 'gpu',
    gives: { cpuCount: 4, nvidiaGpus: 1, memory: 500, cpuRequest: 2 }
  },
  {
    shows: 'a resource profile above the maximum is refused, with both lines',
    sections: [all('max-cpus=4')],
    takes: 'large',
    refused: ['LimitExceeded', 'max-cpus=4'],
    says: ['resource profile large (/etc/resources.conf line 8) gives cpuCount 8 CPUs']
  },
  {
    shows: 'GPUs of a resource profile above the maximum are refused',
    sections: [all('max-nvidia-gpus=0')],
    takes: 'gpu',
    refused: ['LimitExceeded', 'max-nvidia-gpus=0'],
    says: ['/etc/resources.conf line 15']
  },
  {
    shows: 'a listed resource profile is allowed',
    sections: [all('resource-profiles=small,gpu')],
    takes: 'gpu',
    givesProfile: 'gpu'
  },
  {
    shows: 'a resource profile that is not listed is refused',
    sections: [all('resource-profiles=small,gpu')],
    takes: 'large',
    refused: ['NotAllowedByProfile', 'resource-profiles=small,gpu'],
    says: ['small, gpu']
  },
  {
    shows: 'the list of resource profiles of a group beats the one for all',
    sections: [all('resource-profiles=small'), staff('resource-profiles=large')],
    groups: ['staff'],
    takes: 'large',
    givesProfile: 'large'
  },
  {
    shows: 'an unknown resource profile is refused with the closest match',
    sections: [],
    takes: 'smal',
    refused: ['InvalidJob', ''],
    says: ['There is no resource profile smal; did you mean small?', 'small, large, gpu']
  },
  {
    shows: 'a job whose user may specify limits need not choose a resource profile',
    sections: [all('resource-profiles=small')],
    gives: {},
    givesProfile: 'none'
  },
  {
    shows: 'a resource profile together with limits is refused',
    sections: [],
    takes: 'small',
    asks: { memory: 5 },
    refused: ['InvalidJob', ''],
    says: ['a job has one of them']
  },
  {
    shows: 'without allow-custom-resources limits of the job are refused',
    sections: [all('allow-custom-resources=false')],
    asks: { memory: 5 },
    refused: ['NotAllowedByProfile', 'allow-custom-resources=false'],
    says: ['Choose one as resourceProfile: small, large, gpu']
  },
  {
    shows: 'without allow-custom-resources the first resource profile is the default',
    sections: [all('allow-custom-resources=false')],
    gives: { cpuCount: 1, memory: 1000 },
    givesProfile: 'small'
  },
  {
    shows: 'the default resource profile is the first in the file of the listed ones',
    sections: [all('allow-custom-resources=false', 'resource-profiles=gpu,large')],
    givesProfile: 'large'
  },
  {
    shows: 'without allow-custom-resources a resource profile can be chosen',
    sections: [all('allow-custom-resources=false')],
    takes: 'gpu',
    givesProfile: 'gpu'
  },
  {
    shows: 'allow-custom-resources of a user beats the one for all',
    sections: [all('allow-custom-resources=false'), ann('allow-custom-resources=true')],
    asks: { memory: 5 },
    gives: { memory: 5 }
  },
  {
    shows: 'a default resource profile above the maximum is refused',
    sections: [all('allow-custom-resources=false', 'max-mem-mb=10')],
    refused: ['LimitExceeded', 'max-mem-mb=10'],
    says: ['/etc/resources.conf line 4']
  }
]
