"""A regtest node on Bitcoin Core's consensus engine, speaking Bitcoin Core's JSON-RPC.

The blocks and scripts are judged by libbitcoinkernel (PyPI `py-bitcoinkernel`), the engine inside
Bitcoin Core. The mempool, the miner and the RPC server around it are this package. So a test that
passes here proves that blocks and scripts obey the consensus rules; it does not prove that the
transaction would be relayed by the peer-to-peer network, whose policy is only imitated in part
(see policy.py for the part).
"""

VERSION = "1.0"
