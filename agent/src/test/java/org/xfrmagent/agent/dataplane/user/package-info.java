/** Tests of the userspace data plane: codecs against published vectors and captured packets, the plane itself in namespaces. */
@NullMarked
package org.xfrmagent.agent.dataplane.user;

import org.jspecify.annotations.NullMarked;
