"""Runs the servers of JupyterHub as jobs of job-launcher, which the hub starts unless it is given a socket."""

import asyncio
import html
import json
from asyncio.subprocess import PIPE
from urllib.parse import quote

import httpx
from jupyterhub.spawner import Spawner
from tornado import web
from traitlets import Unicode

NEVER_AGAIN = {64, 78}  # exit codes that mean a mistake in the command line or the settings


class Refused(web.HTTPError):
    """The hub shows the text of an HTTPError to the user."""

    def __init__(self, text, code=""):
        super().__init__(500, text.replace("%", "%%"))
        self.jupyterhub_message, self.code = text, code


class Launcher:
    """Calls the launcher at `socket`, or one that it starts, and starts again whenever it ends."""

    def __init__(self, command, socket):
        self.command, self.socket, self.failed = command, socket, None
        self.keeping = None if socket else asyncio.create_task(self.keep())

    async def keep(self):
        while self.failed is None:  # a session of its own: a Ctrl-C at the hub's terminal leaves it alone
            child = await asyncio.create_subprocess_exec(*self.command, stdin=PIPE, stdout=PIPE, start_new_session=True)
            line = json.loads(await child.stdout.readline() or "{}")
            self.socket = line.get("address")
            if await child.wait() in NEVER_AGAIN:
                self.failed = f"{line.get('message')} {line.get('help')}"
            await asyncio.sleep(1)

    async def call(self, method, path, user, body=None):
        """Sends a call until a launcher answers it. Each of ours may be repeated."""
        while self.failed is None:
            try:
                transport, headers = httpx.AsyncHTTPTransport(uds=self.socket, verify=False), {"X-Launcher-User": user}
                async with httpx.AsyncClient(transport=transport, headers=headers, timeout=90) as client:
                    reply = await client.request(method, f"http://launcher{path}", json=body)
                if reply.status_code < 400:
                    return reply
                if reply.status_code != 503:
                    problem = reply.json()
                    raise Refused(f"{problem['detail']} {problem['help']}", problem["code"])
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.5)
        raise Refused(self.failed)


class JobLauncherSpawner(Spawner):
    command = Unicode("job-launcher", config=True, help="The launcher's program")
    settings = Unicode(config=True, help="Its settings file")
    socket = Unicode(config=True, help="Socket of a launcher that runs already")
    cluster = Unicode("Local", config=True, help="The cluster of servers whose form names none")
    launcher = None

    async def call(self, method, path, body=None):
        if JobLauncherSpawner.launcher is None:
            command = [*self.command.split(), "serve", "--settings", self.settings, "--supervised"]
            JobLauncherSpawner.launcher = Launcher(command, self.socket)
        return await self.launcher.call(method, path, self.user.name, body)

    async def job(self, method, query="", body=None):
        """The job of this server, by its name: the launcher runs at most one of a name."""
        return (await self.call(method, f"/v1/jobs/by-key/jupyterhub%20{quote(self.name)}{query}", body)).json()

    async def options_form(self, _spawner):
        clusters = (await self.call("GET", "/v1/clusters")).json()["clusters"]
        places = [(each["name"], image["name"]) for each in clusters for image in each.get("images") or [{"name": ""}]]
        rows = [f"<option value='{html.escape(json.dumps(place))}'>{' '.join(place)}</option>" for place in places]
        return f"<label>Where <select name='where'>{''.join(rows)}</select></label>"

    def options_from_form(self, form):
        cluster, image = json.loads(form["where"][0])
        return {"cluster": cluster, "image": image}

    def submission(self):
        secret = {"JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN"}
        variables = [{"name": name, "value": str(value)} for name, value in self.get_env().items()]
        limits = {"memory": self.mem_limit and self.mem_limit / 1e6, "cpuCount": self.cpu_limit}
        image = self.user_options.get("image")
        return {
            "name": f"jupyter-{self.user.name}-{self.name or 'default'}",
            "cluster": self.user_options.get("cluster") or self.cluster,
            "exe": self.cmd[0],
            "args": [*self.cmd[1:], *self.get_args(), "--port=$(JOB_PORT)"],
            "environment": [variable for variable in variables if variable["name"] not in secret],
            "secrets": [variable for variable in variables if variable["name"] in secret],
            "resourceLimits": [{"type": name, "value": value} for name, value in limits.items() if value],
            "exposedPorts": [{"ready": {"tcp": True, "timeoutSeconds": self.start_timeout}}],
            "startTimeoutSeconds": self.start_timeout,
            **({"container": {"image": image}} if image else {}),
            **({"workingDirectory": self.format_string(self.notebook_dir)} if self.notebook_dir else {}),
        }

    async def start(self):
        await self.stop()  # an older server has an older token
        job = await self.job("PUT", body=self.submission())
        while not {"readyTime", "outcome"} & job.keys() and job.get("reason") != "NotReady":
            job = await self.job("GET", "?wait=ready")
        if "readyTime" not in job or "outcome" in job:
            output = (await self.call("GET", f"/v1/jobs/{job['id']}/output?tail=20")).text
            raise Refused(f"{job.get('reason')}: {job.get('message')}\n{output}")
        port = job["network"]["ports"][0]
        return f"http://{port['address']}:{port['publishedPort']}"

    async def shown(self):
        try:
            return await self.job("GET")
        except Refused as error:
            if error.code != "JobNotFound":
                raise
            return {}

    async def poll(self):
        job = await self.shown()
        return None if job and "outcome" not in job else job.get("exitCode", 1)

    async def stop(self, now=False):
        if await self.poll() is None:
            await self.job("DELETE", "?wait=ended&timeoutSeconds=60")

    async def progress(self):
        while True:
            job = await self.shown()
            yield {"progress": 50, "message": " ".join(filter(None, map(job.get, ["status", "reason", "message"])))}
            await asyncio.sleep(1)
