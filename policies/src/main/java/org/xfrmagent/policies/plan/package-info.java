/** What has to change to get from one policy set to another: only what differs, so that the same file again changes nothing. */
@NullMarked
package org.xfrmagent.policies.plan;

import org.jspecify.annotations.NullMarked;
