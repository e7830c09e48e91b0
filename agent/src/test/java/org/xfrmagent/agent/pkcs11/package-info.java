/** Keys and certificates in a token of softhsm2, which is a library of PKCS #11 without any card. */
@NullMarked
package org.xfrmagent.agent.pkcs11;

import org.jspecify.annotations.NullMarked;
