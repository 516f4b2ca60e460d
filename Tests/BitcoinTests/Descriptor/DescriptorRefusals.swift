import Bitcoin
import Keys

private let a = Descriptors.a
private let b = Descriptors.b
private let h = Descriptors.h
private let end = Descriptors.end
private let key = "\(a)\(end)"
private let outputs = "wpkh(, wsh( or tr("
private let scripts = "multi( or sortedmulti("
private let leaves = "multi_a( or sortedmulti_a("
private let keys = "[fingerprint/path] (or nothing), an xpub or tpub, and /<0;1>/*"
private let number = "the threshold, a decimal number"

/// Texts that are no descriptors of ours, and what is said of each.
let refusals: [(String, DescriptorError)] = [
    (
        "",
        .unexpected(offset: 0, found: "the end", accepted: outputs)
    ),
    (
        "sh(wpkh(\(key)))",
        .notSupported(offset: 0, found: "sh()", accepted: outputs)
    ),
    (
        "wsh(pk(\(key)))",
        .notSupported(offset: 4, found: "pk()", accepted: scripts)
    ),
    (
        "tr(\(h),pk(\(key)))",
        .notSupported(offset: 68, found: "pk()", accepted: leaves)
    ),
    (
        "tr(\(h),{pk(\(key)),pk(\(key))})",
        .notSupported(offset: 68, found: "a tree of scripts", accepted: leaves)
    ),
    (
        "tr(\(key),multi_a(1,\(b)\(end)))",
        .notSupported(
            offset: 3, found: "an internal key that some one may be able to sign with",
            accepted: "an unspendable key of 64 hexadecimal digits")
    ),
    (
        "tr(\(h))",
        .notSupported(offset: 3, found: "a key without extension", accepted: keys)
    ),
    (
        "wpkh(02\(h))",
        .notSupported(offset: 5, found: "a key without extension", accepted: keys)
    ),
    (
        "wpkh(pk(02\(h)))",
        .notSupported(offset: 5, found: "an expression in place of a key", accepted: keys)
    ),
    ("wpkh([d34db33f])", .unexpected(offset: 15, found: "no key", accepted: keys)),
    ("wpkh(\(key)", .unexpected(offset: 124, found: "the end", accepted: "\")\"")),
    (
        "wpkh(\(key)))",
        .unexpected(offset: 125, found: "\")\"", accepted: "the end, or # and the checksum")
    ),
    (
        "wpkh(\(a))",
        .notSupported(offset: 116, found: "a key without derivation", accepted: end)
    ),
    (
        "wpkh(\(a)/*)",
        .notSupported(offset: 116, found: "the derivation /*", accepted: end)
    ),
    (
        "wpkh(\(a)/<1;0>/*)",
        .notSupported(offset: 116, found: "the derivation /<1;0>/*", accepted: end)
    ),
    (
        "wpkh(\(a)/<0;1>/*h)",
        .notSupported(offset: 116, found: "the derivation /<0;1>/*h", accepted: end)
    ),
    (
        "wpkh([d34db33f/x]\(key))",
        .key(offset: 15, .pathStep(offset: 10, found: "x"))
    ),
    (
        "wpkh([d34db3f/0]\(key))",
        .key(
            offset: 6,
            .origin(
                offset: 1, expected: "a fingerprint of eight hexadecimal digits"))
    ),
    ("wpkh(\(a)0\(end))", .key(offset: 5, .notBase58Check)),
    ("wsh(multi(0,\(key)))", .threshold(found: 0, keys: 1)),
    ("wsh(multi(2,\(key)))", .threshold(found: 2, keys: 1)),
    ("wsh(multi(1))", .keyCount(found: 0, maximum: 15)),
    (
        "wsh(multi(01,\(key)))",
        .unexpected(offset: 10, found: "\"0\"", accepted: number)
    ),
    (
        "wsh(multi(a,\(key)))",
        .unexpected(offset: 10, found: "\"a\"", accepted: number)
    ),
    (
        "wsh(multi(1,\(key))",
        .unexpected(offset: 132, found: "the end", accepted: "\")\"")
    ),
    ("wsh(multi(1,\(key),[d34db33f]\(key)))", .duplicateKeys(first: 0, second: 1)),
    ("tr(\(h.dropLast())1,multi_a(1,\(key)))", .spendableInternalKey),
    ("wpkh(Ü)", .character(offset: 5)),
    (
        "wpkh (\(key))",
        .unexpected(offset: 0, found: "\"w\"", accepted: outputs)
    ),
]
