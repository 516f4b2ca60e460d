"""Faults in a process that goes on appending for many authors, as a server would."""

import os
import signal
import subprocess

import tracing
import world as treasury
from tracing import Fault

# The calls by which the database is written and made durable.
CALLS = "pwrite64", "writev", "fdatasync"
NTH = 1, 2, 3, 7
# The appender's own ways to end, and the one after a failed sync.
STATUSES = 70, 74
SECONDS = 30


def disturb(campaign):
    """Each call with each fault: the process ends by itself, and nothing acknowledged is lost."""
    for call in CALLS:
        for nth in NTH:
            for kind in ("EIO", "ENOSPC", "KILL"):
                if campaign.takes():
                    disturb_call(campaign, Fault(call, nth, kind, "ledger.mdb"))


def disturb_call(campaign, fault):
    folder = campaign.folder / f"appender-{campaign.seen}"
    folder.mkdir()
    killtest = str(treasury.BIN / "killtest")
    subprocess.run([killtest, "--found", str(folder)], check=True, capture_output=True,
                   timeout=tracing.SECONDS)
    log = folder / "trace"
    words = ["strace", "--follow-forks", "--decode-fds=path", "--quiet=all", "-e", "signal=none",
             "-P", str(folder / "ledger/ledger.mdb"), "-e", f"trace={','.join(tracing.CALLS)}",
             "-s", "0", "-o", str(log), "-e", fault.injection,
             killtest, "--append", str(folder), "0"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True)
    try:
        said, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        # With everything that it has started.
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
        campaign.record(("many authors", fault.call, fault.kind), fault,
                        [f"it did not end within {SECONDS} seconds"])
        return
    problems = []
    if fault.kind != "KILL" and process.returncode not in STATUSES:
        problems.append(f"it ended with status {process.returncode}: {said[-300:]}")
    if fault.call in tracing.SYNCING and fault.kind == "EIO" and process.returncode != 74:
        problems.append(f"a failed sync ended it with status {process.returncode}")
    check = subprocess.run([killtest, "--check", str(folder)], capture_output=True, text=True,
                           timeout=tracing.SECONDS)
    if check.returncode != 0:
        problems.append(f"afterwards: {check.stdout[-500:]}{check.stderr[-300:]}")
    campaign.record(("many authors", fault.call, fault.kind), fault, problems)
