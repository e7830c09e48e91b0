/** The one table of algorithms, and the words by which a proposal names its rows. */
@NullMarked
package org.xfrmagent.policies.algorithm;

import org.jspecify.annotations.NullMarked;
