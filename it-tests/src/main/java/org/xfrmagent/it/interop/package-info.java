/** What was run with whom: every scenario notes it when it has passed, and a table in it-tests/README.md says it. */
@NullMarked
package org.xfrmagent.it.interop;

import org.jspecify.annotations.NullMarked;
