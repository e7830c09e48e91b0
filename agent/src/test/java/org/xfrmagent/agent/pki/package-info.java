/** Keys, certificates and lists of revoked ones, made as tests need them. */
@NullMarked
package org.xfrmagent.agent.pki;

import org.jspecify.annotations.NullMarked;
