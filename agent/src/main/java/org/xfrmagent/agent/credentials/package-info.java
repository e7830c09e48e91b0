/**
 * Secrets and certificates in memory: read once when the policies are loaded, looked up by identity, wiped when they are replaced; and who
 * vouches for a certificate.
 */
@NullMarked
package org.xfrmagent.agent.credentials;

import org.jspecify.annotations.NullMarked;
