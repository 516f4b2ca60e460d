"""What must hold after a disturbed command."""

import re

import tracing

# What a crash leaves behind under a name that nobody reads.
LEFTOVER = re.compile(r"\.part$|\.tmp$|/\.dat\.nosync")
CRASHED = "Fatal error", "Program crashed", "Signal "


def size_of(ran):
    return int(re.search(r"^Head +(\d+) entr", ran.out, re.MULTILINE).group(1))


def problems_of_ending(traced):
    """A disturbed program is done, is killed, or says in a line what went wrong."""
    if traced.is_killed or traced.status == 0:
        return []
    if traced.status not in (1, 74) or any(word in traced.err for word in CRASHED):
        return [f"it ended with status {traced.status}: {traced.err[:300]}"]
    if not re.search(r"^strongroom: \S.{10,}", traced.err, re.MULTILINE):
        return [f"status {traced.status} without a reason: {traced.err[:300]!r}"]
    return []


def problems_of_syncing(traced):
    """After a sync that failed, a file is neither written nor synced again."""
    problems, failed = [], set()
    for line in traced.lines:
        match = tracing.LINE.match(line)
        if not match:
            continue
        path = tracing.named_path(match["rest"])
        if match["call"] in tracing.SYNCING and "(INJECTED)" in line and "EIO" in line:
            failed.add(path)
            if traced.status == 0:
                problems.append(f"it saw {path} fail to sync, and ended with status 0")
        elif path in failed and match["call"] in tracing.WRITING + tracing.SYNCING:
            problems.append(f"it used {path} again after a failed sync: {line[:150]}")
    return problems


def acknowledged(text):
    """The positions that a command has told its user."""
    return [int(number) for number in re.findall(r"\bposition (\d+)", text)]


def problems_of_ledger(world, before, said):
    """The ledger verifies against what was kept, and all that was acknowledged is in it."""
    ran = world.verify("--since", world.path("kept.checkpoint"))
    if ran.status != 0:
        return [f"the ledger does not verify: {ran}"]
    size = size_of(ran)
    problems = []
    if size < before:
        problems.append(f"the ledger had {before} entries and has {size}")
    for position in acknowledged(said):
        if position >= size:
            problems.append(f"position {position} was acknowledged; there are {size} entries")
    return problems


def problems_of_leftovers(world, traced):
    """Only a program that is killed, ends at once after a failed sync, or can not remove them,
    leaves temporary files behind."""
    if (
        traced.is_killed
        or traced.status == 74
        or any("unlink" in line for line in traced.injected())
    ):
        return []
    return [f"left behind: {path}" for path in map(str, world.folder.rglob("*"))
            if LEFTOVER.search(path)]


def problems_of_made(world, scenario):
    """What the command makes is there whole, or not at all."""
    if not scenario.makes:
        return []
    problem = scenario.judge(world, world.folder / scenario.makes)
    return [problem] if problem else []
