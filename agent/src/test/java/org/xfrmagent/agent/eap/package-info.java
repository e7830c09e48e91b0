/** Both ends of EAP, against each other and against published packets. */
@NullMarked
package org.xfrmagent.agent.eap;

import org.jspecify.annotations.NullMarked;
