/** From a reference to the secret itself, at the last moment and only if nobody else can read it. */
@NullMarked
package org.xfrmagent.policies.secrets;

import org.jspecify.annotations.NullMarked;
