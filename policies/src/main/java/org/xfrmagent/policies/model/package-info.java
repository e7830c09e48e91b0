/** What the operator wants, as immutable data without a secret in it: peers (RFC 4301's PAD), policies (its SPD), and their defaults. */
@NullMarked
package org.xfrmagent.policies.model;

import org.jspecify.annotations.NullMarked;
