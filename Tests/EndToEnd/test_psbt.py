"""Signers outside: a PSBT goes out, embit signs it, and only its right signatures come back."""

import keyfiles
from embit import finalizer
from embit.transaction import SIGHASH
from world import APPROVERS, WALLETS, TestCase, psbt_of, write_psbt


class OutsideSigners(TestCase):
    def handed_out(self, wallet, amount="0.4", who="carol"):
        number = self.world.authorised(wallet, amount)
        path = self.world.path(f"r{number}.psbt")
        self.world.act(who, "sign", number, "--psbt-out", path)
        return number, path

    def root(self, who):
        return keyfiles.root_of(keyfiles.secret_of(who, "wallet"))

    def confirm(self, number):
        self.world.broadcast(number)
        self.world.mine()
        self.assertIn("1 transaction of ours", self.world.watch().out)

    def signs_outside(self, wallet, signers, who):
        number, path = self.handed_out(wallet, who=who)
        for signer in signers:
            psbt = psbt_of(path)
            self.assertGreater(psbt.sign_with(self.root(signer)), 0)
            write_psbt(psbt, path)
        self.world.act(who, "sign", number, "--psbt-in", path)
        self.confirm(number)

    def test_wpkh(self):
        self.signs_outside("single", ["alice"], "alice")

    def test_wsh_each_a_partial_signature(self):
        number, path = self.handed_out("main")
        for who in ("carol", "alice"):
            psbt = psbt_of(path)
            self.assertEqual(psbt.sign_with(self.root(who)), len(psbt.inputs))
            partial = write_psbt(psbt, self.world.path(f"{who}.psbt"))
            self.world.act(who, "sign", number, "--psbt-in", partial)
        self.confirm(number)

    def test_wsh_both_signatures_at_once(self):
        self.signs_outside("main", ["alice", "bob"], "carol")

    def test_taproot_key_path(self):
        self.signs_outside("tap", ["alice"], "alice")

    def test_taproot_script_path(self):
        self.signs_outside("tapmulti", ["alice", "carol"], "carol")

    def finalised(self, wallet, signers, who):
        number, path = self.handed_out(wallet, who=who)
        psbt = psbt_of(path)
        for signer in signers:
            psbt.sign_with(self.root(signer))
        final = finalizer.finalize_psbt(psbt)
        self.assertIsNotNone(final)
        for signed, whole in zip(psbt.inputs, final.vin):
            signed.final_scriptwitness = whole.witness
            signed.partial_sigs.clear()
            signed.taproot_sigs.clear()
            signed.taproot_key_sig = None
        self.world.act(who, "sign", number, "--psbt-in", write_psbt(psbt, path))
        self.confirm(number)

    def test_finalised_wsh(self):
        self.finalised("main", ["bob", "carol"], "carol")

    def test_finalised_wpkh(self):
        self.finalised("single", ["alice"], "alice")

    def test_psbt_of_another_transaction_is_refused(self):
        first, path = self.handed_out("main", "0.4")
        second = self.world.authorised("main", "0.2")
        psbt = psbt_of(path)
        psbt.sign_with(self.root("carol"))
        self.refused("carol", "sign", second, "--as", "carol", "--yes", "--psbt-in",
                     write_psbt(psbt, path), naming=[path, psbt.tx.txid().hex()])
        self.assertNotEqual(first, second)

    def test_flipped_bit_in_a_signature_is_refused(self):
        for wallet in ("main", "single", "tap", "tapmulti"):
            with self.subTest(wallet):
                signer = "carol" if "carol" in APPROVERS[wallet] or wallet == "main" else "alice"
                number, path = self.handed_out(wallet, "0.3", who=signer)
                psbt = psbt_of(path)
                self.assertGreater(psbt.sign_with(self.root(signer)), 0)
                self.flip(psbt.inputs[0])
                holder = WALLETS[wallet][2].index(signer)
                self.refused(signer, "sign", number, "--as", signer, "--yes", "--psbt-in",
                             write_psbt(psbt, path),
                             naming=[path, f"signature of input 0 by key {holder}, {signer}'s",
                                     "does not verify"])

    def flip(self, signed):
        """Flips the lowest bit of s in an input's first signature."""
        for signatures in (signed.partial_sigs, signed.taproot_sigs):
            for key, signature in signatures.items():
                place = -2 if signatures is signed.partial_sigs else -1
                changed = bytearray(signature)
                changed[place] ^= 1
                signatures[key] = bytes(changed)
                return
        witness = signed.final_scriptwitness
        changed = bytearray(witness.items[0])
        changed[-1] ^= 1
        witness.items[0] = bytes(changed)

    def test_another_sighash_type_is_refused(self):
        number, path = self.handed_out("main")
        for kind, name in ((SIGHASH.NONE, "SIGHASH_NONE"), (SIGHASH.SINGLE, "SIGHASH_SINGLE"),
                           (SIGHASH.ALL | SIGHASH.ANYONECANPAY, "SIGHASH_ALL|ANYONECANPAY")):
            with self.subTest(name):
                self.signs_otherwise(number, path, "carol", kind,
                                     ["input 0", "carol's", f"{name} found", "SIGHASH_ALL is"])
        number, path = self.handed_out("tap", who="alice")
        self.signs_otherwise(number, path, "alice", SIGHASH.SINGLE,
                             ["input 0", "alice's", "SIGHASH_SINGLE found", "SIGHASH_DEFAULT is"])

    def signs_otherwise(self, number, path, who, kind, naming):
        psbt = psbt_of(path)
        for signed in psbt.inputs:
            signed.sighash_type = kind
        self.assertGreater(psbt.sign_with(self.root(who), sighash=kind), 0)
        self.refused(who, "sign", number, "--as", who, "--yes", "--psbt-in",
                     write_psbt(psbt, self.world.path("other.psbt")),
                     naming=["other.psbt", *naming])

    def test_signature_of_a_stranger_is_refused(self):
        number, path = self.handed_out("main")
        psbt = psbt_of(path)
        psbt.sign_with(self.root("carol"))
        signed = psbt.inputs[0]
        key, signature = next(iter(signed.partial_sigs.items()))
        stranger = self.root("alice").derive("m/1/2/3").key.get_public_key()
        signed.partial_sigs.clear()
        signed.partial_sigs[stranger] = signature
        self.assertNotEqual(key, stranger)
        self.refused("carol", "sign", number, "--as", "carol", "--yes", "--psbt-in",
                     write_psbt(psbt, path), naming=[str(path), stranger.sec().hex()])

    def test_mistyped_path_hands_nothing_out(self):
        number = self.world.authorised("main", "0.4")
        self.refused("carol", "sign", number, "--as", "carol", "--yes", "--psbt-out",
                     self.world.path("nowhere/r.psbt"), naming="nowhere/r.psbt")

    def test_signature_twice_is_refused(self):
        number, path = self.handed_out("main")
        psbt = psbt_of(path)
        psbt.sign_with(self.root("carol"))
        self.world.act("carol", "sign", number, "--psbt-in", write_psbt(psbt, path))
        self.refused("carol", "sign", number, "--as", "carol", "--yes", "--psbt-in", path,
                     naming=str(path))
