#include <secp256k1.h>
#include <secp256k1_ecdh.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_schnorrsig.h>

/* The library declares its constant context as a variable, which Swift takes for shared mutable
   state; it is neither, and this says so. */
static inline const secp256k1_context *strongroom_verifying_context(void) {
    return secp256k1_context_static;
}
