/** Policy files: from YAML to the model, with everything that is wrong in all of them at once. */
@NullMarked
package org.xfrmagent.policies.yaml;

import org.jspecify.annotations.NullMarked;
