"""Judges PSBTs and signed transactions with Bitcoin Core's script engine, bdk, embit and wally.

Input: {"cases": [{"unsigned": psbt, "signed": psbt, "roots": [tprv, ...],
"transactions": [hex, ...], "spent": [[satoshis, script hex], ...]}, ...]}. Output, for each case:
"kernel": for each transaction, whether every input satisfies the script it spends, under all rules;
"signed": the unsigned PSBT as embit signs it with the roots;
"final": the transaction that each finalizer makes of the signed PSBT,
or the text of its error.
"""

import base64
import json
import sys

import bdkpython
import embit.bip32
import embit.finalizer
import embit.psbt
import pbk
import pbk.script
import wallycore


def kernel(transaction, spent):
    transaction = pbk.Transaction(bytes.fromhex(transaction))
    outputs = [
        pbk.TransactionOutput(pbk.ScriptPubkey(bytes.fromhex(script)), amount)
        for amount, script in spent
    ]
    data = pbk.script.PrecomputedTransactionData(transaction, outputs)
    flags = pbk.ScriptVerificationFlags.ALL
    return all(
        output.script_pubkey.verify(output.amount, transaction, data, index, flags)
        for index, output in enumerate(outputs)
    )


def embit_signed(psbt, roots):
    psbt = embit.psbt.PSBT.from_string(psbt)
    for root in roots:
        psbt.sign_with(embit.bip32.HDKey.from_string(root))
    return psbt.to_string()


def bdk_final(psbt):
    result = bdkpython.Psbt(psbt).finalize()
    if not result.could_finalize:
        raise ValueError(result.errors)
    return bytes(result.psbt.extract_tx_unchecked_fee_rate().serialize()).hex()


def embit_final(psbt):
    transaction = embit.finalizer.finalize_psbt(embit.psbt.PSBT.from_string(psbt))
    if transaction is None:
        raise ValueError("not finalized")
    return transaction.serialize().hex()


def wally_final(psbt):
    psbt = wallycore.psbt_from_base64(psbt, 0)
    wallycore.psbt_finalize(psbt, 0)
    transaction = wallycore.psbt_extract(psbt, 0)
    return wallycore.tx_to_bytes(transaction, wallycore.WALLY_TX_FLAG_USE_WITNESS).hex()


def answer(judge, *arguments):
    try:
        return judge(*arguments)
    except Exception as error:  # the test decides whether a judge may refuse
        return f"{type(error).__name__}: {error}"


json.dump(
    [
        {
            "kernel": [kernel(each, case["spent"]) for each in case["transactions"]],
            "signed": answer(embit_signed, case["unsigned"], case["roots"]),
            "final": {
                "bdk": answer(bdk_final, case["signed"]),
                "embit": answer(embit_final, case["signed"]),
                "wally": answer(wally_final, case["signed"]),
            },
        }
        for case in json.load(sys.stdin)["cases"]
    ],
    sys.stdout,
)
