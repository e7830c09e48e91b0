/** Immutable octet strings, readers and writers in network order, and wipeable secrets. Knows nothing of IKE. */
@NullMarked
package org.xfrmagent.agent.bytes;

import org.jspecify.annotations.NullMarked;
