"""A Python worker whose activity answers at once, to compare with: no_op_worker.py HOST:PORT QUEUE"""

import asyncio
import sys

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker


@activity.defn(name="prepareWorkspace")
async def prepare_workspace(given: dict) -> dict:
    return {"workspaceDir": given["path"], "hostQueue": "", "fileCount": 0, "packageRoots": [given["repoId"]]}


async def main() -> None:
    address, queue = sys.argv[1:]
    client = await Client.connect(address)
    await Worker(client, task_queue=queue, activities=[prepare_workspace]).run()


asyncio.run(main())
