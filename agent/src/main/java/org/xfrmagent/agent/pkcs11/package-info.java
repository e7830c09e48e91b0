/** Private keys and certificates in tokens: smartcards, HSMs, TPMs (PKCS #11, OASIS). The only package that calls their vendors' libraries. */
@NullMarked
package org.xfrmagent.agent.pkcs11;

import org.jspecify.annotations.NullMarked;
