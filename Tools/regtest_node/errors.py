"""Bitcoin Core's RPC error codes (rpc/protocol.h)."""

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INTERNAL_ERROR = -32603
MISC_ERROR = -1
TYPE_ERROR = -3
INVALID_ADDRESS_OR_KEY = -5
INVALID_PARAMETER = -8
DATABASE_ERROR = -20
DESERIALIZATION_ERROR = -22
VERIFY_ERROR = -25
VERIFY_REJECTED = -26
VERIFY_ALREADY_IN_UTXO_SET = -27


class RPCError(Exception):
    """An error as JSON-RPC answers it."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message
