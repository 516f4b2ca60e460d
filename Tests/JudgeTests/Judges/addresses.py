"""Derives the first addresses of descriptors with three independent implementations.

Input: {"descriptors": [text, ...], "count": n}. Output: for each descriptor, by judge, the first n
addresses of the receive and then of the change chain on regtest, or the text of the judge's error.
"""

import json
import sys

import bdkpython
import embit.descriptor
import embit.networks
import wallycore


def bdk(text, count):
    descriptor = bdkpython.Descriptor(text, bdkpython.NetworkKind.TEST)
    return [
        str(single.derive_address(index, bdkpython.Network.REGTEST))
        for single in descriptor.to_single_descriptors()
        for index in range(count)
    ]


def embit_(text, count):
    descriptor = embit.descriptor.Descriptor.from_string(text)
    network = embit.networks.NETWORKS["regtest"]
    return [
        descriptor.derive(index, branch_index=chain).address(network)
        for chain in (0, 1)
        for index in range(count)
    ]


def wally(text, count):
    descriptor = wallycore.descriptor_parse(
        text, None, wallycore.WALLY_NETWORK_BITCOIN_REGTEST, 0
    )
    return [
        address
        for chain in (0, 1)
        for address in wallycore.descriptor_to_addresses(descriptor, 0, chain, 0, 0, count)
    ]


def answer(judge, text, count):
    try:
        return judge(text, count)
    except Exception as error:  # the test decides whether a judge may refuse
        return f"{type(error).__name__}: {error}"


judges = {"bdk": bdk, "embit": embit_, "wally": wally}
question = json.load(sys.stdin)
json.dump(
    [
        {name: answer(judge, text, question["count"]) for name, judge in judges.items()}
        for text in question["descriptors"]
    ],
    sys.stdout,
)
