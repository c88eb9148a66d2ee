"""Drives a launcher with the client that openapi-python-client makes."""
import json
import os

from made import AuthenticatedClient
from made.api.jobs import control_job, delete_job, get_job, get_job_output, list_jobs, submit_job
from made.models import Control, ControlJobWait, GetJobWait, Job, JobStatus, JobSubmission, Operation, Problem

TOOL = 'openapi-python-client'
client = AuthenticatedClient(base_url=os.environ['LAUNCHER_URL'], token=os.environ['LAUNCHER_KEY'])


def submit(command):
    job = submit_job.sync(client=client, body=JobSubmission(name='made', command=command, tags=['made', TOOL]))
    assert isinstance(job, Job), job
    return job


def follow(job_id):
    """The generated call reads a whole reply, so the stream is read with the HTTP client below it."""
    with client.get_httpx_client().stream('GET', f'/v1/jobs/{job_id}/events') as reply:
        data = [line for line in reply.iter_lines() if line.startswith('data: ')]
    return Job.from_dict(json.loads(data[-1].removeprefix('data: ')))


job_id = submit('echo hi').id
assert follow(job_id).outcome == 'succeeded'
assert get_job.sync(job_id, client=client).exit_code == 0
jobs = list_jobs.sync(client=client, tag=['made', TOOL], status=[JobStatus.FINISHED]).jobs
assert [job.id for job in jobs] == [job_id], jobs
assert get_job_output.sync_detailed(job_id, client=client).content == b'hi\n'
long_id = submit('sleep 60').id
get_job.sync(long_id, client=client, wait=GetJobWait.RUNNING)
stopped = control_job.sync(
    long_id, client=client, body=Control(operation=Operation.KILL), wait=ControlJobWait.ENDED)
assert stopped.outcome == 'stopped', stopped
again = control_job.sync(long_id, client=client, body=Control(operation=Operation.STOP))
assert isinstance(again, Problem) and again.code == 'InvalidJobState', again
for each in (job_id, long_id):
    assert delete_job.sync_detailed(each, client=client).status_code == 204
