/** The one definition of what a policy file may say; its checks and its JSON Schema both come from here. */
@NullMarked
package org.xfrmagent.policies.grammar;

import org.jspecify.annotations.NullMarked;
